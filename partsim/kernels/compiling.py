"""Compilation of kernels: once per machine where the compiled code can be kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """
    Compile a function of arrays and numbers on its first call.

    The machine code is kept beside the module, or in the user's cache folder if that cannot be
    written, and serves later processes; where neither can be written, each process compiles.

    Examples
    --------
    >>> compiled(lambda x: 2 * x)(21)
    42
    """
    try:
        return cast(F, numba.njit(cache=True, error_model="numpy")(function))
    except RuntimeError:  # numba found no folder for its cache
        return cast(F, numba.njit(error_model="numpy")(function))
