"""Files of new values: three forms, the same values."""

from decimal import Decimal

import pytest

from c1222.errors import TargetError
from c1222.settings.value_files import read_values

GOOD = [
    pytest.param("a.json", '{"6": {"owner_name": "ACME"}, "5.x": 0.1}', id="json"),
    pytest.param("a.toml", '"5.x" = 0.1\n[6]\nowner_name = "ACME"\n', id="toml"),
]


@pytest.mark.parametrize(("name", "text"), GOOD)
def test_forms(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert dict(read_values(tmp_path / name)) == {"6": {"owner_name": "ACME"}, "5.x": Decimal("0.1")}


@pytest.mark.parametrize(
    "text", ["table,field,value\nST-6,owner_name,ACME\n", 'field,value\r\nST-6.owner_name,"ACME"\r\n']
)
def test_csv(tmp_path, text):
    (tmp_path / "a.CSV").write_text(text, newline="")
    assert read_values(tmp_path / "a.CSV") == [("ST-6.owner_name", "ACME")]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.txt", "", "json, .toml and .csv"),
        ("a.json", "{", "a.json"),
        ("a.json", "[]", "tables and their values"),
        ("a.json", "{}", "no values"),
        ("a.json", '{"6": {"a": 1, "a": 2}}', "a is there twice"),
        ("a.json", '{"6": {"a": NaN}}', "NaN is no number"),
        ("a.json", b"\xff", "UTF-8"),
        ("a.toml", "[6]\na = 1\na = 2", "a.toml"),
        ("a.csv", "table,field,octets\n", "first line"),
        ("a.csv", "field,value\n6.a\n", "line 2"),
        ("a.csv", "field,value\n6.a,1,2\n", "line 2"),
        ("a.csv", "field,value\n6.a,1\n6.a,2\n", "6.a is there twice"),
    ],
)
def test_what_is_refused(tmp_path, name, text, message):
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(TargetError, match=message):
        read_values(tmp_path / name)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(TargetError, match="No such file"):
        read_values(tmp_path / "a.json")
