"""The program as a process: quick to answer, calm about pipes, terminals and Ctrl-C."""

import os
import signal
import subprocess
import sys
import time
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
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, b"")
    assert err.endswith(b"interrupted; nothing was written\n")
    assert [path.name for path in case.parent.iterdir()] == ["case.yaml"]


def test_ctrl_c_after_the_last_word_changes_nothing():
    code = (
        "import atexit, sys, time; from partsim.cli.program import main;"
        "atexit.register(time.sleep, 1); atexit.register(print, 'ends', flush=True);"
        "sys.argv[1:] = ['--version']; main()"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)  # fmt: skip
    while process.stdout.readline() != b"ends\n":
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")


def test_choosing_stock_draws_no_pictures(case):
    code = (
        "import sys; from partsim.cli.program import status_of;"
        "print(status_of(['optimise', 'case.yaml', '--quiet', '-o', 'stock.csv']));"
        "print(sorted({'jinja2', 'matplotlib', 'xlsxwriter'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-2:] == ["0", "[]"]


def test_a_frontier_that_was_killed_goes_on_and_ends_alike(case):
    asked = [*PROGRAM, "frontier", "case.yaml", "--points", "3", "--simulate", "--quiet",
             "--replications", "12"]  # fmt: skip
    kept = case.parent / "kept"
    process = subprocess.Popen([*asked, "--resume", "kept", "-o", "first"])
    while process.poll() is None and len(list(kept.glob("case-*/replication-*.npz"))) < 14:
        time.sleep(0.001)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    finished = {path: path.stat().st_mtime_ns for path in kept.glob("case-*/replication-*.npz")}
    assert 14 <= len(finished) < 36
    subprocess.run([*asked, "--resume", "kept", "-o", "second"], check=True, capture_output=True)
    subprocess.run([*asked, "-o", "alone"], check=True, capture_output=True)
    assert all(path.stat().st_mtime_ns == made for path, made in finished.items())
    table = "frontier_simulated.csv"
    assert Path("second", table).read_bytes() == Path("alone", table).read_bytes()
    assert not Path("first").exists()
