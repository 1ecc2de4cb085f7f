"""The whole model as one integer program: against enumeration, the optimiser and file formats."""

import highspy
import numpy as np
import pulp
import pytest

from partsim import (
    Scenario,
    estimate_demand,
    evaluate,
    from_pulp,
    optimise,
    read_scenario,
    to_pulp,
)
from partsim.optimisation import full_model
from partsim.optimisation.certified_plans import build_model
from tests.builders import scenario
from tests.optimisation.test_against_brute_force import best_of_all, two_echelons

STRICT = {"mip_feasibility_tolerance": 1e-9, "primal_feasibility_tolerance": 1e-9}

ROUNDING = 1e-9
"""Sums of a few hundred terms, and the strict tolerance of the solver on rows and whole numbers."""


def solve(problem):
    problem.solve(pulp.HiGHS(msg=False, threads=1, gapRel=0.0, **STRICT))
    return problem


def optimum(problem):
    return pulp.value(solve(problem).objective)


def is_infeasible(problem):
    return problem.solverModel.getModelStatus() == highspy.HighsModelStatus.kInfeasible


def small(**changes):
    """One part at one depot, with a wait that takes stock to keep."""
    depots = {"centre": {"max_waiting_time": "12 h"}}
    return scenario(**({"depots": depots} | changes))


EASY = {"promise": {"within": "400 d", "share": "50 %"}}


def held_by_customers():
    """Half of the calls need a part that the customer holds; diagnosis alone breaks promises."""
    return scenario(
        parts={"pump": {"customer_held": "50 %"}},
        service={"diagnosis_time": {"lognormal": {"mean": "15 h", "cv": 0.3}}},
    )


