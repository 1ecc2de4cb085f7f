"""partsim beside stockpyl and RePyability: CPU time per value, and how far the values lie apart.

One run prints one table. stockpyl takes single values, so that array calls of partsim stand against
many calls of it; spares for a mission are one call for each part on both sides. Both are timed
after a first call, and the least of three rounds counts.
"""

import time
from dataclasses import dataclass
from functools import reduce
from importlib.metadata import version

import mpmath as mp
import numpy as np
import pytest
from scipy import special

from partsim.analytic import counts, exact_counts, policies
from partsim.lifetimes import Weibull, mission

INSTALL = "stockpyl or RePyability is missing; install both by pip install -e '.[dev,peers]'"
loss_functions = pytest.importorskip("stockpyl.loss_functions", reason=INSTALL)
newsvendor = pytest.importorskip("stockpyl.newsvendor", reason=INSTALL)
rq = pytest.importorskip("stockpyl.rq", reason=INSTALL)
surpyval = pytest.importorskip("surpyval", reason=INSTALL)
repyability = pytest.importorskip("repyability", reason=INSTALL)

SPARE_PARTS, ALL = (1e-3, 60.0), (1e-6, 1e4)  # means of the units in resupply
CHECKED = 200  # values also computed to 40 digits
EPSILON = np.finfo(float).eps
HOLDING, BACKORDER, ORDER = 1.0, 20.0, 100.0
HORIZON, ASSURANCES = 1000.0, (0.9, 0.95, 0.99, 0.999)


@dataclass(frozen=True)
class Row:
    """One quantity: CPU seconds per value, and values of both sides in the same order."""

    quantity: str
    goal: str
    peer_seconds: float
    seconds: float
    peer_values: np.ndarray
    values: np.ndarray
    exact: list

    @property
    def ratio(self):
        return self.peer_seconds / self.seconds

    def __str__(self):
        apart = np.abs(self.peer_values - self.values)
        scale = np.maximum(np.abs(self.peer_values), np.abs(self.values))
        relative = np.divide(apart, scale, out=np.zeros_like(apart), where=scale > 0)
        return (
            f"{self.quantity:<34} {self.peer_seconds * 1e6:10.2f} {self.seconds * 1e6:10.4f}"
            f" {self.ratio:8,.1f} {self.goal:>7} {apart.max():9.1e} {relative.max():9.1e}"
            f" {error(self.peer_values, self.exact):9.1e} {error(self.values, self.exact):9.1e}"
        )


HEADER = (
    f"{'':34} {'CPU microseconds/value':^21} {'ratio':>8} {'goal':>7} {'largest difference':^19}"
    f" {'relative error *':^19}\n"
    f"{'quantity':<34} {'peer':>10} {'partsim':>10} {'':8} {'':7} {'absolute':>9} {'relative':>9}"
    f" {'peer':>9} {'partsim':>9}"
)
FOOTNOTE = "* the largest, against 40 digits; 1 or more: not a digit is right"


def error(values, exact):
    """Give the largest relative error; there may be more values than exact ones."""
    pairs = zip(values.tolist(), exact, strict=False)
    return max(float(abs(value - true) / true) for value, true in pairs if true > 0)


def least_cpu(call):
    """Give the least CPU seconds of three calls after a first one, and what the last returned."""
    result, spent = call(), []
    for _ in range(3):
        start = time.process_time()
        result = call()
        spent.append(time.process_time() - start)
    return min(spent), result


def cells(means, count):
    """Draw means, evenly in their logarithm, and levels up to 8 standard deviations above them."""
    random = np.random.default_rng(1)
    mean = np.exp(random.uniform(*np.log(means), count))
    return mean, np.floor(random.random(count) * (np.ceil(mean + 8 * np.sqrt(mean)) + 1))


def exact_poisson(mean, levels):
    """Tabulate P(X <= S) and EBO(S) for S = 0 to levels, to more than 40 digits."""
    with mp.workdps(80):
        probability, owed, at_most, table = mp.exp(-mp.mpf(mean)), mp.mpf(mean), mp.mpf(0), []
        for level in range(int(levels) + 1):
            at_most += probability
            table.append((at_most, owed))
            owed -= 1 - at_most
            probability *= mp.mpf(mean) / (level + 1)
        return table


