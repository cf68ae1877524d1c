"""What a field of action offers to the month: its people, what they need, what help changes in them, who pays for them.

`IntegrationModel` knows no field by name. It asks the `People` of each field in turn: who enters (`arrive`), what a
month does to them (`live`), in what situation they are (`describe`), how large a new case is (`size`), what served
cases change (`receive`), what is counted (`census`) and which payments follow from it (`pay`). Everything else - who
notices, who takes on, who serves, who funds, who pays for posts - is the same for all fields and sees only the columns
of `agents.people.CORE`.

A third party adds a field as a package with `field.toml`, `tasks.csv` and `competence.csv` beside a class `PEOPLE`, in
the entry point group `kreislauf.fields`; `check_field` tests it. See docs/fields-of-action.md.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..agents.codes import HERE
from ..agents.jit import plain, rule
from ..agents.people import Household

if TYPE_CHECKING:
    import pandas as pd

    from .field import Field
    from .formulas import Compute
    from .integration_model import IntegrationModel
    from .ledger import Ledger

WARM_UP = 12  # months before the region's history over which the first people have come

COMMON_COUNTS = ("households", "persons", "with_contacts", "contact_points", "with_files", "confusion", "trust")
"""Columns of the census that every field has, so that measures over several fields can add them up."""


@rule
def count_ties(h: Any, count: Any) -> None:
    """Add a household's ties, the bodies that hold a file of it, its confusion and its trust to a row of the census."""
    if float(h.contacts) >= 1.0:
        count.with_contacts += 1
    points = int(h.contact_points)
    if points > 0:
        count.contact_points += points
        count.with_files += 1
    count.confusion += float(h.confusion)
    count.trust += float(h.trust)


class People(ABC):
    """The people of one field of action in one run.

    `table` has one row per household that ever comes, with at least the columns of `agents.people.CORE`; rows 0..n-1
    have come. `group_of` (K, standings) says to which group of the field a household of a standing counts for a task.
    `situation` (rows,) holds the feature bits of the month, `standing` (rows,) the standings, both set by `describe`.
    """

    features: ClassVar[tuple[str, ...]]
    """Names of the feature bits in the order of their bits; tasks.csv names them."""
    counts: ClassVar[tuple[str, ...]]
    """Columns of the census in order; those of COMMON_COUNTS are among them."""
    measures: ClassVar[Mapping[str, Compute]] = {}
    """Formulas of the field's own measures; their words stand in measures.csv (the shipped one or the field's own)."""
    payees: ClassVar[frozenset[str]] = frozenset()
    """Accounts that only receive: their balance is no cost of theirs."""
    agent: ClassVar[type[Household]] = Household
    """The Mesa agent that stands for a row."""
    newcomers: ClassVar[tuple[str, str]] = ("", "")
    """Counts of persons who are no inhabitants of long standing, and of those of them who work; empty for none."""
    nobody: ClassVar[tuple[Mapping[str, float], Mapping[str, float]]] = ({}, {})
    """Settings of the scenario, and parameters, under which nobody comes or has needs: what costs are compared with."""
    compared: ClassVar[Mapping[str, Callable[[Any], Any]]] = {
        "contacts": itemgetter("contacts"),
        "trust": itemgetter("trust"),
    }
    """Outcomes by which a household is compared with itself under another variant: name -> numbers from `frame`."""
    compared_by: ClassVar[tuple[str, ...]] = ()
    """Columns of `frame` by which those who gain and lose are told apart."""
    reporters: ClassVar[Mapping[str, tuple[str, str]]] = {}
    """Series for Mesa's DataCollector: name -> (count, count it is divided by, or an empty text)."""

    def __init__(self, model: IntegrationModel, field: Field) -> None:
        """Draw everybody who will come; they depend on region, scenario and seed, never on the variant."""
        self.field = field
        self.seed = model.seed
        self.n = 0
        self.rows: Any = plain(self.draw(model))
        """The rows of `table` as compiled code takes them."""
        self.group_of = np.zeros((len(field.tasks), 1), np.int64)
        self.situation = np.zeros(len(self.rows), np.int64)
        self.standing = np.zeros(len(self.rows), np.int64)

    @property
    def table(self) -> Any:
        """One row per household that ever comes, read by attribute."""
        return self.rows.view(np.recarray)

    # ---- people -----------------------------------------------------------------------------------------------------

    @abstractmethod
    def draw(self, model: IntegrationModel) -> Any:
        """Return the table with the rows of everybody who will come, in order of their month (`arrived`)."""

    @abstractmethod
    def arrive(self, month: int, *, past: bool = False) -> None:
        """Let the month's households come and settle (`stay`, `municipality`, `n`); `past`: before the start."""

    @abstractmethod
    def live(self, month: int) -> None:
        """Let every household that is here live one month (compiled loop)."""

    @abstractmethod
    def live_one(self, row: int, month: int) -> None:
        """Let one household live one month: the same rules as in `live`, for a single row."""

    def persons_of(self) -> np.ndarray:
        """Return the persons of each row that has come, (n,)."""
        return np.ones(self.n, np.int64)

    # ---- needs and help ---------------------------------------------------------------------------------------------

    @abstractmethod
    def describe(self, month: int) -> None:
        """Set `situation` and `standing` of the rows 0..n-1 as they are in this month."""

    def size(self, cases: Any, first: int, end: int) -> None:  # noqa: B027 - an answer, not a gap
        """Change the effort of the new cases first..end-1 where it depends on the household; by default nothing."""

    @abstractmethod
    def receive(self, served: np.ndarray, month: int) -> None:
        """Apply what served cases change; `served` (n, 2) holds row and task, in the order they were served.

        `served_at` is the field's to set; trust and guide are set already.
        """

    @abstractmethod
    def helpers_wanted(self, month: int) -> np.ndarray:
        """Return how many helpers the present need would bring together in each municipality, (M,)."""

    @property
    @abstractmethod
    def helper_hours(self) -> float:
        """Hours an active helper gives in a week."""

    # ---- counts and money -------------------------------------------------------------------------------------------

    @abstractmethod
    def census(self, month: int, out: np.ndarray) -> None:
        """Add the month's counts to `out` (M, len(counts))."""

    def open_accounts(self, ledger: Ledger) -> None:  # noqa: B027 - an answer, not a gap
        """Open the ledger accounts of the field's payments; by default there are none."""

    def pay(self, month: int, counts: np.ndarray) -> None:  # noqa: B027 - an answer, not a gap
        """Post the payments that follow from the census (benefits, refunds); by default there are none."""

    @property
    def open_refund_cents(self) -> np.ndarray | int:
        """What others still owe each district for payments of the field, int64 (D,); 0 for nothing."""
        return 0

    @abstractmethod
    def frame(self) -> pd.DataFrame:
        """Return one row per household that has come, for the table `households` of the results."""

    # ---- help for the model -----------------------------------------------------------------------------------------

    @property
    def here(self) -> np.ndarray:
        """Mask of the rows that have come whose household is in the region now, (n,)."""
        return self.table.stay[: self.n] == HERE
