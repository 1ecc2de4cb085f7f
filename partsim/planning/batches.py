"""Finished replications on disk: what an interrupted run goes on from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

import partsim
from partsim.errors import InputError, Problem
from partsim.simulation.replication import Record
from partsim.simulation.response_times import ResponseTimes

if TYPE_CHECKING:
    from partsim.model.plan import Plan
    from partsim.model.scenario import Scenario

Question = Mapping[str, str | int]
"""What the replications of a folder belong to: version, digests of the inputs, seed."""

QUESTION = "question.json"


class Batches:
    """
    The replications of one scenario, plan and seed in a folder, each whole or not there.

    Files are arrays of numbers in NumPy's format: reading one runs no code.

    Parameters
    ----------
    folder : Path
        New, empty, or begun with the same question.
    question : mapping
        As `question_of` gives it.

    Raises
    ------
    InputError
        If the folder belongs to another question or cannot be used.
    """

    def __init__(self, folder: Path, question: Question) -> None:
        self.folder = Path(folder)
        ask(self.folder, question)

    def finished(self) -> Mapping[int, Record]:
        """Give the records that are there, by replication."""
        paths = sorted(self.folder.glob("replication-*.npz"))
        return {int(path.stem.removeprefix("replication-")): _read(path) for path in paths}

    def keep(self, number: int, record: Record) -> None:
        """Keep a record."""
        content = BytesIO()
        np.savez(content, **arrays_of(record))  # type: ignore[arg-type]
        _write(self.folder / f"replication-{number:06}.npz", content.getvalue())


def question_of(scenario: Scenario, plan: Plan | None, seed: int) -> Question:
    """
    Give what decides the records, so that no other run is taken for the same.

    How many replications are played, or how exactly, decides none of them.
    """
    settings = {"replications", "most_replications", "precision", "seed"}
    tree = scenario.model_dump_json(exclude={"simulation": settings})
    digests = {"scenario": sha256(tree.encode()).hexdigest()}
    if plan is not None:
        digests["plan"] = plan_digest(plan)
    return {"partsim": partsim.__version__, **digests, "seed": seed}


def plan_digest(plan: Plan) -> str:
    """Give a name to what a plan decides."""
    decided = (getattr(plan, field.name) for field in fields(plan) if field.name != "certificate")
    texts = [repr(x.tolist() if isinstance(x, np.ndarray) else x) for x in decided]
    return sha256("\n".join(texts).encode()).hexdigest()


def case_batches(folder: Path | None, scenario: Scenario, plan: Plan) -> Batches | None:
    """
    Give the folder of one case in that of several, which have seed and version in common.

    Raises
    ------
    InputError
        If the folder belongs to another seed or version, or cannot be used.
    """
    if folder is None:
        return None
    seed = scenario.simulation.seed
    question = question_of(scenario, plan, seed)
    ask(folder, {"partsim": partsim.__version__, "seed": seed})
    name = f"case-{str(question['scenario'])[:12]}-{plan_digest(plan)[:12]}"
    return Batches(folder / name, question)


def ask(folder: Path, question: Question) -> None:
    """
    Begin a folder with a question, or see that it began with the same.

    Raises
    ------
    InputError
        If it did not, or cannot be used; the sentence names what is different.
    """
    path = folder / QUESTION
    if folder.exists() and not folder.is_dir():
        raise _problem(folder, "is a file, no folder of --resume; name a new one")
    try:
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise _problem(folder, "is neither empty nor a folder of --resume; name a new one")
            _write(path, json.dumps(dict(question), indent=2).encode())
        began: Question = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise _problem(path, f"cannot be used: {reason}") from error
    if not isinstance(began, dict):
        raise _problem(folder, "is neither empty nor a folder of --resume; name a new one")
    different = [what for what in question if began.get(what) != question[what]]
    if different:
        reasons = " and ".join(_difference(what, began, question) for what in different)
        raise _problem(folder, f"was begun with {reasons}; name a new folder to begin anew")


def _difference(what: str, began: Question, question: Question) -> str:
    if what in ("seed", "partsim"):
        return f"{what} {began.get(what)}, not {question[what]}"
    return f"another {what}"


def arrays_of(record: Record) -> dict[str, NDArray[np.float64]]:
    """Lay a record out as named arrays; those of the response times are numbered by caller."""
    arrays = {name: getattr(record, name) for name in _names(Record) if name != "responses"}
    for c, times in enumerate(record.responses):
        arrays |= {
            f"responses/{c}/{name}": np.asarray(getattr(times, name))
            for name in _names(ResponseTimes)
        }
    if any(array.dtype.hasobject for array in arrays.values()):
        raise TypeError("record: expected arrays of numbers only")
    return arrays


def record_of(arrays: Mapping[str, NDArray[np.float64]]) -> Record:
    """Put a record together again."""
    members: dict[str, Any] = {name: arrays[name] for name in _names(Record) if name != "responses"}
    callers = range(len(members["service"]))
    return Record(responses=tuple(_times_of(arrays, c) for c in callers), **members)


def _times_of(arrays: Mapping[str, NDArray[np.float64]], caller: int) -> ResponseTimes:
    values, calls, days = (arrays[f"responses/{caller}/{name}"] for name in _names(ResponseTimes))
    return ResponseTimes(values, calls.astype(np.int32), days.item())


def _names(kind: type[Record | ResponseTimes]) -> list[str]:
    return [field.name for field in fields(kind)]


def _read(path: Path) -> Record:
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            return record_of(dict(file))
    except KeyError as error:
        message = f"has no {error.args[0]}: another version of partsim wrote it"
        raise _problem(path, f"{message}; delete it, and it is played again") from error
    except (OSError, ValueError, BadZipFile) as error:
        message = f"is damaged ({error}); delete it, and it is played again"
        raise _problem(path, message) from error


def _write(path: Path, content: bytes) -> None:
    """Write a file that appears under its name only when it is complete."""
    hidden = path.with_name(f".{path.name}.{token_hex(4)}.partial")
    try:
        hidden.write_bytes(content)
        hidden.replace(path)
    except OSError as error:
        raise _problem(path, f"cannot be written: {error.strerror or error}") from error
    finally:
        hidden.unlink(missing_ok=True)


def _problem(path: Path, message: str) -> InputError:
    return InputError(Problem(message, file=str(path)))
