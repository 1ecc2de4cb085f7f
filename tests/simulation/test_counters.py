"""Orders of parts without lifetimes, against exact formulas written here, and beside machines."""

import numpy as np
import pytest
from scipy import integrate, stats

from partsim.model.rules import FEWEST_FOR_PRECISION
from partsim.simulation.counters import log_series_units, mean_units
from partsim.simulation.replication import build, play
from partsim.simulation.simulation import simulate
from tests.builders import plan, scenario, scenario_tree
from tests.simulation.agreement import agree, records

SIZE = 512
"""Units beyond which no pipeline here goes."""


def ordering(rows, **changes):
    """Give a depot that customers order pumps from; rows are (customers, rate, variance ratio)."""
    tree = scenario_tree(**changes)
    for key in ("machines", "fleets", "service"):
        del tree[key]
    del tree["parts"]["pump"]["lifetime"]
    tree["tiers"] = {
        group: {"customers": [group], "promise": {"within": "5 d", "share": "90 %"}}
        for group, _, _ in rows
    }
    tree["demand"] = [
        {"part": "pump", "depot": "centre", "customers": group, "rate": f"{rate} per year",
         "variance_to_mean": ratio}
        for group, rate, ratio in rows
    ]  # fmt: skip
    return type(scenario()).model_validate(tree)


def pipeline(rate, ratio, survival, end):
    """
    Give the law of the units on order, each ordered for itself, by its generating function.

    Orders are a Poisson process of batches at an infinite number of servers, one for each unit.
    """
    z = np.exp(-2j * np.pi * np.arange(SIZE) / SIZE)

    def of_orders(t):
        left = 1 - (1 - z) * survival(t)  # generating function of one unit, t after its order
        if ratio == 1:
            return rate * (left - 1)
        p = 1 - 1 / ratio
        return rate / mean_units(ratio) * (np.log(1 - p * left) / np.log(1 - p) - 1)

    exponent, _ = integrate.quad_vec(of_orders, 0, end)
    return np.fft.ifft(np.exp(exponent)).real


def sizes(ratio):
    k = np.arange(1, SIZE)
    return (k == 1).astype(float) if ratio == 1 else stats.logser.pmf(k, 1 - 1 / ratio)


def units_met(base_stock, law, ratio):
    """Share of units that find one of theirs among what the pipeline leaves of the stock."""
    left = np.maximum(base_stock - np.arange(SIZE), 0)
    k = np.arange(1, SIZE)
    met = np.minimum.outer(k, left) @ law
    return sizes(ratio) @ met / (sizes(ratio) @ k)


def test_kemps_numbers_follow_the_logarithmic_law():
    u, v = np.random.Generator(np.random.Philox(3)).random((2, 20_000))
    for ratio in (1.2, 5.0, 80.0):
        drawn = np.array([log_series_units(*pair, ratio) for pair in zip(u, v, strict=True)])
        edges = np.array([1, 2, 3, 4, 6, 9, 15, np.inf])
        law = stats.logser(1 - 1 / ratio)
        expected = np.diff(law.cdf(edges - 1)) * len(drawn)
        counted = np.histogram(drawn, edges)[0]
        cells = expected > 5
        chi2 = ((counted - expected)[cells] ** 2 / expected[cells]).sum()
        assert chi2 < stats.chi2.ppf(0.999, cells.sum())


@pytest.mark.parametrize("ratio", [1.0, 4.0])
@pytest.mark.parametrize("cv", [0.0, 0.6])
def test_orders_agree_with_the_exact_law_of_the_units_on_order(ratio, cv):
    time = {"gamma": {"mean": "20 d", "cv": cv}} if cv else "20 d"
    case = ordering(
        [("road", 73, ratio)],
        suppliers={"plant": {"lead_time": time}},
        simulation={"years": 10, "warm_up": "1 year"},
    )
    rate, stock = 73 / 365, 7
    if cv:
        lead_time = stats.gamma(1 / cv**2, scale=20 * cv**2)
        law = pipeline(rate, ratio, lead_time.sf, lead_time.ppf(1 - 1e-12))
    else:
        law = pipeline(rate, ratio, lambda _: 1.0, 20.0)
    played = records(case, plan(case, stock))
    x = np.arange(SIZE)
    backorders = np.maximum(x - stock, 0) @ law
    assert agree(np.maximum(stock - x, 0) @ law, [r.on_hand[0, 0] for r in played])
    assert agree(backorders, [r.backorders[0, 0] for r in played])
    units = [r.requests[0, 0, 0] for r in played]
    assert agree(rate * 3650, units)
    assert agree(units_met(stock, law, ratio), [r.from_shelf[0, 0, 0] for r in played], units)
    assert agree(backorders / rate, [r.waited[0, 0, 0] for r in played], units)  # Little
    if not cv:  # what is on order now and still is in five days was ordered within 15
        later = pipeline(rate, ratio, lambda _: 1.0, 15.0)
        kept = [r.responses[0].within(5) for r in played]
        assert agree(units_met(stock, later, ratio), kept, units)


