"""How much dearer is the plan of `run` than the cheapest that a long search finds?

python benchmarks/long_search.py scenarios/concrete_pump.yaml 48
python benchmarks/long_search.py scenarios/service_organisation.yaml 48 -2 0 2 4 6 8

The search aims at a grid of shares around the promises (so many points more; a finer grid where
none are typed), and plays the plans, the cheapest by the
formulas first, with one series of random numbers that `run` does not use, until one keeps every
promise with confidence. Plans that are sure to break one after a sixth of the time are left.
"""

import sys
from itertools import product

import numpy as np

from partsim import optimise, read_scenario, run, simulate

OFFSETS = (-0.6, -0.4, -0.2, 0.0, 0.2)
"""Added to the shares of promises that cost stock [percentage points]."""
SEED = 20261122


def plans(scenario, points):
    """Give plans for the grid of aims, the cheapest first, each once."""
    promised = np.array([scenario.promise_of(tier).share for tier in scenario.tier_ids])
    rows = optimise(scenario).certificate.rows
    dear = [row.shadow_price > 0 for row in rows[: len(promised)]]
    found = {}
    for offsets in product(*(points if one else (0.0,) for one in dear)):
        plan = optimise(scenario, allowed_miss=1 - promised - np.array(offsets) / 100)
        found[plan.base_stock.tobytes()] = plan
    return sorted(found.values(), key=lambda plan: plan.certificate.plan_cost)


def cheapest_kept(scenario, replications, points):
    """Play the plans in order; give the first that keeps everything."""
    for plan in plans(scenario, points):
        for count in (max(replications // 6, 2), replications):
            promises = simulate(scenario, plan, seed=SEED, replications=count).promises
            if (promises["kept"] == "no").any():
                break
        shares = ", ".join(f"{share:.4f}" for share in promises["share_simulated"])
        print(f"{plan.certificate.plan_cost:12,.0f}  {shares}  {' '.join(promises['kept'])}")
        if (promises["kept"] == "yes").all():
            return plan
    raise SystemExit("no plan of the grid keeps everything")


if __name__ == "__main__":
    case = read_scenario(sys.argv[1])
    offsets = [float(text) for text in sys.argv[3:]] or OFFSETS
    least = cheapest_kept(case, int(sys.argv[2]), offsets).certificate.plan_cost
    result = run(case)
    ours = result.plan.certificate.plan_cost
    kept = " ".join(result.promises["kept"])
    print(f"run {ours:,.0f} ({kept}), search {least:,.0f}: {100 * (ours / least - 1):.2f} % dearer")
