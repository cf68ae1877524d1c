"""The search among choices: NSGA-II of pymoo on whole numbers, with sparse beginnings and steps of one lever.

What is asked for is decided by pymoo's generator alone, so a search that is repeated asks for the same choices in the
same order, and finds those it had in its journal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..optional import optional, quiet

if TYPE_CHECKING:
    from .levers import Choice, Space

type Judge = Callable[[list[Choice]], np.ndarray]
"""Returns for each choice its goals, all to be made small, shape (choices, goals)."""


def evolve(
    space: Space, judge: Judge, *, goals: int, evaluations: int, population: int, seed: int
) -> dict[Choice, np.ndarray]:
    """Return every choice that was tried with its goals, at most `evaluations` different ones.

    The choice that leaves everything as it was is always among them. Small spaces are gone through in full.
    """
    if space.size <= evaluations:
        everything = _all_choices(space)
        return dict(zip(everything, judge(everything), strict=True)) if everything else {}
    found: dict[Choice, np.ndarray] = {}
    evaluator, static = optional("pymoo.core.evaluator"), optional("pymoo.problems.static")
    with quiet():
        algorithm = _algorithm(space, goals, population, seed)
    random = np.random.default_rng([seed, 1])
    idle = 0
    while len(found) < evaluations and idle < 20:
        with quiet():
            asked = algorithm.ask()
        choices = [space.within_budget(row, random) for row in asked.get("X").astype(int).tolist()]
        if not found:
            choices[0] = space.none()
        new = [choice for choice in dict.fromkeys(choices) if choice not in found][: evaluations - len(found)]
        idle = 0 if new else idle + 1
        if new:
            found |= dict(zip(new, judge(new), strict=True))
        worst = np.max(np.array(list(found.values())), axis=0) + 1.0  # of choices beyond the last evaluation
        values = np.array([found.get(choice, worst) for choice in choices])
        with quiet():
            asked.set("X", np.array(choices))
            evaluator.Evaluator().eval(static.StaticProblem(algorithm.problem, F=values), asked)
            algorithm.tell(infills=asked)
    return found


def _all_choices(space: Space) -> list[Choice]:
    """Return all choices of a small space that keep the budget, each once."""
    grid = np.indices(tuple(space.sizes)).reshape(len(space.levers), -1).T
    tidy = dict.fromkeys(space.tidy(row) for row in grid.tolist())
    return [choice for choice in tidy if space.cost(choice) <= space.budget_eur * (1.0 + 1e-9)]


def _algorithm(space: Space, goals: int, population: int, seed: int) -> Any:
    """Return pymoo's NSGA-II for the choices of a space."""
    problem = optional("pymoo.core.problem")
    sampling = optional("pymoo.core.sampling")
    mutation = optional("pymoo.core.mutation")
    crossover = optional("pymoo.operators.crossover.ux")
    nsga2 = optional("pymoo.algorithms.moo.nsga2")
    sizes = space.sizes

    class Sparse(sampling.Sampling):
        """Begin with plans of one to five decisions."""

        def _do(self, problem: Any, n_samples: int, *_: Any, **kwargs: Any) -> np.ndarray:  # noqa: ARG002
            return np.array([_sparse(sizes, kwargs["random_state"]) for _ in range(n_samples)])

    class OneStep(mutation.Mutation):
        """Change one lever, sometimes two: to another option, or back to as it was."""

        def _do(self, problem: Any, X: np.ndarray, **kwargs: Any) -> np.ndarray:  # noqa: ARG002, N803
            return np.array([_changed(row, sizes, kwargs["random_state"]) for row in X.astype(int)])

    class Levers(problem.Problem):
        """Whole numbers, one per lever."""

        def __init__(self) -> None:
            super().__init__(n_var=len(sizes), n_obj=goals, xl=np.zeros(len(sizes)), xu=sizes - 1.0, vtype=int)

    algorithm = nsga2.NSGA2(
        pop_size=population, sampling=Sparse(), crossover=crossover.UniformCrossover(), mutation=OneStep(),
        eliminate_duplicates=True,
    )  # fmt: skip
    algorithm.setup(Levers(), termination=("n_gen", 10**6), seed=seed, verbose=False)
    return algorithm


def _sparse(sizes: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return a choice that uses one to five levers."""
    row = np.zeros(len(sizes), int)
    used = random.choice(len(sizes), size=min(len(sizes), int(random.integers(1, 6))), replace=False)
    row[used] = [random.integers(1, sizes[i]) for i in used]
    return row


def _changed(row: np.ndarray, sizes: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return a choice with one lever changed, in one of three cases with a second one changed as well."""
    row = row.copy()
    for _ in range(2 if random.random() < 1.0 / 3.0 else 1):
        used = np.flatnonzero(row)
        if len(used) and random.random() < 0.4:
            lever = int(random.choice(used))
            row[lever] = 0 if random.random() < 0.5 else random.integers(1, sizes[lever])
        else:
            lever = int(random.integers(len(row)))
            row[lever] = random.integers(1, sizes[lever])
    return row


def front(found: dict[Choice, np.ndarray]) -> list[Choice]:
    """Return the choices that no other one dominates (goals to be made small), in the order they were tried."""
    from ..decision import undominated

    choices: Sequence[Choice] = list(found)
    flags = undominated(-np.array([found[choice] for choice in choices]))
    return [choice for choice, kept in zip(choices, flags, strict=True) if kept]
