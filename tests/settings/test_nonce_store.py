"""No iv is given out twice: not to another thread, not to another process, not after a crash."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from c1222.errors import LocalProtocolError, TargetError
from c1222.settings.nonce_store import NonceStore, state_folder

NOW = 1_795_383_655
ONE, OTHER = "0" * 32, "f" * 32
POSIX = pytest.mark.skipif(os.name == "nt", reason="rights of this kind are POSIX")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "state"


def file_of(folder, fingerprint=ONE):
    return folder / "ivs" / f"{fingerprint}.json"


def test_an_iv_is_the_time_or_one_more_than_the_last(folder):
    times = [NOW, NOW, NOW, NOW + 1, NOW + 60, NOW + 30]
    found = [NonceStore(folder).next_iv(ONE, time) for time in times]
    assert found == [NOW, NOW + 1, NOW + 2, NOW + 3, NOW + 60, NOW + 61]


def test_each_key_has_its_own(folder):
    store = NonceStore(folder)
    assert [store.next_iv(each, NOW) for each in (ONE, OTHER, ONE, OTHER)] == [NOW, NOW, NOW + 1, NOW + 1]


def test_it_is_on_the_disk_before_it_is_used(folder, monkeypatch):
    """fsync of the file, then its name, then fsync of the folder; only then the iv is known."""
    done = []
    monkeypatch.setattr(os, "fsync", lambda handle, fsync=os.fsync: (fsync(handle), done.append("fsync"))[0])
    replace = type(folder).replace
    monkeypatch.setattr(type(folder), "replace", lambda *names: (replace(*names), done.append("replace"))[0])
    assert NonceStore(folder).next_iv(ONE, NOW) == NOW
    assert done == (["fsync", "replace"] if os.name == "nt" else ["fsync", "replace", "fsync"])
    assert json.loads(file_of(folder).read_bytes()) == {"format": "c1222-last-iv", "version": 1, "iv": NOW}


def test_a_crash_while_it_is_written_gives_out_nothing(folder, monkeypatch):
    store = NonceStore(folder)
    store.next_iv(ONE, NOW)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(TargetError, match="cannot be written: No space left"):
            store.next_iv(ONE, NOW)
    assert store.next_iv(ONE, NOW) == NOW + 1
    assert sorted(path.suffix for path in (folder / "ivs").iterdir()) == [".json", ".lock"]


@pytest.mark.parametrize("ahead", [0, 5, 900])
def test_so_far_ahead_of_the_clock_and_no_further(folder, ahead):
    store = NonceStore(folder, ahead=ahead)
    assert [store.next_iv(ONE, NOW) for _ in range(ahead + 1)][-1] == NOW + ahead
    with pytest.raises(LocalProtocolError, match=f"{ahead + 1} s ahead of the clock, and {ahead} s are allowed"):
        store.next_iv(ONE, NOW)
    assert store.next_iv(ONE, NOW + 1) == NOW + ahead + 1


def test_a_clock_that_was_set_back_by_a_day(folder):
    NonceStore(folder).next_iv(ONE, NOW + 86_400)
    with pytest.raises(LocalProtocolError, match="was the clock set back"):
        NonceStore(folder).next_iv(ONE, NOW)


def test_the_last_iv_there_is(folder):
    store = NonceStore(folder)
    assert store.next_iv(ONE, 0xFFFF_FFFF) == 0xFFFF_FFFF
    with pytest.raises(LocalProtocolError, match="the largest iv"):
        store.next_iv(ONE, 0xFFFF_FFFF)


# ── What cannot be trusted


BROKEN = [
    b"", b"{", b"[]", b"null", b"17953\n", b'{"format": "c1222-last-iv", "version": 1}',
    b'{"format": "c1222-last-iv", "version": 2, "iv": 5}', b'{"format": "other", "version": 1, "iv": 5}',
    b'{"format": "c1222-last-iv", "version": 1, "iv": true}', b'{"format": "c1222-last-iv", "version": 1, "iv": -1}',
    b'{"format": "c1222-last-iv", "version": 1, "iv": 4294967296}', b"\xff\xfe", b"[" * 60_000,
]  # fmt: skip


@pytest.mark.parametrize("octets", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_file_is_not_begun_anew(folder, octets):
    NonceStore(folder).next_iv(ONE, NOW)
    file_of(folder).write_bytes(octets)
    with pytest.raises(TargetError, match="nobody knows which ivs were used") as info:
        NonceStore(folder).next_iv(ONE, NOW)
    assert str(file_of(folder)) in str(info.value)
    assert file_of(folder).read_bytes() == octets


@POSIX
def test_what_others_can_get_at_is_not_believed(folder):
    NonceStore(folder).next_iv(ONE, NOW)
    assert file_of(folder).stat().st_mode & 0o777 == 0o600
    assert file_of(folder).parent.stat().st_mode & 0o777 == 0o700
    file_of(folder).chmod(0o620)
    with pytest.raises(TargetError, match="others can get at this file"):
        NonceStore(folder).next_iv(ONE, NOW)
    file_of(folder).chmod(0o600)
    file_of(folder).parent.chmod(0o770)
    with pytest.raises(TargetError, match="others can write in this folder"):
        NonceStore(folder).next_iv(ONE, NOW)


def test_a_folder_that_cannot_be(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(TargetError, match="C1222_STATE names a folder for it"):
        NonceStore(tmp_path / "file").next_iv(ONE, NOW)


# ── Where it lies


def test_the_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("C1222_STATE", str(tmp_path))
    assert state_folder() == tmp_path
    monkeypatch.delenv("C1222_STATE")
    if sys.platform.startswith("linux"):
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
        assert state_folder() == tmp_path / "xdg" / "c1222"


# ── Many at once

TAKE = f"""
import sys
from pathlib import Path
from c1222.settings.nonce_store import NonceStore
store = NonceStore(Path(sys.argv[1]), ahead=2000)
print("ready", flush=True)
sys.stdin.readline()
print(*[store.next_iv({ONE!r}, {NOW}) for _ in range(500)])
"""


def test_two_processes_at_once(folder):
    words = [sys.executable, "-c", TAKE, str(folder)]
    takers = [subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        for taker in takers:
            assert taker.stdout.readline() == "ready\n"
        for taker in takers:
            taker.stdin.write("go\n")
            taker.stdin.flush()
        found = [[int(iv) for iv in taker.communicate(timeout=60)[0].split()] for taker in takers]
    finally:
        for taker in takers:
            taker.kill()
            taker.communicate()
    assert [len(ivs) for ivs in found] == [500, 500]
    # Nothing twice and nothing left out: 1000 in a row.
    assert sorted(found[0] + found[1]) == list(range(NOW, NOW + 1000))
    assert all(ivs == sorted(ivs) for ivs in found)


@POSIX
def test_who_dies_with_the_lock_leaves_it(folder):
    NonceStore(folder).next_iv(ONE, NOW)
    lock = str(file_of(folder).with_suffix(".lock"))
    hold = "import fcntl, os, sys; fcntl.flock(os.open(sys.argv[1], os.O_RDWR), fcntl.LOCK_EX); os.kill(os.getpid(), 9)"
    assert subprocess.run([sys.executable, "-c", hold, lock]).returncode == -9
    assert NonceStore(folder).next_iv(ONE, NOW) == NOW + 1


def test_threads(folder):
    store = NonceStore(folder)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: store.next_iv(ONE, NOW), range(200)))
    assert sorted(found) == list(range(NOW, NOW + 200))
