"""A whole Run built by hand, with plausible numbers and names that a page must survive."""

import numpy as np
import pandas as pd
import pytest

from partsim.model.demand import Demand
from partsim.model.outcome import Outcome, judge
from partsim.model.performance import Performance
from partsim.model.plan import Certificate, Grading, Plan, Row
from partsim.model.run import Judged, Run
from partsim.model.scenario import Scenario

SHARES = np.arange(1, 200) / 200
HOLDING_PER_YEAR = 0.2


def build_scenario(parts=9, depots=12, tiers=3, hostile=True):
    names = [
        "<script>alert(1)</script>",
        "=cmd|' /C calc'!A0",
        "主液压泵 A",
        "a$b$c & d",
        "'=quoted",
    ]
    part_ids = [f"part_{i:03d}" for i in range(parts)]
    if hostile:
        part_ids[: len(names)] = names[:parts]
    life = {"weibull": {"mean": "12 months", "shape": 3}}
    depot_ids = ["changsha", *(f"depot_{d:02d}" for d in range(1, depots))]
    promises = [("24 h", "95 %"), ("36 h", "95 %"), ("48 h", "90 %"), ("72 h", "90 %")]
    return Scenario.model_validate(
        {
            "partsim": 1,
            "name": "Concrete pumps <test>",
            "currency": "CNY",
            "parts": {
                part: {"price": 100_000 / (i + 1), "lifetime": life, "supplier": "plant"}
                for i, part in enumerate(part_ids)
            },
            "suppliers": {"plant": {"kind": "own", "lead_time": "14 d"}},
            "depots": {
                depot: {"supplied_by": "changsha" if d else "suppliers", "market": "mature"}
                | ({"transport_time": "2 d"} if d else {})
                for d, depot in enumerate(depot_ids)
            },
            "machines": {"pump": {"positions": dict.fromkeys(part_ids, 1)}},
            "fleets": [
                {"machine": "pump", "depot": depot, "customers": f"group_{t}", "count": 10}
                for depot in depot_ids[1:] or depot_ids
                for t in range(tiers)
            ],
            "tiers": {
                f"tier_{t}": {
                    "customers": [f"group_{t}"],
                    "promise": dict(zip(("within", "share"), promises[t % 4], strict=True)),
                }
                for t in range(tiers)
            },
            "service": {"diagnosis_time": "1 h", "travel_time": "6 h", "repair_time": "4 h"},
            "grading": {
                "weights": {"price": 2, "wear": 1},
                "cuts": {"A": 0.6, "B": 0.3},
                "grades": {"A": {"approval_time": "7 d"}, "B": {}, "C": {}},
            },
            "costs": {"holding": "20 % per year", "order": 50},
        }
    )


def with_interval(table, columns, half=0.02):
    for column in columns:
        table[f"{column}_low"] = table[column] * (1 - half)
        table[f"{column}_high"] = table[column] * (1 + half)
    return table


def build_cells(scenario, plan):
    P, D = plan.base_stock.shape
    rate = np.linspace(0.5, 12, P * D)
    return pd.DataFrame(
        {
            "part": np.repeat(np.array(scenario.part_ids, dtype=object), D),
            "depot": list(scenario.depot_ids) * P,
            "demand_per_year": rate,
            "base_stock": plan.base_stock.ravel(),
            "expected_backorders": rate / 900,
            "fill_rate": 1 - 0.5 / (1 + plan.base_stock.ravel()),
            "waiting_time_hours": 40.0 / (1 + plan.base_stock.ravel()),
            "on_hand": 0.7 * plan.base_stock.ravel(),
        }
    )


def build_performance(scenario, plan, shift=0.0):
    tiers = scenario.tier_ids
    cells = build_cells(scenario, plan)
    costs = {"holding": 190_000.0, "ordering": 12_000, "approval": 4_500, "control_loss": 31_000}
    return Performance(
        promises=pd.DataFrame(
            {
                "tier": tiers,
                "within_hours": [scenario.promise_of(t).within * 24 for t in tiers],
                "share_promised": [scenario.promise_of(t).share for t in tiers],
                "share_modelled": [scenario.promise_of(t).share + 0.004 + shift for t in tiers],
                "calls_per_year": [300.0 + 100 * i for i in range(len(tiers))],
            }
        ),
        depots=cells.groupby("depot", sort=False)[["fill_rate", "waiting_time_hours"]]
        .mean()
        .reset_index(),
        cells=cells,
        costs=pd.DataFrame({"cost": list(costs), "per_year": list(costs.values())}),
        parts=build_part_costs(plan, costs),
    )


