#!/usr/bin/env python3
"""Proves that protocol.py loses no wake-up: for any number of threads and tasks, any capacity, and any operations.

Each step is run on unknown numbers along each of its paths, and Z3 proves:

  induction  each step keeps the invariant, of which W1 and W2 are a part;
  turns      threads and tasks that wait on one side are woken in turn;
  rest       if the invariant holds and no wake-up is under way, no waiter could act;
  progress   each step of a wake-up makes a rank smaller, so the wake-ups come to rest if no operation starts;
  arrival    wake-ups arrive and waits end, also while others start operations without end.

Then parts of the protocol are deleted or weakened, one at a time. For each deletion, a proof must fail.

Assumed: the mutex excludes; a wait on the condition variable unlocks and enqueues in one step; a notification takes a
thread out of the queue if there is one. For progress and arrival: a thread that is about to notify, to lock or to call a
waker does so, a waker returns, and a task whose waker was called is polled or dropped. Left out: what the items are,
time, panics, memory, the snapshot, which waker a task has, the order of the list, and counts above 2^32.

    proof.py              the proofs and the deletions
    proof.py --schedules  also a counterexample and a shortest schedule of each deletion
    proof.py --cvc5       also each obligation once more, by the solver cvc5
"""

import multiprocessing
import sys
import time
from pathlib import Path

import protocol as shipped
import z3
from paths import Paths, both, either, ite, no

PROTOCOL = Path(__file__).with_name("protocol.py").read_text()


class Failed(Exception):
    """A proof fails: which, and why."""


class Proof:
    """The proofs about a protocol: the shipped one, or one with a change."""

    def __init__(self, protocol, exported=None):
        self.protocol, self.relations, self.proved, self.exported = protocol, {}, 0, exported
        unknown = lambda suffix: protocol.record(lambda key, kind: (z3.Int if kind is int else z3.Bool)(key + suffix))
        self.before, self.after, self.solver = unknown(""), unknown(".after"), z3.Solver()

    def run(self):
        p, before, after = self.protocol, self.before, self.after
        must = [*p.steps(p.MUST), *p.steps(p.MUST_TASKS)]
        all_steps = [*p.steps(p.MAY), *p.steps(p.MAY_TASKS), *must]
        start = [self.equal(before, p.initial(before.capacity)), before.capacity > 0, before.capacity <= p.MAX]
        self.prove("at first", start, p.invariant(before))
        self.solver.add(*(formula for _, formula in p.invariant(before)))  # from here on, it holds before each step
        self.prove("rest", [], p.rest(before))
        for step, name in all_steps:
            self.prove_step("induction", step, name, [], [*p.invariant(after), *p.turns(before, after)])
        self.prove("rank", [], [("no rank is negative", both(*(number >= 0 for number in p.rank(before))))])
        for step, name in must:
            goal = p.smaller(p.rank(after), p.rank(before))
            self.prove_step("progress", step, name, [], [("the rank gets smaller", goal)])
        for name in p.FIELDS:
            for title, promise in p.promises(name):
                self.prove_promise(name, title, all_steps, **promise)
        never = [f"{step.__name__}({name})" for (step, name), (*_, paths) in self.relations.items() if not paths]
        if never != ["linger_then_act(producers)", "after_linger(producers)"]:
            raise Failed("each step is possible", f"never: {', '.join(never)}")

    def prove_promise(self, name, title, all_steps, holds, remain, number, cases):
        before, after = self.before, self.after
        now = [holds(before), remain(before), number(before) > 0]
        case = lambda b, first: either(False, *(case(b) for case, _ in cases[first:]))
        begins_linger = both(after.lingering > before.lingering, number(after) > number(before))
        at_goal = either(number(after) < number(before), no(holds(after)), begins_linger)
        goes_on = lambda first: both(number(after) == number(before), case(after, first))
        leads = lambda first: [("leads to a later case", either(at_goal, goes_on(first)))]
        self.prove(title, now, [("there is a case", case(before, 0))])
        for index, (this, helpful) in enumerate(cases):
            what = f"{title}, case {index}"
            helpful = [getattr(self.protocol, step.__name__) for step in helpful]
            for step, other in all_steps:
                self.prove_step(what, step, other, [*now, this(before)], leads(index))
            for step in helpful:
                leads_on = [*now, this(before), self.relation(step, name)[0]]
                self.prove(f"{what}: {step.__name__} helps", leads_on, leads(index + 1))
            possible = either(*(self.relation(step, name)[1] for step in helpful))
            self.prove(what, [*now, this(before)], [("a step that helps is possible", possible)])

    def relation(self, step, name):
        """Whether a step can lead from the state before to the state after, whether it is possible, and its paths."""
        if (step, name) not in self.relations:
            paths = list(Paths(self.solver).of(step, self.before, name))
            leads = either(False, *(both(*conditions, self.equal(self.after, b)) for b, conditions in paths))
            # A step is possible if it is possible without a change of the items: the number that stays is that of the items.
            possible = either(False, *(both(z3.BoolVal(True), *conditions) for _, conditions in paths))
            if paths:
                possible = z3.substitute(possible, (z3.Int("left"), self.before.items))
            self.relations[step, name] = leads, possible, len(paths)
        return self.relations[step, name]

    def prove_step(self, what, step, name, given, goals):
        self.prove(f"{what}: {step.__name__}({name})", [*given, self.relation(step, name)[0]], goals)

    def prove(self, what, given, goals):
        """Proves that the goals follow from what is given."""
        goals = list(goals)
        self.solver.push()
        self.solver.add(*given, no(both(*(goal for _, goal in goals))))
        result = self.solver.check()
        if result != z3.unsat:
            raise Failed(what, self.counterexample(goals) if result == z3.sat else "Z3 does not decide it")
        self.proved += 1
        if self.exported is not None:
            self.exported.append(self.solver.to_smt2())
        self.solver.pop()

    def counterexample(self, goals):
        """Returns the goals that fail, and the numbers before and after the step, with few threads and tasks."""
        p = self.protocol
        numbers = [value for key, value in p.values(self.before).items() if key != "linger_until"]
        size = sum(ite(value, 1, 0) if z3.is_bool(value) else value for value in numbers)
        limit = next((limit for limit in range(40) if self.solver.check(size <= limit) == z3.sat), None)
        self.solver.check(*([] if limit is None else [size <= limit]))
        model = self.solver.model()
        value = lambda term: term if isinstance(term, (bool, int)) else eval(str(model.eval(term, model_completion=True)))
        numbers = lambda b: {key: value(term) for key, term in p.values(b).items()}
        show = lambda b: " ".join(f"{key}={number:d}" for key, number in numbers(b).items() if number not in (0, p.MAX))
        failed = ", ".join(dict.fromkeys(name for name, goal in goals if not value(goal)))
        return f"{failed}\n    before: {show(self.before)}\n    after:  {show(self.after)}"

    def equal(self, a, b):
        return both(*(x == y for x, y in zip(self.protocol.values(a).values(), self.protocol.values(b).values())))


