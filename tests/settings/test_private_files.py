"""Files for their owner alone: written whole or not at all, in folders that others cannot write in."""

import os

import pytest

from c1222.errors import TargetError
from c1222.settings.private_files import make_private_folder, read_small_file, write_private_file

POSIX = pytest.mark.skipif(os.name == "nt", reason="rights of this kind are POSIX")


@POSIX
@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_a_new_file_is_its_owner_s_alone(tmp_path, marker, mask):
    before = os.umask(mask)
    try:
        write_private_file(tmp_path / "file", marker.octets)
        make_private_folder(tmp_path / "a" / "b")
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700
    assert read_small_file(tmp_path / "file", name="x").octets == marker.octets


@POSIX
def test_what_others_could_read_is_not_kept_so(tmp_path, marker):
    path = tmp_path / "file"
    path.touch(0o644)
    write_private_file(path, marker.octets)
    assert path.stat().st_mode & 0o077 == 0


def test_what_fails_half_way_changes_nothing(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_private_file(path, b"before")
    monkeypatch.setattr(os, "fsync", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(TargetError, match="cannot be written: No space left"):
        write_private_file(path, b"after")
    assert path.read_bytes() == b"before"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(TargetError, match="cannot be written: No such file"):
        write_private_file(tmp_path / "no" / "file", b"")


def test_a_folder_where_a_file_is(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(TargetError, match="cannot be made"):
        make_private_folder(tmp_path / "file" / "inside")


@POSIX
@pytest.mark.parametrize(("mode", "is_refused"), [(0o755, False), (0o700, False), (0o775, True), (0o707, True)])
def test_a_folder_that_others_can_write_in(tmp_path, mode, is_refused):
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(mode)
    if not is_refused:
        make_private_folder(folder)
        return
    with pytest.raises(TargetError, match=f"mode {mode:04o}.*chmod 700"):
        make_private_folder(folder)