def test_two_customer_groups_share_a_shelf_and_keep_their_own_promises():
    rows = [("road", 50, 1.0), ("rail", 40, 6.0)]
    case = ordering(rows, simulation={"years": 10, "warm_up": "1 year"})
    stock = 9
    played = records(case, plan(case, stock))
    laws = [pipeline(rate / 365, ratio, lambda _: 1.0, 15.0) for _, rate, ratio in rows]
    law = np.convolve(*laws)[:SIZE]
    for g, (_, rate, ratio) in enumerate(rows):
        units = [len(r.responses[g]) for r in played]
        assert agree(rate * 10, units)
        kept = [r.responses[g].within(5) for r in played]
        assert agree(units_met(stock, law, ratio), kept, units)
    total = [r.requests[0].sum() for r in played]
    assert total == [sum(map(len, r.responses)) for r in played]


SEAL = {"price": 50, "supplier": "plant"}


SEALS = {"part": "seal", "depot": "north", "customers": "rail", "rate": "90 per year",
         "variance_to_mean": 3}  # fmt: skip
HOSES = {"part": "hose", "depot": "centre", "customers": "road", "rate": "1 per month"}
NO_HOSES = HOSES | {"rate": "0 per year"}


def mixed(*demand, **changes):
    """Give machines that wear pumps out, and customers who order seals and hoses."""
    return scenario(
        parts={"seal": SEAL, "hose": SEAL},
        depots={"north": {"supplied_by": "centre", "transport_time": "2 d"}},
        tiers={"others": {"customers": ["rail"], "promise": {"within": "9 d", "share": "50 %"}}},
        demand=list(demand or (SEALS, HOSES)),
        **changes,
    )


def same(one, other):
    return np.array_equal(one.each(), other.each())


def test_orders_leave_what_machines_do_as_it_was():
    alone, both = scenario(), mixed()
    without = play(alone, plan(alone, 3), 1, 0)
    beside = play(both, plan(both, [[3, 0], [4, 2], [2, 0]]), 1, 0)
    assert same(without.responses[0], beside.responses[0])
    assert np.array_equal(without.availability, beside.availability)
    fewer = play(mixed(NO_HOSES, SEALS), plan(both, [[3, 0], [4, 2], [2, 0]]), 1, 0)
    assert [len(responses) for responses in fewer.responses[1:]] == [0, len(beside.responses[1])]
    assert same(fewer.responses[2], beside.responses[1])


def test_two_plans_see_the_same_orders():
    case = ordering([("road", 73, 4.0)])
    few, many = (play(case, plan(case, stock), 1, 0) for stock in (0, 50))
    assert few.requests.sum() == many.requests.sum() > 0
    assert few.waited.sum() > many.waited.sum()


def test_orders_count_in_the_tables_of_their_tier_and_depot():
    case = mixed(costs={"downtime": "1000 per day"})
    decision = plan(case, [[3, 0], [4, 2], [2, 0]])
    played = [play(case, decision, 1, n) for n in range(2)]
    outcome = simulate(case, decision, replications=2)
    years = case.simulation.years
    units = np.mean([[len(x) for x in r.responses] for r in played], axis=0) / years
    assert case.counters == (("north", "rail"), ("centre", "road"))
    calls = outcome.promises.set_index("tier")["calls_per_year"]
    assert calls.tolist() == pytest.approx([units[0] + units[2], units[1]])
    places = outcome.tier_depots[["tier", "depot"]].apply(tuple, axis=1).tolist()
    assert places == [("everyone", "centre"), ("others", "north")]
    service = outcome.service.set_index(["group", "name"])
    assert service.loc[("depot", "north"), "calls_per_year"] == pytest.approx(units[1])
    assert np.isnan(service.loc[("depot", "north"), "first_time_fix_rate"])
    assert len(outcome.fleets) == 1
    # Behind an order no machine stands still.
    waits = np.mean([r.responses[0].days for r in played]) / years
    costs = outcome.costs.set_index("cost")["per_year"]
    assert costs["downtime"] == pytest.approx(1000 * waits)


def test_orders_alone_need_no_fleets_in_any_table():
    case = ordering([("road", 73, 4.0)])
    outcome = simulate(case, plan(case, 6), replications=3)
    assert outcome.fleets.empty
    assert outcome.technicians.empty
    assert outcome.promises["share_simulated"].between(0, 1).all()
    again = simulate(case, plan(case, 6), replications=3, jobs=2)
    assert again.samples.equals(outcome.samples)


