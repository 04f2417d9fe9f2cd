"""The messages themselves as hex text, one a line, which `c1222 decode` reads again.

Those of C12.18 and C12.21 are put into packets again, behind a mark that says who speaks.
"""

from c1222.capture.export import time_text
from c1222.capture.mask import masked, secret_places
from c1222.capture.message import Message
from c1222.capture.pairing import Exchange, services_answered
from c1222.capture.remark import CaptureRemark
from c1222.capture.summary import Summary
from c1222.link.packet import LARGEST, OVERHEAD, packets_of
from c1222_cli.decode.people import Say
from c1222_cli.decode.words import message_ends, octets_text
from c1222_cli.talk import clean


class HexWriter:
    """A comment that says where a message was, then its octets as they were captured.

    Octets that may be secret are written as 2a, and the comment says how many. Such a message no longer authenticates.
    """

    def __init__(self, say: Say, *, show_secrets: bool) -> None:
        self._say = say
        self._show = show_secrets

    def exchange(self, exchange: Exchange) -> None:
        for message in (exchange.request, exchange.response):
            if message is not None:
                self._message(message, exchange)

    def remark(self, remark: CaptureRemark) -> None:
        self._say(clean(f"# ! {remark.code}: {remark}"))

    def end(self, summary: Summary) -> None:
        pass

    def _message(self, message: Message, exchange: Exchange) -> None:
        octets, hidden = message.octets, 0
        if not self._show:
            asked = services_answered(exchange.request, message) if message is exchange.response else []
            places = secret_places(message, asked, deciphered=False)
            octets, hidden = masked(octets, places), sum(end - start for start, end in places)
        place = message.place
        calling, called = message_ends(message)
        words = [
            place.file,
            f"packet {place.packet}",
            time_text(place.time_ns) or "",
            f"{calling or '?'} > {called or '?'}",
            "response" if message.is_response else "request",
            octets_text(len(octets)),
            f"{message.segments} segments" if message.segments > 1 else "",
            f"{hidden} masked as 2a (--show-secrets shows them)" if hidden else "",
        ]
        self._say(clean("# " + ", ".join(word for word in words if word)))
        if message.link is None:
            self._say(octets.hex())
            return
        mark, link = "<" if message.is_response else ">", message.link
        for packet in packets_of(octets, LARGEST - OVERHEAD, identity=link.identity, toggle=link.toggle):
            self._say(f"{mark} {packet.encode().hex()}")
