"""The states of a link and every rule about what may happen in which.

The two sides take turns. The side that asks begins in TURN, the side that answers in WAITING; from there on they are
the same machine:

    TURN       ours: nothing is under way, a message may be sent
    SENDING    a packet of ours is on the wire and its ACK has not come
    WAITING    theirs: no packet of their message is there
    RECEIVING  some packets of their message are there
    FAILED     tries are used up, or nothing came in time: the link must be begun anew

    asks     TURN --send--> SENDING --ACK--> WAITING --packet--> [RECEIVING] --last packet--> TURN
    answers  WAITING --packet--> [RECEIVING] --last packet--> TURN --send--> SENDING --ACK--> WAITING

A packet that comes while we are SENDING means that the other side went on: it has our message, and its ACK was lost.
One more thing is allowed to the side that asks: to give up waiting and ask something else. So the side that answers
takes a new message in its own turn, too, and its answer to the old one is not sent.
"""

from enum import Enum, auto


class State(Enum):
    TURN = auto()
    SENDING = auto()
    WAITING = auto()
    RECEIVING = auto()
    FAILED = auto()


class Happening(Enum):
    """What can happen to a link."""

    SEND = auto()
    ACKED_MORE = auto()
    """The other side has a packet of ours, and there are more."""
    ACKED_LAST = auto()
    REPEAT = auto()
    """Our packet goes on the wire once more."""
    PACKET_MORE = auto()
    """A new packet of theirs came, and more of its message will."""
    PACKET_LAST = auto()
    GAVE_UP = auto()


TRANSITIONS = {
    (State.TURN, Happening.SEND): State.SENDING,
    (State.SENDING, Happening.ACKED_MORE): State.SENDING,
    (State.SENDING, Happening.ACKED_LAST): State.WAITING,
    (State.SENDING, Happening.REPEAT): State.SENDING,
    (State.SENDING, Happening.PACKET_MORE): State.RECEIVING,
    (State.SENDING, Happening.PACKET_LAST): State.TURN,
    (State.SENDING, Happening.GAVE_UP): State.FAILED,
    (State.WAITING, Happening.PACKET_MORE): State.RECEIVING,
    (State.WAITING, Happening.PACKET_LAST): State.TURN,
    (State.WAITING, Happening.GAVE_UP): State.FAILED,
    (State.RECEIVING, Happening.PACKET_MORE): State.RECEIVING,
    (State.RECEIVING, Happening.PACKET_LAST): State.TURN,
    (State.RECEIVING, Happening.GAVE_UP): State.FAILED,
}
"""(state, what happened) -> next state, for both sides. What is not here is refused."""

ANSWERING = TRANSITIONS | {
    (State.TURN, Happening.PACKET_MORE): State.RECEIVING,
    (State.TURN, Happening.PACKET_LAST): State.TURN,
}
"""The same for the side that answers."""
