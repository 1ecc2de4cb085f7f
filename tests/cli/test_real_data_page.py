"""Every command of docs/real_data.md, run where the real data lie beside the repository."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from partsim.cli.program import status_of

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
PAGE = (ROOT / "docs" / "real_data.md").read_text(encoding="utf-8")
ALL = re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
SECTIONS = {title: body for title, body in ALL if "```console" in body}


def commands_of(body):
    """Give each command of a section with the lines that it is said to print."""
    for block in re.findall(r"```console\n(.*?)```", body, re.S):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, *lines = part.splitlines()
            yield command, lines


def printed_by(command, capsys):
    if command.startswith("partsim "):
        assert status_of(shlex.split(command)[1:]) == 0
        return "".join(capsys.readouterr())
    done = subprocess.run(["bash", "-c", command], check=True, capture_output=True, text=True)
    return done.stdout


LONG = "Today's minima and maxima against a plan (oil_parts)"
"""Plans of 3,116 parts."""
TITLES = [pytest.param(t, marks=pytest.mark.slow) if t == LONG else t for t in SECTIONS]


@pytest.mark.parametrize("title", TITLES)
def test_commands_print_what_the_page_shows(title, tmp_path, monkeypatch, capsys):
    sets = re.findall(r"data/(\w+)/", SECTIONS[title])
    missing = [name for name in sets if not (DATA / name).exists()]
    if missing:
        pytest.skip(f"real data set {missing[0]} is not beside this repository")
    (tmp_path / "data").symlink_to(DATA)
    monkeypatch.chdir(tmp_path)
    for command, shown in commands_of(SECTIONS[title]):
        printed = iter(printed_by(command, capsys).splitlines())
        for line in shown:
            assert line in printed, f"{command}\ndoes not print, in this order: {line}"


def test_patterns_of_demand_are_those_of_the_table(tmp_path, capsys):
    """The table of the page against the counts in what `fit-demand` writes."""
    body = SECTIONS["How parts are taken (carparts, auto, oil_parts, man_parts)"]
    kinds = ("smooth", "erratic", "intermittent", "lumpy")
    rows = re.findall(r"^\| (\w+), .*?((?:\| [\d,]+ ){5})\|$", body, re.M)
    assert len(rows) == 4
    commands = {command.split("-o ")[1]: command for command, _ in commands_of(body)}
    for (name, cells), (file, command) in zip(rows, commands.items(), strict=True):
        if not (DATA / name).exists():
            pytest.skip(f"real data set {name} is not beside this repository")
        words = shlex.split(command.replace("data/", f"{DATA}/"))[1:-1]
        assert status_of([*words, str(tmp_path / file)]) == 0
        text = (tmp_path / file).read_text(encoding="utf-8")
        found = [text.count(f",{kind},") for kind in kinds]
        shown = [int(cell.replace(",", "")) for cell in cells.replace(" ", "").split("|")[1:]]
        assert [sum(found), *found] == shown
    capsys.readouterr()
