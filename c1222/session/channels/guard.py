"""What is believed of the messages that come: as secure as what we sent, new, and not one of many tries at forgery."""

from collections.abc import Callable

from c1219_tables.schema.dialect import Record
from c1219_tables.schema.layout import Decoded
from c1222.errors import SecurityError
from c1222.message.epsem import SecurityMode
from c1222.security.envelope import Opened, open_message, read_envelope
from c1222.security.memory import SessionMemory
from c1222.security.replay import ReplayWindow
from c1222.session.channels.dropped import Dropped
from c1222.session.settings import NetworkOptions

MOST_REMEMBERED = 4096


class Guard:
    """Opens the messages of one conversation.

    wall: UTC seconds since 1970. dropped: what came and was not taken, by reason.
    """

    def __init__(self, options: NetworkOptions, wall: Callable[[], float]) -> None:
        self.dropped = Dropped()
        self._options = options
        self._wall = wall
        self._memory = SessionMemory(limit=16)
        self._replays = ReplayWindow(options.iv_window, MOST_REMEMBERED)

    def opened(self, apdu: Decoded) -> tuple[bytes, Record]:
        """Text and control octet of a message of the meter.

        Raises SecurityError: "downgrade" for an answer of a lower mode than ours, or under another key; "replay"; what
        open_message raises. MessageError where there is no envelope.
        """
        envelope = read_envelope(apdu)
        mode, ours = SecurityMode(envelope.control.security_mode), self._options.mode
        is_answer = apdu.called_ap_invocation_id is not None
        if mode < ours and is_answer:
            problem = f"the answer is less secured ({mode.name.lower()}) than the request ({ours.name.lower()})"
            if mode is SecurityMode.CLEAR:
                problem += "; what it says cannot be believed, a wrong key is the likeliest cause"
            raise SecurityError(problem, reason="downgrade")
        opened = open_message(apdu, self._options.ring, self._memory, "from the meter", envelope)
        if is_answer and ours and opened.key_id != self._options.key_id:
            # Who holds another key of the ring must not speak for this meter (ADP refuses it too).
            problem = f"the answer is secured with key id {opened.key_id}, the request with {self._options.key_id}"
            raise SecurityError(problem, reason="downgrade")
        self._refuse_replay(apdu, opened)
        return opened.text, envelope.control

    def too_many_forgeries(self) -> SecurityError | None:
        """Why the conversation must end: more messages than are borne came whose MAC does not hold. None: it may go on.

        A MAC has 32 bits. Who may try for ever, forges a message at some time.
        """
        count = self.dropped.counts["bad-mac"]
        if count < self._options.bad_macs:
            return None
        problem = f"{count} messages came whose MAC does not hold (bad-macs= of the target allows for more)"
        return SecurityError(f"{problem}: another key, or somebody who tries to forge one", reason="bad-mac")

    def _refuse_replay(self, apdu: Decoded, opened: Opened) -> None:
        """Raise SecurityError "replay" for a secured message that was here before, or whose time is far from ours."""
        if opened.iv is None:
            return
        now = self._wall()
        if self._replays.is_stale(opened.iv, now):
            seconds = int.from_bytes(opened.iv, "big") - int(now)
            problem = f"the time of this message is {abs(seconds)} s {'after' if seconds > 0 else 'before'} ours"
            allowed = f"{self._options.iv_window:g} s are allowed (iv-window= of the target)"
            raise SecurityError(f"{problem}, and {allowed}", reason="replay")
        ids = apdu.called_ap_invocation_id, apdu.calling_ap_invocation_id
        # In a session messages may go without an id, all with one iv: then only their text tells them apart.
        if self._replays.is_replay((*ids, opened.key_id, opened.iv, opened.text)):
            raise SecurityError("this message was here before", reason="replay")
