"""What a calibration says about itself: what moved, what fits, what pulls, what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..model.calendar import month_label
from .calibrate import POPULATIONS
from .posterior import groups_by_quantity, sample

if TYPE_CHECKING:
    from .calibrate import Calibration, Progress

INFORMED, BARELY = 0.3, 0.1
"""Shares by which a posterior is narrower than its prior: from these on a parameter is informed, or at least moved."""
NORMAL_95 = 1.96
_PRIOR_SD = 1.0 / np.sqrt(12.0)
_BINS = 20
_MUCH = 0.25  # relative discrepancy from which a reader is told
_SMALL = 300  # draws of the posteriors of conflict and of missing items


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """Tables of a calibration and the sentences that follow from them.

    `parameters`: prior and posterior; `figures`: every target with what the model finds; `pulls`: what each fitted
    target does to the posterior; `losses`: what a missing wave or group of items costs; `groups`: discrepancy by group.
    """

    parameters: pd.DataFrame
    figures: pd.DataFrame
    pulls: pd.DataFrame
    losses: pd.DataFrame
    groups: pd.DataFrame
    r_hat: float
    effective: float
    sentences: tuple[str, ...]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by name."""
        names = ("parameters", "figures", "pulls", "losses", "groups")
        return {name: getattr(self, name) for name in names}


def diagnose(found: Calibration, *, progress: Progress | None = None) -> Diagnostics:
    """Return the diagnostics of a calibration."""
    parameters = parameter_rows(found)
    figures = figure_rows(found)
    pulls, losses = _left_out(found, progress)
    groups = _groups(found)
    r_hat, effective = agreement(found.posterior.z)
    sentences = _sentences(found, parameters, figures, losses, groups, r_hat)
    return Diagnostics(parameters, figures, pulls, losses, groups, r_hat, effective, sentences)


def parameter_rows(found: Calibration) -> pd.DataFrame:
    """Return prior and posterior of every parameter, how much narrower it became, and the information in nats."""
    u, values = found.places, found.draws.values  # noqa: PD011 - an array
    rows: list[dict[str, Any]] = []
    for i, prior in enumerate(found.priors.rows):
        low, middle, high = prior.value(np.array([0.05, 0.5, 0.95]))
        q05, q50, q95 = np.quantile(values[:, i], [0.05, 0.5, 0.95])
        narrower = 1.0 - float(u[:, i].std()) / _PRIOR_SD
        kl = information(u[:, i])
        rows.append(
            {
                "parameter": prior.name,
                "unit": prior.unit,
                "prior": prior.shape,
                "prior_q05": low,
                "prior_median": middle,
                "prior_q95": high,
                "mean": float(values[:, i].mean()),
                "q05": q05,
                "median": q50,
                "q95": q95,
                "hand_set": float(found.priors.hand_set()[i]),
                "narrower": narrower,
                "information": kl,
                "verdict": verdict(narrower, kl),
                "reason": prior.reason,
                "source": prior.source,
            }
        )
    return pd.DataFrame(rows)


def information(u: np.ndarray) -> float:
    """Return the Kullback-Leibler divergence from prior to posterior in nats, from draws in the unit interval.

    A histogram of 20 bins, with Miller and Madow's correction for the number of draws; 0 where the data say nothing.
    """
    counts = np.bincount(np.minimum((u * _BINS).astype(int), _BINS - 1), minlength=_BINS)
    share = counts[counts > 0] / len(u)
    entropy = -float((share * np.log(share)).sum()) + (len(share) - 1) / (2.0 * len(u))
    return max(0.0, float(np.log(_BINS)) - entropy)


def verdict(narrower: float, kl: float) -> str:
    """Return in a word what the data did to a parameter."""
    if narrower >= INFORMED:
        return "informed"
    return "moved" if narrower >= BARELY or kl >= BARELY else "not moved"


