"""The ivs that were used under each key, kept in files that outlive the process: no iv is ever given out twice.

EAX' betrays what it enciphered, and can be forged, once two messages under one key have the same header. Each has an iv
and an invocation id; here every process that asks gets an iv of its own, so it need only see to its own ids.

    FOLDER/ivs/FINGERPRINT.json      {"format": "c1222-last-iv", "version": 1, "iv": 1795383655}
    FOLDER/ivs/FINGERPRINT.lock      empty; whoever gives out an iv holds its lock

FOLDER is the variable C1222_STATE, or else the user's folder for states (~/.local/state/c1222 on Linux). The
fingerprint is a hash of the key: `Key.fingerprint` says why it tells nothing of it. The iv is on the disk before it is
used: after a crash some are skipped, and none comes again. A file that cannot be understood is an error, since to begin
anew could mean to begin again.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from c1222.errors import LocalProtocolError, TargetError
from c1222.session.settings import IV_AHEAD
from c1222.settings.private_files import make_private_folder, read_small_file, write_private_file

__all__ = ["STATE", "NonceStore", "state_folder"]

STATE = "C1222_STATE"
"""Variable that names the folder of what outlives a process."""
FORMAT = "c1222-last-iv"
VERSION = 1
LARGEST = 0xFFFF_FFFF
"""An iv has four octets; UTC seconds need a fifth from the year 2106 on."""


def state_folder() -> Path:
    """The folder of what outlives a process."""
    if given := os.environ.get(STATE):
        return Path(given)
    # Imported when it is asked for: messages in the clear keep nothing.
    from platformdirs import user_state_path

    return user_state_path("c1222", appauthor=False)


class NonceStore:
    """Gives out ivs, each once, across processes and threads.

    folder: as state_folder gives it. ahead: seconds that an iv may be ahead of the clock.
    """

    def __init__(self, folder: Path, *, ahead: float = IV_AHEAD) -> None:
        self._folder = folder / "ivs"
        self._ahead = ahead

    def next_iv(self, fingerprint: str, now: int) -> int:
        """An iv that nobody had under this key: UTC seconds, or one more than the last.

        fingerprint: of the key. now: UTC seconds since 1970.

        Raises LocalProtocolError where the next iv is too far ahead of the clock, and TargetError where the state
        cannot be read or kept; then nothing may be sent.
        """
        try:
            make_private_folder(self._folder)
        except TargetError as exc:
            raise TargetError(f"{exc}; what was sent must be remembered: {STATE} names a folder for it") from exc
        path = self._folder / f"{fingerprint}.json"
        with _locked(path.with_suffix(".lock")):
            last = _last(path)
            iv = now if last is None else max(now, last + 1)
            if iv - now > self._ahead:
                raise LocalProtocolError(self._too_far(path, iv - now))
            if iv > LARGEST:
                raise LocalProtocolError(f"the clock says {now}, and the largest iv is {LARGEST}")
            document = {"format": FORMAT, "version": VERSION, "iv": iv}
            write_private_file(path, json.dumps(document).encode() + b"\n")
        return iv

    def _too_far(self, path: Path, seconds: int) -> str:
        return (
            f"the next iv under this key would be {seconds} s ahead of the clock, and {self._ahead:g} s are allowed "
            "(iv-ahead= of the target): was the clock set back? Set it right, or wait. Where the clock was wrong when "
            f"messages were sent and is right now, only a new key is safe ({path})"
        )


def _last(path: Path) -> int | None:
    """The last iv that was given out, None before the first."""
    if not path.exists():
        return None
    file = read_small_file(path, name=str(path))
    file.refuse_unless_private(str(path))
    try:
        document = json.loads(file.octets)
    except (ValueError, RecursionError):
        document = None
    if isinstance(document, dict) and (document.get("format"), document.get("version")) == (FORMAT, VERSION):
        iv = document.get("iv")
        if type(iv) is int and 0 <= iv <= LARGEST:
            return iv
    raise TargetError(
        f"{path}: not what this program wrote, so nobody knows which ivs were used under this key. Put a copy of the "
        "file back; or, where nothing was sent under this key for an hour and the clock is right, remove it"
    )


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """The lock of a file, which the system gives back when its holder ends, however it ends. Raises TargetError."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as exc:
        raise TargetError(f"{path}: {exc.strerror}; {STATE} names another folder for what must be remembered") from exc
    try:
        _lock(handle)
        yield
    finally:
        os.close(handle)


if sys.platform == "win32":

    def _lock(handle: int) -> None:
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_LOCK, 1)  # tries for ten seconds
        except OSError as exc:
            raise TargetError("another process holds the ivs of this key and does not give them back") from exc

else:

    def _lock(handle: int) -> None:
        import fcntl

        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError as exc:  # a file system without locks
            raise TargetError(f"{STATE}: this folder cannot be locked: {exc.strerror}") from exc