# --- Deletions --------------------------------------------------------------------------------------------------------

DELETIONS = [  # what, the text, and the text instead
    ("a waiting thread is not counted", "side.waiting += 1\n    vars(side)[place] += 1", "vars(side)[place] += 1"),
    ("a thread that returned stays counted", "side.waiting -= 1\n    side.pending", "side.pending"),
    ("the flag is not set", "side.pending = True", "pass"),
    ("the flag is not cleared", "side.pending = False", "pass"),
    (
        "the flag is not cleared on a time-out",
        "side.pending = False",
        'side.pending = both(side.pending, place == "timed_out")',
    ),
    (
        "a lingering consumer does not clear the flag",
        "side.pending = False",
        'side.pending = both(side.pending, place == "lingered")',
    ),
    ("the flag limits nothing", ", no(side.pending))", ")"),
    ("no notify_one", "side.ones += 1", "pass"),
    (
        "no release of an operation that does not wait",
        "wait\n    change(b, side)\n    release(b)",
        "wait\n    change(b, side)",
    ),
    (
        "the release comes before the change",
        "wait\n    change(b, side)\n    release(b)",
        "wait\n    release(b)\n    change(b, side)",
    ),
    ("no release of a close", "choice())\n    release_and_wake(b)", "choice())"),
    ("no release after a spin", "release(b)\n    else:\n        park", "pass\n    else:\n        park"),
    (
        "no chained wake-up",
        "release(b)\n    elif choice():",
        "choose(b, b.producers if side is b.consumers else b.consumers)\n    elif choice():",
    ),
    (
        "a wasted wake-up parks without a new check",
        "timed_out)):\n        change",
        "timed_out) if False else timed_out):\n        change",
    ),
    ("release wakes no producer", "    choose(b, b.producers)  # W2\n", ""),
    ("release wakes no consumer", "    choose(b, b.consumers)  # W1\n", ""),
    ("release looks at one side only", "b.producers.waiting + b.consumers.waiting > 0", "b.consumers.waiting > 0"),
    ("one round per release", "b.again += 1", "pass"),
    ("close notifies no thread", "side.alls += 1", "pass"),
    (
        "close notifies consumers only",
        "if when(both(b.closed, side.waiting > 0)):",
        "if when(both(b.closed, side.waiting > 0, side.name == CONSUMERS)):",
    ),
    (
        "close does not take the lists",
        "for side in [*sides(b), b.observers]:\n            take",
        "for side in [b.observers]:\n            take",
    ),
    (
        "close does not take the observers",
        "for side in [*sides(b), b.observers]:\n            take",
        "for side in sides(b):\n            take",
    ),
    (
        "a close without other waiters takes no observers",
        "choice())\n    release_and_wake(b)",
        "choice())\n    release(b)",
    ),
    ("a waiter does not see the close", "either(work(b, side) > 0, b.closed)", "work(b, side) > 0"),
    ("a waiter sees only the close", "either(work(b, side) > 0, b.closed)", "b.closed"),
    ("a woken task is not counted as woken", "side.woken += 1", "pass"),
    (
        "a woken task stays counted as waiting",
        "side.woke_task = True\n        side.waiting -= 1",
        "side.woke_task = True",
    ),
    ("a polled task stays counted as woken", "side.woken -= 1", "pass"),
    ("a waiting task is not counted", "if side.name != OBSERVERS:\n        side.waiting += 1", "pass"),
    ("a dropped task stays counted", "if side.name != OBSERVERS:\n            side.waiting -= 1", "pass"),
    ("a dropped task does not release", "end(side, place)\n    release(b)", "end(side, place)"),
    ("a polled task does not release", "release(b)\n    elif place", "pass\n    elif place"),
    ("no turns: tasks first", "both(side.woke_task, side.waiting > side.listed + unready(b, side))", "False"),
    (
        "no turns: threads first",
        "both(side.woke_task, side.waiting > side.listed + unready(b, side))",
        "side.waiting > side.listed + unready(b, side)",
    ),
    ("a linger never asks for a wake-up", "ite(b.items < b.linger_until, b.lingering, 0)", "b.lingering"),
    ("a linger asks for one item more", "b.items < b.linger_until", "b.items <= b.linger_until"),
    ("the last linger decides for all", "ite(until < b.linger_until, until, b.linger_until)", "until"),
    (
        "a linger that ends leaves linger_until",
        "b.linger_until = MAX\n    if when(b.followed)",
        "pass\n    if when(b.followed)",
    ),
    ("a linger stays counted apart", "b.lingering -= 1", "pass"),
    (
        "no release after a linger",
        "end_linger(b)\n    change(b, side)\n    release(b)",
        "end_linger(b)\n    change(b, side)",
    ),
    ("a linger begins on a closed buffer", "both(b.items < want, no(b.closed))", "b.items < want"),
    ("a linger waits for more than the slots", 'pick("wanted", 1, b.capacity)', 'pick("wanted", 1, b.capacity + 1)'),
    ("a linger is a wait for one item", "ite(b.items < b.linger_until, b.lingering, 0)", "0"),
]
HARMLESS = [  # the proofs still hold
    ("close notifies one waiter", "side.alls += 1", "side.ones += 1"),
    ("an operation leaves any number of items", 'pick("left", 0, b.items)', 'pick("left", 0, b.capacity)'),
    ("woken tasks cover no work", "work(b, side) > side.woken, no", "work(b, side) > 0, no"),
    (
        "a lingering consumer takes the turn of a thread",
        "side.waiting > side.listed + unready(b, side)",
        "side.waiting > side.listed",
    ),
]


