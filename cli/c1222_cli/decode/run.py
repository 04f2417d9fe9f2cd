"""One run of `c1222 decode`: files in, one writer out, everything counted."""

import re
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import IO, NamedTuple

from c1219_tables.registry import Registry
from c1222.capture.decode import decode_files
from c1222.capture.pairing import Exchange
from c1222.capture.source import Limits, OnRead
from c1222.capture.summary import Summary
from c1222.capture.tables import CapturedTables
from c1222.errors import CaptureError
from c1222.security.keys import KeyRing
from c1222_cli.decode.filters import Wanted
from c1222_cli.decode.progress import Progress, sizes
from c1222_cli.decode.writers import Writer, make_writer
from c1222_cli.failure import INTERRUPTED, MISFIT, USAGE
from c1222_cli.known import KnownTables, dims_fit
from c1222_cli.output import opened_output
from c1222_cli.talk import is_terminal, say


class Plan(NamedTuple):
    """What to decode, and how. wanted: None where every exchange is. known to unidentified: as in CapturedTables.

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


def run(plan: Plan, form: str, output: str | None, *, show_secrets: bool, quiet: bool) -> tuple[Summary, list[int]]:
    """Decode and write. Returns what was counted, and exit codes: of files that could not be read, of an interruption.

    Raises UsageError for an output that cannot be written, BrokenPipeError where nobody reads it, KeyboardInterrupt
    where it goes to a file, which then does not appear, TargetError for known tables that do not fit.
    """
    with dims_fit(plan.known):  # before anything is written
        CapturedTables(plan.known, plan.registry, unidentified=plan.unidentified)
    summary, failures = Summary(), []
    with ExitStack() as stack:
        stream = stack.enter_context(opened_output(output, (*plan.files, *plan.inputs), private=show_secrets))
        writer = make_writer(form, stream, plan.files, show_secrets=show_secrets)
        progress = stack.enter_context(Progress(sizes(plan.files), shown=not quiet and _has_room(stream)))
        # Who looks on, or reads from a pipe what comes from a pipe, wants each line at once.
        flush = stream.flush if "-" in plan.files else None
        try:
            for path in plan.files:
                if code := _decode_file(path, plan, writer, summary, progress.file(), flush):
                    failures.append(code)
        except KeyboardInterrupt:
            # A live capture ends no other way, so what was decoded until now is finished properly.
            if output not in (None, "-"):
                raise
            summary.complete = False
            failures.append(INTERRUPTED)
        writer.end(summary)
    return summary, failures


def _decode_file(
    path: str, plan: Plan, writer: Writer, summary: Summary, on_read: OnRead | None, flush: Callable[[], None] | None
) -> int:
    """One file. Returns the exit code that it gives where it cannot be read, else 0."""
    try:
        for found in decode_files(
            [path],
            plan.ring,
            ports=plan.ports,
            limits=plan.limits,
            on_read=on_read,
            known=plan.known,
            registry=plan.registry,
            unidentified=plan.unidentified,
        ):
            if not isinstance(found, Exchange):
                summary.remark(found)
                writer.remark(found)
            elif plan.wanted is None or plan.wanted(found):
                summary.exchange(found)
                writer.exchange(found)
            else:
                summary.left_out += 1
            if flush is not None:
                flush()
    except CaptureError as exc:
        summary.complete = False
        say(f"Error: {exc}{_hint(path, exc)}")
        return USAGE if isinstance(exc.__cause__, OSError) else MISFIT
    return 0


def _hint(path: str, exc: CaptureError) -> str:
    """How hex text is given, where it was taken for the name of a file."""
    is_hex = isinstance(exc.__cause__, OSError) and re.fullmatch(r"(?:[0-9A-Fa-f]{2}){4,}", path)
    return f"; hex text is read from standard input: echo {path[:8]}... | c1222 decode -" if is_hex else ""


def _has_room(stream: IO[bytes]) -> bool:
    """Whether a progress bar on standard error disturbs nothing: a terminal, and the data go elsewhere."""
    return is_terminal(sys.stderr) and not is_terminal(stream)
