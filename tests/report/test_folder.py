"""Run folders and single files are whole or not there, and nothing is ever overwritten."""

import errno
import json
import os
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from partsim.errors import InputError
from partsim.report.folder import (
    default_folder,
    manifest,
    whole_file,
    whole_folder,
    write_manifest,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def interrupt(file, error):
    file.write_text("half")
    raise error


def test_a_folder_appears_only_when_it_is_complete(tmp_path):
    with whole_folder(tmp_path / "runs" / "one") as folder:
        (folder / "a.txt").write_text("a")
        assert not (tmp_path / "runs" / "one").exists()
    assert (tmp_path / "runs" / "one" / "a.txt").read_text() == "a"
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["one"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_after_an_interruption_nothing_is_left(tmp_path, error):
    with pytest.raises(error), whole_folder(tmp_path / "one") as folder:
        interrupt(folder / "a.txt", error)
    assert list(tmp_path.iterdir()) == []


def test_an_interruption_just_after_the_folder_was_made_leaves_nothing(tmp_path, monkeypatch):
    make = Path.mkdir

    def make_and_stop(path, *arguments, **options):
        make(path, *arguments, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "mkdir", make_and_stop)
    with pytest.raises(KeyboardInterrupt), whole_folder(tmp_path / "one"):
        pytest.fail("the work must not begin")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_refused_and_untouched(tmp_path):
    (tmp_path / "one").mkdir()
    with pytest.raises(InputError, match="exists already"), whole_folder(tmp_path / "one"):
        pytest.fail("the work must not begin")
    assert list((tmp_path / "one").iterdir()) == []


def test_a_folder_that_came_meanwhile_is_not_overwritten(tmp_path):
    with pytest.raises(InputError, match="exists already"), whole_folder(tmp_path / "one"):
        (tmp_path / "one").mkdir()
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.ENOENT])
def test_a_full_or_closed_disk_is_one_sentence(tmp_path, code):
    with pytest.raises(InputError, match="one: cannot be written"), whole_folder(tmp_path / "one"):
        raise OSError(code, os.strerror(code))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_below_a_file_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(InputError, match="cannot be written: not a directory"),
        whole_folder(tmp_path / "file" / "one"),
    ):
        pytest.fail("the work must not begin")


def test_other_errors_of_the_system_are_not_disguised(tmp_path):
    with pytest.raises(ConnectionResetError), whole_folder(tmp_path / "one"):
        raise ConnectionResetError(errno.ECONNRESET, "reset")


def test_a_file_is_never_overwritten(tmp_path):
    whole_file(tmp_path / "a.yaml", "first")
    with pytest.raises(InputError, match="exists already"):
        whole_file(tmp_path / "a.yaml", "second")
    assert (tmp_path / "a.yaml").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["a.yaml"]


def test_missing_folders_above_a_file_are_made(tmp_path):
    whole_file(tmp_path / "none" / "a.yaml", "text")
    assert (tmp_path / "none" / "a.yaml").read_text() == "text"


def test_a_file_that_cannot_be_finished_leaves_nothing(tmp_path, monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(InputError, match=r"a\.csv: cannot be written: no space left"):
        whole_file(tmp_path / "a.csv", "text")
    assert list(tmp_path.iterdir()) == []


def test_two_runs_of_the_same_second_get_two_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = default_folder("Pumps", "text", NOON)
    first.mkdir(parents=True)
    assert default_folder("Pumps", "text", NOON).name == first.name + "_2"


def test_the_manifest_names_inputs_and_outputs_with_hashes(tmp_path):
    (tmp_path / "in.yaml").write_text("in")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.csv").write_text("a")
    facts = manifest(command=["partsim", "run"], seed=7, inputs=[tmp_path / "in.yaml"],
                     scenario_text="text", started=NOON)  # fmt: skip
    write_manifest(tmp_path / "out", facts)
    written = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert written["schema"] == "partsim/manifest/1"
    assert written["inputs"][0]["sha256"] == sha256(b"in").hexdigest()
    assert written["outputs"] == [{"file": "a.csv", "sha256": sha256(b"a").hexdigest()}]
    assert written["scenario_sha256"] == sha256(b"text").hexdigest()
    assert written["started"] == "2026-11-21T12:00:00Z"
    assert written["cpu_seconds"] > 0
    assert {"numpy", "pulp", "simpy"} <= written["versions"].keys()
