"""Speed of records to inputs: the demand of 10,000 parts over 60 months."""

import numpy as np
import pytest

from partsim.history import fit_demand

PARTS, MONTHS = 10_000, 60


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    """Write a wide table of seeded intermittent demand."""
    generator = np.random.default_rng(1)
    units = generator.poisson(0.3, (PARTS, MONTHS)) * generator.geometric(0.4, (PARTS, MONTHS))
    heads = ",".join(f"{2019 + m // 12}-{m % 12 + 1:02d}-01" for m in range(MONTHS))
    lines = [f"p{p}," + ",".join(map(str, row)) for p, row in enumerate(units.tolist())]
    path = tmp_path_factory.mktemp("records") / "demand.csv"
    path.write_text("\n".join([f"part,{heads}", *lines]))
    return path


def test_read_classify_and_forecast_10000_parts(benchmark, records):
    found = benchmark(lambda: fit_demand(records, smoothing=None))
    assert len(found.table) > 0.99 * PARTS
