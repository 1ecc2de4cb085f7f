"""What simpler approval saves: orders approved as today against by grade, part by part."""

from __future__ import annotations

import numpy as np
import pandas as pd

from partsim.model.run import Run


def approvals_table(run: Run) -> pd.DataFrame:
    """
    Compare the approval of each part's orders as today with that of its grade in the plan.

    Both for the orders of the plan, so that nothing but the way of managing differs.

    Parameters
    ----------
    run : Run
        Of a scenario that says today's grades.

    Returns
    -------
    DataFrame
        part, name, price, orders_per_year, today_grade, grade, and of each way (``today_`` or
        not) approval_days of one order, waiting_days of all orders in a year, approval_cost and
        control_loss [money per year]; days_saved and money_saved per year (negative where the
        plan controls more than today). Dearest parts first; no rows without today's grades.
    """
    scenario, parts = run.scenario, run.performance.parts
    orders = parts["orders_per_year"].to_numpy(float)
    value = run.demand.depot_rate.sum(axis=1) * 365 * scenario.prices
    table = pd.DataFrame(
        {
            "part": scenario.part_ids,
            "name": [part.name for part in scenario.parts.values()],
            "price": scenario.prices,
            "orders_per_year": orders,
        }
    )
    if scenario.today_grades is None:
        return table.head(0)
    for way, grades in (("today_", scenario.today_grades), ("", run.plan.grades)):
        rules = [scenario.grade_rules(grade) for grade in grades]
        days = np.array([rule.approval_time for rule in rules])
        table[f"{way}grade"] = grades
        table[f"{way}approval_days"] = days
        table[f"{way}waiting_days"] = days * orders
        table[f"{way}approval_cost"] = orders * [rule.approval_cost for rule in rules]
        table[f"{way}control_loss"] = value * [rule.control_loss for rule in rules]
    table["days_saved"] = table["today_waiting_days"] - table["waiting_days"]
    money = ("approval_cost", "control_loss")
    table["money_saved"] = sum(table[f"today_{name}"] - table[name] for name in money)
    return table.sort_values("price", ascending=False, kind="stable", ignore_index=True)


def approvals_sentence(run: Run) -> str:
    """
    Sum up what simpler approval saves in a year.

    Parameters
    ----------
    run : Run
        Of any scenario.

    Returns
    -------
    str
        A sentence without its full stop; empty where the scenario does not say today's grades.
    """
    table = approvals_table(run)
    if table.empty:
        return ""
    eased = table[table["approval_days"] < table["today_approval_days"]]
    money, days = table["money_saved"].sum(), table["days_saved"].sum()
    word = "saves" if money >= 0 else "costs"
    return (
        f"{eased['orders_per_year'].sum():,.0f} of {table['orders_per_year'].sum():,.0f} orders a "
        f"year wait less for approval than today, {days:,.0f} days in all; "
        f"that {word} {abs(money):,.0f} {run.scenario.currency} a year of approval and control loss"
    )
