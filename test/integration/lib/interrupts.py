"""Ctrl-C and SIGTERM: a test that gets one fails, so that all it has started is ended. unittest would leave at once."""
import contextlib
import signal

_ending = []


class Interrupted(Exception):
    """Unlike a KeyboardInterrupt, an error as any other to unittest."""


def heed():
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)


def _interrupt(number, _):
    if not _ending:
        raise Interrupted(signal.Signals(number).name)


@contextlib.contextmanager
def uninterrupted():
    """For the way out, which is not left half-way."""
    _ending.append(True)
    try:
        yield
    finally:
        _ending.pop()
