"""What is proposed to a funding instrument and what it decides: proposals with their purposes, replies and awards."""

from __future__ import annotations

from typing import Literal, NamedTuple

type Kind = Literal["post", "project"]
type Payout = Literal["monthly", "advance", "after_proof"]

LEVELS = ("municipality", "district", "volunteers", "welfare")
"""Who proposes."""
_LEVEL_OF = {"municipality": "municipality", "district": "district", "helpers": "volunteers"}


def level_of(owner: str) -> str:
    """Return the level of an owner by its short word: municipality, district, volunteers or welfare (all others)."""
    return _LEVEL_OF.get(owner, "welfare")


class Purpose(NamedTuple):
    """What many proposals have in common: task, kind, the level of who proposes, visibility, and whether it is a duty.

    What a proposal says of these it says by the same names.

    >>> Purpose("advice", "post", "welfare", 0.5, False).kind
    'post'
    """

    task: str
    kind: Kind
    level: str
    visibility: float
    mandatory: bool


class Proposal(NamedTuple):
    """A wish for a post or project: who proposes it, what it costs, whom it reaches, how visible it is.

    `key` is its identity for draws; `account` the proposer's ledger account; `owner` the proposer's short word;
    `municipality` its index or -1 for the whole district; `catchment` municipality indices; `gap` says that
    many of the open cases there are stuck: no body may take them on, or nobody has held them for long; `visibility`
    runs from 0 to 1; `mandatory` is a duty of the state or district, which no association, small-project fund,
    foundation or crowd may pay for; `giver_reach` says how many givers its topic reaches, against a popular one. A
    proposal never changes; `proposal._replace(months=24)` is another one on other terms.

    >>> post = Proposal(1, 36, 0, "district", -1, 0, "advice", "post", 0.5, 300_000, 12, (), (0,), 80.0, True, 0.5)
    >>> post.total_cents, post.level
    (3600000, 'district')
    """

    key: int
    month: int
    account: int
    owner: str
    municipality: int
    district: int
    task: str
    kind: Kind
    fte: float
    monthly_cost_cents: int
    months: int
    groups: tuple[str, ...]
    catchment: tuple[int, ...]
    need_hours_per_month: float
    gap: bool
    visibility: float
    mandatory: bool = False
    giver_reach: float = 1.0

    @property
    def total_cents(self) -> int:
        """Return its cost over its whole duration in cents."""
        return self.monthly_cost_cents * self.months

    @property
    def level(self) -> str:
        """Return who proposes: municipality, district, volunteers or welfare (everybody else)."""
        return level_of(self.owner)


def proposal_of(proposal: Proposal) -> tuple[int, int, int]:
    """Return by what a proposal is known, whatever an instrument has changed in it since."""
    return proposal.key, proposal.district, proposal.municipality


class Award(NamedTuple):
    """A decision to fund: share of the monthly cost covered, from the first to the last month, and what it took.

    `proposal` is what was granted (an association may have made it cheaper or wider). `payout` says how the money
    comes: in monthly instalments (`monthly`), all at the start (`advance`) or after the work is done (`after_proof`).

    >>> post = Proposal(1, 36, 0, "welfare", 0, 0, "advice", "post", 0.5, 300_000, 12, (), (0,), 80.0, True, 0.5)
    >>> Award(post, "regional_fund", 0.9, 38, 49, 12.0, 60.0).payout
    'monthly'
    """

    proposal: Proposal
    instrument: str
    funded_share: float
    first_month: int
    last_month: int
    applicant_hours: float
    days_from_idea: float
    payout: Payout = "monthly"


class Reply(NamedTuple):
    """Answer to an application: true when it is queued, else the reason why not.

    >>> bool(Reply(False, "staff"))
    False
    """

    accepted: bool
    reason: str = ""

    def __bool__(self) -> bool:
        """Return whether the application was queued."""
        return self.accepted


class Steady(NamedTuple):
    """A month's payments for an award that are the same every month: from up to two accounts to the proposer's.

    Without a `second` payer its cents are 0.

    >>> Steady(payer=7, cents=90_000, second=3, second_cents=10_000).second
    3
    """

    payer: int
    cents: int
    second: int
    second_cents: int