def test_promises_of_orders_end_the_simulation_when_they_are_known():
    case = ordering([("road", 73, 2.0)], simulation={"replications": 90, "precision": "3 %"})
    outcome = simulate(case, plan(case, 6))
    assert FEWEST_FOR_PRECISION < outcome.replications < 90
    assert (outcome.promises["share_high"] - outcome.promises["share_low"]).item() <= 0.06


@pytest.mark.parametrize("condemned", [0.0, 0.3])
def test_for_each_unit_of_a_repairable_part_a_used_one_goes_to_the_shop(condemned):
    """Work of 5 days and 2 on the way: 7 days of orders are under way, but for units condemned."""
    shop = {"shop": "ours", "work_time": "5 d", "return_time": "2 d", "cost": 10,
            "condemned": f"{condemned * 100:g} %"}  # fmt: skip
    case = ordering(
        [("road", 73, 2.0)], parts={"pump": {"repair": shop}}, repair_shops={"ours": {}},
        suppliers={"plant": {"lead_time": "20 d"}}, simulation={"years": 5},
    )  # fmt: skip
    stock = 40  # plenty: what is not there is under way
    played = records(case, plan(case, stock), 60)
    costs = simulate(case, plan(case, stock), seed=2, replications=60).samples
    repaired = costs[(costs["measure"] == "cost") & (costs["name"] == "repair")]["total"]
    assert agree(73 * (1 - condemned) * 10, repaired)
    assert agree(73 * condemned, [record.orders.sum() / 5 for record in played])
    under_way = 7 * (1 - condemned) + (2 + 20) * condemned
    assert agree(stock - 0.2 * under_way, [record.on_hand.sum() for record in played])


def test_targets_weigh_what_customers_order():
    case = mixed()
    tiers = {name: tier.model_copy(update={"min_fill_rate": 0.5})
             for name, tier in case.tiers.items()}  # fmt: skip
    case = case.model_copy(update={"tiers": tiers})
    decision = plan(case, [[3, 0], [4, 2], [2, 0]])
    targets = simulate(case, decision, replications=2).targets.set_index("row")["simulated"]
    played = [play(case, decision, 1, n) for n in range(2)]
    met = sum(r.from_shelf[0] for r in played) / sum(r.requests[0] for r in played).clip(1)
    # Pumps and hoses at the centre are of one tier, seals in the north of the other.
    weight = sum(r.requests[0] for r in played)
    assert targets["fill rate of others"] == pytest.approx(met[1, 1])
    assert targets["fill rate of everyone"] == pytest.approx(
        met[[0, 2], 0] @ weight[[0, 2], 0] / weight[[0, 2], 0].sum()
    )


@pytest.mark.parametrize("eventful", [False, True])
def test_every_unit_ordered_in_the_window_is_waited_for_to_its_end(eventful):
    case = ordering([("road", 73, 4.0)], suppliers={"plant": {"lead_time": "300 d"}})
    network = build(case, plan(case, 0), seed=1, replication=0, eventful=eventful)
    network.run()
    (log,) = network.counters
    assert network.clock.unfinished == 0
    tally = network.shelves[0][0].machine_side.tally
    assert np.count_nonzero(log.began >= network.clock.start) == tally.requests > 100
    assert log.response == pytest.approx(np.full(len(log.response), 300.0))


def test_orders_after_the_window_are_played_and_not_counted():
    """Customers who wait for hoses at the end see the same orders of seals as before."""
    case = mixed(suppliers={"plant": {"lead_time": {"gamma": {"mean": "300 d", "cv": 0.1}}}})
    network = build(case, plan(case, [[9, 0], [99, 99], [0, 0]]), seed=1, replication=0)
    clock, seals = network.clock, network.counters[0]
    network.run()
    assert clock.unfinished == 0
    assert clock.now > clock.end + 10
    assert seals.began.max() < clock.end
    tally = network.shelves[1][1].machine_side.tally
    assert np.count_nonzero(seals.began >= clock.start) == tally.requests


def test_units_are_kept_for_orders_of_a_higher_tier():
    case = ordering([("road", 73, 2.0), ("rail", 73, 2.0)])
    key = case.tiers["road"].model_copy(update={"reserved_stock": 5, "priority": 1})
    later = case.tiers["rail"].model_copy(update={"priority": 2})
    case = case.model_copy(update={"tiers": {"road": key, "rail": later}})
    record = play(case, plan(case, 5), 1, 0)
    road, rail = (times.each() for times in record.responses)
    assert (road == 0).any()
    assert (rail > 0).all()  # all five are kept from them


def test_units_for_orders_are_sent_for_as_those_for_calls_are():
    outside = {"outside": {"time": "1 d", "cost": 9}, "when": "always"}
    case = ordering([("road", 73, 3.0)], emergency=outside)
    record = play(case, plan(case, 4), 1, 0)
    waits = record.responses[0].each()
    sent = waits > 0
    assert waits[sent] == pytest.approx(np.ones(sent.sum()))
    assert record.supply_costs.sum() == 9 * sent.sum()
