"""What is said of a meter that stays busy. Response codes: protocol.md 2.4: 06 is bsy, 07 dnr, 00 ok."""

import pytest

from c1222.psem.requests import request
from c1222.psem.responses import decode_response
from c1222_cli import live
from c1222_cli.busy import BusyTold
from c1222_cli.main import main

READ_1, READ_2 = request("full_read", table=1), request("full_read", table=2)
BSY, DNR, ISC = (decode_response(bytes([code]), service=0x30, c1222=False) for code in (6, 7, 3))

HEARD = [
    #            requests with their answers                    what is said of which tables
    pytest.param([(READ_1, BSY), (READ_1, ISC)], [], id="once"),
    pytest.param([(READ_1, BSY)] * 4, ["full_read ST-1"], id="four-times"),
    pytest.param([(READ_1, DNR), (READ_1, BSY), (READ_1, ISC)], ["full_read ST-1"], id="not-ready"),
    pytest.param([(READ_1, BSY), (READ_2, BSY)], [], id="another"),
    pytest.param([(READ_1, BSY)] * 2 + [(READ_2, BSY)] * 2, ["full_read ST-1", "full_read ST-2"], id="both"),
    pytest.param([(READ_1, BSY), (READ_1, None), (READ_1, BSY)], [], id="no-answer"),
]


@pytest.mark.parametrize(("heard", "said"), HEARD)
def test_once_for_each_table(capsys, heard, said):
    told = BusyTold()
    for asked, answer in heard:
        told(asked, answer)
    assert capsys.readouterr().err.splitlines() == [f"{each}: the meter is busy; asking again" for each in said]


WHO = [
    #            options            terminal  how many hear
    pytest.param([], False, 0, id="a-script"),
    pytest.param([], True, 1, id="a-person"),
    pytest.param(["-q"], True, 0, id="a-person-who-wants-none"),
    pytest.param(["-v"], False, 2, id="verbose"),
]


@pytest.mark.parametrize(("options", "is_terminal", "hearers"), WHO)
def test_who_hears_of_it(monkeypatch, options, is_terminal, hearers):
    monkeypatch.setattr("c1222_cli.live.is_terminal", lambda stream: is_terminal)
    context = main.make_context("c1222", [*options, "read"])
    with context:
        assert len(live._hearers()) == hearers
