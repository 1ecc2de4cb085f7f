"""Repair records to lives: when each part went in, when it came out, and whether it had failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partsim.errors import InputError, Problem
from partsim.history.record_tables import RecordTable, day_of, read_record_table, text_of
from partsim.history.wording import counted

Floats = NDArray[np.float64]

COLUMNS = (
    "machine", "part", "position", "class", "date", "usage", "event", "mode",
    "age", "entry_age", "count",
)  # fmt: skip
"""Columns of repair records. With `age` a row is a life, otherwise an event."""

EVENTS = ("failure", "preventive", "start", "end", "ignore")
_FAILURE, _PREVENTIVE, _START, _END, _IGNORE = range(5)
_WORDS = {
    "": _FAILURE, "1": _FAILURE, "true": _FAILURE, "failed": _FAILURE, "corrective": _FAILURE,
    "0": _PREVENTIVE, "false": _PREVENTIVE, "planned": _PREVENTIVE, "censored": _PREVENTIVE,
    "install": _START, **{word: code for code, word in enumerate(EVENTS)},
}  # fmt: skip


@dataclass(frozen=True)
class RepairClock:
    """
    How times are read and which of them were under observation.

    Parameters
    ----------
    usage_per_day : float
        Meter units (hours, km) of one day of operation; ages and usage are divided by it.
    date_format : str
        Form of the dates, such as "%d.%m.%Y"; ISO 8601 by default.
    begin, end : str
        Dates from and up to which records are complete, in the form of the dates; by default
        from the first record of each place, up to the last date (usage: the machine's last
        reading) in the file.
    """

    usage_per_day: float = 1.0
    date_format: str = "ISO8601"
    begin: str = ""
    end: str = ""

    def __post_init__(self) -> None:
        """Refuse a day without use."""
        if not 0 < self.usage_per_day < np.inf:
            raise ValueError(f"usage_per_day: expected a number > 0, got {self.usage_per_day:g}")


@dataclass(frozen=True)
class Lives:
    """
    Lives of parts, ready to be fitted.

    Attributes
    ----------
    table : DataFrame
        A row for each life: part, class, mode (of the failure), unit (the place: machine, part
        and position), entry, time [days], ended (on the clock), failed, count; within a unit in
        the order of time.
    units : DataFrame
        A row for each place, by `unit`: part, begin and end of its observation [days]. Empty
        where the records are lives already.
    notes : tuple of str
        What was left aside and what was assumed.
    """

    table: pd.DataFrame
    units: pd.DataFrame
    notes: tuple[str, ...]


def read_lives(
    path: Path,
    columns: Mapping[str, str] | None = None,
    codes: Mapping[str, str] | None = None,
    clock: RepairClock | None = None,
) -> Lives:
    """
    Read repair records and turn them into lives.

    Parameters
    ----------
    path : Path
        CSV table. A row is an event (columns machine and date or usage) or a life (column age).
    columns : mapping of str to str, optional
        Heading in the file by column name of `COLUMNS`.
    codes : mapping of str to str, optional
        What the codes of the event column mean: failure, preventive, start, end or ignore. With
        codes given, every other one is a problem.
    clock : RepairClock, optional
        Calendar days and whatever is in the file by default.

    Returns
    -------
    Lives
        In days of the clock.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    clock = clock or RepairClock()
    wrong = [
        Problem(f"codes: expected an event ({', '.join(EVENTS)}) for '{code}', got '{event}'")
        for code, event in (codes or {}).items()
        if event not in EVENTS
    ]
    if wrong:
        raise InputError(*wrong)
    table = read_record_table(path, COLUMNS, columns)
    if "age" in table:
        return _lives_of_rows(table, codes, clock)
    table.require("machine")
    table.require("date", "usage", "age")
    table.refuse()
    return _lives_of_events(table, codes, clock)


