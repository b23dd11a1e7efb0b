"""The wake-up protocol of src/buffer.rs, src/state.rs and src/tasks.rs, for any number of threads and tasks.

The threads of a side are interchangeable, and so are its tasks. So a state is a set of numbers: how many wait, how many
were notified, and so on. A step is one critical section, or one event outside the mutex. Each is a function with the
name and the lines of the function in `src/`; a step has "step" in the comments that cite the argument on
`BoundedBuffer`. proof.py proves what is said here, threads.py is the same for steps 1 to 6 alone, and trace.py compares
recorded executions of the code with these steps.
"""

from paths import assume, both, choice, either, implies, ite, no, pick, when

CONSUMERS, PRODUCERS, OBSERVERS = "consumers", "producers", "observers"
SIDES = CONSUMERS, PRODUCERS

# --- The state --------------------------------------------------------------------------------------------------------

MAX = 2**32 - 1  # the largest capacity, and `linger_until` while no consumer lingers

BUFFER = dict(
    items=int,  # State::ring, its length
    capacity=int,
    closed=bool,  # State::closed
    again=int,  # releases that have unlocked and will lock for another round
    lingering=int,  # State::lingering
    linger_until=int,  # State::linger_until
    # One of the consumers that linger, whichever: the proof follows it, because each has a number of its own.
    followed=bool,  # it lingers now
    want=int,  # number of items that ends its linger
)
TASKS = dict(
    listed=int,  # WakerList::waiting: tasks in the list
    woken=int,  # WakerList::woken
    taken=bool,  # a close has taken the list
    uncalled=int,  # tasks that were woken, and their waker is still to be called, by whichever thread
    called=int,  # tasks that were woken, and their waker was called
)
SIDE = TASKS | dict(
    waiting=int,  # Side::waiting
    pending=bool,  # Side::wakeup_pending
    woke_task=bool,  # Side::woke_task
    # The places of the threads that have begun to wait.
    spinning=int,  # it unlocked to spin or to read the clock, and is about to lock: not counted
    queued=int,  # in the queue of the condition variable
    notified=int,  # left the queue by a notification or without a reason, and is about to lock
    timed_out=int,  # left the queue because its time was up, and is about to lock
    lingers=int,  # in the queue, with some items and waiting for more
    lingered=int,  # left the queue after that, and is about to lock
    # What releases have decided under the lock, and do after the unlock. The calls of wakers are above.
    ones=int,  # calls of notify_one
    alls=int,  # calls of notify_all
)
FIELDS = {CONSUMERS: SIDE, PRODUCERS: SIDE, OBSERVERS: TASKS}


class Record:
    """The state, or a side of it. The observers wait for the close alone: a third list of wakers, on no side."""

    def __init__(self, **values):
        self.__dict__.update(values)

    def copy(self):
        return Record(**{key: value.copy() if isinstance(value, Record) else value for key, value in vars(self).items()})


def record(make):
    """Returns the state with the values that `make` returns for the name and the type of each."""
    of = lambda name, fields: {key: make(name + key, kind) for key, kind in fields.items()}
    parts = {name: Record(name=name, **of(f"{name}.", fields)) for name, fields in FIELDS.items()}
    return Record(**of("", BUFFER), **parts)


def values(b):
    return {key: vars(b)[key] for key in BUFFER} | {
        f"{name}.{key}": vars(vars(b)[name])[key] for name, fields in FIELDS.items() for key in fields
    }


def initial(capacity):
    b = record(lambda name, kind: kind())
    b.capacity, b.linger_until = capacity, MAX
    return b


def sides(b):
    return [b.consumers, b.producers]


# --- The protocol -----------------------------------------------------------------------------------------------------
# `when` is the `if` on unknown numbers: both branches are taken, in two runs. `choice()` is true or false, and `pick` is
# any number of a range: whatever is worse for the proof. `assume` says when a step is possible.


def work(b, side):
    return {CONSUMERS: b.items, PRODUCERS: b.capacity - b.items, OBSERVERS: 0}[side.name]


def is_over(b, side):
    return either(work(b, side) > 0, b.closed)


def lacks_wakeup(b, side):
    return both(no(b.closed), side.waiting > unready(b, side), work(b, side) > side.woken, no(side.pending))


def unready(b, side):  # step 10
    return ite(b.items < b.linger_until, b.lingering, 0) if side.name == CONSUMERS else 0


def choose(b, side):
    if when(both(b.closed, side.waiting > 0)):
        side.waiting -= side.listed
        side.alls += 1  # step 6: close wakes all waiters
        return
    if when(no(lacks_wakeup(b, side))):
        return
    is_turn_of_thread = both(side.woke_task, side.waiting > side.listed + unready(b, side))  # step 9
    if when(both(no(is_turn_of_thread), side.listed > 0)):
        side.listed -= 1  # take_oldest: step 7
        side.woken += 1
        side.uncalled += 1
        side.woke_task = True
        side.waiting -= 1
        return
    side.woke_task = False
    side.pending = True
    side.ones += 1


