"""How councils decide on posts, read from the minutes of the district council of Coburg 2014-2019.

Each rule is one documented case or a few, so these are rules, not estimated frequencies:

1. full external funding or no (volunteer centre refused in 2013; education coordination only at 100 %);
2. a refusal turns around under united municipal pressure (deficit of the counselling, 10.07. and 30.10.2014);
3. project, then two years of voluntary extension, then permanent (volunteer centre 2015, 2017, 2019);
4. crowding out: from 2016 the state deducts a district's contribution to personnel from its own grant, not one to
   material cost, so the district pays material cost only (2016);
5. demand for an overview before new posts: lack of information slows decisions (2019);
6. a cheap honorary role passes without external money (commissioner, 1,000 EUR a year, 2016).

All functions are pure; money is in EUR a year, shares are of the full cost of a workplace.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Stage = Literal["project", "extension", "permanent"]


class CouncilRules(NamedTuple):
    """The thresholds of a council.

    `least_external`: share of the cash cost that must come from outside; `cash_share`: part of the full cost that
    counts as cash (pay, without room and overhead, which no grant covers and no council counts); `united`: share of
    municipalities behind a motion that turns a refusal around; `honorary_eur`: yearly cost up to which a role passes;
    `least_overview`: share of the bodies at work on the task that the council has to know of.
    """

    least_external: float = 0.9
    cash_share: float = 0.75
    united: float = 0.8
    honorary_eur: float = 1000.0
    least_overview: float = 0.0


class Motion(NamedTuple):
    """What a council is asked for: cost a year, the part paid from outside, who stands behind it, what is known.

    `overview` is the share of the other bodies at work on the task that the council knows of, 1 when there are none;
    `asked_before` says that it was put off once to get the overview.
    """

    eur_per_year: float
    external_share: float = 0.0
    pressure: float = 0.0
    overview: float = 1.0
    asked_before: bool = False


class Decision(NamedTuple):
    """Yes, no, or later, and by which rule."""

    answer: Literal["yes", "no", "later"]
    rule: str

    def __bool__(self) -> bool:
        """Return whether the council agreed."""
        return self.answer == "yes"


def decide(motion: Motion, rules: CouncilRules) -> Decision:
    """Return a district council's decision on a new post or project.

    >>> decide(Motion(40_250, external_share=0.3), CouncilRules())
    Decision(answer='no', rule='not_fully_funded')
    >>> decide(Motion(92_500, external_share=0.75), CouncilRules())
    Decision(answer='yes', rule='fully_funded')
    """
    if motion.eur_per_year <= rules.honorary_eur:
        return Decision("yes", "honorary")
    if motion.overview < rules.least_overview and not motion.asked_before:
        return Decision("later", "no_overview")
    if cash_covered(motion.external_share, rules.cash_share) >= rules.least_external:
        return Decision("yes", "fully_funded")
    if motion.pressure >= rules.united:
        return Decision("yes", "united_pressure")
    return Decision("no", "not_fully_funded")


def cash_covered(external_share: float, cash_share: float) -> float:
    """Return the share of the cash cost that outside money covers, at most 1.

    >>> cash_covered(0.75, 0.75), cash_covered(0.375, 0.75)
    (1.0, 0.5)
    """
    return min(1.0, external_share / cash_share)


def next_stage(stage: Stage, *, good_evaluation: bool) -> Stage | None:
    """Return what a project becomes when its funding ends: two voluntary years, then permanent; None: it ends.

    >>> next_stage("project", good_evaluation=True), next_stage("extension", good_evaluation=True)
    ('extension', 'permanent')
    """
    if stage == "permanent":
        return "permanent"
    if not good_evaluation:
        return None
    return "extension" if stage == "project" else "permanent"


def state_grant_left(grant: float, personnel_contribution: float, *, deducted: bool) -> float:
    """Return what remains of a state grant for personnel when a district adds to it.

    >>> state_grant_left(118_000, 20_000, deducted=True), state_grant_left(118_000, 20_000, deducted=False)
    (98000, 118000)
    """
    return max(0, grant - personnel_contribution) if deducted else grant


def district_help(gap: float, *, material_share: float, deducted: bool, pressure: float, rules: CouncilRules) -> float:
    """Return what a district adds to a carrier's post (share of its cost) when the carrier lacks `gap`.

    Where the state deducts contributions to personnel, adding to pay would only relieve the state: the district pays
    material cost, at most `material_share`. Before, it closed the gap, but only under united municipal pressure.
    """
    if gap <= 0.0:
        return 0.0
    if deducted:
        return min(gap, material_share)
    return gap if pressure >= rules.united else 0.0