def _lives_of_rows(
    table: RecordTable, codes: Mapping[str, str] | None, clock: RepairClock
) -> Lives:
    """Take each row as one life."""
    age, entry, count = table.numbers("age"), table.numbers("entry_age", 0.0), _counts(table)
    empty = np.array([not text for text in table.texts("age")], bool)
    table.complain("age", np.flatnonzero((age == 0) | empty), "an age > 0")
    late = np.flatnonzero((entry >= age) & (age > 0))  # other ages are named already
    table.complain("entry_age", late, "an entry age below the age at the end")
    kinds = _kinds(table, codes)
    if "event" in table:
        marks = np.flatnonzero((kinds == _START) | (kinds == _END))
        table.complain("event", marks, "failure or preventive (a row is a life)")
    table.refuse()
    kept = kinds != _IGNORE
    frame = pd.DataFrame({
        "part": table.texts("part"), "class": table.texts("class"), "mode": table.texts("mode"),
        "unit": np.arange(len(table)), "entry": entry / clock.usage_per_day,
        "time": age / clock.usage_per_day, "ended": np.nan, "failed": kinds == _FAILURE,
        "count": count,
    })[kept]  # fmt: skip
    return Lives(_parts_named(frame), pd.DataFrame(columns=["part", "begin", "end"]), ())


def _lives_of_events(
    table: RecordTable, codes: Mapping[str, str] | None, clock: RepairClock
) -> Lives:
    """Chain the events of each place into lives."""
    by_usage = "usage" in table
    times = table.numbers("usage") if by_usage else table.days("date", clock.date_format)
    name = "usage" if by_usage else "date"
    empty = np.array([not text for text in table.texts(name)])
    table.complain(name, np.flatnonzero(empty), "a number" if by_usage else "a date")
    kinds = _kinds(table, codes)
    frame = pd.DataFrame({
        "machine": table.names("machine"), "part": table.texts("part"),
        "position": table.texts("position"), "class": table.texts("class"),
        "mode": table.texts("mode"), "at": times, "kind": kinds,
    })  # fmt: skip
    begin, end = _window(clock, by_usage=by_usage)
    table.refuse()
    frame = frame[frame["kind"] != _IGNORE]
    if frame.empty:
        raise InputError(Problem("expected records that count, got none", file=table.file))
    ends = frame.groupby("machine")["at"].transform("max") if by_usage else frame["at"].max()
    frame["until"] = ends if np.isnan(end) else end
    if not by_usage:
        _refuse_idle_window(table, frame, begin, end)
    notes = []
    if np.isnan(end) and not (kinds == _END).any():
        notes.append(_end_note(frame, by_usage=by_usage))
    if "part" in table:
        frame, said = _with_parts(frame, table.file)
        notes += said
    frame, repeats = _one_event_at_a_time(frame)
    if repeats:
        notes.append(
            f"{counted(repeats, 'row')} repeated another of the same place and time: left out"
        )
    lives, units, unknown = _chained(frame, begin)
    if unknown:
        lost = counted(unknown, "life")
        notes.append(f"{lost} under way at the first record of the place left out: of unknown age")
    per_day = clock.usage_per_day if by_usage else 1.0
    lives[["entry", "time", "ended"]] /= per_day
    units[["begin", "end"]] /= per_day
    return Lives(_parts_named(lives), _parts_named(units), tuple(notes))


def _with_parts(frame: pd.DataFrame, file: str) -> tuple[pd.DataFrame, list[str]]:
    """Spread what counts for whole machines, leave out what names no part, and say so."""
    notes = []
    spread = _for_every_part(frame)
    if len(spread) > len(frame):
        notes.append("start and end of whole machines were taken for every part in the table")
    nameless = spread["part"] == ""
    if nameless.all():
        raise InputError(Problem("expected records with a part, got none", file=file))
    if nameless.any():
        notes.append(f"{counted(int(nameless.sum()), 'record')} without a part left out")
    return spread[~nameless], notes


def _kinds(table: RecordTable, codes: Mapping[str, str] | None) -> NDArray[np.int64]:
    """Read the event column; without one every row is a failure."""
    words = _WORDS
    if codes is not None:
        words = {code.casefold(): EVENTS.index(event) for code, event in codes.items()}
        words |= {word: code for code, word in enumerate(EVENTS)}
    texts = table.texts("event")
    if "event" not in table:
        return np.zeros(len(table), np.int64)
    kinds = np.array([words.get(text.casefold(), -1) for text in texts], np.int64)
    known = ", ".join([*(codes or {}), *EVENTS])
    hint = "" if codes else " (or codes, explained by --codes)"
    table.complain("event", np.flatnonzero(kinds < 0), f"one of {known}{hint}")
    return kinds


def _counts(table: RecordTable) -> Floats:
    counts = table.numbers("count", 1.0)
    table.complain("count", np.flatnonzero(counts == 0), "a number > 0")
    return counts


