"""The layers of the package: who may import whom, and which library lives where."""

import ast
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import partsim

PACKAGE = Path(partsim.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

MAY_IMPORT = {
    "__init__": set(),  # what it imports late is the public surface, see test_public_names.py
    "errors": set(),
    "lifetimes": {"errors"},
    "model": {"errors", "lifetimes"},
    "history": {"errors", "lifetimes"},
    "tables": {"errors", "model"},
    "scenario_file": {"errors", "model", "tables"},
    "demand": {"errors", "lifetimes", "model"},
    "kernels": {"errors"},
    "analytic": {"errors", "lifetimes", "kernels"},
    "grading": {"errors", "lifetimes", "model"},
    "simulation": {"errors", "lifetimes", "model"},
    "report": {"errors", "model"},
}
MAY_IMPORT["optimisation"] = {
    *MAY_IMPORT["demand"],
    *("demand", "analytic", "grading", "kernels"),
}
MAY_IMPORT["planning"] = {*MAY_IMPORT["optimisation"], "optimisation", "simulation"}
MAY_IMPORT["cli"] = {*MAY_IMPORT} - {"cli"}

HOME = {
    "numba": {"kernels"},
    "simpy": {"simulation"},
    "distributed": {"simulation"},
    "pulp": {"optimisation"},
    "highspy": {"optimisation"},
    "yaml": {"scenario_file"},
    "python_calamine": {"tables"},
    "matplotlib": {"report"},
    "jinja2": {"report"},
    "xlsxwriter": {"report"},
    "click": {"cli"},
}
ANYWHERE = {"numpy", "scipy", "pandas"}
ELSEWHERE = {
    "pydantic": {"model", "scenario_file", "tables"},
    "markupsafe": {"report"},
    "tqdm": {"cli"},
}

by_module = pytest.mark.parametrize(
    "module", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix()
)


def name_of(module):
    """Give the dotted name of a module."""
    parts = ("partsim", *module.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {name_of(module) for module in MODULES}


def layer_of(module):
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def is_for_type_checkers(node):
    return isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"


def imports_of(module, late=True):
    """Give the dotted names a module imports; without `late` only those needed to load it."""
    found, nodes = set(), [ast.parse(module.read_text(encoding="utf-8"))]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "expected absolute imports"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                found.add(full if full in NAMES else node.module)
        skip = isinstance(node, ast.FunctionDef) or is_for_type_checkers(node)
        if late or not skip:
            nodes += ast.iter_child_nodes(node)
    return found


def test_the_table_knows_every_layer_and_no_other():
    assert {layer_of(module) for module in MODULES} == set(MAY_IMPORT)


@by_module
def test_imports_point_down(module):
    layer = layer_of(module)
    if layer == "__init__":
        assert not {name for name in imports_of(module, late=False) if "partsim" in name}
        return
    used = {name.split(".")[1] for name in imports_of(module) if name.startswith("partsim.")}
    assert used <= MAY_IMPORT[layer] | {layer}


@by_module
def test_every_library_is_used_in_its_own_home_only(module):
    layer = layer_of(module)
    for library in {name.split(".")[0] for name in imports_of(module)}:
        assert layer in HOME.get(library, {layer}), f"{library} has its home elsewhere"


@by_module
def test_kernels_are_loaded_only_when_large_work_needs_them(module):
    if layer_of(module) != "kernels":
        assert not {name for name in imports_of(module, late=False) if "kernels" in name}


@by_module
def test_no_library_slips_in_without_a_home(module):
    libraries = {name.split(".")[0] for name in imports_of(module)}
    known = {"partsim", *sys.stdlib_module_names, *ANYWHERE, *HOME}
    for library in libraries - known:
        assert layer_of(module) in ELSEWHERE.get(library, set()), f"give {library} a home"


@by_module
def test_modules_have_speaking_names_and_lie_at_most_two_deep(module):
    inside = module.relative_to(PACKAGE)
    assert len(inside.parts) <= 2
    for part in inside.with_suffix("").parts:
        assert not set(part.split("_")) & {"util", "utils", "helper", "helpers", "common", "misc"}
        assert not part.endswith(("manager", "managers"))


@by_module
def test_no_module_is_longer_than_400_lines(module):
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 400


def test_no_two_modules_import_each_other():
    # late imports count too: a cycle that is put off is still a cycle
    graph = {
        name_of(module): {name for name in imports_of(module) if name in NAMES} - {"partsim"}
        for module in MODULES
        if layer_of(module) != "__init__"
    }
    assert tuple(TopologicalSorter(graph).static_order())  # raises CycleError


def test_only_the_command_line_prints():
    for module in MODULES:
        calls = [node for node in ast.walk(ast.parse(module.read_text())) if hasattr(node, "func")]
        prints = any(getattr(call.func, "id", "") == "print" for call in calls)
        assert not prints or layer_of(module) == "cli", module
