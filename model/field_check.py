"""What a field of action must keep to: checks that a third party runs on its own field, and our tests on the shipped.

`check_field("my_field")` returns the problems of a field given by name (shipped, or of an installed package with the
entry point group `kreislauf.fields`) or by folder; it runs the field for a few months in a region.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..agents.codes import HERE, LEFT, NOT_YET
from ..agents.people import CORE
from .errors import InputError, KreislaufError
from .field import load_field
from .people import COMMON_COUNTS, People

if TYPE_CHECKING:
    from .field import Field
    from .integration_model import IntegrationModel


def check_field(field: str, region: str = "coburg", *, months: int = 3, seed: int = 1) -> list[str]:
    """Return everything that is wrong with a field of action; an empty list when it keeps its promises.

    Its files are read and checked, its people drawn twice and lived for `months` in `region` (its bodies come from the
    region's own tables or the field's template).
    """
    from .integration_model import IntegrationModel

    try:
        loaded = load_field(field)
        people = loaded.people
    except InputError as error:
        return [str(problem) for problem in error.problems]
    if not (isinstance(people, type) and issubclass(people, People)):
        return [f"PEOPLE of {field!r} is {people!r}, not a class derived from kreislauf.model.people.People"]
    problems = [*_promises(people, loaded)]
    if problems:
        return problems

    def model(variant: str = "status_quo") -> IntegrationModel:
        return IntegrationModel(region, variant, field=field, months=months, rng=seed)

    try:
        problems += _of_a_run(model)
    except KreislaufError as error:
        problems.append(f"it cannot be run in {region}: {error}")
    return problems


def _promises(people: type[People], field: Field) -> Iterator[str]:
    """Yield what the class itself lacks."""
    if gone := [name for name in COMMON_COUNTS if name not in people.counts]:
        yield f"counts lacks {', '.join(gone)}"
    if len(set(people.counts)) < len(people.counts):
        yield "a count stands twice in counts"
    if not 0 < len(people.features) <= 62 or len(set(people.features)) < len(people.features):
        yield "features are 1 to 62 different names"
    for name, (part, whole) in people.reporters.items():
        if not {part, whole or part} <= set(people.counts):
            yield f"reporter {name!r} names a count that is not in counts"
    for names in (people.newcomers,):
        if any(name and name not in people.counts for name in names):
            yield "newcomers names a count that is not in counts"
    if not field.competence:
        yield "competence.csv names no level that may act"


def _of_a_run(model: Callable[[], IntegrationModel]) -> Iterator[str]:
    """Yield what a run shows: columns of the table, the same people twice, accounts, situations, counts."""
    one, two = model(), model()
    people = one.people[0]
    if gone := [name for name in CORE if name not in (people.table.dtype.names or ())]:
        yield f"the table lacks the columns {', '.join(gone)}"
        return
    if people.table.tobytes() != two.people[0].table.tobytes():
        yield "the people of two runs with one seed differ: draws must depend on seed, identity and month alone"
    if len(np.unique(people.table.identity)) < len(people.table):
        yield "two households have the same identity, and with it the same luck"
    if (np.diff(people.table.arrived.astype(np.int64)) < 0).any():
        yield "the rows are not in order of the month in which they come"
    while one.running:
        one.step()
        yield from _of_a_month(one, people)
    two.run()
    if one.results().fingerprint() != two.results().fingerprint():
        yield "two runs with one seed differ"


def _of_a_month(model: IntegrationModel, people: People) -> Iterator[str]:
    stay = people.table.stay
    if not set(np.unique(stay)) <= {NOT_YET, HERE, LEFT}:
        yield f"month {model.month}: stay is not one of NOT_YET, HERE, LEFT"
    if (stay[people.n :] == HERE).any():
        yield f"month {model.month}: somebody is here who has not come (rows from n on)"
    if model.ledger.total() != 0:
        yield f"month {model.month}: the accounts do not add up to zero"
    here = people.here
    standing = people.standing[: people.n][here]
    if len(standing) and not 0 <= int(standing.min()) <= int(standing.max()) < people.group_of.shape[1]:
        yield f"month {model.month}: a standing has no group in group_of"
    if not 0 <= int(people.group_of.min()) <= int(people.group_of.max()) < len(people.field.groups):
        yield "group_of names a group the field does not have"
    bits: Any = people.situation[: people.n][here]
    if len(bits) and (bits < 0).any() | (bits >> len(people.features) != 0).any():
        yield f"month {model.month}: a situation has bits beyond the features"
    counted = model.recorder.counts[0][:, people.counts.index("households")].sum()
    if counted != here.sum():
        yield f"month {model.month}: the census counts {counted:g} households, {here.sum()} are here"
