"""Which options and levels near the prices the integer program is asked to choose from."""

from dataclasses import replace

import numpy as np
import pytest

from partsim.optimisation.assessment import assess, reaching
from partsim.optimisation.optimiser import model_of
from partsim.optimisation.pool import OptionPool
from tests.optimisation.test_against_brute_force import two_echelons
from tests.optimisation.test_optimiser import one_depot_many
from tests.optimisation.test_regions import regions

PRICE = 3e5


def priced(case):
    """Give a pool with what matters at some prices, and the prices."""
    model = model_of(case)
    pool, prices = OptionPool(model), np.full(len(model.targets.limit), PRICE)
    pool.price(prices)
    return pool, prices


@pytest.mark.parametrize("case", [two_echelons(0), regions(1), one_depot_many("90 %")])
@pytest.mark.parametrize("excess", [0.0, 300.0, 1e9])
def test_options_and_levels_are_counted_as_they_are_listed(case, excess):
    pool, prices = priced(case)
    table = pool._table(prices)
    rows = table.rows_within(excess)
    cells = [table.cell_excess(row) <= excess for row in rows]
    levels = sum(int(close.sum()) - len(close) for close in cells)
    groups = {(table.network[row], table.part[row]) for row in rows}
    assert table.alternatives_within(excess) == levels + len(rows) - len(groups)


def test_of_many_parts_all_and_the_options_of_least_break_even_are_listed():
    pool, prices = priced(one_depot_many("90 %"))
    table = pool._table(prices)
    cheapest = {pick.part: pick for pick in pool.price(prices).picks}
    keys = {}
    for root, options in pool.batches:
        assert not len(root.fields)
        for part, level, cost, use in zip(
            options.part, options.central_level, options.central_cost, options.central_use,
            strict=True,
        ):  # fmt: skip
            best = cheapest[part]
            if level not in (best.central_level, root.most[part] + 1):
                more = cost + use @ prices - best.cost - best.use @ prices
                keys[part, level] = more / abs(cost - best.cost)
    near, complete = pool.nearby(prices, 1e9, 30, [prices])
    listed = {(one.pick.part, one.pick.central_level) for one in near}
    assert not complete
    assert table.alternatives_within(1e9) > 30
    assert listed == {(part, pick.central_level) for part, pick in cheapest.items()} | {
        *sorted(keys, key=keys.get)[:10]
    }


@pytest.mark.parametrize("case", [two_echelons(0), regions(1)])
@pytest.mark.parametrize("more", [0, 60])
def test_tables_that_are_passed_on_say_what_new_ones_do(case, more):
    model = model_of(case)
    pool, levels = OptionPool(model), model.fewest + 1 + more
    old = model.roots[0]
    found = reaching(model, levels)
    p = old.parts[0]
    assert (found.roots[0].views.get(p) is old.views[p]) == (levels[p, old.depot] <= old.most[p])
    assert pool.places  # the tables were known
    passed, new = (
        assess(one, levels) for one in (found, replace(model, least_levels=levels))
    )  # fmt: skip
    assert passed.costs == new.costs
    assert (passed.use == new.use).all()
    assert (passed.on_hand == new.on_hand).all()
