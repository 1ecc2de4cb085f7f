# ruff: noqa: E501 - problem lines are quoted whole
import pytest

from partsim.errors import InputError
from partsim.scenario_file.reading import read_scenario
from partsim.scenario_file.template import init_text

IDS = ["0012346", "NO", "1E5", "12:30", "~", "null", "true", "1.50", "-7", "0x1F", "a.b", "+1"]


def problem_of(path):
    with pytest.raises(InputError) as caught:
        read_scenario(path)
    return str(caught.value)


def test_the_template_reads(case):
    assert case.read().part_ids == ("pump", "seal")


def test_a_missing_file_is_said_with_a_near_name(tmp_path):
    (tmp_path / "case.yaml").touch()
    assert problem_of(tmp_path / "cas.yaml") == (
        f"{tmp_path}/cas.yaml: expected a file, there is none of this name; "
        f"did you mean '{tmp_path}/case.yaml'?"
    )


def test_a_folder_is_no_file(tmp_path):
    assert problem_of(tmp_path) == f"{tmp_path}: expected a file, got a folder"


def test_a_file_in_a_file_is_no_file(tmp_path):
    (tmp_path / "a").touch()
    assert "expected a file, there is none of this name" in problem_of(tmp_path / "a" / "b")


def test_a_nul_in_a_name_is_a_sentence():
    assert "expected a file that can be read" in problem_of("a\0b")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "case.yaml: expected a mapping of keys such as 'parts:', got an empty file; "
              "`partsim init` writes a scenario to start from"),
        (b"\x89PNG\r\n\x1a\n\0\0", "case.yaml: expected UTF-8 text, got a binary (or UTF-16) file"),
        (b"a: 1\nb: Gr\xf6\xdfe\n", "case.yaml:2:6: expected UTF-8 text, got the byte 0xf6; "
                                "save the file as UTF-8 (a table: as 'CSV UTF-8')"),
        (b"a: \x01\n", "case.yaml:1:4: expected valid YAML, got a control character that no "
                       "text may have"),
        (b"- " * 100_000, "case.yaml:1:81: expected at most 40 levels, got more"),
        (b"[" * 100_000, "case.yaml:1:41: expected at most 40 levels, got more"),
        (b"a: &a [*a]", "case.yaml:1:8: expected at most 40 levels, got more"),
    ],
)  # fmt: skip
def test_what_is_no_scenario_at_all_is_one_sentence(case, content, problem):
    assert case.problems(text=content) == [problem]


def test_aliases_that_multiply_are_stopped(case):
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 10))
    assert "expected at most 100000 values through aliases" in case.problems(text=bomb)[0]


def test_an_alias_stands_for_its_value(case):
    changed = case.read(replace=[("mean: 60 d", "mean: &lead 60 d"), ("mean: 14 d", "mean: *lead")])
    lead_times = [supplier.lead_time.distribution.mean for supplier in changed.suppliers.values()]
    assert lead_times == [60.0, 60.0]


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter(case):
    text = b"\xef\xbb\xbf" + init_text().replace("\n", "\r\n").encode()
    assert case.read(text=text) == case.read()


@pytest.mark.parametrize("name", IDS)
def test_ids_stay_text_as_written_as_keys_and_as_references(case, name):
    part = case.read(replace=[("  seal:", f"  {name}:"), ("seal: 2", f"{name}: 2")])
    assert part.part_ids == ("pump", name)
    depot = case.read(
        replace=[("  north:", f"  {name}:"), ("depot: north", f"depot: {name}"),
                 ("  plant:", f"  {name}:"), ("supplier: plant", f"supplier: {name}"),
                 ("customers: others", f"customers: {name}"), ("[others]", f"[{name}]")]
    )  # fmt: skip
    assert depot.fleets[1].depot == depot.fleets[1].customers == name
    assert depot.parts["seal"].supplier == name


def test_every_problem_is_reported_at_once_in_the_order_of_the_file(case):
    replace = [("60 k", "-60 k"), ("supplied_by: central", "supplied_by: centre"), ("count: 25", "count: 0"),
               ("24 h", "24"), ("order: 50", "oder: 50"), ("seed: 1", "seed: -1")]  # fmt: skip
    lines = [int(line.split(":")[1]) for line in case.problems(replace=replace)]
    assert len(lines) == len(replace)
    assert lines == sorted(lines)


def test_a_place_has_one_problem_even_if_two_checks_see_it(case):
    assert case.problems(replace=[("supplier: plant", "supplier: ''")]) == [
        "case.yaml:14:75: parts.seal.supplier: expected a name, got nothing"
    ]


def test_an_empty_value_is_not_taken_for_a_default(case):
    problem = case.problems(replace=[("phone_fix: 10 %", "phone_fix:")])[0]
    assert problem.endswith("service.phone_fix: expected a percentage such as '95 %', got nothing")


def test_windows_line_ends_count_as_one_line(case):
    text = init_text().replace("60 k", "-60 k")
    assert case.problems(text=text.replace("\n", "\r\n").encode()) == case.problems(text=text)
