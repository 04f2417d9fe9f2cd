"""Files of tables, for --dims."""

import os

import pytest

from c1222.errors import TargetError
from c1222.settings.dims_files import SIZE_LIMIT, read_dims

GOOD = [
    pytest.param('{"0": "02 3b 78"}', {0: b"\x02\x3b\x78"}, id="by-number"),
    pytest.param('{"ST-21": "0F00", "MT-17": "01"}', {21: b"\x0f\x00", 2065: b"\x01"}, id="by-name"),
    pytest.param('{"tables": {"0": "02"}, "meter": "A"}', {0: b"\x02"}, id="below-tables"),
    pytest.param("{}", {}, id="none"),
]
BAD = [
    pytest.param("", "line 1: not JSON", id="empty"),
    pytest.param('{"0": ', "not JSON", id="cut"),
    pytest.param("[1]", "tables and their octets are wanted", id="list"),
    pytest.param('{"tables": []}', "tables and their octets are wanted", id="tables-no-object"),
    pytest.param('{"x": "00"}', "'x' is not a table", id="no-table"),
    pytest.param('{"x": "00", "0": "02"}', "'x' is not a table; write 23", id="a-slip"),
    pytest.param('{"name": "a", "version": "1"}', r"no dump, nor a file of tables \('name' is", id="another-file"),
    pytest.param(
        '{"c1222_version": "0.1.0", "notes": [], "registers": []}', r"JSON for programs \(registers\)", id="ours"
    ),
    pytest.param('{"\u0662": "00"}', "is not a table", id="digits-of-another-script"),
    pytest.param('{"70000": "00"}', "does not fit into 16 bits", id="number-too-large"),
    pytest.param('{"0": "0"}', "ST-0: not hex", id="half-an-octet"),
    pytest.param('{"0": 2}', "ST-0: its octets are wanted", id="a-number"),
    pytest.param('{"0": ""}', "ST-0: its octets are wanted", id="no-octets"),
    pytest.param('{"0": "02", "ST-0": "02"}', "ST-0 is there twice", id="twice"),
    pytest.param('{"0": "02", "0": "03"}', "ST-0 is there twice", id="same-name-twice"),
    pytest.param("[" * 100_000, "not JSON", id="brackets-without-end"),
]


@pytest.mark.parametrize(("text", "tables"), GOOD)
def test_tables(text, tables, tmp_path):
    path = tmp_path / "dims.json"
    path.write_text(text)
    assert read_dims(path) == tables


@pytest.mark.parametrize(("text", "words"), BAD)
def test_what_is_refused(text, words, tmp_path):
    path = tmp_path / "dims.json"
    path.write_text(text)
    with pytest.raises(TargetError, match=words) as info:
        read_dims(path)
    assert str(path) in str(info.value)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(TargetError, match="No such file"):
        read_dims(tmp_path / "none.json")
    large = tmp_path / "large.json"
    with large.open("wb") as file:
        file.truncate(SIZE_LIMIT + 1)
    with pytest.raises(TargetError, match="larger than 16 MiB"):
        read_dims(large)


def test_a_pipe_is_not_waited_for(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(TargetError, match="not a regular file"):
        read_dims(path)