def figure_rows(found: Calibration) -> pd.DataFrame:
    """Return every target beside what the model finds: at the hand-set values, the posterior mean and posterior draws.

    `error` is the standard deviation of what a survey of the model's people would find (from posterior draws), and
    `misses` says that the figure lies more than 1.96 of them away from the posterior predictive mean.
    """
    emulator, data = found.problem.emulator, found.data
    prior = found.reference.found[: len(found.reference) - len(found.second)]
    if found.check is not None:
        drawn, mean, hand = found.check.draws, found.check.mean.mean(axis=0), found.check.hand.mean(axis=0)
    else:
        random = np.random.default_rng(1)
        places = found.places[random.choice(len(found.places), 400)]
        drawn = emulator.mean(places) + emulator.sd(places) * random.standard_normal((400, len(data)))
        average = np.array(list(found.draws.mean().values()))
        middle, own = (found.priors.places(np.array([values])) for values in (average, found.priors.hand_set()))
        mean, hand = emulator.mean(middle)[0], emulator.mean(own)[0]
    predictive, error = np.nanmean(drawn, axis=0), np.nanstd(drawn, axis=0, ddof=1)
    rows = []
    for i, row in enumerate(found.targets):
        se = row.se if row.se > 0 else np.nan
        scale = float(np.nanmax([se, error[i], 1e-12]))
        rows.append(
            {
                "id": row.id,
                "quantity": row.quantity,
                "wave": month_label(row.wave or 0),
                "cell": row.cell.key,
                "use": "fitted" if found.used[i] else "held back",
                "estimate": row.estimate,
                "se": se,
                "prior_q05": float(np.quantile(prior[:, i], 0.05)),
                "prior_q95": float(np.quantile(prior[:, i], 0.95)),
                "predictive": predictive[i],
                "error": error[i],
                "posterior_mean": mean[i],
                "hand_set": hand[i],
                "off": (predictive[i] - row.estimate) / scale,
                "off_mean": (mean[i] - row.estimate) / scale,
                "off_hand": (hand[i] - row.estimate) / scale,
                "misses": abs(predictive[i] - row.estimate) > NORMAL_95 * scale,
                "explained": emulator.r2[i],
            }
        )
    return pd.DataFrame(rows)


