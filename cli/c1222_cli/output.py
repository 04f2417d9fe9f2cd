"""`--format` and `-o`: where data go, and in which form. A file appears whole or not at all."""

import errno
import io
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import click

from c1222_cli.in_place import opened_in_place, takes_place

SUFFIXES = {
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".txt": "table",
    ".tsv": "plain",
    ".hex": "hex",
}
FORMATS = ("table", "plain", "json", "jsonl", "hex")

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)
"""What can be wrong with a file that was opened."""


def choose_format(given: str | None, output: str | None) -> str:
    """The format: as given, else by the suffix of the output file, else the table. Raises UsageError."""
    if given is not None:
        return given
    if output is None or output == "-":
        return "table"
    suffix = Path(output).suffix.lower()
    if suffix not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        raise click.UsageError(f"-o {output}: no format goes with {suffix or 'no suffix'!r} ({known}); give --format")
    return SUFFIXES[suffix]


@contextmanager
def opened_output(output: str | None, inputs: Iterable[str | Path], *, private: bool = False) -> Iterator[IO[bytes]]:
    """A stream for octets: standard output, or a file.

    A regular file is written beside itself and takes its name when all is written; after an exception it does not
    change. A pipe, a device or an open file (/dev/stdout) is written as it is.

    inputs: files that the command reads; they are not overwritten. private: a new file is for its owner alone.
    Raises UsageError where it cannot be; OSError, with its name, where it is full.
    """
    with _named("standard output" if output in (None, "-") else str(output)):
        yield from _opened(output, inputs, private=private)


@contextmanager
def _named(name: str) -> Iterator[None]:
    """What the operating system says of a write names no file: say which one it is."""
    try:
        yield
    except OSError as exc:
        if exc.filename is None and exc.errno in _FULL:
            exc.filename = name
        raise


def _opened(output: str | None, inputs: Iterable[str | Path], *, private: bool) -> Iterator[IO[bytes]]:
    if output is None or output == "-":
        stream = getattr(sys.stdout, "buffer", None)
        if stream is None:
            raise click.UsageError("standard output is closed; -o FILE writes to a file")
        yield stream
        stream.flush()
        return
    _refuse_input(output, inputs)
    if not takes_place(output):
        try:
            special = opened_in_place(Path(output))
        except OSError as exc:
            raise click.UsageError(f"-o {output}: {exc.strerror}") from exc
        with special:
            yield special
        return
    path = Path(output).resolve()  # a link stays one
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as exc:
        raise click.UsageError(f"-o {output}: cannot write in {path.parent}: {exc.strerror}") from exc
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        if not private:
            beside.chmod(stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_umask())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def check_output(output: str | None, inputs: Iterable[str | Path] = ()) -> None:
    """Raise UsageError where a file cannot be written, before the work for it begins; inputs as in opened_output."""
    if output is None or output == "-":
        return
    _refuse_input(output, inputs)
    if Path(output).is_dir():
        raise click.UsageError(f"-o {output}: is a folder; a file is wanted")
    if not takes_place(output):
        if not os.access(output, os.W_OK):
            raise click.UsageError(f"-o {output}: may not be written")
        return
    folder = Path(output).resolve().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        why = "it is not there" if not folder.exists() else "it is no folder that may be written"
        raise click.UsageError(f"-o {output}: cannot write in {folder}: {why}")


def _refuse_input(output: str, inputs: Iterable[str | Path]) -> None:
    for each in inputs:
        if each != "-" and _is_same(Path(output), Path(each)):
            raise click.UsageError(f"-o {output}: the command reads this file; it is not overwritten")