def build_part_costs(plan, costs):
    share = np.arange(1, len(plan.part_ids) + 1) / np.arange(1, len(plan.part_ids) + 1).sum()
    table = pd.DataFrame({name: amount * share for name, amount in costs.items()})
    head = {"part": plan.part_ids, "base_stock": plan.base_stock.sum(axis=1),
            "orders_per_year": 40 * share}  # fmt: skip
    return pd.DataFrame(head).join(table).assign(cost=table.sum(axis=1))


def build_service(scenario):
    """Give times of service that differ from column to column."""
    stages = ("answer", "diagnosis", "dispatch", "travel", "parts", "repair", "response", "beyond")
    columns = {f"{stage}_hours": 1.5 + i for i, stage in enumerate(stages)}
    columns |= {"first_time_fix_rate": 0.93, "second_visit_share": 0.07, "satisfaction": -0.25}
    columns |= {"late_for_parts": 0.03, "late_for_technicians": 0.02, "late_anyway": 0.01}
    table = pd.DataFrame({"group": "tier", "name": scenario.tier_ids, "calls_per_year": 300})
    return with_interval(table.assign(**columns), list(columns))


def build_outcome(scenario, plan, offsets=(0.01, 0.0, -0.02)):
    formula = build_performance(scenario, plan)
    promises = formula.promises.drop(columns="share_modelled")
    offset = np.resize(offsets, len(promises))
    promises["share_simulated"] = promises["share_promised"] + offset
    promises["share_low"] = promises["share_simulated"] - 0.006
    promises["share_high"] = promises["share_simulated"] + 0.006
    promises["kept"] = [
        judge(*row)
        for row in promises[["share_promised", "share_low", "share_high"]].itertuples(index=False)
    ]
    promises["mean_response_hours"] = promises["within_hours"] * 0.6
    promises["p95_response_hours"] = promises["within_hours"] * 0.99
    promises["honest_hours"] = promises["within_hours"] * (1 - 5 * offset)
    promises["worth_replications"] = np.resize([31.2, 18.4], len(promises))
    timed = ["mean_response_hours", "p95_response_hours", "honest_hours"]
    cells = formula.cells.rename(columns={"expected_backorders": "backorders"})
    cells = cells.drop(columns="base_stock")
    measured = ["demand_per_year", "fill_rate", "waiting_time_hours", "backorders", "on_hand"]
    depots = formula.depots.copy()
    depots.loc[0, ["fill_rate", "waiting_time_hours"]] = np.nan
    mean = promises["mean_response_hours"].to_numpy()
    responses = [(t, s, m * -np.log1p(-s) / 2 + m / 2)
                 for t, m in zip(promises["tier"], mean, strict=True) for s in SHARES]  # fmt: skip
    fleets = {"fleet": scenario.fleet_ids, "depot": [f.depot for f in scenario.fleets],
              "tier": [phase.tier for phase in scenario.phases],
              "machines": [f.count for f in scenario.fleets]}  # fmt: skip
    return Outcome(
        promises=with_interval(promises, timed),
        tier_depots=pd.DataFrame(),
        depots=with_interval(depots, ["fill_rate", "waiting_time_hours"]),
        cells=with_interval(cells, measured),
        fleets=with_interval(pd.DataFrame(fleets).assign(availability=0.97), ["availability"]),
        costs=with_interval(formula.costs.copy(), ["per_year"]),
        plan_cost_low=formula.plan_cost * 0.98,
        plan_cost_high=formula.plan_cost * 1.02,
        responses=pd.DataFrame(responses, columns=["tier", "share", "response_hours"]),
        samples=pd.DataFrame(),
        weights=pd.DataFrame({"weight": [0.8, 1.2]}),
        service=build_service(scenario),
        technicians=pd.DataFrame(),
        supply=pd.DataFrame(
            columns=["measure", "place", "unit", "value", "value_low", "value_high"]
        ),
        replications=10,
        seed=1,
        targets=pd.DataFrame(
            [("waiting time at depot_01", 12.0, 11.4, 10.6, 12.2, "open", np.nan)],
            columns=[
                "row",
                "target",
                "simulated",
                "simulated_low",
                "simulated_high",
                "kept",
                "without_waits",
            ],
        ),
    )


