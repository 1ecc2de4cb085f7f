import pytest

from partsim.tables.number_texts import divided, plain_number, shortened


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("1,200.50", ".", ("1200.50", "")),
        ("1.200,50", ",", ("1200.50", "")),
        ("1 200 000", ".", ("1200000", "")),
        ("1’200.5", ".", ("1200.5", "")),
        ("1\u202f200,5", ",", ("1200.5", "")),
        ("12.50-", ".", ("-12.50", "")),
        ("−7", ".", ("-7", "")),
        ("¥ 1,260", ".", ("1260", "")),
        ("60 k", ".", ("60", "k")),
        ("7,5 months", ",", ("7.5", "months")),
        ("30 %", ".", ("30", "%")),
        ("1E5", ".", ("1E5", "")),
        ("1,5E-3", ",", ("1.5E-3", "")),
        (".5", ".", ("0.5", "")),
        ("1,200", ".", ("1200", "")),
        ("1,200", ",", ("1.200", "")),
        ("0", ".", ("0", "")),
    ],
)
def test_numbers_are_read_as_people_write_them(text, decimal, number):
    assert plain_number(text, decimal) == number


@pytest.mark.parametrize(
    ("text", "decimal"),
    [("7,5", "."), ("7.5", ","), ("1,20,000", "."), ("1,2000", "."), ("1,200 300", "."),
     ("-5-", "."), ("", "."), ("k", "."), (".", "."), ("1.2.3", "."), ("=1+1", "."), ("１２", "."),
     ("12 34", ".")],
)  # fmt: skip
def test_what_is_no_number_stays_none(text, decimal):
    assert plain_number(text, decimal) is None


@pytest.mark.parametrize(
    ("price", "units", "one"),
    [("1234.50", "100", "12.345"), ("0", "10", "0"), ("1E3", "10", "100"), ("5", "0", None),
     ("5", "-1", None), ("5", "x", None), ("x", "5", None)],
)  # fmt: skip
def test_a_price_is_divided_in_decimal_digits(price, units, one):
    assert divided(price, units) == one


def test_only_idle_zeros_are_dropped():
    assert [shortened(n) for n in ("12.000", "1200", "0.50", "1.0E5", "0.0")] == [
        "12", "1200", "0.5", "1.0E5", "0"
    ]  # fmt: skip
