"""Bring oil_parts and man_parts into the table that `partsim price-of-grading` reads.

python benchmarks/grading_tables.py ../shared/data /tmp/tables
"""

import sys
from pathlib import Path

import pandas as pd


def oil_parts(folder):
    """Parts with demand and a price; November 1997 is unknown, returns count as none."""
    items = pd.read_csv(folder / "items.csv", index_col="part_id")
    monthly = pd.read_csv(folder / "demand.csv", index_col="part_id").clip(lower=0)
    criticality = pd.Series("desirable", items.index)
    criticality[items.n_medium_critical > 0] = "essential"
    criticality[items.n_high_critical > 0] = "vital"
    return table(items.unit_price, monthly, 365 / 12, items.lead_time_days, criticality)


def man_parts(folder):
    """Parts with demand; no criticality is known."""
    items = pd.read_csv(folder / "items.csv", index_col="part_id")
    weekly = pd.read_csv(folder / "demand_weekly.csv", index_col="part_id")
    lead_time = items.lead_time_weeks * 7
    return table(items.unit_cost_eur, weekly, 7, lead_time, pd.Series("desirable", items.index))


def table(price, demand, period, lead_time, criticality):
    """Demand per year, and its variance over its mean, at least that of Poisson demand."""
    mean = demand.mean(axis=1)
    ratio = (demand.var(axis=1) / mean.where(mean > 0)).clip(lower=1)
    parts = pd.DataFrame(
        {
            "price": price,
            "demand_per_year": mean * 365 / period,
            "lead_time_days": lead_time,
            "variance_ratio": ratio.round(4),
            "criticality": criticality,
        }
    )
    parts.index.name = "part"
    return parts[(mean > 0) & (price > 0)]


def write_tables(data, folder):
    folder.mkdir(parents=True, exist_ok=True)
    oil_parts(data / "oil_parts").to_csv(folder / "oil_parts.csv")
    man_parts(data / "man_parts").to_csv(folder / "man_parts.csv")


if __name__ == "__main__":
    write_tables(Path(sys.argv[1]), Path(sys.argv[2]))