def take_list(side):  # std::mem::take of a list: all its tasks are to be woken, and it forgets those that were
    side.uncalled += side.listed
    side.listed, side.woken, side.taken = 0, 0, True


def take_tasks_if_closed(b):  # step 6
    if when(b.closed):
        for side in [*sides(b), b.observers]:
            take_list(side)


def release(b):  # step 3
    if when(b.producers.waiting + b.consumers.waiting > 0):
        release_and_wake(b)


def release_and_wake(b):  # one round of it
    choose(b, b.consumers)  # W1
    choose(b, b.producers)  # W2
    take_tasks_if_closed(b)
    if when(either(lacks_wakeup(b, b.consumers), lacks_wakeup(b, b.producers))):
        b.again += 1


def release_again(b, _):  # the next round
    leave(b, "again")
    release_and_wake(b)


def change(b, side):  # the functions of state.rs: a pop takes any number of items, a push adds any that fits
    if side.name == CONSUMERS:
        b.items = pick("left", 0, b.items)
    elif side.name == PRODUCERS and when(no(b.closed)):
        b.items = pick("left", b.items, b.capacity)


def act(b, side):  # an operation that does not wait
    change(b, side)
    release(b)


def act_and_close(b, _):  # close, and the operations that take all items
    b.items = pick("left", 0, b.items)
    b.closed = either(b.closed, choice())
    release_and_wake(b)


def wait_then_act(b, side):
    if when(is_over(b, side)):
        change(b, side)
        release(b)
    else:
        side.spinning += 1  # wait, and the first half of spin: unlocks without a release


def after_spin(b, side):  # spin, from its second lock
    leave(side, "spinning")
    if when(is_over(b, side)):
        change(b, side)
        release(b)
    else:
        park(side, "queued")


def park(side, place):  # step 2: count, then wait. Unlocks and enqueues in one step
    side.waiting += 1
    vars(side)[place] += 1


def return_from_park(side, place):  # the second half of park
    leave(side, place)
    side.waiting -= 1
    side.pending = False  # step 4: however the wait ended


def after_park(b, side):  # wait, from the return of park
    timed_out = choice()
    return_from_park(side, "timed_out" if timed_out else "notified")
    if when(either(is_over(b, side), timed_out)):
        change(b, side)
        release(b)
    elif choice():
        side.spinning += 1
    else:
        park(side, "queued")


def linger_then_act(b, side):  # step 10
    assume(side.name == CONSUMERS)
    want = pick("wanted", 1, b.capacity)
    if when(both(b.items < want, no(b.closed))):
        begin_linger(b, want)
        park(side, "lingers")
    else:
        change(b, side)
        release(b)


def after_linger(b, side):  # linger_then_act, from the return of park
    return_from_park(side, "lingered")
    end_linger(b)
    change(b, side)
    release(b)


def begin_linger(b, until):
    b.lingering += 1
    b.linger_until = ite(until < b.linger_until, until, b.linger_until)
    if when(no(b.followed)) and choice():
        b.followed, b.want = True, until


def end_linger(b):
    b.lingering -= 1
    if when(b.lingering == 0):
        b.linger_until = MAX
    if when(b.followed) and (when(b.lingering == 0) or choice()):
        b.followed = False


def expire(b, side):  # the time of a thread in the queue is up
    if choice():
        move(side, "queued", "timed_out")
    else:
        move(side, "lingers", "lingered")


def wake_without_reason(b, side):  # a spurious wake-up
    move(side, "queued", "notified")


def notify_one(b, side):  # notify_threads; the queue may be empty: step 4
    leave(side, "ones")
    if when(side.queued + side.lingers > 0):
        if choice():
            move(side, "queued", "notified")
        else:
            move(side, "lingers", "lingered")


def notify_all(b, side):  # notify_threads
    leave(side, "alls")
    side.queued, side.notified = 0, side.notified + side.queued
    side.lingers, side.lingered = 0, side.lingered + side.lingers


def call_waker(b, side):  # wake_task, or the outermost call of wake.rs on this thread
    move(side, "uncalled", "called")


def begin(side):  # Registration::begin: step 7
    side.listed += 1
    if side.name != OBSERVERS:
        side.waiting += 1


def end(side, place):  # Registration::end
    leave(side, place)
    if place == "listed":
        if side.name != OBSERVERS:
            side.waiting -= 1
    elif when(no(side.taken)):  # WakerList::remove
        side.woken -= 1


