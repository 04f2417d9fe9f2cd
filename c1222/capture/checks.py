"""What a live session would refuse in a message that a capture shows all the same.

Rules: design decision "no downgrade", protocol rule "an answer names its request", and that key, iv and invocation id
never come together twice. Here each is a remark.
"""

from collections import OrderedDict
from collections.abc import Hashable
from hashlib import blake2b

from c1222.capture.message import Message
from c1222.capture.remark import of_message


class ReplayCheck:
    """Remembers which (sender, key id, iv, invocation id) were seen, for at most `limit` messages."""

    def __init__(self, limit: int = 65536) -> None:
        self._limit = limit
        self._seen: OrderedDict[Hashable, tuple[bytes, int]] = OrderedDict()

    def look(self, message: Message) -> None:
        """Remark a secured message whose key id, iv and invocation id its sender has used before."""
        opened, apdu = message.opened, message.apdu
        if opened is None or apdu is None or opened.iv is None:
            return
        sender: Hashable = apdu.calling_ap_title.absolute() if apdu.calling_ap_title else message.place.flow
        key = (sender, opened.key_id, opened.iv, apdu.calling_ap_invocation_id, message.is_response)
        digest = blake2b(message.octets, digest_size=16).digest()
        before = self._seen.get(key)
        if before is None:
            self._seen[key] = (digest, message.place.packet)
            if len(self._seen) > self._limit:
                self._seen.popitem(last=False)
        elif before[0] == digest:
            message.remarks.append(of_message("replayed", f"the same message as in packet {before[1]}"))
        else:
            text = f"key id, iv and invocation id were used before, in packet {before[1]}, for another message"
            message.remarks.append(of_message("reused-iv", text))


def look_at_answer(request: Message | None, response: Message) -> None:
    """Remark a response that does not name its request, or is protected less than it."""
    assert response.apdu is not None
    if response.apdu.called_ap_invocation_id is None:
        response.remarks.append(of_message("missing-a4", "an answer without called-AP-invocation-id (A4)"))
    if request is None or request.mode is None or response.mode is None:
        return
    if response.mode < request.mode:
        text = f"answered in security mode {response.mode}, asked in mode {request.mode}"
        response.remarks.append(of_message("lower-mode", text))