def peer_rounding(mean, level):
    """
    Bound the rounding of stockpyl's -(S - m)(1 - F) + m f in double precision.

    F is rounded at 1, and the exponent of f = exp(S log m - log S! - m) term by term; f is less
    than 1/sqrt(m). Four units in the last place cover the steps of each of the two products.
    """
    exponent = np.abs(special.xlogy(level, mean)) + special.gammaln(level + 1) + mean
    return 4 * EPSILON * (np.abs(level - mean) + np.sqrt(mean) * (1 + exponent))


@pytest.fixture(scope="module")
def table():
    return []


@pytest.mark.parametrize("means", [SPARE_PARTS, ALL], ids=str)
def test_backorders_agree_with_stockpyl(table, means):
    mean, level = cells(means, 1_000_000)
    few = list(zip(mean[:2000].tolist(), level[:2000].tolist(), strict=True))
    seconds, ours = least_cpu(lambda: exact_counts.backorders(mean, mean, level))
    peer, theirs = least_cpu(lambda: [loss_functions.poisson_loss(S, m)[0] for m, S in few])
    exact = [exact_poisson(m, S)[-1][1] for m, S in few[:CHECKED]]
    ours, theirs = ours[: len(few)], np.array(theirs)
    name = f"EBO, means {means[0]:g} to {means[1]:g}"
    table.append(Row(name, "500", peer / len(few), seconds / mean.size, theirs, ours, exact))
    assert (np.abs(ours - theirs) <= peer_rounding(*np.array(few).T)).all()


