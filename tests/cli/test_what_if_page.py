"""Every command of docs/what_if.md whose output the page shows, run; minutes of CPU time each."""

import shlex
from pathlib import Path

import pytest

from partsim.cli.program import status_of

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "what_if.md"


def shown_outputs():
    """Give commands, and the lines that the page shows of what they print, as words."""
    found = []
    for block in PAGE.read_text(encoding="utf-8").split("\n\n"):
        lines = [line[4:] for line in block.splitlines() if line.startswith("    ")]
        if lines and lines[0].startswith("partsim "):
            found.append((shlex.split("\n".join(lines).replace("\\\n", "")), []))
        elif lines and found:
            found[-1][1].extend(line.split() for line in lines)
    return [pytest.param(*one, id=one[0][1]) for one in found if one[1]]


def test_the_page_shows_what_four_commands_print():
    ids = [case.id for case in shown_outputs()]
    assert ids == ["compare", "sweep", "sensitivity", "frontier"]


@pytest.mark.slow
@pytest.mark.parametrize(("command", "shown"), shown_outputs())
def test_a_command_prints_what_the_page_shows(command, shown, tmp_path, monkeypatch, capsys):
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    monkeypatch.chdir(tmp_path)
    assert status_of([*command[1:], "-o", "answer", "--quiet"]) == 0
    printed = iter([line.split() for line in capsys.readouterr().out.splitlines()])
    for line in shown:
        assert line in printed, f"not printed in this order: {' '.join(line)}"
