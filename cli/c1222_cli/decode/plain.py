"""The plain format, for grep and cut: a line an exchange, tabs between its fields."""

from collections.abc import Sequence

from c1222.capture.export import time_text
from c1222.capture.pairing import Exchange
from c1222.capture.remark import CaptureRemark
from c1222.capture.summary import Summary
from c1222_cli.decode.people import Say, shown_packets
from c1222_cli.decode.words import parties, remarks_of, requests_text, results_text, security_text
from c1222_cli.talk import clean


def plain_row(exchange: Exchange) -> Sequence[str]:
    """Fields of an exchange in the plain format, in their order."""
    message = exchange.request or exchange.response
    assert message is not None
    asks, asked = parties(exchange)
    return (
        "exchange",
        message.place.file,
        shown_packets(exchange),
        time_text(message.place.time_ns) or "",
        asks,
        asked,
        requests_text(exchange),
        results_text(exchange),
        security_text(exchange),
        ",".join(dict.fromkeys(remark.code for remark in remarks_of(exchange))),
    )


class PlainWriter:
    """Fields separated by tabs, a line an exchange or remark; `-` where there is nothing. The order never changes.

    exchange  file  packets  time  from  to  services  result  security  remarks (codes)
    remark    file  packet   code  text
    """

    def __init__(self, say: Say) -> None:
        self._say = say

    def exchange(self, exchange: Exchange) -> None:
        self._fields(plain_row(exchange))

    def remark(self, remark: CaptureRemark) -> None:
        packet = "" if remark.packet is None else str(remark.packet)
        self._fields(("remark", remark.file, packet, remark.code, remark.text))

    def end(self, summary: Summary) -> None:
        pass

    def _fields(self, fields: Sequence[str]) -> None:
        self._say("\t".join(clean(field) or "-" for field in fields))
