"""The public surface: what `import partsim` promises, and what it costs."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import partsim


def typed_imports():
    """Give name -> module of the imports that type checkers see in partsim/__init__.py."""
    tree = ast.parse(Path(partsim.__file__).read_text(encoding="utf-8"))
    (guarded,) = (node for node in tree.body if isinstance(node, ast.If))
    return {alias.asname: node.module for node in guarded.body for alias in node.names}


def test_the_list_of_names_is_sorted_and_short():
    assert partsim.__all__ == sorted(set(partsim.__all__))
    assert len(partsim.__all__) <= 32


def test_people_and_type_checkers_see_the_same_names_from_the_same_modules():
    assert partsim.__all__ == sorted(partsim._HOMES)
    assert typed_imports() == partsim._HOMES
    assert set(dir(partsim)) == {*partsim.__all__, "__version__"}


@pytest.mark.parametrize("name", partsim.__all__)
def test_every_name_can_be_imported_is_documented_and_has_one_name(name):
    value = getattr(partsim, name)
    assert value.__doc__
    assert value.__name__ == name


def test_an_unknown_name_is_missing_as_in_any_module():
    with pytest.raises(AttributeError, match="'partsim' has no attribute 'simulat'"):
        _ = partsim.simulat


def test_importing_partsim_loads_no_heavy_library():
    heavy = "{'numpy', 'scipy', 'pandas', 'pydantic', 'matplotlib', 'simpy', 'pulp', 'yaml'}"
    code = f"import sys, partsim; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
