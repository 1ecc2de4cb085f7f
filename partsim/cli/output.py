"""What commands print, and exit statuses; results on stdout, everything else on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from partsim.errors import Problem

DONE, BUG, BAD_INPUT, NOT_REACHED, INTERRUPTED = 0, 1, 2, 3, 130
Progress = Callable[[str, int, int], None]


def say_or_write(text: str, output: Path | None) -> None:
    """Print a text, or write it to a file that must not exist and say so."""
    from partsim.report.folder import whole_file

    if output is None:
        say(text.rstrip("\n"))
    else:
        whole_file(output, text)
        say(f"wrote {output}")


def say_json(value: dict[str, Any]) -> None:
    """Print one JSON object."""
    from partsim.report.tables import strict_json

    say(strict_json(value))


def say(text: str = "") -> None:
    """Print to stdout; a reader that has gone away is no reason to stop or to complain."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(text: str) -> None:
    """Print to stderr."""
    print(text, file=sys.stderr)


@contextmanager
def show_progress(*, quiet: bool) -> Iterator[Progress | None]:
    """Show progress on stderr: bars on a terminal, elsewhere a line now and then."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        with _bars() as show:
            yield show
    else:
        yield ProgressLines()


@contextmanager
def _bars() -> Iterator[Progress]:
    from tqdm import tqdm

    bars: list[tqdm[Any]] = []
    stages: list[str] = []

    def show(stage: str, done: int, total: int) -> None:
        if not stages or stages[-1] != stage or done < bars[-1].n:
            if bars:
                bars[-1].close()
            stages.append(stage)
            bars.append(tqdm(total=total, desc=stage, file=sys.stderr, ascii=True))
        bars[-1].update(done - bars[-1].n)

    try:
        yield show
    finally:
        if bars:
            bars[-1].close()


class ProgressLines:
    """
    Progress for a log: a line for each stage, and one a minute that says when it will end.

    The end is estimated from the pace since the line before: what was there already when an
    interrupted run goes on is no pace.
    """

    def __init__(self) -> None:
        self._stage = ""
        self._done = 0
        self._line = (0.0, 0)

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Take notice of how far a stage is."""
        now = monotonic()
        if stage != self._stage or done < self._done:
            complain(f"{stage} ...")
            self._stage, self._line = stage, (now, done)
        self._done = done
        since, before = self._line
        if now - since >= _BETWEEN_LINES and done > before:
            left = (total - done) * (now - since) / (done - before)
            complain(f"{stage} {done} of {total}, about {_rough(left)} left")
            self._line = (now, done)


_BETWEEN_LINES = 60.0
"""Least time from one line to the next [s]."""


def _rough(seconds: float) -> str:
    """
    Give a time as people say it.

    Examples
    --------
    >>> _rough(40), _rough(600), _rough(9000)
    ('40 s', '10 min', '2.5 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def report_problems(problems: Sequence[Problem], *, as_json: bool) -> int:
    """Print problems, and give the exit status for them."""
    if as_json:
        import json

        keys = ("file", "line", "column", "path", "message")
        found = [{key: getattr(problem, key) for key in keys} for problem in problems]
        say(json.dumps({"problems": found}, indent=2))
    else:
        complain("\n".join(map(str, problems)))
        if len(problems) > 1:
            complain(f"{len(problems)} problems")
    return BAD_INPUT