def _is_same(path: Path, other: Path) -> bool:
    """Whether two names are of one file, or of none yet and would be."""
    try:
        other = other.expanduser()
        return path.samefile(other) if path.exists() and other.exists() else path.resolve() == other.resolve()
    except (OSError, ValueError, RuntimeError):  # one of them cannot be
        return False


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def check_stdout() -> None:
    """Raise UsageError where standard output is closed; OSError where it is known to be full. Nothing is written."""
    if sys.stdout is None:
        raise click.UsageError("standard output is closed; nothing was started")
    try:
        found = os.fstat(sys.stdout.fileno())
        room = os.fstatvfs(sys.stdout.fileno()).f_bavail if stat.S_ISREG(found.st_mode) else 1
    except (OSError, ValueError, AttributeError):  # no file of the operating system
        return
    if not room or (stat.S_ISCHR(found.st_mode) and found.st_rdev == _always_full()):
        raise OSError(errno.ENOSPC, f"{os.strerror(errno.ENOSPC)}; nothing was started", "standard output")


def _always_full() -> int | None:
    try:
        return os.stat("/dev/full").st_rdev  # noqa: PTH116
    except OSError:
        return None


class Unbroken(io.BufferedIOBase):
    """Octets for a stream that may break: what it does not take is lost, and raises nothing. error: the first one."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__()
        self.stream = stream
        self.error: OSError | None = None

    @property
    def name(self) -> str:
        return str(getattr(self.stream, "name", ""))

    def write(self, octets: Any) -> int:
        if self.error is None:
            try:
                self.stream.write(octets)
                self.stream.flush()
            except OSError as exc:
                self.error = exc
                stop_writing(self.stream)
        return len(octets)

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self.stream.isatty()

    def fileno(self) -> int:
        return self.stream.fileno()


@contextmanager
def unbroken() -> Iterator[Callable[[], OSError | None]]:
    """Inside, nothing that is written to standard output or standard error raises OSError.

    Gives what tells the first error of standard output.
    """
    kept = sys.stdout, sys.stderr
    guards: list[Unbroken] = []
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if getattr(stream, "buffer", None) is None:  # closed
            continue
        with suppress(OSError):
            stream.flush()
        guard = Unbroken(stream.buffer)
        text = io.TextIOWrapper(guard, stream.encoding, stream.errors, write_through=True)
        setattr(sys, name, text)
        if name == "stdout":
            guards.append(guard)
    try:
        yield lambda: next((guard.error for guard in guards), None)
    finally:
        sys.stdout, sys.stderr = kept


def stop_writing(stream: Any) -> None:
    """Let what is still buffered for a stream go nowhere, so that Python does not complain at its end."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError, AttributeError):  # closed already
        pass


class OutputLost(click.ClickException):
    """The work is done, and could not be told."""

    exit_code = 1


@contextmanager
def after_the_work(what: str) -> Iterator[None]:
    """Inside, an output that fails says that the work is done. Raises OutputLost. what: the work, in words."""
    try:
        yield
    except (OSError, click.UsageError) as exc:
        raise OutputLost(f"{_in_words(exc)}; {what} was completed all the same") from exc


def lost(error: OSError, what: str) -> str:
    """What is said of a standard output that failed while the work went on."""
    return f"standard output: {error.strerror or type(error).__name__}; {what} was completed all the same"


def _in_words(error: Exception) -> str:
    if isinstance(error, click.ClickException):
        return error.message
    if isinstance(error, OSError):
        return ": ".join(str(part) for part in (error.filename, error.strerror) if part) or type(error).__name__
    return str(error)


def text_encoder(stream: IO[bytes]) -> "Encoder":
    """How text becomes octets for `stream`: UTF-8 in files, what the terminal or the locale says otherwise."""
    is_stdout = stream is getattr(sys.stdout, "buffer", None)
    return Encoder((getattr(sys.stdout, "encoding", None) or "utf-8") if is_stdout else "utf-8")


class Encoder:
    """Text to octets; what the encoding lacks is escaped."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding

    def __call__(self, text: str) -> bytes:
        return text.encode(self.encoding, "backslashreplace")

    def can(self, text: str) -> bool:
        """Whether the encoding has these characters."""
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            return False
        return True
