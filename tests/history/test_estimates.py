"""Records of a known truth give that truth, with every warning a planner needs, as YAML."""

import numpy as np
import pandas as pd
import pytest
import yaml

from partsim.history import (
    RepairClock,
    estimates_facts,
    estimates_text,
    fit_lead_times,
    fit_lifetimes,
)
from partsim.lifetimes import Exponential, Fixed, Gamma, Weibull
from partsim.model.durations import DurationSpec

DAY_0 = pd.Timestamp("2020-01-01")


def date(day):
    return (DAY_0 + pd.Timedelta(days=round(float(day) * 86400, 0) / 86400)).isoformat()


def history(law, places, until, seed=1, replaced_at=np.inf, part="pump", part_class=""):
    """Give rows of places that run on new parts from day 0 until the end."""
    rng = np.random.default_rng(seed)
    rows = []
    for place in range(places):
        now, row = 0.0, f"m{place},{part},{part_class},"
        rows.append(f"{row}{date(0)},start")
        while now < until:
            life = float(law.quantile(rng.uniform()))
            now += min(life, replaced_at)
            kind = "failure" if life < replaced_at else "preventive"
            rows += [f"{row}{date(now)},{kind}"] if now < until else []
        rows.append(f"{row}{date(until)},end")
    return rows


def events(*histories):
    return "\n".join(
        ["machine,part,class,date,event", *(row for rows in histories for row in rows)]
    )


def only(estimates):
    (item,) = estimates.items
    return item


@pytest.mark.parametrize("law", [Weibull(100.0, 2.5), Gamma(100.0, 3.0), Exponential(100.0)])
def test_the_truth_lies_in_the_interval_and_its_family_is_close_to_the_best(table, law):
    item = only(fit_lifetimes(table(events(history(law, 40, 500)))))
    assert item.mean_interval[0] < 100 < item.mean_interval[1]
    aic = {fit.family: fit.aic for fit in item.fits}
    assert aic[type(law).__name__.lower()] - item.fits[0].aic < 4
    assert not any("TREND" in remark or "UNLIKE" in remark for remark in item.remarks)


def test_preventive_replacements_do_not_shorten_the_life(table):
    rows = history(Weibull(100.0, 2.5), 60, 1000, replaced_at=80.0)
    item = only(fit_lifetimes(table(events(rows))))
    low, high = item.mean_interval
    assert low < 100 < high
    assert item.failures < item.lives / 2


def test_the_family_may_be_chosen(table):
    path = table(events(history(Weibull(100.0, 2.5), 20, 500)))
    assert [fit.family for fit in only(fit_lifetimes(path, family="gamma")).fits] == ["gamma"]


def test_shorter_and_shorter_lives_are_called_a_trend(table):
    ends = np.cumsum(200 * 0.8 ** np.arange(8))
    rows = [f"m{m},pump,,{date(e + m)},failure" for m in range(10) for e in [0, *ends]]
    item = only(fit_lifetimes(table(events(rows))))
    assert (
        "TREND: later lives are shorter; one distribution of all lives hides that" in item.remarks
    )


def test_unlike_machines_are_called_unlike(table):
    good = history(Weibull(200.0, 2.0), 10, 1000, seed=1)
    bad = [row.replace("m", "n", 1) for row in history(Weibull(40.0, 2.0), 10, 1000, seed=2)]
    item = only(fit_lifetimes(table(events(good, bad))))
    assert any(remark.startswith("UNLIKE: places fail more unevenly") for remark in item.remarks)


def test_failures_of_a_place_add_up_to_the_expected_number(table):
    item = only(fit_lifetimes(table(events(history(Exponential(100.0), 200, 300)))))
    (text,) = (remark for remark in item.remarks if remark.startswith("mean failures of a place"))
    number, error = (float(text.rsplit(", ", 1)[1].split()[i]) for i in (0, 2))
    assert abs(number - 3) < 3.3 * error  # 99.9 %
    assert "by 300 d (200 places)" in text


