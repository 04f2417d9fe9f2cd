"""Reports: verdicts of meters, records for programs, XML for build servers."""

from xml.etree import ElementTree

import pytest
from orders import meter, order

from c1222.scripts.journal import Journal
from c1222.scripts.junit import junit
from c1222.scripts.outcome import Outcome
from c1222.scripts.preview import services
from c1222.scripts.report import Report, records

OK = Outcome("ok", "read")
ALREADY = Outcome("already", "so already")
FAILED = Outcome("failed", "it says \x1b no", "refused")
DOUBT = Outcome("in doubt", "nobody knows", "link")
STEPS = "".join(f"[[step]]\nread = {number}\n" for number in (1, 5))


def report_of(folder, *outcomes, connection=None):
    """One meter with two steps."""
    found = order(folder, meter() + STEPS)
    with Journal.begin(folder / "journal.jsonl", order=found.title, plan=found.digest) as journal:
        if connection is not None:
            journal.tell_done("one", 0, connection)
        for number, outcome in enumerate(outcomes, 1):
            if outcome is not None:
                journal.tell_done("one", number, outcome)
        return Report.of(found, journal)


@pytest.mark.parametrize(
    ("outcomes", "connection", "verdict", "kinds"),
    [
        ((OK, ALREADY), None, "done", set()),
        ((OK, FAILED), None, "failed", {"refused"}),
        ((FAILED, OK), None, "failed", {"refused"}),
        ((DOUBT, None), None, "in doubt", {"link"}),
        ((OK, None), None, "not done", {""}),
        ((None, None), FAILED, "failed", {"refused"}),
        ((None, None), None, "not done", {""}),
    ],
)
def test_verdicts(tmp_path, outcomes, connection, verdict, kinds):
    report = report_of(tmp_path, *outcomes, connection=connection)
    assert report.meters[0].verdict == verdict
    assert report.kinds() == kinds
    assert report.summary == f"1 meter: 1 {verdict}"


def test_records(tmp_path):
    found = list(records(report_of(tmp_path, OK, FAILED)))
    assert [record["type"] for record in found] == ["order", "meter", "step", "step"]
    assert (found[0]["failed"], found[0]["done"], found[0]["not_done"]) == (1, 0, 0)
    assert found[1] == {
        "type": "meter",
        "meter": "one",
        "target": "sim:",
        "verdict": "failed",
        "kind": "refused",
        "connection": None,
    }
    assert found[3] == {
        "type": "step",
        "meter": "one",
        "step": 2,
        "note": "",
        "words": "read ST-5",
        "result": "failed",
        "said": "it says \x1b no",
        "kind": "refused",
        "data": None,
    }


def test_junit(tmp_path):
    root = ElementTree.fromstring(junit(report_of(tmp_path, DOUBT, None, connection=FAILED)))
    counts = {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "3", "failures": "1", "errors": "1", "skipped": "1"}
    (suite,) = root
    assert [case.get("name") for case in suite] == ["session", "1 read ST-1", "2 read ST-5"]
    # XML has no way to write an escape character.
    assert suite[0][0].get("message") == "it says \ufffd no"
    assert suite[1][0].tag == "error"
    assert suite[2][0].tag == "skipped"


@pytest.mark.parametrize(
    ("step", "line"),
    [
        # 30: full read; 40 and 4F: full and offset write, their octets with length and two's complement of the sum.
        ("read = [1, 5]", "full_read    30 00 05"),
        ('write = "MT-5"\nhex = "01 02"', "full_write   40 08 05 00 02 01 02 fd"),
        ('write = "MT-5"\nhex = "01 02"\noffset = 3', "offset_write 4f 08 05 00 00 03 00 02 01 02 fd"),
        ('write = "6.owner_name"\nto = "ACME"', "owner_name = 'ACME'"),
        ('procedure = 10\nwith = { date_time = "now" }', "date_time = now"),
        ('procedure = "MP-3"\nhex = "0102"', "octets = 01 02"),
        ('expect = "1.ed_model"\nis = "X"', "wanted       'X'"),
    ],
)
def test_previews(tmp_path, step, line):
    (one,) = order(tmp_path, meter() + f"[[step]]\n{step}\n").meters
    assert line in list(services(one.steps[0]))