def poll_new_task(b, side):  # TaskWait::poll: the first poll of a future
    if when(is_over(b, side)):
        change(b, side)
        release(b)
    else:
        begin(side)


def poll_task(b, side, place):  # TaskWait::poll: step 8
    if when(is_over(b, side)):
        end(side, place)
        change(b, side)
        release(b)
    elif place != "listed":  # a task in the list only replaces its waker
        end(side, place)
        begin(side)


def drop_task(b, side, place):  # the destructor of TaskWait: step 8
    end(side, place)
    release(b)


def poll_listed_task(b, side):
    poll_task(b, side, "listed")


def drop_listed_task(b, side):
    drop_task(b, side, "listed")


def poll_woken_task(b, side):
    poll_task(b, side, "called" if choice() else "uncalled")


def drop_woken_task(b, side):
    drop_task(b, side, "called" if choice() else "uncalled")


def leave(of, place):
    assume(vars(of)[place] > 0)
    vars(of)[place] -= 1


def move(side, place, to):
    leave(side, place)
    vars(side)[to] += 1


# The steps of threads and of tasks. MAY: an operation that starts, or an event. MUST: what has begun goes on.
MAY = [act, act_and_close, wait_then_act, linger_then_act, expire, wake_without_reason]
MUST = [notify_one, notify_all, release_again, after_park, after_spin, after_linger]
MAY_TASKS = [poll_new_task, poll_listed_task, drop_listed_task]
MUST_TASKS = [call_waker, poll_woken_task, drop_woken_task]  # the polls perhaps much later: step 7


def steps(kinds):
    """Yields each step with the name of each side that has it."""
    for name in FIELDS:
        for step in kinds:
            if name != OBSERVERS or step in MAY_TASKS + MUST_TASKS:
                yield step, name


# --- What is proved ---------------------------------------------------------------------------------------------------


def returning(side):
    return side.notified + side.timed_out + side.lingered


def invariant(b):
    """Yields what holds whenever the mutex is free."""
    for side in sides(b):
        lingering = b.lingering if side.name == CONSUMERS else 0
        sent = side.ones + returning(side) > 0  # a notify_one is still to come, or a thread is about to lock
        yield "count", side.waiting == side.queued + side.lingers + returning(side) + side.listed  # step 2
        yield "W1" if side.name == CONSUMERS else "W2", implies(lacks_wakeup(b, side), b.again > 0)  # steps 3, 7
        yield "pending", implies(side.pending, both(sent, side.waiting > side.listed))  # step 4
        woken_up = either(sent, side.alls > 0)
        yield "closed", implies(both(b.closed, side.queued + side.lingers > 0), woken_up)  # step 6
        yield "open", implies(no(b.closed), side.alls == 0)
        yield "lingering", lingering == side.lingers + side.lingered  # step 10
    for side in [*sides(b), b.observers]:
        yield "numbers", both(*(vars(side)[key] >= 0 for key, kind in FIELDS[side.name].items() if kind is int))
        yield "woken", side.woken == ite(side.taken, 0, side.uncalled + side.called)  # step 7
        yield "closed", implies(b.closed, side.listed == 0)  # step 6
        yield "open", implies(no(b.closed), no(side.taken))
    yield "closed", implies(b.closed, b.observers.taken)
    yield "open", implies(no(b.closed), b.observers.uncalled + b.observers.called == 0)
    yield "ring", both(0 <= b.items, b.items <= b.capacity, 0 < b.capacity, b.capacity <= MAX, b.again >= 0)
    yield "linger_until", ite(b.lingering > 0, both(0 < b.linger_until, b.linger_until <= b.capacity), b.linger_until == MAX)
    yield "linger_until", implies(b.followed, both(b.lingering > 0, b.linger_until <= b.want))


def rest(b):
    """Yields what holds if no wake-up is under way, except to tasks that are woken and not polled: no waiter could act,
    unless woken tasks cover all items or slots. On a closed buffer, nothing waits."""
    under_way = b.again + b.observers.uncalled
    under_way += sum(side.ones + side.alls + side.uncalled + side.spinning + returning(side) for side in sides(b))
    for side in sides(b):
        waits = both(under_way == 0, side.queued + side.listed > 0)
        yield f"{side.name} wait that could act", implies(waits, both(no(b.closed), work(b, side) <= side.called))
    could_act = both(b.items >= b.want, b.items > b.consumers.called)
    yield "a consumer lingers that could go on", implies(both(under_way == 0, b.followed), no(either(b.closed, could_act)))
    yield "a closed buffer has waiters", implies(
        both(under_way == 0, b.closed), sum(s.listed for s in [*sides(b), b.observers]) + b.lingering == 0
    )