def test_tables_agree_with_stockpyl(table):
    mean, _ = cells(SPARE_PARTS, 100_000)
    few, levels = mean[:125], np.arange(16)
    singles = [(m, S) for m in few.tolist() for S in levels.tolist()]
    seconds, ours = least_cpu(lambda: counts.count_table(mean, mean, 15).backorders)
    peer, theirs = least_cpu(lambda: [loss_functions.poisson_loss(S, m)[0] for m, S in singles])
    exact = [owed for m in few[: CHECKED // 16].tolist() for _, owed in exact_poisson(m, 15)]
    size, ours, theirs = ours.size, ours[: len(few)].ravel(), np.array(theirs)
    name = "EBO tables, levels 0 to 15"
    table.append(Row(name, "5,000", peer / len(singles), seconds / size, theirs, ours, exact))
    allowed = peer_rounding(*np.array(singles).T) + 1e-13 * few.repeat(
        16
    )  # and what count_table states
    assert (np.abs(ours - theirs) <= allowed).all()


def test_newsvendor_levels_are_those_of_stockpyl(table):
    mean, _ = cells(SPARE_PARTS, 200_000)
    owed = np.random.default_rng(2).uniform(1, 200, mean.size)
    few = list(zip(mean[:2000].tolist(), owed[:2000].tolist(), strict=True))
    seconds, ours = least_cpu(lambda: policies.newsvendor_level(mean, mean, HOLDING, owed))
    peer, theirs = least_cpu(
        lambda: [newsvendor.newsvendor_poisson(HOLDING, b, m)[0] for m, b in few]
    )
    exact = []
    for m, b in few[:CHECKED]:
        shares = [share for share, _ in exact_poisson(m, m + 20 * m**0.5 + 20)]
        exact.append(next(S for S, share in enumerate(shares) if share * (HOLDING + b) >= b))
    ours, theirs = ours[: len(few)].astype(float), np.array(theirs)
    name = "newsvendor level"
    table.append(Row(name, "", peer / len(few), seconds / mean.size, theirs, ours, exact))
    np.testing.assert_array_equal(ours, theirs)


def reorder_point_cost(mean, r, Q):
    measures = policies.reorder_point_measures(mean, mean, r, Q)
    return ORDER * mean / Q + HOLDING * measures.on_hand + BACKORDER * measures.backorders


def exact_reorder_point_cost(mean, r, Q):
    owed = [owed for _, owed in exact_poisson(mean, r + Q)][int(r) + 1 :]
    positions = range(int(r) + 1, int(r + Q) + 1)
    with mp.workdps(80):
        held = [y - mp.mpf(mean) + b for y, b in zip(positions, owed, strict=True)]
        return (ORDER * mp.mpf(mean) + HOLDING * mp.fsum(held) + BACKORDER * mp.fsum(owed)) / int(Q)


def test_reorder_point_costs_agree_with_stockpyl(table):
    mean, r = cells(SPARE_PARTS, 200_000)
    Q = np.random.default_rng(2).integers(1, 51, mean.size).astype(float)
    few = list(zip(mean[:300].tolist(), r[:300].tolist(), Q[:300].tolist(), strict=True))
    seconds, ours = least_cpu(lambda: reorder_point_cost(mean, r, Q))
    peer, theirs = least_cpu(
        lambda: [rq.r_q_cost_poisson(*rQ, HOLDING, BACKORDER, ORDER, m, 1.0) for m, *rQ in few]
    )
    exact = [exact_reorder_point_cost(*cell) for cell in few[:CHECKED]]
    ours, theirs = ours[: len(few)], np.array(theirs)
    name = "(r,Q) cost, Q 1 to 50"
    table.append(Row(name, "", peer / len(few), seconds / mean.size, theirs, ours, exact))
    mean, r, Q = np.array(few).T
    # Losses round no more than at the two ends, and the sum over Q positions once for each.
    ends = peer_rounding(mean, r) + peer_rounding(mean, r + Q)
    allowed = (HOLDING + BACKORDER) * ends + Q * EPSILON * theirs
    assert (np.abs(ours - theirs) <= allowed).all()


def exact_weibull_counts(life, most):
    """
    Give P(N = 0), ..., P(N = most) of the failures of one position within the horizon.

    By the series in (t/scale)^shape of McShane, Adrian, Bradlow and Fader, Count models based on
    Weibull interarrival times, Journal of Business & Economic Statistics 26 (2008) 369-378.
    """
    with mp.workdps(80):
        c, terms = mp.mpf(life.shape), 200
        x = (mp.mpf(HORIZON) / mp.mpf(life.scale)) ** c
        gamma = [mp.gamma(c * j + 1) for j in range(terms)]
        step = [gamma[j] / mp.factorial(j) for j in range(terms)]
        alpha, counts = step, []
        for n in range(most + 1):
            terms_n = ((-1) ** (j + n) * x**j * alpha[j] / gamma[j] for j in range(n, terms))
            counts.append(mp.fsum(terms_n))
            alpha = [mp.fsum(alpha[m] * step[j - m] for m in range(n, j)) for j in range(terms)]
        return counts


def wearing_lives():
    random = np.random.default_rng(1)
    return [
        Weibull(*pair) for pair in random.uniform((400.0, 1.2), (2000.0, 4.0), (20, 2)).tolist()
    ]


def peer_demand(life, positions):
    """Give RePyability's distribution of the spares of new components over the horizon."""
    model = surpyval.Weibull.from_params([life.scale, life.shape])
    diagram = repyability.RepairableRBD(
        [("start", "part"), ("part", "end")],
        {"part": {"reliability": model, "repairability": "instant"}},
    )
    return diagram.spares_demand(HORIZON, fleet=positions)["part"]


@pytest.mark.parametrize("positions", [1, 20])
def test_spares_of_weibull_parts_are_those_of_repyability(table, positions):
    lives, ages = wearing_lives(), np.zeros(positions)
    seconds, ours = least_cpu(
        lambda: [mission.mission_spares(life, HORIZON, ages, ASSURANCES) for life in lives]
    )
    peer, theirs = least_cpu(
        lambda: [
            [demand.stock(share) for share in ASSURANCES]
            for demand in (peer_demand(life, positions) for life in lives)
        ]
    )
    covered, peer_covered = [], []
    for life, spares in zip(lives, theirs, strict=True):
        covered += np.cumsum(mission.mission_demand(life, HORIZON, ages))[spares].tolist()
        peer_covered += [peer_demand(life, positions).covered(count) for count in spares]
    exact = []
    for life, spares in zip(lives[:3], theirs, strict=False):
        one = np.array(exact_weibull_counts(life, 20), float)
        exact += np.cumsum(reduce(np.convolve, [one] * positions))[spares].tolist()
    covered, peer_covered = np.array(covered), np.array(peer_covered)
    name = f"spares of a Weibull part, fleet of {positions}"
    table.append(
        Row(name, "", peer / len(lives), seconds / len(lives), peer_covered, covered, exact)
    )
    np.testing.assert_array_equal(ours, theirs)
    # Each states 1e-6 for the count of one position; such a gap at most adds up over positions.
    assert (np.abs(covered - peer_covered) <= 2e-6 * positions).all()


def test_partsim_takes_less_cpu_per_value(table, unit, capsys):
    versions = ", ".join(f"{name} {version(name)}" for name in ("stockpyl", "repyability", "numpy"))
    with capsys.disabled():
        print("", "", HEADER, *table, FOOTNOTE, f"one unit: {unit:.3f} CPU s; {versions}", sep="\n")
    assert all(row.ratio > 1 for row in table)
