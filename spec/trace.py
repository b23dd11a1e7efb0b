#!/usr/bin/env python3
"""Compares recorded executions of the code with the steps of protocol.py.

`cargo loom` and `cargo shuttle` record what the threads of an execution did: the function that locked, the numbers
behind the mutex at each unlock, the waits, the time-outs and the notifications. Here each critical section must be a step
of the function that locked, each notification must have been decided before and wake as many threads as in the step,
the invariant must hold after each event, and in the end nothing may be left to send.

The places of threads and tasks follow from the events, or are guessed: a set of possible states is kept for each buffer,
and must not become empty. Needs Python alone.

    trace.py DIRECTORY    compares the executions in the files of this directory
"""

import re
import sys
from functools import cache
from pathlib import Path

import protocol as shipped
from paths import Paths

ROOT = Path(__file__).resolve().parent.parent

# The steps that a critical section can be, by the function that locks. None is one that changes nothing that is shown.
STEPS = {
    "buffer.rs act": ["act"],
    "buffer.rs act_and_close": ["act_and_close"],
    "buffer.rs wait_then_act": ["wait_then_act"],
    "buffer.rs spin": ["after_spin"],
    "buffer.rs linger_then_act": ["linger_then_act"],
    "buffer.rs release_and_wake": ["release_again"],
    "buffer.rs park": ["after_park"],
    "buffer.rs park after a linger": ["after_linger"],
    "buffer.rs fmt": [None],
    "tasks.rs poll": ["poll_new_task", "poll_listed_task", "poll_woken_task", None],  # None: unlocks to clone the waker
    "tasks.rs wait": ["poll_new_task", "poll_listed_task", "poll_woken_task", None],  # None: unlocks to allocate
    "tasks.rs drop": ["drop_listed_task", "drop_woken_task"],
    "ops.rs is_closed": [None],
    "ops.rs len": [None],
    "ops.rs stats": [None],
}
# What the code shows of a state, in the order of `State::write_numbers`.
SHOWN = ["items", "capacity", "closed", "lingering", "linger_until"]
SHOWN += [f"{name}.{field}" for name in shipped.SIDES for field in ("waiting", "pending", "woke_task")]
SHOWN += [f"{name}.{field}" for name in shipped.FIELDS for field in ("listed", "woken")]
KEYS = list(shipped.values(shipped.initial(1)))
INDEX = {key: index for index, key in enumerate(KEYS)}


class Refused(Exception):
    """The execution is none of the protocol."""


@cache
def source(at):
    """Returns the lines of a file up to a place, which is `file:line`."""
    file, line = at.rsplit(":", 1)
    return (ROOT / file).read_text().splitlines()[: int(line)]


@cache
def function_of(at):
    name = next(found[1] for text in reversed(source(at)) if (found := re.search(r"\bfn (\w+)", text)))
    return f"{Path(at.rsplit(':', 1)[0]).name} {name}"


@cache
def side_of(condvar):
    """Returns the side whose condition variable is created at this place."""
    return shipped.CONSUMERS if "not_empty" in source(condvar)[-1] else shipped.PRODUCERS


