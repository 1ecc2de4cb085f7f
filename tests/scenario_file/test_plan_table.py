# ruff: noqa: E501 - problem lines are quoted whole
import numpy as np
import pytest

from partsim.errors import InputError
from partsim.model.plan import Plan
from partsim.scenario_file.reading import read_plan

HEAD = "part,depot,grade,base_stock,reorder_point,order_quantity\n"
ROWS = "pump,central,A,3,2,1\npump,north,A,1,0,1\nseal,central,C,20,10,10\nseal,north,C,4,3,1\n"


@pytest.fixture
def scenario(case):
    return case.read()


@pytest.fixture
def problems(tmp_path, scenario):
    def problems(text):
        file = tmp_path / "stock.csv"
        file.write_text(text)
        with pytest.raises(InputError) as caught:
            read_plan(file, scenario)
        return str(caught.value).replace(f"{tmp_path}/", "").splitlines()

    return problems


def test_a_plan_reads_back_as_it_was_written(tmp_path, scenario):
    S, Q = np.array([[3, 1], [20, 4]]), np.array([[1, 1], [10, 1]])
    plan = Plan(scenario.part_ids, scenario.depot_ids, ("A", "C"), S, Q)
    plan.stock.to_csv(tmp_path / "stock.csv", index=False)
    again = read_plan(tmp_path / "stock.csv", scenario)
    assert (again.part_ids, again.depot_ids, again.grades) == (
        plan.part_ids,
        plan.depot_ids,
        plan.grades,
    )
    assert np.array_equal(again.base_stock, S)
    assert np.array_equal(again.order_quantity, Q)


def test_columns_may_stand_in_any_order_and_more_of_them(tmp_path, scenario):
    rows = ["order_quantity;note;depot;grade;base_stock;part"]
    rows += [
        f"1;x;{depot};B;2;{part}" for depot in ("north", "central") for part in ("seal", "pump")
    ]
    (tmp_path / "stock.csv").write_text("\ufeff" + "\n".join(rows))
    plan = read_plan(tmp_path / "stock.csv", scenario)
    assert plan.grades == ("B", "B")
    assert plan.base_stock.tolist() == [[2, 2], [2, 2]]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("seal,north", "sael,north", "stock.csv:5:1: part: expected the name of a part of the scenario "
         "(pump, seal), got 'sael'; did you mean 'seal'?"),
        ("seal,north", "seal,nord", "stock.csv:5:6: depot: expected the name of a depot of the scenario "
         "(central, north), got 'nord'; did you mean 'north'?"),
        ("seal,north,C,4,3,1\n", "", "stock.csv: expected a row for part 'seal' at each depot, got none at north"),
        ("seal,north", "seal,central", "stock.csv:5:1: expected one row for 'seal' at 'central', got another in line 4"),
        ("north,C", "north,B", "stock.csv:5:12: grade: expected one grade for part 'seal', got B and, in line 4, C"),
        ("north,C", "north,D", "stock.csv:5:12: grade: expected A, B or C, got 'D'"),
        ("C,4,3,1", "C,-4,3,1", "stock.csv:5:14: base_stock: expected a whole number from 0 to 1,000,000, got '-4'"),
        ("C,4,3,1", "C,2000000,1999999,1", "stock.csv:5:14: base_stock: expected a whole number from 0 to 1,000,000, got '2000000'"),
        ("C,4,3,1", "C,4,3,0", "stock.csv:5:18: order_quantity: expected a whole number from 1 to 1,000,000, got '0'"),
        ("C,4,3,1", "C,x,3,1", "stock.csv:5:14: base_stock: expected a whole number from 0 to 1,000,000, got 'x'"),
        ("C,4,3,1", "C,4,2,1", "stock.csv:5:16: reorder_point: expected 3 (base_stock - order_quantity), got '2'"),
        ("grade,", "", "stock.csv:1:1: expected a column 'grade', got only part, depot, base_stock, "
         "reorder_point, order_quantity"),
    ],
)  # fmt: skip
def test_a_bad_plan_is_a_sentence(problems, old, new, problem):
    assert problem in problems((HEAD + ROWS).replace(old, new))


def test_a_plan_for_other_parts_says_each_name_once(problems):
    text = HEAD + ROWS.replace("pump", "a").replace("seal", "b")
    assert [line.split(": ", 1)[1].split(", got")[0] for line in problems(text)] == [
        "part: expected the name of a part of the scenario (pump, seal)",
        "part: expected the name of a part of the scenario (pump, seal)",
        "expected a row for part 'pump' at each depot",
        "expected a row for part 'seal' at each depot",
    ]


def test_a_scenario_is_no_plan(problems):
    assert "expected a column 'part'" in problems("partsim: 1\nname: x\n")[0]


def test_a_lot_that_the_supplier_does_not_deliver_is_a_sentence(tmp_path, case):
    packs = ("parts.seal.order_multiple=4", "parts.seal.min_order=6", "parts.pump.min_order=2",
             "limits=[{part: pump, depot: central, min: 3}]")  # fmt: skip
    scenario, file = case.read(*packs), tmp_path / "stock.csv"
    file.write_text(HEAD + ROWS)
    with pytest.raises(InputError) as caught:
        read_plan(file, scenario)
    # Seals come in eights at least; a pump that is kept and never ordered needs no lot.
    assert str(caught.value).removeprefix(f"{tmp_path}/") == (
        "stock.csv:4:22: order_quantity: expected 8 or more in multiples of 4 (min_order, order_multiple of 'seal'), got 10"
    )
    file.write_text((HEAD + ROWS).replace("20,10,10", "20,8,12"))
    assert read_plan(file, scenario).order_quantity.tolist() == [[1, 1], [12, 1]]
    file.write_text((HEAD + ROWS).replace("20,10,10", "20,8,12").replace("A,3,2", "A,4,3"))
    with pytest.raises(InputError, match=r"expected 2 or more \(min_order.*'pump'\), got 1"):
        read_plan(file, scenario)
