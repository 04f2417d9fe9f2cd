"""One run of `c1222 decode`: files in, one writer out, everything counted."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import IO, NamedTuple

from c1219_tables.registry import Registry
from c1222.capture.decode import decode_files
from c1222.capture.pairing import Exchange
from c1222.capture.remark import CaptureRemark
from c1222.capture.serial_logs import decode_logs
from c1222.capture.source import Limits, OnRead
from c1222.capture.summary import Summary
from c1222.capture.tables import CapturedTables
from c1222.errors import CaptureError
from c1222.security.keys import KeyRing
from c1222_cli.decode.filters import Wanted
from c1222_cli.decode.progress import Progress, sizes
from c1222_cli.decode.writers import Writer, make_writer
from c1222_cli.failure import INTERRUPTED, exit_code
from c1222_cli.known import KnownTables, dims_fit
from c1222_cli.output import opened_output
from c1222_cli.talk import is_terminal, say

Found = Iterator[Exchange | CaptureRemark]


class Plan(NamedTuple):
    """What to decode, and how. wanted: None where every exchange is. known to unidentified: as in CapturedTables.

    sent, received: raw logs of one serial line, None where there is none.
    inputs: other files that are read, which an output must not overwrite.
    """

    files: tuple[str, ...]
    ring: KeyRing
    ports: frozenset[int]
    limits: Limits
    wanted: Wanted | None
    known: KnownTables
    registry: Registry
    unidentified: Registry
    inputs: tuple[str, ...] = ()
    sent: str | None = None
    received: str | None = None

    @property
    def all_files(self) -> tuple[str, ...]:
        """Everything that is decoded, in its order."""
        return self.files + tuple(log for log in (self.sent, self.received) if log is not None)


def run(plan: Plan, form: str, output: str | None, *, show_secrets: bool, quiet: bool) -> tuple[Summary, list[int]]:
    """Decode and write. Returns what was counted, and exit codes: of files that could not be read, of an interruption.

    Raises UsageError for an output that cannot be written, BrokenPipeError where nobody reads it, KeyboardInterrupt
    where it goes to a file, which then does not appear, TargetError for known tables that do not fit.
    """
    with dims_fit(plan.known):  # before anything is written
        CapturedTables(plan.known, plan.registry, unidentified=plan.unidentified)
    summary, failures = Summary(), []
    with ExitStack() as stack:
        stream = stack.enter_context(opened_output(output, (*plan.all_files, *plan.inputs), private=show_secrets))
        writer = make_writer(form, stream, plan.all_files, show_secrets=show_secrets)
        progress = stack.enter_context(Progress(sizes(plan.all_files), shown=not quiet and _has_room(stream)))
        # Who looks on, or reads from a pipe what comes from a pipe, wants each line at once.
        flush = stream.flush if "-" in plan.files else None
        try:
            for path in plan.files:
                found = _of_file(path, plan, progress.file())
                failures.append(_take(found, path, plan, writer, summary, flush))
            if plan.sent is not None or plan.received is not None:
                found = _of_logs(plan, progress.file())
                failures.append(_take(found, "", plan, writer, summary, flush))
        except KeyboardInterrupt:
            # A live capture ends no other way, so what was decoded until now is finished properly.
            if output not in (None, "-"):
                raise
            summary.complete = False
            failures.append(INTERRUPTED)
        writer.end(summary)
    return summary, [code for code in failures if code]


def _of_file(path: str, plan: Plan, on_read: OnRead | None) -> Found:
    return decode_files(
        [path],
        plan.ring,
        ports=plan.ports,
        limits=plan.limits,
        on_read=on_read,
        known=plan.known,
        registry=plan.registry,
        unidentified=plan.unidentified,
    )


def _of_logs(plan: Plan, on_read: OnRead | None) -> Found:
    return decode_logs(
        plan.sent,
        plan.received,
        limits=plan.limits,
        on_read=on_read,
        known=plan.known,
        registry=plan.registry,
        unidentified=plan.unidentified,
    )


def _take(
    found: Found, path: str, plan: Plan, writer: Writer, summary: Summary, flush: Callable[[], None] | None
) -> int:
    """One file, or the logs. Returns the exit code that it gives where it cannot be read, else 0."""
    try:
        for one in found:
            if not isinstance(one, Exchange):
                summary.remark(one)
                writer.remark(one)
            elif plan.wanted is None or plan.wanted(one):
                summary.exchange(one)
                writer.exchange(one)
            else:
                summary.left_out += 1
            if flush is not None:
                flush()
    except CaptureError as exc:
        summary.complete = False
        say(f"Error: {exc}{_hint(path, exc)}")
        return exit_code(exc)
    return 0


def _hint(path: str, exc: CaptureError) -> str:
    """How hex text is given, where it was taken for the name of a file."""
    is_hex = isinstance(exc.__cause__, OSError) and re.fullmatch(r"(?:[0-9A-Fa-f]{2}){4,}", path)
    return f"; hex text is read from standard input: echo {path[:8]}... | c1222 decode -" if is_hex else ""


def _has_room(stream: IO[bytes]) -> bool:
    """Whether a progress bar on standard error disturbs nothing: a terminal, and the data go elsewhere."""
    return is_terminal(sys.stderr) and not is_terminal(stream)