def build_rounds(promises):
    first = promises.rename(columns={"share_promised": "share_target"}).drop(columns="within_hours")
    first = first.assign(share_best=0.99, cost_simulated=240_000.0)
    rounds = [first.assign(round=1, kept="no", chosen=False), first.assign(round=2, chosen=True)]
    return pd.concat(rounds)[["round", *first.columns, "chosen"]]


def build_target_rounds(targets):
    seen = targets.drop(columns="without_waits").assign(unit="hours", aimed=12.0, modelled=11.0)
    rounds = [seen.assign(round=1, chosen=False),
              seen.assign(round=2, aimed=9.5, kept="yes", chosen=True)]  # fmt: skip
    return pd.concat(rounds, ignore_index=True)


def build_run(*, parts=9, depots=12, tiers=3, hostile=True, today=True, missed=True,
              offsets=(0.01, 0.0, -0.02)):  # fmt: skip
    """Build a Run; the offsets of the simulated shares set the verdicts yes, open, no."""
    scenario = build_scenario(parts, depots, tiers, hostile)
    shape = (parts, depots)
    scores = np.linspace(0.9, 0.1, parts)
    grades = tuple("A" if s >= 0.6 else "B" if s >= 0.3 else "C" for s in scores)
    criteria = {"price": np.linspace(1, 0, parts), "wear": np.linspace(0, 1, parts)}
    texts = tuple(f"price {p}<b>" if hostile else f"price {p}" for p in range(parts))
    grading = Grading(scenario.part_ids, grades, scores, criteria, {"A": 0.6, "B": 0.3}, grades,
                      ("EX",) * parts, texts, texts)  # fmt: skip
    levels = (np.add.outer(np.arange(parts), np.arange(depots)) * 7) % 5
    levels[:, 0] += 4
    rows = (
        Row("promise of tier_0", 0.95, 0.954, 0.98, "share", 1210.0, True),
        Row("promise of tier_2", 0.90, 0.881, 0.885, "share", 0.0, not missed),
        Row("waiting time at depot_01", 12.0, 11.0, 0.5, "hours", 3.0, True),
    )
    plan = Plan(scenario.part_ids, scenario.depot_ids, grades, levels,
                np.ones(shape, int), Certificate(237_500.0, 236_400.0, rows, 1.2))  # fmt: skip
    now = Plan(scenario.part_ids, scenario.depot_ids, grades, levels + 1, np.ones(shape, int))
    judged = Judged(now, build_performance(scenario, now, -0.05),
                    build_outcome(scenario, now, (-0.05, -0.03, -0.1)))  # fmt: skip
    outcome = build_outcome(scenario, plan, offsets)
    performance = build_performance(scenario, plan)
    orders = build_orders(scenario, plan, now) if today else None
    demand = Demand(
        scenario.part_ids, scenario.depot_ids, scenario.tier_ids,
        rate=np.full((*shape, tiers), 0.004), phone_call_rate=np.full((depots, tiers), 0.01),
        sources=np.full(shape, 30), lead_time=np.full((*shape, 3), 14.0),
        variance_ratio=np.full((*shape, 3), 0.9), availability=np.full(len(scenario.fleets), 0.98),
    )  # fmt: skip
    partial = Run(scenario, demand, grading, plan, performance, outcome, pd.DataFrame(),
                  None, None, {})  # fmt: skip
    return Run(scenario, demand, grading, plan, performance, outcome,
               build_rounds(partial.promises), judged if today else None, orders,
               {"optimise": 1.2, "simulate": 3.4},
               target_rounds=build_target_rounds(outcome.targets))  # fmt: skip


def build_orders(scenario, plan, now):
    orders = plan.stock[["part", "depot"]].copy()
    orders["have"] = now.base_stock.ravel()
    orders["on_order"] = 0
    orders["should"] = plan.base_stock.ravel()
    orders["buy"] = (orders["should"] - orders["have"]).clip(lower=0)
    orders["move"] = 0
    orders["excess"] = (orders["have"] - orders["should"]).clip(lower=0)
    return orders


@pytest.fixture(scope="session")
def run():
    return build_run()


@pytest.fixture(scope="session")
def build():
    return build_run
