"""Which answer belongs to which service of a message."""

import pytest

from c1222.errors import RemoteProtocolError
from c1222.session.channels.matching import match

SECURITY, LOGON, READ, WRITE, WAIT = 0x51, 0x50, 0x30, 0x40, 0x70
OK, DATA, MORE = b"\x00", b"\x00\x00\x01\x01\xff", b"\x00\x00\x01\x02\xfe"
ISC, ERR = b"\x03", b"\x01"

CASES = [
    # services, answers, what each service was answered with
    pytest.param([READ], [DATA], [DATA], id="one"),
    pytest.param([READ, READ], [DATA, MORE], [DATA, MORE], id="two"),
    pytest.param([READ, READ], [DATA], [DATA, None], id="the-last-is-missing"),
    pytest.param([READ, READ], [], [None, None], id="none"),
    pytest.param([READ, READ, READ], [DATA, ERR], [DATA, ERR, None], id="stopped-at-a-refusal"),
    pytest.param([SECURITY, READ], [OK, DATA], [OK, DATA], id="security-answered"),
    pytest.param([SECURITY, READ], [DATA], [None, DATA], id="security-not-answered (example 8)"),
    pytest.param([SECURITY, READ, READ], [DATA, MORE], [None, DATA, MORE], id="not-answered-two-reads"),
    pytest.param([SECURITY, READ, READ], [DATA], [None, DATA, None], id="not-answered-and-one-missing"),
    pytest.param([SECURITY, READ, READ], [OK, DATA], [OK, DATA, None], id="answered-and-one-missing"),
    pytest.param([SECURITY, READ], [ISC], [None, ISC], id="one-refusal-refuses-the-one-service"),
    pytest.param([SECURITY, READ, READ], [ISC], [ISC, None, None], id="one-refusal-of-two-services"),
    pytest.param([SECURITY, READ, READ], [ISC, DATA], [ISC, None, None], id="nothing-behind-it-is-believed"),
    pytest.param([SECURITY, READ, READ], [ISC, DATA, MORE], [ISC, DATA, MORE], id="all-answered"),
    pytest.param([SECURITY, READ], [OK], [OK, None], id="a-read-has-more-to-say-than-ok"),
    pytest.param([SECURITY, WRITE], [OK], [None, OK], id="a-write-has-not"),
    pytest.param([SECURITY, WAIT], [OK], [None, OK], id="nor-has-wait"),
    pytest.param([SECURITY, 0x6F], [OK], [OK, None], id="nobody-knows-this-service"),
    pytest.param([SECURITY, WRITE, WRITE], [OK, OK], [OK, OK, None], id="a-write-is-not-believed-done-by-guess"),
    pytest.param([LOGON, SECURITY, READ], [b"\x00\x00\x3c", DATA], [b"\x00\x00\x3c", None, DATA], id="behind-logon"),
    pytest.param([LOGON, SECURITY, READ], [ISC], [ISC, None, None], id="stopped-before-security"),
]


@pytest.mark.parametrize(("services", "answers", "expected"), CASES)
def test_match(services, answers, expected):
    assert match(services, answers) == expected


def test_more_answers_than_services():
    with pytest.raises(RemoteProtocolError, match="3 answers to 2 services"):
        match([SECURITY, READ], [OK, DATA, DATA])