class Checker:
    """Compares executions with a protocol. A state is the tuple of its values. Executions begin alike, so what follows from a
    state is kept."""

    def __init__(self, protocol=shipped):
        self.p, self.follow, self.results = protocol, cache(self.follow), cache(self.results)
        kinds = [*protocol.MAY, *protocol.MUST, *protocol.MAY_TASKS, *protocol.MUST_TASKS]
        self.sides = {step.__name__: [name for other, name in protocol.steps(kinds) if other is step] for step in kinds}

    def results(self, state, step, name):
        """Returns the states that a step can lead to. It follows none of the consumers that linger."""
        p, b = self.p, self.p.record(lambda key, kind: state[INDEX[key]])
        if name not in self.sides[step]:
            return []
        found = {tuple(p.values(after).values()) for after, _ in Paths().of(getattr(p, step), b, name)}
        return [after for after in found if not after[INDEX["followed"]]]

    def follow(self, states, steps, names, numbers, changes):
        """Returns the states after one of the steps that show these numbers, and in which these places changed."""
        following = set()
        for before in states:
            for step in steps:
                for name in names if step else ["-"]:
                    for after in self.results(before, step, name) if step else [before]:
                        if numbers and any(after[INDEX[key]] != number for key, number in zip(SHOWN, numbers)):
                            continue
                        if all(after[INDEX[key]] - before[INDEX[key]] == change for key, change in changes):
                            following.add(after)
        for state in following:
            b = self.p.record(lambda key, kind: state[INDEX[key]])
            if failed := [name for name, holds in self.p.invariant(b) if not holds]:
                raise Refused(f"the invariant fails: {', '.join(failed)}")
        return frozenset(following)

    def compare(self, lines):
        """Compares an execution, and returns the number of its critical sections."""
        buffers, locked, unlocked, waits, sections = {}, {}, {}, {}, 0
        for line in lines:
            thread, event, *rest = line.split()
            if event == "lock":
                locked[thread] = function_of(rest[0])
                continue
            numbers, changes, names = (), (), tuple(shipped.FIELDS)
            if event in ("unlock", "wait"):
                place, mutex, *numbers = rest
                function, numbers = locked.pop(thread), tuple(map(int, numbers))
                buffers.setdefault(mutex, frozenset([tuple(self.p.values(self.p.initial(numbers[1])).values())]))
                sections, unlocked[thread] = sections + 1, mutex
                if function == "buffer.rs park":
                    _, name, queue = waits.pop(thread)
                    names, function = (name,), function + (" after a linger" if queue == "lingers" else "")
                queued = None
                if event == "wait":
                    name, queue = side_of(place), "lingers" if function == "buffer.rs linger_then_act" else "queued"
                    waits[thread], queued = (mutex, name, queue), f"{name}.{queue}"
                queues = [f"{side}.{queue}" for side in shipped.SIDES for queue in ("queued", "lingers")]
                changes = tuple((key, int(key == queued)) for key in queues)
                if function not in STEPS:
                    raise Refused(f"{line}: the function {function} locks, and is not in STEPS")
                steps = tuple(STEPS[function])
            elif event == "expire":
                mutex, name, queue = waits[thread]
                steps, names, changes = ("expire",), (name,), ((f"{name}.{queue}", -1),)
            else:  # notify
                call, condvar, woken = rest
                mutex, name = unlocked[thread], side_of(condvar)
                step = re.search("notify_one|notify_all", source(call)[-1])[0]
                buffers[mutex] = self.notified(buffers[mutex], step, name, int(woken))
                if not buffers[mutex]:
                    raise Refused(f"{line}: no release has decided on this notification")
                continue
            buffers[mutex] = self.follow(buffers[mutex], steps, names, numbers, changes)
            if not buffers[mutex]:
                raise Refused(f"{line}: this is no step of {locked.get(thread) or ' or '.join(map(str, steps))}")
        for states in buffers.values():
            if not any(self.is_over(state) for state in states):
                raise Refused("in the end, something is left to send, or waits")
        return sections

    def notified(self, states, step, name, woken):
        """Returns the states after a notification that takes this many threads out of the queue."""
        queues = [INDEX[f"{name}.queued"], INDEX[f"{name}.lingers"]]
        size = lambda state: sum(state[index] for index in queues)
        return frozenset(
            after
            for before in states
            for after in self.follow(frozenset([before]), (step,), (name,), (), ())
            if size(before) - size(after) == woken
        )

    def is_over(self, state):
        left = "again waiting spinning queued notified timed_out lingers lingered ones alls listed uncalled called".split()
        return all(not value for key, value in zip(KEYS, state) if key.split(".")[-1] in left)


def executions(directory):
    for file in sorted(Path(directory).iterdir()):
        for text in file.read_text().split("\n\n"):
            if text.strip():
                yield file.name, text.strip().splitlines()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    checker, count, sections = Checker(), 0, 0
    for name, lines in executions(sys.argv[1]):
        try:
            sections += checker.compare(lines)
        except Refused as refused:
            print("\n".join(lines))
            sys.exit(f"this execution of {name} is none of the proof: {refused}")
        count += 1
    print(f"{count} executions, {sections} critical sections: all are steps of the proof")


if __name__ == "__main__":
    main()