class Module:
    """The names that a text of protocol.py defines."""

    def __init__(self, text):
        self.__dict__["__name__"] = "changed"
        exec(compile(text, "protocol.py with a change", "exec"), self.__dict__)


def changed(old, new):
    """Returns the protocol with a change of its text."""
    if old not in PROTOCOL:
        raise ValueError(f"protocol.py has no text {old!r}")
    return Module(PROTOCOL.replace(old, new))


CASTS = [(name, *cast) for cast in [(1, 0), (0, 1), (2, 0), (0, 2), (1, 1), (2, 1)] for name in shipped.SIDES]


def schedule(p, most=20_000):
    """Returns a shortest schedule of a small cast that ends with a waiter that could act, if there is one within so many
    states. A cast is a side, the most threads and the most tasks of it that wait."""
    possible = [*p.steps(p.MAY), *p.steps(p.MAY_TASKS), *p.steps(p.MUST), *p.steps(p.MUST_TASKS)]
    key = lambda b: tuple(p.values(b).values())
    for cast, threads, tasks in CASTS:
        names = [cast, p.OBSERVERS] if tasks else [cast]
        for capacity in 1, 2:
            start = p.initial(capacity)
            came, todo = {key(start): None}, [start]
            for before in todo:
                if len(todo) > most:
                    break
                for step, name in possible:
                    if name not in names and step.__name__ != "act":
                        continue
                    for b, _ in Paths().of(step, before, name):
                        if key(b) in came or not is_small(p, b, cast, threads, tasks):
                            continue
                        came[key(b)] = before, f"{step.__name__}({name})"
                        todo.append(b)
                        failed = [goal for goal, holds in p.rest(b) if not holds]
                        if failed:
                            return f"\n  a schedule with {capacity} slots: {failed[0]}" + shown(p, came, key, b)
    return "\n  no schedule"


