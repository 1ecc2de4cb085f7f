"""Pictures of a run: promises, response times, stock, costs, grades; each returns a Figure."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import ScaledTranslation
from numpy.typing import NDArray

from partsim.model.run import Run
from partsim.report.callers import end_of_call, response_text
from partsim.report.drawing import (
    BLUE,
    GREY,
    INK,
    SERIES,
    VERDICT_MARK,
    figure_of,
    grade_colours,
    in_house_style,
)
from partsim.report.tables import rows_of
from partsim.report.wording import (
    COSTS,
    VERDICT,
    cost_name,
    hours,
    percent,
    short_money,
    short_name,
    verdict_sentence,
)

MOST_PARTS = 40
"""Parts that a picture names; of more, the dearest."""
_MONEY_TICKS = FuncFormatter(lambda amount, _: short_money(amount))
_PERCENT_TICKS = FuncFormatter(lambda share, _: f"{share * 100:g} %")
# Few enough steps for the colour bar to stay vectors: more would become an embedded bitmap.
_STOCK_COLOURS = LinearSegmentedColormap.from_list("stock", ["#F7FAFC", "#9CC4E4", "#0B4F8A"], N=40)


@in_house_style
def plot_promises(run: Run, ax: Axes | None = None) -> Figure:
    """
    Plot the promised against the simulated share of calls in time, tier by tier.

    The simulated share has its 95 % interval; colour, shape and word tell the verdict.
    Today's stock is beside it when the run has it.

    Parameters
    ----------
    run : Run
        What `partsim.run` returned.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Figure
        Share of calls [%] on the x axis, one row for each tier.
    """
    table = run.promises
    figure, ax = figure_of(8.5, 1.7 + 0.55 * len(table), ax)
    if run.today is not None:
        _draw_today(ax, run.today.outcome.promises)
    for y, row in enumerate(rows_of(table)):
        colour, marker = VERDICT_MARK[row.kept]
        ax.plot([row.share_promised] * 2, [y - 0.32, y + 0.32], color=INK, linewidth=2)
        ax.plot([row.share_low, row.share_high], [y, y], color=colour, linewidth=2.5)
        ax.plot(row.share_simulated, y, marker, color=colour, markersize=9)
        ax.annotate(f"{percent(row.share_simulated)}  {VERDICT[row.kept]}", (1.01, y), color=colour,
                    xycoords=("axes fraction", "data"), va="center", weight="bold",
                    annotation_clip=False)  # fmt: skip
    names = [f"{short_name(row.tier)}\nwithin {hours(row.within_hours)}"
             for row in rows_of(table)]  # fmt: skip
    ax.set_yticks(range(len(table)), names)
    ax.set_ylim(len(table) - 0.4, -0.6)
    ax.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 2.5, 5, 10]))
    ax.xaxis.set_major_formatter(_PERCENT_TICKS)
    ax.grid(axis="x")
    ax.set_xlabel(
        f"Share of calls {end_of_call(run.scenario)} within the promised time (95 % interval)"
    )
    ax.set_title(verdict_sentence(table["kept"]))
    below = ax.transAxes + ScaledTranslation(0, -0.55, figure.dpi_scale_trans)
    ax.legend(handles=_promise_legend(run), ncols=3, loc="upper left", borderpad=0,
              bbox_to_anchor=(0, 0), bbox_transform=below)  # fmt: skip
    return figure


def _draw_today(ax: Axes, promises: pd.DataFrame) -> None:
    for y, row in enumerate(rows_of(promises)):
        ax.plot([row.share_low, row.share_high], [y + 0.22] * 2, color=GREY, linewidth=1.5)
        ax.plot(row.share_simulated, y + 0.22, "s", color="white", markeredgecolor=GREY)


def _promise_legend(run: Run) -> list[Line2D]:
    handles = [
        Line2D([], [], color=INK, marker="|", markersize=12, markeredgewidth=2, linestyle="",
               label="promised"),
        Line2D([], [], color=BLUE, marker="o", label="this plan, simulated"),
    ]  # fmt: skip
    if run.today is not None:
        handles.append(Line2D([], [], color=GREY, marker="s", markerfacecolor="white",
                              label="today's stock, simulated"))  # fmt: skip
    return handles


@in_house_style
def plot_responses(run: Run, ax: Axes | None = None) -> Figure:
    """
    Plot the distribution of the response time, tier by tier, with its promise.

    Parameters
    ----------
    run : Run
        What `partsim.run` returned.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Figure
        Response time [hours] on the x axis, share of calls [%] on the y axis; the promise is
        a dashed line with a ring at the promised share.
    """
    figure, ax = figure_of(8.5, 4.4, ax)
    promises, responses = run.outcome.promises, run.outcome.responses
    latest = 1.0
    for i, row in enumerate(rows_of(promises)):
        colour = SERIES[i % len(SERIES)]
        curve = responses[responses["tier"] == row.tier]
        ax.plot(curve["response_hours"], curve["share"], color=colour, linewidth=2,
                label=f"{short_name(row.tier)}: {percent(row.share_simulated)} "
                      f"within {hours(row.within_hours)}")  # fmt: skip
        ax.axvline(row.within_hours, color=colour, linestyle=(0, (4, 3)), linewidth=1)
        ax.plot(row.within_hours, row.share_promised, "o", markersize=9, markerfacecolor="none",
                markeredgecolor=colour, markeredgewidth=1.8)  # fmt: skip
        tail = curve.loc[curve["share"] <= 0.975, "response_hours"].max()
        latest = np.nanmax([latest, 1.15 * row.within_hours, min(tail, 2.5 * row.within_hours)])
    ax.set_xlim(0, latest)
    ax.set_ylim(0, 1.01)
    ax.yaxis.set_major_formatter(_PERCENT_TICKS)
    ax.grid(visible=True)
    ax.set_xlabel(f"{response_text(run.scenario)} [hours]")
    ax.set_ylabel("Share of calls")
    ax.set_title(_tightest(promises))
    ax.legend(loc="lower right", title="Rings and dashed lines: the promises", frameon=True,
              framealpha=0.9, edgecolor="none")  # fmt: skip
    return figure


def _tightest(promises: pd.DataFrame) -> str:
    """Name the tier with the least room, or the most lacking, against its promise."""
    room = (promises["share_simulated"] - promises["share_promised"]).to_numpy(float)
    if np.isnan(room).all():
        return "No call in the time that was simulated"
    row = promises.iloc[int(np.nanargmin(room))]
    return (
        f"Closest to its promise: {short_name(row['tier'], 16)}, {percent(row['share_simulated'])} "
        f"in {hours(row['within_hours'])} ({percent(row['share_promised'])} promised)"
    )


@in_house_style
def plot_stock(run: Run, ax: Axes | None = None) -> Figure:
    """
    Plot the stock levels as a table of parts and depots, coloured by the money in them.

    Parameters
    ----------
    run : Run
        What `partsim.run` returned.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Figure
        Base stock [units] in each cell, colour by base stock times price [currency]; of more
        than 40 parts the 40 dearest.
    """
    scenario, levels = run.scenario, run.plan.base_stock
    money = levels * scenario.prices[:, None]
    shown = np.argsort(-scenario.prices, kind="stable")[:MOST_PARTS]
    P, D = len(shown), levels.shape[1]
    figure, ax = figure_of(max(3.2 + 0.62 * D, 6.0), 2.2 + 0.32 * P, ax)
    top = max(money[shown].max(), 1.0)
    mesh = ax.pcolormesh(money[shown], cmap=_STOCK_COLOURS, norm=PowerNorm(0.5, 0, top),
                         edgecolors="white", linewidth=1.2)  # fmt: skip
    _write_levels(ax, levels[shown], dark=money[shown] > 0.5 * top)
    ax.set_yticks(np.arange(P) + 0.5, [short_name(scenario.part_ids[p]) for p in shown])
    ax.set_xticks(np.arange(D) + 0.5, [short_name(depot, 18) for depot in scenario.depot_ids],
                  rotation=40, ha="right", rotation_mode="anchor")  # fmt: skip
    ax.set_ylim(P, 0)
    ax.spines[:].set_visible(False)
    bar = figure.colorbar(mesh, ax=ax, format=_MONEY_TICKS, fraction=0.04, pad=0.02, aspect=22)
    bar.set_label(f"Money in the stock level [{scenario.currency}]")
    assert bar.solids is not None  # a bar of colours always has them
    bar.solids.set_edgecolor("face")  # no light lines between the steps
    bar.outline.set_visible(False)
    title = f"{levels.sum():,} units worth {short_money(money.sum())} {scenario.currency}"
    if len(levels) > P:
        title += f"; the {P} dearest of {len(levels)} parts"
    ax.set_title(title)
    return figure


def _write_levels(ax: Axes, levels: NDArray[np.int64], dark: NDArray[np.bool_]) -> None:
    for (p, d), level in np.ndenumerate(levels):
        colour = "white" if dark[p, d] else INK if level else "#A9B1BC"
        ax.text(d + 0.5, p + 0.5, str(level), ha="center", va="center", color=colour, fontsize=9)


@in_house_style
def plot_costs(run: Run, ax: Axes | None = None) -> Figure:
    """
    Plot the yearly cost by kind, and the parts in which the money lies.

    Parameters
    ----------
    run : Run
        What `partsim.run` returned.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Figure
        Simulated cost [currency per year]: the kinds of cost above; below, of the holding
        cost, what lies on the shelf in the ten costliest parts. Today's beside it when there;
        simulated, because the formulas are far off for stock that keeps machines waiting.
    """
    bars = _cost_bars(run)
    figure, ax = figure_of(8.5, 1.6 + 0.34 * len(bars), ax)
    kinds = len(_cost_kinds(run))
    y = np.arange(len(bars)) + 0.7 * (np.arange(len(bars)) >= kinds)
    today = "today" in bars
    ax.barh(y - 0.2 * today, bars["plan"], 0.38 if today else 0.66, color=BLUE, label="this plan")
    if today:
        ax.barh(y + 0.2, bars["today"], 0.38, color="#C4CCD6", label="today's stock")
    widest = bars.select_dtypes("number").max(axis=1)
    for place, amount in zip(y - 0.2 * today, bars["plan"], strict=True):
        ax.annotate(short_money(amount), (amount, place), xytext=(4, 0), va="center", fontsize=9,
                    textcoords="offset points")  # fmt: skip
    ax.set_yticks(y, bars["label"])
    ax.set_ylim(y[-1] + 0.6, -0.6)
    ax.set_xlim(0, 1.1 * max(float(widest.max()), 1.0))
    ax.annotate("of the holding, on the shelf:", (0, y[kinds] - 0.62), color=GREY, fontsize=9)
    ax.xaxis.set_major_formatter(_MONEY_TICKS)
    ax.grid(axis="x")
    ax.set_xlabel(f"Cost, simulated [{run.scenario.currency} per year]")
    ax.set_title(_cost_finding(run))
    if today:
        ax.legend(loc="lower right")
    return figure


def _cost_kinds(run: Run) -> list[str]:
    order = {kind: place for place, kind in enumerate(COSTS)}
    return sorted(run.outcome.costs["cost"], key=lambda kind: order.get(kind, len(order)))


def _cost_bars(run: Run) -> pd.DataFrame:
    """Give label, plan and today's amount for each kind of cost and the ten costliest parts."""
    plans = {"plan": run.outcome}
    if run.today is not None:
        plans["today"] = run.today.outcome
    names = _cost_kinds(run)
    kinds, parts = pd.DataFrame({"label": [cost_name(name) for name in names]}), pd.DataFrame()
    price = dict(zip(run.scenario.part_ids, run.scenario.prices, strict=True))
    for column, outcome in plans.items():
        costs = outcome.costs.set_index("cost")["per_year"].reindex(names)
        kinds[column] = costs.fillna(0.0).to_numpy(float)
        on_hand = outcome.cells.groupby("part", sort=False)["on_hand"].sum()
        per_unit = on_hand.index.map(price).to_numpy(float) * run.scenario.costs.holding * 365
        parts[column] = on_hand * per_unit
    parts = parts.sort_values("plan", ascending=False, kind="stable")
    first, others = parts.head(10), parts.iloc[10:]
    first = first.assign(label=[short_name(str(part)) for part in first.index])
    tables = [kinds, first]
    if len(others):
        tables.append(others.sum().to_frame().T.assign(label=f"{len(others)} other parts"))
    return pd.concat(tables, ignore_index=True)