def _left_out(found: Calibration, progress: Progress | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the pull of each fitted target, and what leaving out a wave or a group of items costs."""
    problem, data, rows = found.problem, found.data, list(found.targets)
    base_u = found.places
    mean, sd = base_u.mean(axis=0), base_u.std(axis=0)
    fitted, number = np.flatnonzero(found.used).tolist(), np.arange(len(rows))
    jobs = [("target", rows[i].id, found.used & (number != i)) for i in fitted]
    waves = sorted({rows[i].wave or 0 for i in fitted})
    if len(waves) > 1:
        others = {wave: found.used & np.array([row.wave != wave for row in rows]) for wave in waves}
        jobs += [("wave", f"wave {month_label(wave)}", used) for wave, used in others.items()]
    names = list(dict.fromkeys(groups_by_quantity()[rows[i].quantity] for i in fitted))
    for name in names if len(names) > 1 else ():
        outside = np.array([groups_by_quantity()[row.quantity] != name for row in rows])
        jobs.append(("items", f"items on {name}", found.used & outside))
    pulls, losses = [], []
    for number, (kind, label, used) in enumerate(jobs):
        drawn = sample(
            problem.log_likelihood(data, used), problem.dimensions, draws=_SMALL, moves=4, last_moves=12, seed=7
        )
        u = problem.places(drawn.z)
        if kind == "target":
            i = found.targets.ids.index(label)
            shift = (mean - u.mean(axis=0)) / sd
            most = int(np.abs(shift).argmax())
            spread = problem.emulator.sd(u)[:, i]
            if problem.discrepancy is not None:
                spread = np.hypot(spread, problem.discrepancy.sd(drawn.z[:, problem.parameters :])[:, i])
            expected = problem.emulator.mean(u)[:, i]
            surprise = (data[i] - expected.mean()) / np.sqrt(expected.var() + (spread**2).mean())
            pulls.append(
                {
                    "id": label,
                    "shift": float(shift[most]),
                    "parameter": found.priors.names[most],
                    "surprise": float(surprise),
                }
            )
        else:
            wider = u.std(axis=0) / sd - 1.0
            most = int(wider.argmax())
            losses.append(
                {
                    "left_out": label,
                    "kind": kind,
                    "figures": int(found.used.sum() - used.sum()),
                    "wider": float(wider.mean()),
                    "parameter": found.priors.names[most],
                    "most_wider": float(wider[most]),
                }
            )
        if progress is not None:
            progress("conflict and missing items", number + 1, len(jobs), 0)
    return (
        pd.DataFrame(pulls, columns=pd.Index(["id", "shift", "parameter", "surprise"])),
        pd.DataFrame(losses, columns=pd.Index(["left_out", "kind", "figures", "wider", "parameter", "most_wider"])),
    )


def _groups(found: Calibration) -> pd.DataFrame:
    """Return the relative discrepancy of every group of quantities."""
    discrepancy = found.problem.discrepancy
    if discrepancy is None:
        return pd.DataFrame(columns=pd.Index(["group", "figures", "median", "q05", "q95"]))
    relative = discrepancy.relative(found.posterior.z[:, found.problem.parameters :])
    rows = []
    for i, name in enumerate(discrepancy.groups):
        q05, q50, q95 = np.quantile(relative[:, i], [0.05, 0.5, 0.95])
        number = int((found.used & (discrepancy.group_of == i)).sum())
        rows.append({"group": name, "figures": number, "median": q50, "q05": q05, "q95": q95})
    return pd.DataFrame(rows)


def agreement(z: np.ndarray) -> tuple[float, float]:
    """Return the largest potential scale reduction over unknowns and the median effective number of draws.

    From independent populations: their means differ as means of so many independent draws would (Gelman and Rubin
    1992, with populations for chains).
    """
    parts = z.reshape(POPULATIONS, -1, z.shape[1])
    n = parts.shape[1]
    within = parts.var(axis=1, ddof=1).mean(axis=0)
    between = parts.mean(axis=1).var(axis=0, ddof=1)
    r_hat = np.sqrt((n - 1) / n + between / within)
    effective = np.minimum(POPULATIONS * within / np.maximum(between, 1e-300), len(z))
    return float(r_hat.max()), float(np.median(effective))


def held_back(figures: pd.DataFrame, use: str = "held back") -> dict[str, float]:
    """Return the root mean square distance from figures, in errors, at the hand-set values and at the posterior mean.

    `closer` is the share of figures that the posterior mean meets more closely.
    """
    rows = figures.loc[figures["use"] == use]
    if rows.empty:
        return {"figures": 0.0, "hand_set": np.nan, "posterior": np.nan, "closer": np.nan}
    hand, mean = rows["off_hand"].to_numpy(float), rows["off_mean"].to_numpy(float)
    return {
        "figures": float(len(rows)),
        "hand_set": float(np.sqrt((hand**2).mean())),
        "posterior": float(np.sqrt((mean**2).mean())),
        "closer": float((np.abs(mean) < np.abs(hand)).mean()),
    }


def _sentences(
    found: Calibration, parameters: pd.DataFrame, figures: pd.DataFrame, losses: pd.DataFrame, groups: pd.DataFrame,
    r_hat: float,
) -> tuple[str, ...]:  # fmt: skip
    """Return what a reader has to know, in plain words."""
    fitted = figures.loc[figures["use"] == "fitted"]
    misses = fitted.loc[fitted["misses"], "id"].tolist()
    out = [f"{len(fitted) - len(misses)} of {len(fitted)} fitted figures are met within their errors."]
    if misses:
        out.append(
            f"Not met: {', '.join(misses)}. No values within the ranges of the parameters were found that "
            "meet them together with the others."
        )
    by = {
        word: parameters.loc[parameters["verdict"] == word, "parameter"].tolist() for word in ("informed", "not moved")
    }
    out.append(
        f"{len(by['informed'])} of {len(parameters)} parameters are informed by the data: "
        f"{', '.join(by['informed']) or 'none'}."
    )
    if by["not moved"]:
        out.append(
            f"The data do not move {len(by['not moved'])} parameters: {', '.join(by['not moved'])}. What is said "
            "about them is the prior."
        )
    out.append(
        "No figure speaks about coordination, responsibility, volunteers' coordination or instruments. The data "
        "therefore do not inform which rule or instrument does better; they inform what becomes of households, "
        "on which such comparisons rest."
    )
    for use, words in (("held back", "figures kept back"), ("fitted", "fitted figures")):
        score = held_back(figures, use)
        if score["figures"]:
            better = "closer" if score["posterior"] < score["hand_set"] else "no closer"
            out.append(
                f"On {int(score['figures'])} {words} the posterior mean is {better} than the hand-set values: "
                f"{score['posterior']:.1f} against {score['hand_set']:.1f} errors off (root mean square), nearer in "
                f"{100 * score['closer']:.0f} % of them."
            )
    out += [
        f"The model is off by about {100 * row['median']:.0f} % on {row['group']} whatever its parameters; these "
        "figures have little say."
        for row in groups.to_dict("records")
        if row["median"] > _MUCH and row["figures"]
    ]
    costly = losses.sort_values("wider", ascending=False)
    if len(costly):
        first, last = costly.iloc[0], costly.iloc[-1]
        out.append(
            f"Most would be lost without {first['left_out']} (posterior wider by {100 * first['wider']:.0f} % on "
            f"average, {first['parameter']} by {100 * first['most_wider']:.0f} %), least without "
            f"{last['left_out']} ({100 * last['wider']:.0f} %)."
        )
    low, high = found.repetitions.interval()
    out.append(
        f"On {len(found.repetitions.truth)} simulated surveys with known truth the 90 % intervals hold it in "
        f"{100 * found.repetitions.coverage:.0f} % of cases [{100 * low:.0f}; {100 * high:.0f}]; ranks "
        f"{'are uniform' if found.repetitions.p_uniform > 0.05 else 'are NOT uniform'} (chi-square, ten bins, "
        f"smallest p of {len(parameters)} parameters corrected by Bonferroni: "
        f"{found.repetitions.p_uniform:.2f})."
    )
    if r_hat > 1.1:
        out.append(f"The sampler's populations do not agree well (R-hat {r_hat:.2f}); ask for more draws.")
    if found.reference.failed:
        out.append(f"{found.reference.failed} runs failed and are left out.")
    return tuple(out)