def _window(clock: RepairClock, *, by_usage: bool) -> tuple[float, float]:
    """Give the days of the complete records; not a number where the file says it."""
    if by_usage and (clock.begin or clock.end):
        message = "from, until: expected no dates beside a usage column; give rows of start and end"
        raise InputError(Problem(message))
    begin = day_of("from", clock.begin, clock.date_format)
    return begin, day_of("until", clock.end, clock.date_format)


def _refuse_idle_window(table: RecordTable, frame: pd.DataFrame, begin: float, end: float) -> None:
    """Refuse dates between which nothing was recorded."""
    first, last = float(frame["at"].min()), float(frame["at"].max())
    until = last if np.isnan(end) else end
    if begin > until or until < first:
        dates = (("from", begin), ("until", end))
        got = " ".join(f"{name} {text_of(day)}" for name, day in dates if not np.isnan(day))
        records = f"from {text_of(first)} to {text_of(last)}"
        message = f"expected dates around the records, which are {records}, got {got}"
        raise InputError(Problem(message, file=table.file))


def _end_note(frame: pd.DataFrame, *, by_usage: bool) -> str:
    if by_usage:
        return "observation ends at the last reading of each machine (no rows of the event 'end')"
    last = text_of(float(frame["at"].max()))
    return f"observation ends with the last record, {last} (no rows of the event 'end')"


def _for_every_part(frame: pd.DataFrame) -> pd.DataFrame:
    """Let start and end of a whole machine, rows without a part, count for all of its places."""
    whole = (frame["part"] == "") & frame["kind"].isin([_START, _END])
    places = frame.loc[~whole, ["part", "position"]].drop_duplicates()
    if not whole.any() or places.empty:
        return frame
    spread = frame[whole].drop(columns=["part", "position"]).merge(places, how="cross")
    return pd.concat([frame[~whole], spread], ignore_index=True)


def _one_event_at_a_time(frame: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Sort by place and time; of rows at one time keep one, a failure before all others."""
    place = ["machine", "part", "position"]
    # An end is never a repeat: it closes the chain, whatever else happened at that moment.
    frame = frame.sort_values([*place, "at", "kind"], kind="stable")
    repeats = frame.duplicated([*place, "at"]) & (frame["kind"] != _END)
    return frame[~repeats], int((repeats & (frame["kind"] != _START)).sum())


def _chained(frame: pd.DataFrame, begin: float) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Make a life of each event and the next one at the same place."""
    unit = frame.groupby(["machine", "part", "position"], sort=False).ngroup().to_numpy()
    at, kind = frame["at"].to_numpy(), frame["kind"].to_numpy()
    until = frame["until"].to_numpy(float)
    last = np.append(unit[1:] != unit[:-1], True)
    first = np.insert(unit[1:] != unit[:-1], 0, True)
    ended = np.append(at[1:], np.inf)
    ended[last] = np.inf
    by_failure = np.append(kind[1:] == _FAILURE, False) & ~last & (ended <= until)
    ended = np.minimum(ended, until)
    mode = np.append(frame["mode"].to_numpy(object)[1:], "")
    entry = np.maximum(begin - at, 0.0) if not np.isnan(begin) else np.zeros(at.size)
    lives = pd.DataFrame({
        "part": frame["part"].to_numpy(), "class": frame["class"].to_numpy(),
        "mode": np.where(by_failure, mode, ""), "unit": unit, "entry": entry,
        "time": ended - at, "ended": ended, "failed": by_failure, "count": 1.0,
    })  # fmt: skip
    lives = lives[(kind != _END) & (lives["time"] > lives["entry"])]
    starts = at if np.isnan(begin) else np.maximum(at, begin)
    close = np.where(kind == _END, np.minimum(at, until), until)
    units = pd.DataFrame({
        "unit": unit[first], "part": frame["part"].to_numpy()[first], "begin": starts[first],
        "end": close[last], "new": kind[first] == _START,
    })  # fmt: skip
    units = units[units["end"] > units["begin"]].set_index("unit")
    return lives.reset_index(drop=True), units, int((kind[first] < _START).sum())


def _parts_named(frame: pd.DataFrame) -> pd.DataFrame:
    """Call the one part of a table without part numbers 'part'."""
    return frame.assign(part=frame["part"].replace("", "part")).copy()