CASES = [
    *({"seed": seed} for seed in range(8)),
    *({"seed": seed, "wait": "12 h", "least_fill": "60 %"} for seed in range(4)),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_optimum_is_that_of_the_enumeration_and_between_bound_and_cost(case):
    question = two_echelons(**case)
    found = optimum(to_pulp(question))
    proof = optimise(question).certificate
    assert found == pytest.approx(best_of_all(question), rel=ROUNDING)
    assert proof.lower_bound <= found * (1 + ROUNDING)
    assert found <= proof.plan_cost * (1 + ROUNDING)


@pytest.mark.parametrize("case", [CASES[0], CASES[-1], {"seed": 3, "budget": 1e6}], ids=str)
def test_the_objective_is_the_cost_of_the_plan_that_is_read_back(case):
    question = two_echelons(**case)
    problem = solve(to_pulp(question))
    performance = evaluate(question, from_pulp(question, problem))
    assert performance.plan_cost == pytest.approx(pulp.value(problem.objective), rel=ROUNDING)
    kept, promised = performance.promises[["share_modelled", "share_promised"]].to_numpy().T
    assert np.all(kept >= promised - ROUNDING)


def test_a_budget_counts_to_the_last_unit():
    free = two_echelons(3)
    cheapest = solve(to_pulp(free))
    spent = float(from_pulp(free, cheapest).base_stock.sum(axis=1) @ free.prices)
    enough, short = two_echelons(3, budget=spent), two_echelons(3, budget=spent - 1)
    expected = pulp.value(cheapest.objective)
    assert optimum(to_pulp(enough)) == pytest.approx(expected, rel=ROUNDING)
    assert best_of_all(short) is None
    assert is_infeasible(solve(to_pulp(short)))


def test_calls_that_wait_for_no_part_of_ours_count_towards_the_promise():
    question = held_by_customers()
    problem = solve(to_pulp(question))
    proof = optimise(question).certificate
    assert pulp.value(problem.objective) == pytest.approx(proof.plan_cost, rel=3e-4)  # its gap
    (kept,) = evaluate(question, from_pulp(question, problem)).promises["share_modelled"]
    assert kept >= 0.9 - ROUNDING


@pytest.mark.parametrize("wait", [None, "12 h"])
def test_levels_that_no_promise_needs_count_all_the_same(wait):
    tree = two_echelons(1, wait=wait).to_tree()
    tree["tiers"] = {name: tier | EASY for name, tier in tree["tiers"].items()}
    question = Scenario.model_validate(tree)
    assert optimum(to_pulp(question)) == pytest.approx(best_of_all(question), rel=ROUNDING)


def test_corrected_shares_are_the_ones_to_keep():
    question = two_echelons(3)
    problem = solve(to_pulp(question, allowed_miss=np.array([0.07, 0.3])))
    kept = evaluate(question, from_pulp(question, problem)).promises["share_modelled"]
    assert kept[0] >= 0.93 - ROUNDING
    assert kept[0] > question.promise_of("everyone").share


@pytest.mark.parametrize("kind", ["lp", "mps"])
def test_a_file_has_the_same_optimum_when_another_reader_solves_it(kind, tmp_path):
    problem = to_pulp(two_echelons(5, wait="12 h"))
    path = str(tmp_path / f"model.{kind}")
    {"lp": problem.writeLP, "mps": problem.writeMPS}[kind](path)
    reader = highspy.Highs()
    for option, value in {"output_flag": False, "threads": 1, "mip_rel_gap": 0.0, **STRICT}.items():
        reader.setOptionValue(option, value)
    # It warns of coefficients below 1e-9, which it takes for 0.
    assert reader.readModel(path) != highspy.HighsStatus.kError
    reader.run()
    # PuLP writes numbers with 12 digits.
    written = reader.getInfo().objective_function_value
    assert written == pytest.approx(optimum(problem), rel=1e-10)


def test_names_say_part_depot_and_level():
    problem = to_pulp(two_echelons(0))
    names = {variable.name for variable in problem.variables()}
    assert {"fixed_costs", "S__pump__centre__0", "S__pump__west__1__centre__2"} <= names


@pytest.mark.parametrize(
    "names", [("泵", "阀"), ("a b", "a_b"), ("x" * 30, "x" * 40), ("part1", "1"), ("é-1", "é 2")]
)
def test_names_of_any_kind_are_made_readable_for_every_solver_and_read_back(names):
    first, second = names
    part = {"price": 1000, "lifetime": {"exponential": {"mean": "100 d"}}, "supplier": "plant"}
    question = small(
        parts={first: part, second: part | {"price": 10}},
        machines={"mixer": {"positions": {first: 1, second: 1}}},
    )
    question = question.model_copy(update={"parts": {name: question.parts[name] for name in names}})
    problem = solve(to_pulp(question))
    written = [variable.name for variable in problem.variables()]
    assert len(set(written)) == len(written)
    assert all(name.isascii() and name.replace("_", "").isalnum() for name in written)
    plan = from_pulp(question, problem)
    cost = pulp.value(problem.objective)
    assert evaluate(question, plan).plan_cost == pytest.approx(cost, rel=ROUNDING)


def test_depots_and_parts_without_demand_hold_nothing_and_take_no_variable():
    idle = {"idle": {"supplied_by": "suppliers"}, "far": {"supplied_by": "centre"}}
    question = small(depots=idle | {"centre": {"max_waiting_time": "12 h"}})
    problem = solve(to_pulp(question))
    assert not [v.name for v in problem.variables() if "idle" in v.name or "far" in v.name]
    plan = from_pulp(question, problem)
    assert plan.base_stock[:, 0].min() > 0
    assert plan.base_stock[:, 1:].sum() == 0


def test_without_any_demand_the_plan_is_empty_and_costs_nothing():
    question = scenario(
        parts={"spare": {"price": 5, "lifetime": {"fixed": "9 d"}, "supplier": "plant"}},
        fleets=[{"machine": "mixer", "depot": "centre", "customers": "road", "count": 1}],
    )
    (spare,) = np.flatnonzero(np.array(question.part_ids) == "spare")
    plan = from_pulp(question, solve(to_pulp(question)))
    assert plan.base_stock[spare].sum() == 0


def test_lots_keep_a_central_level_that_orders_them():
    question = small(parts={"pump": {"price": 5}}, costs={"order": 50}, depots={"centre": {}})
    problem = solve(to_pulp(question))
    plan = from_pulp(question, problem)
    assert plan.order_quantity[0, 0] > 1
    written = {int(v.name.split("__")[3]) for v in problem.variables() if "pump" in v.name}
    (root,) = build_model(question, estimate_demand(question), plan.grades).roots
    assert written == set(range(plan.order_quantity[0, 0] - 1, root.most[0] + 1))
    cost = evaluate(question, plan).plan_cost
    assert cost == pytest.approx(pulp.value(problem.objective), rel=ROUNDING)


def test_a_target_out_of_reach_leaves_no_solution():
    question = two_echelons(0, budget=20_000)
    assert optimise(question).certificate.missed
    problem = solve(to_pulp(question))
    assert is_infeasible(problem)
    with pytest.raises(ValueError, match="problem: expected"):
        from_pulp(question, problem)


@pytest.mark.parametrize(("most", "count"), [(5, "22"), (100, "101")])
def test_too_large_a_model_is_refused_with_its_size_and_a_way_out(most, count, monkeypatch):
    monkeypatch.setattr(full_model, "MOST_VARIABLES", most)
    with pytest.raises(ValueError, match=rf"at most {most} .* least {count}; use optimise"):
        to_pulp(two_echelons(0))


def test_a_problem_that_is_not_solved_is_not_read():
    question = two_echelons(0)
    with pytest.raises(ValueError, match="expected a solved one, got no level of pump at centre"):
        from_pulp(question, to_pulp(question))


def test_a_problem_of_other_parts_is_not_read():
    problem = solve(to_pulp(small()))
    with pytest.raises(ValueError, match="expected one of this scenario, got the variable S__pump"):
        from_pulp(read_scenario("scenarios/first_steps.yaml"), problem)


def test_a_relaxation_is_not_read():
    question = two_echelons(0)
    problem = to_pulp(question)
    problem.solve(pulp.HiGHS(msg=False, threads=1, mip=False))
    with pytest.raises(ValueError, match=r"expected 0 or 1 for S__.*, got 0\."):
        from_pulp(question, problem)
