"""Spare-parts grades and stock levels at least cost, with a bound and a simulated verdict.

scenario = read_scenario("scenarios/concrete_pump.yaml")
result = run(scenario)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from partsim.demand.estimation import estimate_demand as estimate_demand
    from partsim.errors import InputError as InputError
    from partsim.errors import PartsimError as PartsimError
    from partsim.grading.scoring import grade_parts as grade_parts
    from partsim.model.demand import Demand as Demand
    from partsim.model.frontier import Frontier as Frontier
    from partsim.model.outcome import Outcome as Outcome
    from partsim.model.performance import Performance as Performance
    from partsim.model.plan import Plan as Plan
    from partsim.model.run import Run as Run
    from partsim.model.scenario import Scenario as Scenario
    from partsim.optimisation.best_service import optimise_service as optimise_service
    from partsim.optimisation.frontier import trace_frontier as trace_frontier
    from partsim.optimisation.full_model import from_pulp as from_pulp
    from partsim.optimisation.full_model import to_pulp as to_pulp
    from partsim.optimisation.large_scale import choose_levels as choose_levels
    from partsim.optimisation.next_units import next_units as next_units
    from partsim.optimisation.optimiser import optimise as optimise
    from partsim.optimisation.stock_problem import StockProblem as StockProblem
    from partsim.planning.evaluation import evaluate as evaluate
    from partsim.planning.pipeline import run as run
    from partsim.report.figures import plot_costs as plot_costs
    from partsim.report.figures import plot_grades as plot_grades
    from partsim.report.figures import plot_promises as plot_promises
    from partsim.report.figures import plot_responses as plot_responses
    from partsim.report.figures import plot_stock as plot_stock
    from partsim.report.frontier_figure import plot_frontier as plot_frontier
    from partsim.report.page import write_report as write_report
    from partsim.scenario_file.reading import read_plan as read_plan
    from partsim.scenario_file.reading import read_scenario as read_scenario
    from partsim.simulation.simulation import simulate as simulate

__version__ = "0.1.0"

# Imported on first use: `partsim --help` must not wait for numpy, pandas and matplotlib.
_HOMES = {
    "Demand": "partsim.model.demand",
    "Frontier": "partsim.model.frontier",
    "InputError": "partsim.errors",
    "Outcome": "partsim.model.outcome",
    "PartsimError": "partsim.errors",
    "Performance": "partsim.model.performance",
    "Plan": "partsim.model.plan",
    "Run": "partsim.model.run",
    "Scenario": "partsim.model.scenario",
    "StockProblem": "partsim.optimisation.stock_problem",
    "choose_levels": "partsim.optimisation.large_scale",
    "estimate_demand": "partsim.demand.estimation",
    "evaluate": "partsim.planning.evaluation",
    "from_pulp": "partsim.optimisation.full_model",
    "grade_parts": "partsim.grading.scoring",
    "next_units": "partsim.optimisation.next_units",
    "optimise": "partsim.optimisation.optimiser",
    "optimise_service": "partsim.optimisation.best_service",
    "plot_costs": "partsim.report.figures",
    "plot_frontier": "partsim.report.frontier_figure",
    "plot_grades": "partsim.report.figures",
    "plot_promises": "partsim.report.figures",
    "plot_responses": "partsim.report.figures",
    "plot_stock": "partsim.report.figures",
    "read_plan": "partsim.scenario_file.reading",
    "read_scenario": "partsim.scenario_file.reading",
    "run": "partsim.planning.pipeline",
    "simulate": "partsim.simulation.simulation",
    "to_pulp": "partsim.optimisation.full_model",
    "trace_frontier": "partsim.optimisation.frontier",
    "write_report": "partsim.report.page",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name not in _HOMES:
        raise AttributeError(f"module 'partsim' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
