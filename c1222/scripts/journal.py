"""What was done of an order, kept as it is done: lines of JSON that are only ever added, each on the disk at once.

    {"journal": "c1222 apply", "version": 1, "order": "New owner", "plan": "5f0c...", "at": "2026-02-01T08:00:00+00:00"}
    {"event": "begun", "meter": "depot-1", "step": 2, "at": ...}      the next thing sent changes the meter
    {"event": "done", "meter": "depot-1", "step": 2, "result": "ok", "said": "...", "kind": "", "data": null, "at": ...}
    {"event": "resumed", "at": ...}

Step 0 is the connection. A journal belongs to one plan and its meters, and to one process at a time. What a crash left
of a last line is dropped: its step was not told as done. Secrets are not in it, values that were read are: it is its
owner's alone.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from c1222.capture.export import serializer
from c1222.errors import TargetError
from c1222.scripts.outcome import RESULTS, Outcome

FORMAT = "c1222 apply"
VERSION = 1
LARGEST = 256 << 20
"""Octets of a journal that is read."""

Now = Callable[[], datetime]
Place = tuple[str, int]
"""Name of a meter, and number of a step; 0 for its connection."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Journal:
    """done: what came of each step. begun: steps that were begun and not told as done. error: why it cannot be kept.

    Made by `begin` or `resume`; to be closed.
    """

    def __init__(self, path: Path, handle: int, now: Now) -> None:
        self.path = path
        self.done: dict[Place, Outcome] = {}
        self.begun: set[Place] = set()
        self.error: TargetError | None = None
        self._handle = handle
        self._now = now
        self._dumps = serializer(fast=False)

    @classmethod
    def begin(cls, path: Path, *, order: str, plan: str, now: Now = utc_now) -> "Journal":
        """A new journal. order: its title. plan: digest of plan and meters.

        Raises TargetError where there is one already.
        """
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
        except FileExistsError:
            raise _exists(path) from None
        except OSError as exc:
            raise TargetError(f"{path}: {exc.strerror}") from exc
        journal = cls(path, handle, now)
        try:
            _lock(handle, path)
            journal._add({"journal": FORMAT, "version": VERSION, "order": order, "plan": plan})
            _keep_name(path.parent)
        except BaseException:
            journal.close()
            raise
        return journal

    @classmethod
    def resume(cls, path: Path, *, plan: str, now: Now = utc_now) -> "Journal":
        """The journal of this plan, with what it says.

        Raises TargetError where there is none, where it belongs to another plan, where another process has it, and
        where somebody changed it.
        """
        try:
            handle = os.open(path, os.O_RDWR | _BINARY)
        except FileNotFoundError:
            raise TargetError(f"{path}: there is no journal to resume; without --resume one is begun") from None
        except OSError as exc:
            raise TargetError(f"{path}: {exc.strerror}") from exc
        journal = cls(path, handle, now)
        try:
            _lock(handle, path)
            journal._read(plan)
            journal._add({"event": "resumed"})
        except BaseException:
            journal.close()
            raise
        return journal

    def tell_begun(self, meter: str, step: int, **more: Any) -> None:
        """The next octets that go change the meter. more: what is to be known of it later, as JSON has it."""
        self._add({"event": "begun", "meter": meter, "step": step, **more})
        self.begun.add((meter, step))

    def tell_done(self, meter: str, step: int, outcome: Outcome) -> None:
        said = {"result": outcome.result, "said": outcome.said, "kind": outcome.kind, "data": outcome.data}
        self._add({"event": "done", "meter": meter, "step": step, **said})
        self._keep((meter, step), outcome)

    def close(self) -> None:
        """Give the journal to others; a second time nothing happens."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def __enter__(self) -> "Journal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _keep(self, place: Place, outcome: Outcome) -> None:
        self.done[place] = outcome
        self.begun.discard(place)

    def _add(self, record: Mapping[str, Any]) -> None:
        """One line, on the disk when this returns. Raises TargetError: then nothing more may be sent."""
        line = self._dumps({**record, "at": self._now().isoformat(timespec="seconds")}) + b"\n"
        try:
            os.lseek(self._handle, 0, os.SEEK_END)
            while line:
                line = line[os.write(self._handle, line) :]
            os.fsync(self._handle)
        except OSError as exc:
            self.error = TargetError(f"{self.path}: cannot be written: {exc.strerror}")
            raise self.error from exc

    def _read(self, plan: str) -> None:
        octets = bytearray()
        while part := os.read(self._handle, 1 << 20):
            octets += part
            if len(octets) > LARGEST:
                raise TargetError(f"{self.path}: larger than {LARGEST >> 20} MiB, too large to be right")
        whole = octets.rfind(b"\n") + 1
        lines = bytes(octets[:whole]).splitlines()
        if not lines:
            raise TargetError(f"{self.path}: holds nothing; nothing was sent for it, so it can be removed")
        for number, line in enumerate(lines, 1):
            try:
                record = json.loads(line)
                self._first(record, plan) if number == 1 else self._further(record)
            except (ValueError, KeyError, TypeError, RecursionError) as exc:
                if isinstance(exc, TargetError):
                    raise
                raise TargetError(f"{self.path}, line {number}: not what this program wrote") from None
        os.ftruncate(self._handle, whole)

    def _first(self, record: Mapping[str, Any], plan: str) -> None:
        if (record["journal"], record["version"]) != (FORMAT, VERSION):
            raise ValueError
        if record["plan"] != plan:
            raise TargetError(
                f"{self.path}: this journal belongs to another plan, or its plan or list of meters was changed since"
            )

    def _further(self, record: Mapping[str, Any]) -> None:
        event = record["event"]
        if event == "resumed":
            return
        meter, step = record["meter"], record["step"]
        if not isinstance(meter, str) or type(step) is not int or event not in ("begun", "done"):
            raise ValueError
        if event == "begun":
            self.begun.add((meter, step))
            self.done.pop((meter, step), None)
            return
        if record["result"] not in RESULTS:
            raise ValueError
        outcome = Outcome(record["result"], str(record["said"]), str(record["kind"]), record["data"])
        self._keep((meter, step), outcome)


def must_be_new(path: Path) -> None:
    """Raise TargetError where there is a journal already."""
    if path.exists():
        raise _exists(path)


def _exists(path: Path) -> TargetError:
    problem = "there is a journal already; --resume goes on where it ends, --journal FILE begins another"
    return TargetError(f"{path}: {problem}")


_BINARY = getattr(os, "O_BINARY", 0)


def _keep_name(folder: Path) -> None:
    """See to it that the name of a new file is on the disk. Windows does so by itself."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


if sys.platform == "win32":
    _FAR = 1 << 40

    def _lock(handle: int, path: Path) -> None:
        import msvcrt

        # Behind everything that is ever written: what is locked there cannot be read by others.
        os.lseek(handle, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            raise TargetError(f"{path}: another process is at work on this journal") from None
        os.lseek(handle, 0, os.SEEK_SET)

else:

    def _lock(handle: int, path: Path) -> None:
        """The system gives the lock back when its holder ends, however it ends."""
        import fcntl

        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TargetError(f"{path}: another process is at work on this journal") from None
        except OSError as exc:
            raise TargetError(f"{path}: cannot be locked: {exc.strerror}") from exc
