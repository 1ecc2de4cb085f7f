"""What the people behind each grade can manage: approvals in time, and parts to look after."""

from __future__ import annotations

from collections.abc import Iterator

from partsim.analytic.approval_queue import most_orders
from partsim.model.plan import Row
from partsim.optimisation.evaluation_model import EvaluationModel


def grade_rows(model: EvaluationModel) -> tuple[Row, ...]:
    """
    Compare each grade's orders and parts with what its people can manage.

    Orders are those to suppliers, at the lots of the model. They keep the declared approval time
    if there are at most as many as c approvers handle within it on average (M/M/c). Grades and
    lots are given, so that no stock changes these rows.

    Parameters
    ----------
    model : EvaluationModel
        With grades and lots.

    Returns
    -------
    tuple of Row
        In orders per day and in parts; none for grades that declare no approvers and no limit.
    """
    return tuple(
        row for grade in range(len(model.scenario.grade_ids)) for row in _rows(model, grade)
    )


def _rows(model: EvaluationModel, grade: int) -> Iterator[Row]:
    name = model.scenario.grade_ids[grade]
    rules, mine = model.scenario.grade_rules(name), model.grade == grade
    if rules.approvers is not None and rules.approval_work is not None:
        most = most_orders(rules.approval_time, rules.approval_work, rules.approvers)
        orders = float(model.order_rate[mine].sum()) / 365
        yield _row(f"approvals of grade {name}", most, orders, "orders per day")
    if rules.max_parts is not None:
        yield _row(f"parts of grade {name}", rules.max_parts, float(mine.sum()), "parts")


def _row(name: str, limit: float, value: float, unit: str) -> Row:
    return Row(name, limit, value, value, unit, 0.0, value <= limit * (1 + 1e-9))
