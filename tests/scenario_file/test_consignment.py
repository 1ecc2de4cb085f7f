"""Consignment stock: parts that do not exist, or that the machines do not take."""

import pytest

FIRST = "count: 25}"


@pytest.mark.parametrize(
    ("stock", "problem"),
    [
        ("{pumpe: 1}", "consignment.pumpe: expected the name of a part"),
        ("{wheel: 1}",
         "consignment.wheel: expected a part that these machines take"),
    ],
)  # fmt: skip
def test_what_nobody_could_take_is_refused(case, stock, problem):
    wheel = ("  seal: {price: 400", "  wheel: {price: 5, lifetime: 1 year, supplier: plant}\n"
             "  seal: {price: 400")  # fmt: skip
    found = "\n".join(case.problems(replace=[wheel, (FIRST, f"count: 25, consignment: {stock}}}")]))
    assert f"fleets.0.{problem}" in found


def test_it_is_read_and_written(case):
    part = next(iter(case.read().machines["machine"].positions))
    read = case.read(replace=[(FIRST, f"count: 25, consignment: {{{part}: 2}}}}")])
    assert read.fleets[0].consignment == {part: 2}
    assert read.model_validate(read.to_tree()) == read