def test_places_count_only_while_they_are_observed(table):
    rows = [f"a,p,,{date(0)},start", f"a,p,,{date(10)},failure", f"a,p,,{date(30)},failure",
            f"a,p,,{date(100)},end", f"b,p,,{date(0)},start", f"b,p,,{date(20)},end"]  # fmt: skip
    remarks = only(fit_lifetimes(table(events(rows)))).remarks
    assert any("0.50 ± 0.35 by 20 d, 1.50 ± 0.35 by 40 d, 1.50 ±" in text for text in remarks)


@pytest.mark.parametrize(("failures", "families"), [(4, 1), (5, 4)])
def test_five_failures_are_enough_for_a_shape(table, failures, families):
    rows = "".join(f"{10 * (i + 1)},1\n" for i in range(failures))
    item = only(fit_lifetimes(table("age,event\n" + rows + "99,0\n")))
    assert len(item.fits) == families


def test_few_failures_take_the_distribution_of_their_class_and_say_so(table):
    many = history(Weibull(100.0, 2.0), 20, 400, part="big", part_class="pumps")
    few = history(Weibull(100.0, 2.0), 1, 250, part="small", part_class="pumps", seed=4)
    big, small = fit_lifetimes(table(events(many, few))).items
    assert (big.pooled, small.pooled) == ("", "pumps")
    assert 0 < small.failures < 5
    assert small.fits[0].failures == big.failures + small.failures


def test_few_failures_without_a_class_give_a_constant_hazard(table):
    rows = history(Weibull(100.0, 2.0), 1, 250, seed=4)
    item = only(fit_lifetimes(table(events(rows))))
    assert [fit.family for fit in item.fits] == ["exponential"]
    assert "too few for a shape: a constant hazard is taken" in item.remarks


def test_a_part_that_never_failed_has_a_bound_and_no_entry(table):
    rows = [f"m,seal,,{date(0)},start", f"m,seal,,{date(300)},end"]
    estimates = fit_lifetimes(table(events(rows)))
    bound = 300 / -np.log(0.05)
    assert only(estimates).remarks == (
        f"no estimate: none ended; the mean is above {bound:.4g} d (95 %, constant hazard)",
    )
    assert yaml.safe_load(estimates_text(estimates)) == {"parts": {}}
    assert estimates_facts(estimates)["parts"][0]["mean_days"] is None


def test_competing_modes_are_fitted_with_the_others_censored(table):
    rng = np.random.default_rng(5)
    wear, leak = Weibull(100.0, 3.0), Exponential(150.0)
    times = [(float(wear.quantile(rng.uniform())), float(leak.quantile(rng.uniform())))
             for _ in range(400)]  # fmt: skip
    rows = "".join(f"{min(w, x)},{'wear' if w < x else 'leak'}\n" for w, x in times)
    item = only(fit_lifetimes(table("age,mode\n" + rows)))
    modes = [remark for remark in item.remarks if remark.startswith("mode ")]
    shape_of = {text.split()[1].rstrip(":"): float(text.rsplit(" ", 1)[1]) for text in modes}
    assert shape_of["leak"] == pytest.approx(1, abs=3 * 0.78 / np.sqrt(180))  # 0.78 shape/sqrt(n)
    assert shape_of["wear"] == pytest.approx(3, abs=3 * 3 * 0.78 / np.sqrt(180))


def test_a_mean_beyond_the_oldest_age_is_called_extrapolated(table):
    rows = "".join(f"{10 + i},1\n" for i in range(6)) + "20,0\n" * 300
    item = only(fit_lifetimes(table("age,event\n" + rows)))
    assert "the mean lies beyond the oldest age seen, 20 d: extrapolated" in item.remarks


def test_a_shape_at_the_edge_is_said(table):
    item = only(fit_lifetimes(table("age\n100\n" + "101\n" * 8), family="weibull"))
    assert "the shape lies at the edge of what is sought" in item.remarks


def test_lives_that_all_end_at_one_age_are_fixed(table):
    item = only(fit_lifetimes(table("age\n" + "30\n" * 6)))
    assert item.fits[0].distribution == Fixed(30.0)
    assert item.mean_interval == (30, 30)


