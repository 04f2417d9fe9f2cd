"""One run of `c1222 listen`: messages in from listeners, one writer out, everything counted and bounded."""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from c1219_tables.registry import Registry
from c1222.capture.decode import Decoder
from c1222.capture.pairing import Exchange
from c1222.capture.remark import CaptureRemark, in_file
from c1222.capture.source import Piece, Place
from c1222.capture.summary import Summary
from c1222.capture.tables import CapturedTables
from c1222.connection.shared_nonces import nonces_of
from c1222.pcap.flow import Flow
from c1222.security.keys import KeyRing
from c1222.session.head_end.answering import Answering
from c1222.session.head_end.ear import Ear
from c1222.transport.listener import Accept
from c1222.transport.serving import Serving
from c1222_cli import places
from c1222_cli.decode.writers import Writer, make_writer
from c1222_cli.known import KnownTables, dims_fit
from c1222_cli.output import opened_output
from c1222_cli.talk import say


@dataclass(frozen=True)
class Plan:
    """Where to listen, and how. answers: whether to answer. count, seconds: when to stop, None for never.

    known, registry, unidentified: as in CapturedTables.
    """

    places: tuple[places.Place, ...]
    ring: KeyRing
    answers: bool
    count: int | None
    seconds: float | None
    known: KnownTables
    registry: Registry
    unidentified: Registry


def hear(
    plan: Plan, form: str, output: str | None, inputs: Sequence[str], *, show_secrets: bool, quiet: bool
) -> Summary:
    """Listen until it is time to stop. Returns what was counted.

    inputs: files that are read, which the output must not overwrite. Raises UsageError for an output that cannot be
    written, BrokenPipeError where nobody reads it, TransportError for a port that cannot be had, TargetError for known
    tables that do not fit.
    """
    with dims_fit(plan.known):
        tables = CapturedTables(plan.known, plan.registry, unidentified=plan.unidentified)
    with ExitStack() as stack:
        stream = stack.enter_context(opened_output(output, tuple(inputs), private=show_secrets))
        # As from a pipe: each line is wanted at once.
        writer = make_writer(form, stream, ("-",), show_secrets=show_secrets)
        desk = Desk(plan, writer, tables, stream.flush)

        def started(labels: Sequence[str]) -> None:
            desk.labels.update(zip(plan.places, labels, strict=True))
            if not quiet:
                say(f"listening on {', '.join(labels)}{', answering' if plan.answers else ''}; Ctrl-C stops it")

        desk.serving.run(started, seconds=plan.seconds)
        desk.end()
    return desk.summary


def _answering(ring: KeyRing) -> Answering:
    """Answers whose ivs no other process of this user has under the same key."""
    return Answering(ring, time.time, nonces=partial(nonces_of, wall=time.time))


class Desk:
    """Where all connections of one run come together.

    labels: what the listeners call themselves, by place. summary: what was counted.
    """

    def __init__(self, plan: Plan, writer: Writer, tables: CapturedTables, flush: Callable[[], None]) -> None:
        self.labels: dict[places.Place, str] = {}
        self.summary = Summary()
        self.serving = Serving(places.opens(plan.places, self._accept))
        self._left = plan.count
        self._writer = writer
        self._flush = flush
        self._answering = _answering(plan.ring) if plan.answers else None
        self._remarks: list[CaptureRemark] = []
        self._decoder = Decoder(plan.ring, self._remarks.append, tables=tables)
        self._pieces = 0
        self._is_open = True

    def end(self) -> None:
        """No more messages come."""
        self._write(self._decoder.close())
        self._writer.end(self.summary)

    def _accept(self, place: places.Place) -> Accept:
        """Makes the ears of a place."""

        def made(peer: str) -> Ear:
            label = self.labels.get(place, f"{place.scheme}://{place.host}:{place.port}")
            flow = _flow(peer, label)

            def heard(octets: bytes, answer: bytes | None) -> None:
                self._heard(octets, answer, label, flow)

            def odd(text: str) -> None:
                self._odd(f"{peer} was hung up on: {text}", label)

            return Ear(heard, odd, is_datagram=place.scheme == "udp", answerer=self._answering, peer=peer)

        return made

    def _heard(self, octets: bytes, answer: bytes | None, label: str, flow: Flow) -> None:
        if not self._is_open:
            return
        try:
            self._write(self._decoder.feed(self._piece(octets, label, flow)))
            if answer is not None:
                self._write(self._decoder.feed(self._piece(answer, label, flow.reverse)))
            # Nobody else answers here, so nothing is waited for.
            self._write(self._decoder.give_up())
        except OSError as exc:
            self._stop(exc)
            return
        if self._left is not None:
            self._left -= 1
            if self._left == 0:
                self._stop()

    def _odd(self, text: str, label: str) -> None:
        if self._is_open:
            self._remarks.append(in_file("not-c1222", text, label))
            try:
                self._write(())
            except OSError as exc:
                self._stop(exc)

    def _stop(self, error: OSError | None = None) -> None:
        """End the run. error: what is wrong with the output, which is raised where the run ends."""
        self._is_open = False
        self.serving.stop(error)

    def _piece(self, octets: bytes, label: str, flow: Flow) -> Piece:
        self._pieces += 1
        return Piece(octets, Place(label, self._pieces, time.time_ns(), flow, self._pieces))

    def _write(self, exchanges: Iterable[Exchange]) -> None:
        """Write exchanges, and the remarks that came up meanwhile."""
        for exchange in exchanges:
            self.summary.exchange(exchange)
            self._writer.exchange(exchange)
        for remark in self._remarks:
            self.summary.remark(remark)
            self._writer.remark(remark)
        self._remarks.clear()
        self._flush()


def _flow(peer: str, label: str) -> Flow:
    """From a peer ("127.0.0.1:50123") to a listener ("tcp://127.0.0.1:1153")."""
    scheme, _, here = label.partition("://")
    host, _, port = peer.rpartition(":")
    our_host, _, our_port = here.rpartition(":")
    return Flow(host.strip("[]"), int(port), our_host.strip("[]"), int(our_port), "udp" if scheme == "udp" else "tcp")
