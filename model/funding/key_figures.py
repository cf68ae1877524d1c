"""What the key figures of the instruments mean: unit and words, for tables and documentation."""

from __future__ import annotations

KEY_FIGURES: dict[str, tuple[str, str]] = {
    "applications": ("", "applications"),
    "awards": ("", "awards"),
    "success_share": ("share", "awards / applications"),
    "granted_eur": ("EUR", "granted"),
    "paid_eur": ("EUR", "paid"),
    "absorption": ("share", "paid / available"),
    "lapsed_eur": ("EUR", "lapsed or given back"),
    "management_eur": ("EUR", "spent on management"),
    "applicant_hours": ("hours", "hours of applicants"),
    "eur_per_admin_eur": ("EUR", "paid per euro of administration on both sides"),
    "median_days": ("days", "from idea to start, median"),
    "share_gap": ("share", "awards that reach a gap"),
    "survival_share": ("share", "ended awards that went on without a break"),
    "returned_share": ("share", "ended awards granted anew within a year"),
    "cut_short": ("", "awards for less time than asked for"),
    "members": ("", "members at the end"),
    "most_members": ("", "members at most"),
    "joined": ("", "municipalities that joined"),
    "notices": ("", "notices given"),
    "left": ("", "municipalities that left"),
    "dissolved": ("", "associations dissolved"),
    "free_rider_months": ("months", "municipalities served without being members"),
    "district_help_eur": ("EUR", "added by the district to carriers' posts"),
    "loans_eur": ("EUR", "lent"),
    "loans_open_eur": ("EUR", "loans not yet repaid at the end"),
    "loans_defaulted_eur": ("EUR", "loans lost"),
    "loan_turnover": ("", "lent / contributed"),
    "campaigns": ("", "campaigns held"),
    "campaign_success_share": ("share", "campaigns that reached their target"),
    "mean_raised_eur": ("EUR", "raised per successful campaign"),
    "failed_progress": ("share", "part of the target that failed campaigns reached, median"),
    "excluded": ("", "proposals that got nothing"),
}
"""Unit and words by name, in the order of tables; exclusions by reason and by level follow."""

REASONS: dict[str, str] = {
    "no_budget": "instrument without budget",
    "mandatory_task": "a duty of state or district",
    "staff": "staff is not fundable",
    "too_large": "too large",
    "too_small": "too small",
    "recurring": "recurring cost",
    "not_visible": "not visible enough",
    "no_programme": "no programme open",
    "not_fully_funded": "district council: not fully funded from outside",
    "free_margin": "municipality: free margin too small",
    "unwilling": "municipality: unwilling",
    "own_share": "carrier: own share too large",
    "oversubscribed": "oversubscribed",
    "pre_finance": "cannot pay first",
    "not_finished": "not finished in time",
    "stages": "fell through one of four stages",
    "phase_end": "end of a phase",
    "no_association": "no association exists",
    "not_member": "not a member",
    "serves_no_member": "serves no member",
    "voted_down": "voted down",
    "no_money": "no money left",
    "no_revenue": "no revenue to repay a loan",
    "curation": "turned away by the platform",
    "fan_phase": "too few fans",
    "target_missed": "target missed",
}
"""Why proposals get nothing."""


def figure_words(name: str) -> tuple[str, str]:
    """Return unit and words of a key figure, exclusions included; a third party's own keeps its name.

    >>> figure_words("excluded_staff"), figure_words("excluded_from_welfare")
    (('', '  staff is not fundable'), ('', '  of these from level welfare'))
    """
    if name in KEY_FIGURES:
        return KEY_FIGURES[name]
    if level := name.removeprefix("excluded_from_").strip() if name.startswith("excluded_from_") else "":
        return "", f"  of these from level {level}"
    if name.startswith("excluded_"):
        reason = name.removeprefix("excluded_")
        return "", f"  {REASONS.get(reason, reason)}"
    return "", name