def test_the_text_is_what_a_scenario_takes(table):
    rows = [*history(Weibull(100.0, 2.5), 20, 500, part="0012346"),
            *history(Gamma(100.0, 3.0), 20, 500, part="主 密封: #1")]  # fmt: skip
    estimates = fit_lifetimes(table(events(rows)))
    parts = yaml.safe_load(estimates_text(estimates))["parts"]
    assert list(parts) == ["0012346", "主 密封: #1"]
    for item, part in zip(estimates.items, parts.values(), strict=True):
        law = DurationSpec.model_validate(part["lifetime"]).distribution
        assert law.mean == pytest.approx(item.fits[0].distribution.mean, rel=1e-5)
        assert law.variance == pytest.approx(item.fits[0].distribution.variance, rel=1e-4)


def test_hours_of_the_clock_become_days(table):
    path = table("age\n" + "".join(f"{hours}\n" for hours in (240, 480, 720, 700, 200)))
    days = only(fit_lifetimes(path, clock=RepairClock(usage_per_day=24), family="exponential"))
    assert days.fits[0].distribution.mean == pytest.approx(2340 / 24 / 5)


def orders(law, count, supplier="acme", seed=1, apart=3):
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(count):
        lead = max(round(float(law.quantile(rng.uniform()))), 1)
        rows.append(f"{supplier},{date(i * apart)},{date(i * apart + 40)},{date(i * apart + lead)}")
    return rows


def test_lead_times_come_with_lateness_and_crossing(table):
    path = table("\n".join(["supplier,ordered,promised,delivered", *orders(Gamma(30.0, 9.0), 300)]))
    estimates = fit_lead_times(path)
    item = only(estimates)
    assert item.mean_interval[0] < 30 < item.mean_interval[1]
    assert any(remark.startswith("late against the promise: ") for remark in item.remarks)
    assert any(remark.startswith("crossing seen: ") for remark in item.remarks)
    lead_time = yaml.safe_load(estimates_text(estimates))["suppliers"]["acme"]["lead_time"]
    assert DurationSpec.model_validate(lead_time).distribution.mean == pytest.approx(
        item.fits[0].distribution.mean, rel=1e-5
    )


def test_a_gamma_lead_time_is_given_by_its_cv(table):
    path = table("\n".join(["supplier,ordered,promised,delivered", *orders(Gamma(30.0, 9.0), 50)]))
    estimates = fit_lead_times(path, family="gamma")
    written = yaml.safe_load(estimates_text(estimates))["suppliers"]["acme"]["lead_time"]
    fitted = only(estimates).fits[0].distribution
    assert written["gamma"]["cv"] == pytest.approx(np.sqrt(fitted.variance) / fitted.mean, rel=1e-5)


def test_open_orders_lengthen_the_lead_time(table):
    rows = [*orders(Gamma(30.0, 9.0), 30), *(f"acme,{date(0)},," for _ in range(10))]
    item = only(fit_lead_times(table("\n".join(["supplier,ordered,promised,delivered", *rows]))))
    assert (item.failures, item.lives) == (30, 40)
    assert item.fits[0].distribution.mean > 40


def test_a_supplier_with_few_deliveries_gets_that_of_all(table):
    rows = [*orders(Gamma(30.0, 9.0), 30), f"new,{date(5)},,{date(9)}"]
    acme, new = fit_lead_times(
        table("\n".join(["supplier,ordered,promised,delivered", *rows]))
    ).items
    assert (acme.pooled, new.pooled) == ("", "all suppliers")
    assert new.fits[0].failures == 31


def test_a_lead_time_that_never_varies_is_fixed(table):
    rows = [f"acme,{date(i)},,{date(i + 14)}" for i in range(6)]
    estimates = fit_lead_times(table("\n".join(["supplier,ordered,promised,delivered", *rows])))
    text = yaml.safe_load(estimates_text(estimates))["suppliers"]["acme"]["lead_time"]
    assert DurationSpec.model_validate({"fixed": text}).distribution == Fixed(14.0)
    assert "no crossing seen in 6 orders, placed on 6 days" in only(estimates).remarks