def rank(b):
    """Returns numbers of which each step of a wake-up makes the first that it changes smaller."""
    begun = to_wake = alls = hops = 0
    for side in sides(b):
        begun += side.queued + side.lingers + returning(side) + side.spinning
        to_wake += ite(work(b, side) > 0, side.listed, 0) + ite(lacks_wakeup(b, side), 1, 0)
        alls += side.alls
        hops += 3 * side.ones + 2 * returning(side) + side.spinning
    for side in [*sides(b), b.observers]:
        begun += side.listed + side.uncalled + side.called
        hops += 2 * side.uncalled + side.called
    return [
        begun,  # the waits that have begun and not ended
        to_wake,  # what can be woken before a wait ends: the tasks in the list, and a side that lacks a wake-up
        b.again,  # releases that go round again
        alls,  # calls of notify_all
        hops,  # what the wake-ups under way still do: notify, lock, spin, lock; call a waker, poll the task
    ]


def smaller(now, before):
    if not now:
        return False
    return either(now[0] < before[0], both(now[0] == before[0], smaller(now[1:], before[1:])))


def turns(before, b):
    """Yields what a step does to the turns of threads and tasks: step 9."""
    for side, now in zip(sides(before), sides(b)):
        to_task, to_thread = now.woken > side.woken, both(no(b.closed), now.ones > side.ones)
        only_tasks = now.waiting <= now.listed + unready(b, now)
        yield "turns", implies(to_task, both(now.woke_task, either(no(side.woke_task), only_tasks)))
        yield "turns", implies(to_thread, both(no(now.woke_task), either(side.woke_task, now.listed == 0)))


def promises(name):
    """Yields promises to a side: while `holds` holds, the waiters that `remain` get fewer. The `number` of the waiters that
    count gets smaller, unless a consumer begins to linger.

    A promise has a list of cases, each with the steps that help. While a case holds, each step keeps it, or leads to a
    later case or the goal. A step that helps is possible, and leads to a later case or the goal. So the goal is reached,
    unless a step that helps stays possible and is never taken, whatever else happens meanwhile."""
    side = lambda b: vars(b)[name]
    woken = lambda b: side(b).uncalled + side(b).called
    number = lambda b: side(b).waiting + woken(b)
    polls = [
        (lambda b: side(b).uncalled > 0, [call_waker]),
        (lambda b: side(b).called > 0, [poll_woken_task, drop_woken_task]),
    ]
    if name == OBSERVERS:
        yield "waits for the close end after a close", dict(
            holds=lambda b: b.closed, remain=lambda b: woken(b) > 0, number=woken, cases=polls
        )
        return
    none_out = lambda b: returning(side(b)) == 0
    pending = lambda b: both(side(b).pending, none_out(b))
    threads = [
        (lambda b: both(no(b.closed), no(side(b).pending), none_out(b)), [release_again]),
        (pending, [notify_one]),
        (lambda b: both(b.closed, side(b).alls == 0, none_out(b)), [notify_one]),
        (lambda b: both(b.closed, side(b).alls > 0, none_out(b)), [notify_all]),
        (lambda b: no(none_out(b)), [after_park, after_linger]),
    ]
    tasks = [(lambda b, case=case: both(woken(b) == 0, case(b)), helpful) for case, helpful in threads] + polls
    yield f"a pending wake-up reaches one of the {name}", dict(
        holds=lambda b: side(b).pending,
        remain=lambda b: side(b).pending,
        number=lambda b: ite(none_out(b), 1, 0),
        cases=[(pending, [notify_one])],
    )
    waiters = lambda b: side(b).waiting - (b.lingering if name == CONSUMERS else 0)
    yield f"waits of {name} end if there is work all the time, or after a close", dict(
        holds=lambda b: is_over(b, side(b)), remain=lambda b: waiters(b) + woken(b) > 0, number=number, cases=tasks
    )
    not_covered = lambda b: both(no(b.closed), work(b, side(b)) > side(b).woken)
    yield f"waits of {name} end if there is work all the time that woken tasks do not cover, polled or not", dict(
        holds=not_covered, remain=lambda b: waiters(b) > 0, number=lambda b: side(b).waiting, cases=threads
    )
    if name == CONSUMERS:
        enough = lambda b: b.items >= b.want
        yield "a linger ends if there are enough items all the time, or after a close", dict(
            holds=lambda b: both(b.followed, either(b.closed, enough(b))), remain=lambda b: True, number=number, cases=tasks
        )
        yield "a linger ends if there are enough items all the time that woken tasks do not cover, polled or not", dict(
            holds=lambda b: both(b.followed, enough(b), not_covered(b)),
            remain=lambda b: True,
            number=lambda b: side(b).waiting,
            cases=threads,
        )
