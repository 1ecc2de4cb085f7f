"""Warranties: what must be said beside them, and payments that nobody would make."""

import pytest

MACHINE = ("machine: {positions", "machine: {warranty: 1 year, positions")
FIRST = "count: 25}"


@pytest.mark.parametrize(
    ("replace", "problems"),
    [
        ([MACHINE],
         ["fleets.0.machine: expected in_warranty, or ages of machines with a warranty "
          "('machine'), got neither; write for example 'in_warranty: 20 %'"]),
        ([(FIRST, "count: 25, in_warranty: 20 %}")],
         ["fleets.0.in_warranty: expected a warranty of the machine 'machine' beside it, got "
          "none"]),
        ([MACHINE, (FIRST, "count: 25, ages: new, in_warranty: 20 %}")],
         ["fleets.0.in_warranty: expected none beside ages, from which it follows, got one"]),
        ([("fleets:", "warranty: {visit_fee: 5}\nfleets:")],
         ["warranty.visit_fee: expected a machine with a warranty beside it, got none"]),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_where_it_stands(case, replace, problems):
    found = [line.partition(": ")[2] for line in case.problems(replace=replace)]
    assert [line for line in found if "fleets.1" not in line] == problems


def test_claims_are_paid_by_outsourced_suppliers(case):
    own = ("kind: own,", "kind: own, warranty_claims: 50 %,")
    found = "\n".join(case.problems(replace=[own]))
    assert "warranty_claims: expected it of an outsourced supplier, got the own plant's" in found
    assert "warranty_claims: expected a machine with a warranty beside it, got none" in found
