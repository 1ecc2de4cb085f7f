"""The simulation that mypyc has compiled plays what the interpreted one does, to the last bit."""

import os
import shutil
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCENARIOS = sorted((ROOT / "scenarios").glob("*.yaml"))
PLAY = """
import sys
from hashlib import sha256
import numpy as np
from partsim import Plan, read_scenario
from partsim.planning.batches import arrays_of
from partsim.simulation import shelves
from partsim.simulation.replication import play

print("compiled" if shelves.__file__.endswith((".so", ".pyd")) else "interpreted")
for path in sys.argv[1:]:
    scenario = read_scenario(path)
    parts, depots = scenario.part_ids, scenario.depot_ids
    names = list(scenario.grading.grades)
    grades = [names[i % len(names)] for i in range(len(parts))]
    levels = 1 + np.add.outer(np.arange(len(parts)), np.arange(len(depots))) % 3
    plan = Plan(parts, depots, tuple(grades), levels, np.ones_like(levels))
    arrays = arrays_of(play(scenario, plan, 7, 1))
    print(sha256(b"".join(name.encode() + a.tobytes() for name, a in arrays.items())).hexdigest())
"""


def modules():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return project["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["mypyc"]["include"]


def output_of(*command, folder):
    environment = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder, env=environment, check=True, capture_output=True, text=True,
    ).stdout.splitlines()  # fmt: skip


def test_all_modules_to_be_compiled_are_there():
    assert all((ROOT / module).is_file() for module in modules())


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
@pytest.mark.skipif(find_spec("setuptools") is None, reason="mypyc needs setuptools")
def test_compiled_and_interpreted_simulations_are_equal(tmp_path):
    shutil.copytree(ROOT / "partsim", tmp_path / "partsim")
    output_of("-m", "mypyc", "--ignore-missing-imports", *modules(), folder=tmp_path)
    played = ("-c", PLAY, *map(str, SCENARIOS))
    compiled, interpreted = (output_of(*played, folder=folder) for folder in (tmp_path, ROOT))
    assert (compiled[0], interpreted[0]) == ("compiled", "interpreted")
    assert len(compiled) == 1 + len(SCENARIOS)
    assert compiled[1:] == interpreted[1:]