def _cost_finding(run: Run) -> str:
    cost, currency = run.outcome.plan_cost, run.scenario.currency
    title = f"The plan costs {short_money(cost)} {currency} per year"
    if run.today is None:
        return title
    change = run.today.outcome.plan_cost - cost
    word = "less" if change >= 0 else "more"
    return f"{title}, {short_money(abs(change))} {word} than today's stock"


@in_house_style
def plot_grades(run: Run, ax: Axes | None = None) -> Figure:
    """
    Plot the grading score of each part, with the cuts between the grades.

    Parameters
    ----------
    run : Run
        What `partsim.run` returned.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Figure
        Score (0 to 1) of each part in falling order, coloured by grade; the parts are named
        if they are at most 40.
    """
    grading, grade_ids = run.grading, run.scenario.grade_ids
    colour = grade_colours(grade_ids)
    order = np.argsort(-grading.scores, kind="stable")
    named = len(order) <= MOST_PARTS
    figure, ax = figure_of(8.5, 1.5 + 0.27 * min(len(order), MOST_PARTS // 2 + 5), ax)
    colours = [colour[grading.grades[p]] for p in order]
    ax.barh(range(len(order)), grading.scores[order], 0.72 if named else 1.0, color=colours)
    cuts = {grade: cut for grade, cut in grading.cuts.items() if np.isfinite(cut)}  # not empty
    for grade, cut in cuts.items():
        ax.axvline(cut, color=INK, linestyle=(0, (4, 3)), linewidth=1)
        ax.annotate(f"{grade} from {cut:g}", (cut, 1.0), xycoords=("data", "axes fraction"),
                    xytext=(4, -2), textcoords="offset points", va="top", fontsize=9)  # fmt: skip
    if named:
        ax.set_yticks(range(len(order)), [short_name(grading.part_ids[p]) for p in order])
    else:
        ax.set_yticks([])
        ax.set_ylabel(f"{len(order)} parts, highest score first")
    ax.set_ylim(len(order) - 0.4, -1.6 if named else -0.08 * len(order))
    ax.set_xlim(0, 1)
    ax.set_xlabel(f"Score by the rule {run.scenario.grading.scored_by} (0 to 1)")
    ax.grid(axis="x")
    counts = {grade: grading.grades.count(grade) for grade in grade_ids}
    ax.set_title("Grades: " + ", ".join(f"{count} {grade}" for grade, count in counts.items()))
    keys = [Patch(color=colour[grade], label=f"grade {grade}") for grade in grade_ids]
    ax.legend(handles=keys, loc="lower right")
    return figure
