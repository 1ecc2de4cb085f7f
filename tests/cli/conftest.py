"""A scenario that runs in a second, and the command line as a function."""

import json
from pathlib import Path

import pytest

from partsim.cli.program import status_of

SCENARIO = """\
partsim: 1
name: Two parts 测试
currency: CNY
parts:
  pump: {price: 60 k, lifetime: {weibull: {mean: 18 months, shape: 2}}, supplier: importer}
  主密封: {price: 400, lifetime: {weibull: {mean: 4 months, shape: 3}}, supplier: importer}
suppliers: {importer: {kind: outsourced, lead_time: 30 d}}
depots: {depot: {supplied_by: suppliers}}
machines: {machine: {positions: {pump: 1, 主密封: 2}}}
fleets: [{machine: machine, depot: depot, customers: all, count: 20}]
tiers: {gold: {customers: [all], promise: {within: 24 h, share: 90 %}}}
service: {diagnosis_time: 1 h, travel_time: {lognormal: {mean: 6 h, cv: 0.5}}, repair_time: 4 h}
grading:
  weights: {price: 1}
  cuts: {A: 0.6, B: 0.3}
  grades: {A: {approval_time: 7 d}, B: {}, C: {}}
costs: {holding: 20 % per year, order: 50}
simulation: {years: 1, warm_up: 1 month, replications: 3, seed: 1}
"""


@pytest.fixture
def case(tmp_path, monkeypatch) -> Path:
    """Give a scenario file in the working directory."""
    monkeypatch.chdir(tmp_path)
    Path("case.yaml").write_text(SCENARIO, encoding="utf-8")
    return Path("case.yaml")


@pytest.fixture
def partsim(capsys):
    """Give a function: arguments to (status, stdout, stderr)."""

    def call(*arguments):
        status = status_of([str(argument) for argument in arguments])
        return (status, *capsys.readouterr())

    return call


@pytest.fixture
def partsim_json(partsim):
    """Give a function: arguments to (status, the one object on stdout)."""

    def call(*arguments):
        status, out, _ = partsim(*arguments, "--json")
        return status, json.loads(out, parse_constant=pytest.fail)

    return call
