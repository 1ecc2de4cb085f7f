"""Outcome: what a plan did when it was played out, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING, Any, Literal

from partsim.model.arrays import table_markup

if TYPE_CHECKING:
    import pandas as pd

Kept = Literal["yes", "no", "open"]
_COST_ENDS = ("simulated_cost_low", "simulated_cost_high")


def judge(share_promised: float, share_low: float, share_high: float) -> Kept:
    """
    Judge a promise by the interval of its simulated share.

    Returns
    -------
    str
        ``yes`` if the low end reaches the promise, ``no`` if the high end does not,
        ``open`` if the simulation was too short to tell.

    Examples
    --------
    >>> judge(0.95, 0.951, 0.957), judge(0.95, 0.94, 0.96), judge(0.95, 0.93, 0.949)
    ('yes', 'open', 'no')
    """
    if share_low >= share_promised:
        return "yes"
    return "no" if share_high < share_promised else "open"


@dataclass(frozen=True, eq=False)
class Outcome:
    """
    A plan by simulation. Columns that end in ``_low`` and ``_high`` are 95 % intervals.

    A call is a machine's, or one unit that customers order, whose response is its wait.

    Attributes
    ----------
    promises : DataFrame
        One row for each tier: tier, within_hours, share_promised, share_simulated, share_low,
        share_high, kept, calls_per_year, mean_response_hours, p95_response_hours,
        honest_hours (what the tier's promised share of calls keeps), promise_gap_hours (these
        less the promised ones); the last four and the calls with _low and _high;
        worth_replications (how many that count alike would have given as narrow an interval).
    tier_depots : DataFrame
        One row for each tier and depot with calls: tier, depot, calls_per_year, share_simulated,
        mean_response_hours, p95_response_hours, honest_hours and promise_gap_hours (of the tier's
        promised share there); all but the first two with _low and _high.
    depots : DataFrame
        One row for each depot: depot, fill_rate, waiting_time_hours (mean over the depot's
        demand for parts; NaN without demand), with _low and _high.
    cells : DataFrame
        One row for each part and depot: part, depot, demand_per_year, fill_rate,
        waiting_time_hours, backorders, on_hand (time averages), all but the first two with
        _low and _high.
    fleets : DataFrame
        One row for each fleet: fleet, depot, tier, machines, availability, the last with _low and
        _high.
    costs : DataFrame
        cost (holding, ordering, approval, control_loss; downtime, recovery, emergency, lateral,
        repair, in_repair, second_source, internal_ordering, lent, purchases, consignment,
        planned_replacement, inspection where the scenario has them), per_year, with _low and
        _high.
    responses : DataFrame
        Distribution of the response time: tier, share, response_hours; for 199 shares.
    samples : DataFrame
        What each replication counted, for paired comparisons: measure, group, name, replication,
        total, count; each figure is the sum of its totals over that of its counts. Measures are
        ``promise`` (of each tier: calls that kept it, of all calls), ``cost`` (group empty, name
        as in `costs`), and the columns of `service` (all groups but parts), `depots`, `fleets`,
        `technicians` and, as group ``target``, of `targets`.
    weights : DataFrame
        One row for each replication: replication, late_money (price of what came later than the
        mean lead times say, times the days), weight (for how many replications it counts in all
        figures above and below; 1 without control variates).
    service : DataFrame
        The times of good service, one row for each tier, depot, kind of market, type of machine
        and customer group (where there are several of these), and part with calls: group (tier,
        depot, market, machine, customers or part), name, calls_per_year; mean hours of a call:
        answer_hours, diagnosis_hours, dispatch_hours (until a technician leaves), travel_hours,
        parts_hours (waiting for parts), repair_hours, their sum response_hours, beyond_hours
        (beyond the promise); promise_kept, share of the calls; first_time_fix_rate and
        second_visit_share of the calls that technicians go to; shares of calls that break their
        promise: late_for_parts (without waits for parts they would keep it), late_for_technicians
        (without waits for technicians either), late_anyway (travel, repair and the rest alone take
        too long); satisfaction (expected less delivered response time over the expected one, at
        least -1); availability, the share of time that the machines run (NaN where there are none,
        and for tiers that machines are in for some time only); all but the first two with _low
        and _high.
    technicians : DataFrame
        One row for each group of technicians: technicians (its name), number, jobs_per_year
        (visits), utilisation (time on calls over working hours; above 1 with overtime),
        dispatch_hours (mean wait for somebody), first_time_fix_rate (share of the calls that it
        went to first which that visit ended), second_visits_per_year (visits to calls that
        somebody had been to before); all but the first two with _low and _high.
    supply : DataFrame
        One row for each figure of the scenario's supply rules: measure, place, unit, value, with
        _low and _high; empty without such rules.
    replications : int
        Independent repetitions.
    seed : int
        Seed of the random numbers.
    prevention : DataFrame, optional
        One row for each fleet and part of which units are put in as planned: fleet, part,
        failures_per_year, planned_per_year, with _low and _high.
    warranty : DataFrame, optional
        One row for each tier, where machines have a warranty: tier; calls_in_warranty_per_year,
        calls_after_per_year; money that the maker bears in warranty: parts_borne_per_year,
        visits_borne_per_year, and claims_per_year that suppliers pay back; what customers pay after
        it: parts_income_per_year, visits_income_per_year; share_in_warranty of the calls; all
        with _low and _high. It is no part of the costs: which parts fail is not the plan's.
    targets : DataFrame, optional
        One row for each waiting time, fill rate and availability that the scenario asks for: row
        (its name, as in ``Plan.rows``), target [hours or share], simulated, simulated_low,
        simulated_high, kept, without_waits (an availability if no call waited for a part; NaN for
        the others).
    series : DataFrame, optional
        One row for each tier and period, months or as many of them as make 60 periods at most:
        tier, from_day, to_day (from the start of the simulation), machines (their mean number in
        the tier), calls_per_year, promise_kept, mean_response_hours; the last three of the calls
        that come in the period, with _low and _high.
    plan_cost_low, plan_cost_high : float
        95 % interval of the sum of all costs [money per year].

    Without an interval are what is no estimate (what the scenario and the plan say, counts of what
    was played) and what only helps another figure: `responses`, the curve of the pictures, of
    which the hours of the promised share and of 95 % have theirs; worth_replications, a ratio of
    widths of intervals; and without_waits, which says how far a correction may go.
    """

    promises: pd.DataFrame
    tier_depots: pd.DataFrame
    depots: pd.DataFrame
    cells: pd.DataFrame
    fleets: pd.DataFrame
    costs: pd.DataFrame
    responses: pd.DataFrame
    samples: pd.DataFrame
    weights: pd.DataFrame
    service: pd.DataFrame
    technicians: pd.DataFrame
    supply: pd.DataFrame
    replications: int
    seed: int
    prevention: pd.DataFrame | None = None
    warranty: pd.DataFrame | None = None
    targets: pd.DataFrame | None = None
    series: pd.DataFrame | None = None
    plan_cost_low: float = nan
    plan_cost_high: float = nan

    @property
    def controlled(self) -> bool:
        """Whether replications count by their control variate, not alike."""
        return bool((self.weights["weight"] != 1).any())

    @property
    def sampling(self) -> dict[str, Any]:
        """Replications, and how many without control variates would know each promise as well."""
        worth = self.promises.set_index("tier")["worth_replications"]
        return {
            "replications": self.replications,
            "seed": self.seed,
            "control_variates": self.controlled,
            "worth_replications": worth.to_dict(),
        }

    @property
    def half_width(self) -> float:
        """Half of the widest interval of a promise's share; NaN where a tier has no calls."""
        widths = self.promises["share_high"] - self.promises["share_low"]
        return float(widths.max(skipna=False) / 2)

    def precision(self, asked: float | None) -> dict[str, Any]:
        """
        Say of a half width of every promise's share whether it was reached.

        Parameters
        ----------
        asked : float, optional
            `simulation.precision` of the scenario.

        Returns
        -------
        dict
            The entry ``precision``: asked, known (half of the widest interval; NaN where a tier
            has no calls) and reached; nothing if nothing was asked.
        """
        if asked is None:
            return {}
        known = self.half_width
        return {"precision": {"asked": asked, "known": known, "reached": known <= asked}}

    @property
    def plan_cost(self) -> float:
        """Simulated money per year."""
        return float(self.costs["per_year"].sum())

    @property
    def simulated_cost(self) -> dict[str, float]:
        """The whole cost per year as ``simulated_cost``, with ``_low`` and ``_high``."""
        ends = (self.plan_cost, self.plan_cost_low, self.plan_cost_high)
        return dict(zip(("simulated_cost", *_COST_ENDS), ends, strict=True))

    def __repr__(self) -> str:
        verdicts = ", ".join(
            f"{tier} {share:.1%} ({kept})"
            for tier, share, kept in zip(
                self.promises["tier"],
                self.promises["share_simulated"],
                self.promises["kept"],
                strict=True,
            )
        )
        return f"Outcome({verdicts}; {self.replications} replications)"

    def _repr_html_(self) -> str:
        tables = {"Promises": self.promises, "Costs": self.costs, "Depots": self.depots}
        return table_markup(repr(self), tables)


class Interrupted(KeyboardInterrupt):
    """
    Ctrl-C in a simulation, with the outcome of what was finished.

    Parameters
    ----------
    finished, planned : int
        Replications: those finished without a gap before them, and all.
    outcome : Outcome, optional
        Of those finished, where they are two or more.
    ahead : int
        Finished after a gap. They are not in the outcome, since quick ones would be too many.
    """

    def __init__(
        self, finished: int, planned: int, outcome: Outcome | None, ahead: int = 0
    ) -> None:
        self.finished = finished
        self.planned = planned
        self.outcome = outcome
        self.ahead = ahead
        more = f" and {ahead} after a gap" if ahead else ""
        super().__init__(f"{finished} of {planned} replications are finished{more}")
