"""Progress in a log: not silent for hours, and not a line for everything."""

import os
import sys
from contextlib import suppress
from subprocess import Popen

import pytest

from partsim.cli import output


def test_a_log_has_a_line_a_minute_with_the_end_by_the_last_pace(monkeypatch, capsys):
    times = iter([0, 1, 30, 61, 70, 200])
    monkeypatch.setattr(output, "monotonic", lambda: float(next(times)))
    show = output.ProgressLines()
    # Four were kept by an earlier run: they say nothing about the pace.
    for done in (4, 5, 6, 7, 8, 9):
        show("simulate", done, 20)
    assert capsys.readouterr().err.splitlines() == [
        "simulate ...",
        "simulate 7 of 20, about 4 min left",  # 61 s for 3 replications
        "simulate 9 of 20, about 13 min left",  # 139 s for 2
    ]


def test_a_stage_that_begins_again_has_a_line_of_its_own(capsys):
    show = output.ProgressLines()
    for stage, done in (("optimise", 1), ("simulate", 1), ("simulate", 2), ("simulate", 1)):
        show(stage, done, 2)
    assert capsys.readouterr().err.splitlines() == ["optimise ...", "simulate ...", "simulate ..."]


BARS = """
from partsim.cli.output import show_progress
with show_progress(quiet=False) as show:
    for stage, done in (("optimise", 1), ("simulate", 1), ("simulate", 2)):
        show(stage, done, 2)
"""


def until_the_end(terminal):
    """Read what a terminal shows: it comes in pieces, and the last one is followed by EIO."""
    with suppress(OSError):
        while piece := os.read(terminal, 100_000):
            yield piece


def test_a_terminal_has_bars():
    pty, termios = (pytest.importorskip(name) for name in ("pty", "termios"))
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (25, 80))
    with Popen([sys.executable, "-c", BARS], stderr=theirs) as process:
        process.wait()
    os.close(theirs)
    shown = b"".join(until_the_end(ours)).decode()
    os.close(ours)
    assert "optimise:  50%" in shown
    assert "simulate: 100%" in shown
    assert "2/2" in shown
