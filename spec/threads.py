#!/usr/bin/env python3
"""Steps 1 to 6 of the argument on `BoundedBuffer`, proved for any number of threads. docs/proof.md explains this file.

A state counts the threads in each place. A step is one critical section, or one event outside the mutex. protocol.py has
the same with tasks and with batches that linger.
"""

from types import SimpleNamespace as State

from z3 import And, Bool, Implies, Int, Not, Or, Solver, unsat

# --- The state --------------------------------------------------------------------------------------------------------

SIDES = CONSUMERS, PRODUCERS = "consumers", "producers"
SIDE = dict(
    waiting=Int,  # Side::waiting
    pending=Bool,  # Side::wakeup_pending
    queued=Int,  # threads in the queue of the condition variable
    notified=Int,  # threads that left the queue by a notification or without a reason, and are about to lock
    timed_out=Int,  # threads that left the queue because their time was up, and are about to lock
    ones=Int,  # calls of notify_one that a release has decided on and still has to make
    alls=Int,  # the same for notify_all
)


def unknown():
    side = lambda s: State(name=s, **{name: kind(f"{s}.{name}") for name, kind in SIDE.items()})
    return State(items=Int("items"), capacity=Int("capacity"), closed=Bool("closed"), sides=[side(s) for s in SIDES])


# --- The steps --------------------------------------------------------------------------------------------------------


def work(b, side):
    return b.items if side.name == CONSUMERS else b.capacity - b.items


def is_over(b, side):
    return Or(work(b, side) > 0, b.closed)


def lacks_wakeup(b, side):
    return And(Not(b.closed), side.waiting > 0, work(b, side) > 0, Not(side.pending))


def release(b):
    for side in b.sides:
        if when(And(b.closed, side.waiting > 0)):
            side.alls += 1  # step 6
        elif when(lacks_wakeup(b, side)):
            side.pending = True  # step 3
            side.ones += 1


def act(b, side):  # whatever the operation does to the ring, and whether or not it closes the buffer
    b.items, b.closed = Int("items after"), Or(b.closed, Bool("closes"))
    assume(And(0 <= b.items, b.items <= b.capacity))
    release(b)


def wait_then_act(b, side):
    if when(is_over(b, side)):
        act(b, side)
    else:
        park(side)


def park(side):  # step 2: unlocks and enqueues in one step
    side.waiting += 1
    side.queued += 1


def after_park(b, side):
    timed_out = when(Bool("timed out"))
    leave(side, "timed_out" if timed_out else "notified")
    side.waiting -= 1
    side.pending = False  # step 4
    if timed_out or when(is_over(b, side)):
        act(b, side)  # its release is step 5
    elif not when(Bool("spins")):  # a thread that spins unlocks, and is not counted until it parks
        park(side)


def expire(b, side):
    move(side, "queued", "timed_out")


def wake_without_reason(b, side):
    move(side, "queued", "notified")


def notify_one(b, side):
    leave(side, "ones")
    if when(side.queued > 0):
        move(side, "queued", "notified")


def notify_all(b, side):
    leave(side, "alls")
    side.queued, side.notified = 0, side.notified + side.queued


def leave(side, place):
    assume(vars(side)[place] > 0)
    vars(side)[place] -= 1


def move(side, place, to):
    leave(side, place)
    vars(side)[to] += 1


# --- What is proved ---------------------------------------------------------------------------------------------------


def invariant(b):
    for side in b.sides:
        returning = side.notified + side.timed_out
        yield And(*(vars(side)[name] >= 0 for name in SIDE if SIDE[name] is Int))
        yield side.waiting == side.queued + returning  # step 2
        yield Not(lacks_wakeup(b, side))  # W1, W2
        yield Implies(side.pending, And(side.ones + returning > 0, side.waiting > 0))  # step 4
        yield Implies(And(b.closed, side.queued > 0), side.ones + side.alls + returning > 0)  # step 6


def rest(b):
    under_way = sum(side.ones + side.alls + side.notified + side.timed_out for side in b.sides)
    for side in b.sides:
        yield Implies(And(under_way == 0, side.queued > 0), Not(is_over(b, side)))


def rank(b):
    begun = sum(side.queued + side.notified + side.timed_out for side in b.sides)
    hops = sum(3 * side.ones + 2 * (side.notified + side.timed_out) for side in b.sides)
    return begun, sum(side.alls for side in b.sides), hops


def smaller(now, was):
    return Or(now[0] < was[0], And(now[0] == was[0], smaller(now[1:], was[1:]))) if now else False


# --- The proof --------------------------------------------------------------------------------------------------------


class Impossible(Exception): ...


def assume(condition):
    solver.add(condition)
    if solver.check() == unsat:
        raise Impossible


def when(condition):
    """The `if` on unknown numbers: the step is run once for each combination of branches."""
    if not script:
        paths.extend([taken + [True], taken + [False]])
        raise Impossible
    taken.append(script.pop(0))
    assume(condition if taken[-1] else Not(condition))
    return taken[-1]


def prove(what, goals, after=None):
    if solver.check(Not(And(*goals))) != unsat:
        shown = lambda term: str(term if isinstance(term, bool) else solver.model().eval(term, True))
        for b in before, after or before:
            terms = {"items": b.items, "capacity": b.capacity, "closed": b.closed}
            terms |= {f"{side.name}.{name}": vars(side)[name] for side in b.sides for name in SIDE}
            what += " ".join(["\n ", *(f"{name}={shown(term)}" for name, term in terms.items() if shown(term) not in "0 False")])
        exit(f"This proof fails, with a state before and after the step: {what}")


MAY, MUST = [act, wait_then_act, expire, wake_without_reason], [notify_one, notify_all, after_park]
solver, before, count = Solver(), unknown(), 0  # `solver` contains what holds before a step
empty = {name: 0 if kind is Int else False for name, kind in SIDE.items()}
start = State(items=0, capacity=before.capacity, closed=False, sides=[State(name=s, **empty) for s in SIDES])
prove("at first", [Implies(start.capacity > 0, And(*invariant(start)))])
solver.add(*invariant(before))
prove("rest", rest(before))
for step in MAY + MUST:
    for index, name in enumerate(SIDES):
        paths = [[]]
        while paths:
            script, taken, after = paths.pop(), [], unknown()
            solver.push()
            try:
                step(after, after.sides[index])
                prove(f"{step.__name__}({name})", invariant(after), after)
                if step in MUST:
                    prove(f"{step.__name__}({name}) makes progress", [smaller(rank(after), rank(before))], after)
                count += 1
            except Impossible:
                pass
            solver.pop()
print(f"proved for any number of threads: {count} paths of {len(MAY + MUST)} steps of each side")
