"""Small files, and who may get at them: those that hold secrets are for their owner alone, as ssh keeps its keys."""

import os
import shlex
import stat
from dataclasses import dataclass, field
from pathlib import Path

from c1222.errors import TargetError

__all__ = [
    "SIZE_LIMIT",
    "SmallFile",
    "make_private_folder",
    "read_small_file",
    "write_new_private_file",
    "write_private_file",
]

SIZE_LIMIT = 64 * 1024
OTHERS = stat.S_IRWXG | stat.S_IRWXO
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
# Opening a pipe or a terminal must neither wait nor take it over before we can see what it is. Windows has neither
# flag, but wants to be told that octets are octets.
OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True)
class SmallFile:
    """What a file holds (64 KiB at most), and who may get at it."""

    path: Path
    octets: bytes = field(repr=False)
    mode: int

    def refuse_unless_private(self, name: str) -> None:
        """Raise TargetError when group or others have any right to the file. Not checked on Windows.

        name: what the user called it, for the message.
        """
        if os.name != "nt" and self.mode & OTHERS:
            raise TargetError(
                f"{name}: others can get at this file (mode {stat.S_IMODE(self.mode):04o}); "
                f"make it yours alone: chmod 600 {shlex.quote(str(self.path))}"
            )


def read_small_file(path: Path, *, name: str) -> SmallFile:
    """A regular file of 64 KiB at most, with its rights, both of the same open file.

    name: what the user called it, for messages. Raises TargetError.
    """
    try:
        path = path.expanduser()
        handle = os.open(path, OPEN_FLAGS)
    except OSError as error:
        raise TargetError(f"{name}: {error.strerror}") from error
    except (ValueError, RuntimeError) as error:  # an octet 0 in the path; a ~ without a home
        raise TargetError(f"{name}: not a usable path") from error
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        raise TargetError(f"{name}: not a regular file")
    try:
        with open(handle, "rb") as file:  # noqa: PTH123 - Path.open takes no handle
            octets = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise TargetError(f"{name}: {error.strerror}") from error
    if len(octets) > SIZE_LIMIT:
        raise TargetError(f"{name}: larger than {SIZE_LIMIT // 1024} KiB, too large to be right")
    return SmallFile(path, octets, status.st_mode)


def make_private_folder(folder: Path) -> None:
    """Make a folder for its owner alone, where there is none, and those above it.

    Raises TargetError where it cannot be made, and where others may write in it. Windows keeps its own rights.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = folder.stat().st_mode
    except OSError as error:
        raise TargetError(f"{folder}: cannot be made: {error.strerror}") from error
    if os.name != "nt" and mode & OTHERS_WRITE:
        raise TargetError(
            f"{folder}: others can write in this folder (mode {stat.S_IMODE(mode):04o}); "
            f"make it yours alone: chmod 700 {shlex.quote(str(folder))}"
        )


def write_private_file(path: Path, octets: bytes) -> None:
    """Put `octets` in the place of what a file holds, for its owner alone.

    After a crash, or a loss of power, it holds what it held or all of the new octets, and when this returns, the new
    ones. Raises TargetError where it cannot be written.
    """
    try:
        beside = _beside(path, octets)
        try:
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        _keep_name(path.parent)
    except OSError as error:
        raise TargetError(f"{path}: cannot be written: {error.strerror}") from error


def write_new_private_file(path: Path, octets: bytes) -> bool:
    """Make a file for its owner alone, on the disk when this returns. False, and nothing done, where the name is taken.

    Of several processes that want the same name at once, one gets it. Raises TargetError where it cannot be written.
    """
    try:
        beside = _beside(path, octets)
        try:
            is_mine = _link(beside, path, octets)
        finally:
            beside.unlink(missing_ok=True)
        _keep_name(path.parent)
    except OSError as error:
        raise TargetError(f"{path}: cannot be written: {error.strerror}") from error
    return is_mine


def _beside(path: Path, octets: bytes) -> Path:
    """A new file in the same folder, for its owner alone, whose octets are on the disk. Raises OSError."""
    import tempfile  # takes its time, and most of who reads files writes none

    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        _fill(handle, octets)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _link(beside: Path, path: Path, octets: bytes) -> bool:
    """Give a whole file its name, unless the name is taken. Raises OSError."""
    try:
        os.link(beside, path)
    except FileExistsError:
        return False
    except (OSError, NotImplementedError, AttributeError):
        # Some file systems have no links. Then the name is taken first, and filled: a crash leaves half a file there.
        return _create(path, octets)
    return True


def _create(path: Path, octets: bytes) -> bool:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except FileExistsError:
        return False
    try:
        _fill(handle, octets)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return True


def _fill(handle: int, octets: bytes) -> None:
    with os.fdopen(handle, "wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())


def _keep_name(folder: Path) -> None:
    """See to it that the names in a folder are on the disk. Windows does so by itself."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