def is_small(p, b, cast, threads, tasks):
    places = ("spinning", "queued", "notified", "timed_out", "lingers", "lingered")
    sizes = [(sum(vars(side)[place] for place in places), side.name, threads) for side in p.sides(b)]
    for side in [*p.sides(b), b.observers]:
        sizes.append((side.listed + side.uncalled + side.called, side.name, tasks))
    few = all(size <= (limit if name in (cast, p.OBSERVERS) else 0) for size, name, limit in sizes)
    return few and b.again < 2 and all(side.ones + side.alls < 3 for side in p.sides(b))


def shown(p, came, key, b):
    lines = []
    while came[key(b)]:
        before, step = came[key(b)]
        was, now = p.values(before), p.values(b)
        changes = ", ".join(f"{name} {was[name]:d}→{now[name]:d}" for name in was if was[name] != now[name])
        lines.append(f"\n    {step}: {changes}")
        b = before
    return "".join(reversed(lines))


def attempt(change):
    """Tries the proofs on a change. Returns whether that is as expected, and a line of output."""
    title, old, new = change
    harmless, protocol = change in HARMLESS, changed(old, new)
    try:
        Proof(protocol).run()
        return harmless, f"{title}: " + ("harmless, and proved" if harmless else "NOT FOUND")
    except Failed as failed:
        what, why = failed.args
        why = why + schedule(protocol) if "--schedules" in sys.argv else why.partition("\n")[0]
        return not harmless, f"{title}: {'NOT PROVED' if harmless else 'refused'} at {what}: {why}"
    except z3.Z3Exception as error:
        return False, f"{title}: {error}"


def by_cvc5(text):
    """Returns whether the second solver finds that the obligation is proved."""
    import cvc5

    solver = cvc5.Solver()
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, "(set-logic ALL)" + text.replace("(check-sat)", ""), "obligation")
    while not (command := parser.nextCommand()).isNull():
        command.invoke(solver, parser.getSymbolManager())
    return solver.checkSat().isUnsat()


def main():
    begin, options = time.monotonic(), sys.argv[1:]
    if not set(options) <= {"--schedules", "--cvc5"}:
        sys.exit(f"proof.py: no such argument: {' '.join(options)}; there are --schedules and --cvc5")
    proof = Proof(shipped, [] if "--cvc5" in options else None)
    try:
        proof.run()
    except Failed as failed:
        sys.exit(f"proof.py: FAILED: {failed.args[0]}: {failed.args[1]}")
    count, paths = proof.proved, sum(paths for *_, paths in proof.relations.values())
    shown = f"{count} obligations about {paths} paths of {len(proof.relations) - 2} steps"
    print(f"proved for any number of threads and tasks: {shown}, {time.monotonic() - begin:.1f} s", flush=True)
    results = []
    with multiprocessing.Pool(min(2, multiprocessing.cpu_count())) as pool:
        if "--cvc5" in options:
            agrees = sum(pool.imap_unordered(by_cvc5, proof.exported, chunksize=20))
            print(f"cvc5 agrees on {agrees} of them, {time.monotonic() - begin:.1f} s", flush=True)
            results.append(agrees == count)
        for good, line in pool.imap(attempt, DELETIONS + HARMLESS):
            results.append(good)
            print(line, flush=True)
    if not all(results):
        sys.exit(f"proof.py: FAILED: {len(results) - sum(results)} of the checks above")
    print(f"{len(DELETIONS)} deletions refused, {len(HARMLESS)} harmless changes proved, {time.monotonic() - begin:.1f} s")


if __name__ == "__main__":
    main()
