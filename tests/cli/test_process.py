"""The program as a process: quick to answer, calm about pipes, terminals and Ctrl-C."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = [sys.executable, "-c", "from partsim.cli.program import main; main()"]


def test_importing_the_command_line_imports_nothing_slow():
    code = (
        "import sys, partsim.cli.program; slow = {'numpy', 'pandas', 'pydantic', 'scipy', "
        "'matplotlib', 'jinja2', 'simpy', 'pulp', 'yaml', 'tqdm'};"
        "print(sorted(slow & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_help_answers_on_stdout():
    done = subprocess.run([*PROGRAM, "--help"], capture_output=True, text=True, check=True)
    assert "run " in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "latin-1"])
def test_a_terminal_without_utf_8_shows_the_verdict(case, encoding):
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = subprocess.run([*PROGRAM, "optimise", "case.yaml", "--quiet"], capture_output=True,
                          env=environment, check=False)  # fmt: skip
    assert done.returncode == 0
    assert b"pump,depot" in done.stdout
    assert b"Traceback" not in done.stderr


def test_a_reader_that_goes_away_is_no_error(case):
    process = subprocess.Popen([*PROGRAM, "check", "case.yaml"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)  # fmt: skip
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 0


def test_ctrl_c_ends_a_run_with_130_and_leaves_nothing(case):
    long = ["--replications", "10000", "--set", "simulation.years=100"]
    process = subprocess.Popen([*PROGRAM, "run", "case.yaml", "-o", "out", *long],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
    # In the middle of the work: Python itself may lose an interrupt while it imports modules.
    stages = []
    while stages[-1:] != [b"simulate ...\n"]:
        stages.append(process.stderr.readline())
        assert stages[-1], b"".join(stages)
    assert list(case.parent.glob(".out.*"))  # the hidden folder
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=600)
    assert (process.returncode, out) == (130, b"")
    assert err.endswith(b"interrupted; nothing was written\n")
    assert [path.name for path in case.parent.iterdir()] == ["case.yaml"]


def test_ctrl_c_after_the_last_word_changes_nothing():
    code = (
        "import atexit, sys; from partsim.cli.program import main;"
        "atexit.register(sys.stdin.read); atexit.register(print, 'ends', flush=True);"
        "sys.argv[1:] = ['--version']; main()"
    )
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, stderr=pipe)
    said = [process.stdout.readline(), process.stdout.readline()]
    assert said[1] == b"ends\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=600)  # closes the input that it waits for
    assert (process.returncode, err) == (0, b"")


def test_choosing_stock_draws_no_pictures(case):
    code = (
        "import sys; from partsim.cli.program import status_of;"
        "print(status_of(['optimise', 'case.yaml', '--quiet', '-o', 'stock.csv']));"
        "print(sorted({'jinja2', 'matplotlib', 'xlsxwriter'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-2:] == ["0", "[]"]


# A signal from outside would come at no moment that a test can know: it comes from within.
KILLED = """
import os, signal
from itertools import count
from partsim.cli.program import main
from partsim.planning.batches import Batches

keep, kept = Batches.keep, count(1)

def keep_fourteen(*arguments):
    keep(*arguments)
    if next(kept) == 14:
        os.kill(os.getpid(), signal.SIGKILL)

Batches.keep = keep_fourteen
main()
"""


def test_a_frontier_that_was_killed_goes_on_and_ends_alike(case):
    asked = ["frontier", "case.yaml", "--points", "3", "--simulate", "--quiet",
             "--replications", "12"]  # fmt: skip
    killed = [sys.executable, "-c", KILLED, *asked, "--resume", "kept", "-o", "first"]
    assert subprocess.run(killed, check=False).returncode == -signal.SIGKILL
    kept = case.parent / "kept"
    finished = {path: path.stat().st_mtime_ns for path in kept.glob("case-*/replication-*.npz")}
    assert len(finished) == 14
    asked = [*PROGRAM, *asked]
    subprocess.run([*asked, "--resume", "kept", "-o", "second"], check=True, capture_output=True)
    subprocess.run([*asked, "-o", "alone"], check=True, capture_output=True)
    assert all(path.stat().st_mtime_ns == made for path, made in finished.items())
    table = "frontier_simulated.csv"
    assert Path("second", table).read_bytes() == Path("alone", table).read_bytes()
    assert not Path("first").exists()
