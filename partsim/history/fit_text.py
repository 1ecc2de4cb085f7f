"""Estimates as text: YAML that a scenario takes, and facts for programs."""

from __future__ import annotations

import json
import re
from math import isfinite, sqrt
from typing import Any

from partsim.history.estimates import Estimate, Estimates
from partsim.history.fitting import Fit
from partsim.history.wording import counted, in_days
from partsim.lifetimes import Gamma, Lognormal, Weibull

_SECTION = {"lifetime": "parts", "lead_time": "suppliers"}
_ENDED = {"lifetime": ("failure", "life"), "lead_time": ("delivery", "order")}


def estimates_text(estimates: Estimates) -> str:
    """
    Write estimates as YAML that a scenario takes, with counts and intervals as comments.

    Parameters
    ----------
    estimates : Estimates
        By `fit_lifetimes` or `fit_lead_times`.

    Returns
    -------
    str
        The mapping `parts` or `suppliers`; of a part without an estimate only the comments.
    """
    lines = [f"# {note}" for note in estimates.notes]
    section = _SECTION[estimates.kind]
    found = any(item.fits for item in estimates.items)
    lines.append(f"{section}:" if found else f"{section}: {{}}")
    for item in estimates.items:
        name = _plain(item.name)
        lines.append(f"  {name}:" if item.fits else f"  # {name}:")
        lines += [f"    # {remark}" for remark in _comments(item, estimates.kind)]
        if item.fits:
            lines.append(f"    {estimates.kind}: {_value(item.fits[0], estimates.kind)}")
    return "\n".join(lines) + "\n"


def estimates_facts(estimates: Estimates) -> dict[str, Any]:
    """
    Give estimates as plain values, for JSON.

    Parameters
    ----------
    estimates : Estimates
        By `fit_lifetimes` or `fit_lead_times`.

    Returns
    -------
    dict
        `notes` and, under `parts` or `suppliers`, one record each; what is not known is None.
    """
    records = [_facts(item) for item in estimates.items]
    return {"notes": list(estimates.notes), _SECTION[estimates.kind]: records}


def fit_title(item: Estimate) -> str:
    """
    Say in one line what was found: the title of a plot.

    Parameters
    ----------
    item : Estimate
        With at least one fit.

    Returns
    -------
    str
        Name, distribution, mean and shape, and what it rests on.
    """
    best = item.fits[0]
    shape = getattr(best.distribution, "shape", None)
    told = f", shape {shape:.2f}" if shape else f", cv {_cv(best):.2f}"
    pooled = f" (pooled: {item.pooled})" if item.pooled else ""
    numbers = f"{best.family} of mean {in_days(best.distribution.mean)}{told}"
    return f"{item.name}{pooled}: {numbers}; {best.failures:g} of {best.lives:g} failed"


def _facts(item: Estimate) -> dict[str, Any]:
    best = item.fits[0] if item.fits else None
    return {
        "name": item.name,
        "ended": item.failures,
        "seen": item.lives,
        "pooled": item.pooled,
        "family": best.family if best else None,
        "mean_days": best.distribution.mean if best else None,
        "mean_low_days": _finite(item.mean_interval[0]),
        "mean_high_days": _finite(item.mean_interval[1]),
        "cv": _cv(best) if best else None,
        "shape": _finite(getattr(best.distribution, "shape", float("nan"))) if best else None,
        "shape_low": _finite(item.shape_interval[0]),
        "shape_high": _finite(item.shape_interval[1]),
        "plot_correlation": _finite(item.correlation),
        "aic": {fit.family: _finite(fit.aic) for fit in item.fits},
        "remarks": list(item.remarks),
    }


def _comments(item: Estimate, kind: str) -> list[str]:
    ended, seen = _ENDED[kind]
    counts = f"{counted(item.failures, ended)} in {counted(item.lives, seen)}"
    if item.pooled:
        counts += f": too few, POOLED with {item.pooled} ({counted(item.fits[0].failures, ended)})"
    lines = [counts]
    if item.fits:
        best = item.fits[0]
        low, high = item.mean_interval
        tenth = float(best.distribution.quantile(0.1))
        lines.append(
            f"mean {in_days(best.distribution.mean)} (95 %: {in_days(low)} to {in_days(high)}), "
            f"cv {_cv(best):.2f}, one in ten ends before {in_days(tenth)}"
        )
    if isfinite(item.shape_interval[0]):
        low, high = item.shape_interval
        what = "cv" if item.fits[0].family == "lognormal" else "shape"
        lines.append(f"{item.fits[0].family}, {what} 95 %: {low:.3g} to {high:.3g}")
    if len(item.fits) > 1:
        beside = (
            f"{f.family} {f.aic:.1f} (mean {in_days(f.distribution.mean)})" for f in item.fits
        )
        lines.append(f"AIC, least is best: {', '.join(beside)}")
    if isfinite(item.correlation):
        censored = 1 - item.fits[0].failures / item.fits[0].lives
        silent = f"; {censored * 100:.0f} % are censored, which it does not see" if censored else ""
        lines.append(f"probability plot correlation {item.correlation:.3f}{silent}")
    return [*lines, *item.remarks]


def _value(fit: Fit, kind: str) -> str:
    """Write a distribution as a scenario takes it; six digits are far beyond any interval."""
    mean = f"{fit.distribution.mean:.6g} d"
    match fit.distribution:
        case Gamma() if kind == "lead_time":
            return f"{{gamma: {{mean: {mean}, cv: {_cv(fit):.6g}}}}}"
        case Weibull(_, shape) | Gamma(_, shape):
            return f"{{{fit.family}: {{mean: {mean}, shape: {shape:.6g}}}}}"
        case Lognormal(_, cv):
            return f"{{lognormal: {{mean: {mean}, cv: {cv:.6g}}}}}"
    return mean if fit.family == "fixed" else f"{{exponential: {{mean: {mean}}}}}"


def _cv(fit: Fit) -> float:
    return sqrt(fit.distribution.variance) / fit.distribution.mean


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None


def _plain(name: str) -> str:
    """Quote a name that YAML could take for something else."""
    return name if re.fullmatch(r"[A-Za-z_][\w-]*", name) else json.dumps(name, ensure_ascii=False)
