"""Files that cannot be written: said with their names, and before a meter is called where that can be known."""

import os
import stat

import pytest
from click.testing import CliRunner
from live_meters import script, served

from c1222_cli.main import main
from c1222_cli.output import opened_output

pytestmark = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")  # noqa: PTH110


def run(*words):
    return CliRunner().invoke(main, list(map(str, words)))


COMMANDS = [["read", "optical:/dev/x", "1"], ["info", "optical:/dev/x"], ["dump", "optical:/dev/x", "1"]]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_a_full_disk_names_the_file(monkeypatch, command):
    served(monkeypatch, script())
    more = [] if command[0] == "dump" else ["--format", "json"]
    result = run(*command, *more, "-o", "/dev/full")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == "Error: /dev/full: No space left on device"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_a_folder_is_no_file(monkeypatch, tmp_path, command):
    meter = served(monkeypatch, script())
    more = [] if command[0] == "dump" else ["--format", "json"]
    result = run(*command, *more, "-o", tmp_path)
    assert result.exit_code == 2
    assert f"-o {tmp_path}: is a folder; a file is wanted" in result.stderr
    nowhere = tmp_path / "none" / "x.json"
    result = run(*command, "-o", nowhere)
    assert result.exit_code == 2
    assert f"-o {nowhere}: cannot write in {tmp_path / 'none'}: it is not there" in result.stderr
    assert meter.heard == []


def test_errors_that_are_not_of_the_file_are_left_alone(tmp_path):
    with pytest.raises(OSError, match="something else") as caught, opened_output(str(tmp_path / "x"), ()):
        raise OSError("something else")
    assert caught.value.filename is None
    assert list(tmp_path.iterdir()) == []


def test_a_partial_dump_that_cannot_be_kept_hides_no_interrupt(monkeypatch, tmp_path):
    def interrupted(way, octets):
        if way == "out" and b"\x30\x00\x03" in octets:
            tmp_path.joinpath("meter.json.partial").mkdir()
            raise KeyboardInterrupt
        return [(0.0, octets)]

    served(monkeypatch, script(), tamper=interrupted)
    result = run("dump", "optical:/dev/x", "0", "1", "3", "-o", tmp_path / "meter.json")
    assert result.exit_code == 130
    assert "Is a directory; what was read is not kept" in result.stderr
    assert stat.S_ISDIR((tmp_path / "meter.json.partial").stat().st_mode)
