"""The progress bar: how much of the files was read."""

import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import click

from c1222.capture.source import OnRead

LARGE = 4 << 20
"""Octets of all files from which on a bar is worth its line."""


def sizes(files: Sequence[str]) -> int | None:
    """Octets of all files together; None where one is a pipe or is not there."""
    total = 0
    for file in files:
        path = Path(file)
        try:
            if file == "-" or not path.is_file():
                return None
            total += path.stat().st_size
        except OSError:  # a name that is too long
            return None
    return total


class Progress:
    """A bar on standard error.

    total: octets of all files; None where it is not known. shown: whether there is a place for the bar.
    """

    def __init__(self, total: int | None, *, shown: bool) -> None:
        self._bar: Any = None
        if shown and total is not None and total >= LARGE:
            self._bar = click.progressbar(length=total, file=sys.stderr, label="decoding", update_min_steps=1 << 18)

    def __enter__(self) -> "Progress":
        if self._bar is not None:
            self._bar.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, at: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.__exit__(kind, exc, at)

    def file(self) -> OnRead | None:
        """What hears how many octets of the next file were read."""
        if self._bar is None:
            return None
        bar, before = self._bar, 0

        def on_read(count: int) -> None:
            nonlocal before
            bar.update(count - before)
            before = count

        return on_read
