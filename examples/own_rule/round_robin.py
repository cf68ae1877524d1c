"""A rule of one's own: bodies with a mandate take cases in equal shares, whatever their size.

`pip install ./examples/own_rule`, then `kreislauf run coburg --variant round_robin.toml` with `rule = "round_robin"` in
the file. Nothing in kreislauf changes.
"""

import numpy as np
from kreislauf.model.parameters import Parameters
from kreislauf.model.responsibility import Candidates, Rule, check_rule


def precedence(c: Candidates, p: Parameters) -> tuple[np.ndarray, np.ndarray]:
    """Ask all bodies with a mandate at once, each with the same weight; those without come last."""
    del p
    return np.where(c.stands_in, 1.0, 0.0), np.ones(len(c.task))


def upkeep(p: Parameters) -> float:
    """Return hours a year and participant: as much as keeping a matrix costs."""
    return p.matrix_hours


RULE = Rule("round_robin", "In turn", "Reihum", precedence, upkeep_hours=upkeep)

if __name__ == "__main__":
    check_rule(RULE, Parameters.default())
    print("the rule keeps what every rule promises")
