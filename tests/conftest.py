"""What all tests share."""

import signal

import pytest


@pytest.fixture(scope="session", autouse=True)
def _interrupts_reach_children():
    """Shells start background jobs with Ctrl-C ignored, and children would inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
