"""Runs a step of protocol.py along each of its paths, on known numbers or on unknown ones.

On known numbers, a step just runs. On unknown ones, `when` takes both branches, in two runs of the step, and Z3 leaves
out the branches that are impossible. So the text that is proved is the text that recorded executions are compared with.
Known numbers do not need Z3.
"""

try:
    import z3
except ImportError:
    z3 = None


class Impossible(Exception):
    """The step is not possible, or not along this path."""


class Paths:
    """Runs a step once for each of its paths. `solver` contains what holds before the step, if the numbers are unknown."""

    def __init__(self, solver=None):
        self.solver = solver

    def of(self, step, before, name):
        """Yields the state after each path, and the conditions of the path."""
        global RUNNING
        todo = [[]]
        while todo:
            RUNNING, self.todo, self.script, self.at, self.conditions = self, todo, todo.pop(), 0, []
            self.replayed, after = len(self.script), before.copy()
            try:
                step(after, vars(after)[name])
            except Impossible:
                continue
            yield after, self.conditions

    def branch(self, count):
        """Takes one of `count` branches. The others are taken in runs of their own."""
        if self.at == len(self.script):
            self.todo += [self.script + [other] for other in range(1, count)]
            self.script = self.script + [0]
        self.at += 1
        return self.script[self.at - 1]

    def condition(self, condition):
        self.conditions.append(condition)
        return self.at < self.replayed or self.solver.check(*self.conditions) != z3.unsat


def choice():
    """Returns true in one run and false in another."""
    return RUNNING.branch(2) == 0


def assume(condition):
    """Ends this path if the condition is false."""
    if not (condition if known(condition) else RUNNING.condition(condition)):
        raise Impossible


def when(condition):
    """The `if` of a step."""
    if known(condition):
        return condition
    taken = choice()
    assume(condition if taken else no(condition))
    return taken


def pick(name, low, high):
    """Returns any number from `low` to `high`. A step picks at most one number of a name."""
    if RUNNING.solver is None:
        return low + RUNNING.branch(high - low + 1) if low <= high else assume(False)
    assume(both(low <= z3.Int(name), z3.Int(name) <= high))
    return z3.Int(name)


def known(*conditions):
    return all(isinstance(condition, bool) for condition in conditions)


def both(*conditions):
    return all(conditions) if known(*conditions) else z3.And(list(conditions))


def either(*conditions):
    return any(conditions) if known(*conditions) else z3.Or(list(conditions))


def no(condition):
    return not condition if known(condition) else z3.Not(condition)


def implies(condition, conclusion):
    return either(no(condition), conclusion)


def ite(condition, a, b):
    return (a if condition else b) if known(condition) else z3.If(condition, a, b)
