"""The journal: what it holds, what it refuses, what a crash may leave of it; its lines are those of docs/plans.md."""

import os
from datetime import UTC, datetime

import pytest

from c1222.errors import TargetError
from c1222.scripts.journal import Journal, must_be_new
from c1222.scripts.outcome import Outcome

NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)
FIRST = '{"journal":"c1222 apply","version":1,"order":"New owner","plan":"5f0c","at":"2026-02-01T12:00:00+00:00"}\n'
BEGUN = '{"event":"begun","meter":"a","step":2,"table":6,"at":"2026-02-01T12:00:00+00:00"}\n'
DONE = (
    '{"event":"done","meter":"a","step":2,"result":"ok","said":"written","kind":"","data":{"n":[1,"00ff"]},'
    '"at":"2026-02-01T12:00:00+00:00"}\n'
)
RESUMED = '{"event":"resumed","at":"2026-02-01T12:00:00+00:00"}\n'


def begin(path):
    return Journal.begin(path, order="New owner", plan="5f0c", now=lambda: NOON)


def resume(path, plan="5f0c"):
    return Journal.resume(path, plan=plan, now=lambda: NOON)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.jsonl"


def test_what_is_told_is_on_the_disk(path, monkeypatch):
    synced = []
    sync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (synced.append(handle), sync(handle)))
    with begin(path) as journal:
        assert path.read_text() == FIRST
        journal.tell_begun("a", 2, table=6)
        assert journal.begun == {("a", 2)}
        assert path.read_text() == FIRST + BEGUN
        before = len(synced)
        journal.tell_done("a", 2, Outcome("ok", "written", data={"n": [1, b"\x00\xff"]}))
        assert len(synced) == before + 1
        assert journal.begun == set()
    assert path.read_text() == FIRST + BEGUN + DONE
    assert path.stat().st_mode & 0o077 == 0


def test_what_was_told_is_known_again(path):
    path.write_text(FIRST + BEGUN + DONE + BEGUN.replace('"a"', '"b"'))
    with resume(path) as journal:
        assert journal.done == {("a", 2): Outcome("ok", "written", data={"n": [1, "00ff"]})}
        assert journal.begun == {("b", 2)}
    assert path.read_text().endswith(RESUMED)


def test_what_is_begun_again_is_not_done(path):
    path.write_text(FIRST + BEGUN + DONE + BEGUN)
    with resume(path) as journal:
        assert journal.done == {}
        assert journal.begun == {("a", 2)}


@pytest.mark.parametrize("cut", range(1, len(DONE)))
def test_a_line_that_a_crash_cut_off_is_dropped(path, cut):
    path.write_text(FIRST + BEGUN + DONE[:cut])
    with resume(path) as journal:
        assert journal.done == {}
        assert journal.begun == {("a", 2)}
    assert path.read_text() == FIRST + BEGUN + RESUMED


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds nothing"),
        (FIRST[:-9], "holds nothing"),
        ("[]\n", "line 1: not what this program wrote"),
        (FIRST.replace("apply", "other"), "line 1"),
        (FIRST.replace('"version":1', '"version":2'), "line 1"),
        (FIRST + DONE.replace('"ok"', '"fine"'), "line 2"),
        (FIRST + DONE.replace('"step":2', '"step":"2"'), "line 2"),
        (FIRST + DONE[5:], "line 2"),
        (FIRST + BEGUN[:20] + "\n" + DONE, "line 2"),
        (FIRST.replace("5f0c", "6a1b"), "belongs to another plan"),
    ],
)
def test_what_is_not_gone_on_with(path, text, said):
    path.write_text(text)
    with pytest.raises(TargetError, match=said):
        resume(path)
    assert path.read_text() == text


def test_a_journal_is_never_overwritten(path):
    must_be_new(path)
    begin(path).close()
    with pytest.raises(TargetError, match="there is a journal already"):
        begin(path)
    with pytest.raises(TargetError, match="--resume goes on"):
        must_be_new(path)


def test_there_is_nothing_to_resume(path):
    with pytest.raises(TargetError, match="there is no journal"):
        resume(path)


def test_one_holder_at_a_time(path):
    with begin(path), pytest.raises(TargetError, match="another process is at work"):
        resume(path)
    resume(path).close()


def test_a_disk_that_takes_nothing(path, monkeypatch):
    def full(handle, octets):
        raise OSError(28, "No space left on device")

    with begin(path) as journal:
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(TargetError, match="No space left"):
            journal.tell_begun("a", 1)
        assert journal.error is not None
        assert journal.begun == set()
