"""TCP and UDP over the loopback: octets, datagrams, and what each failure says."""

import errno
import math
import socket
from contextlib import closing, contextmanager
from unittest import mock

import pytest

from c1222.errors import TransportError
from c1222.transport import faults, sockets
from c1222.transport.tcp import open_tcp
from c1222.transport.udp import connected_udp, open_udp

SOON = 10.0
"""Seconds in which something comes that is sure to come."""


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


HOSTS = [
    "127.0.0.1",
    pytest.param("::1", marks=pytest.mark.skipif(not has_ipv6(), reason="this computer has no IPv6")),
]


def bound(kind, host="127.0.0.1"):
    """A socket with a port of its own, on which nobody listens yet."""
    mine = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind)
    mine.bind((host, 0))
    mine.settimeout(SOON)
    return mine


def port_of(mine):
    return mine.getsockname()[1]


@contextmanager
def tcp_between(host):
    with bound(socket.SOCK_STREAM, host) as server:
        server.listen()
        with closing(open_tcp(host, port_of(server))) as pipe, server.accept()[0] as peer:
            peer.settimeout(SOON)
            yield pipe, peer


@contextmanager
def udp_between(host):
    with bound(socket.SOCK_DGRAM, host) as peer, closing(open_udp(host, port_of(peer))) as pipe:
        pipe.write(b"hello")
        octets, address = peer.recvfrom(100)
        assert octets == b"hello"
        peer.connect(address)
        yield pipe, peer


@pytest.fixture(params=HOSTS)
def tcp(request):
    """(our pipe, the other end of it as a socket)."""
    with tcp_between(request.param) as ends:
        yield ends


@pytest.fixture(params=HOSTS)
def udp(request):
    """(our pipe, the other end of it as a socket that knows us)."""
    with udp_between(request.param) as ends:
        yield ends


@pytest.fixture(params=[tcp_between, udp_between], ids=["tcp", "udp"])
def either(request):
    with request.param("127.0.0.1") as ends:
        yield ends


def test_a_stream_goes_both_ways(tcp):
    pipe, peer = tcp
    assert not pipe.is_datagram
    pipe.write(b"ques")
    pipe.write(b"")
    pipe.write(b"tion")
    octets = b""
    while len(octets) < 8:
        octets += peer.recv(100)
    assert octets == b"question"
    peer.sendall(b"answer")
    assert pipe.read(SOON) == b"answer"
    assert pipe.read(0.0) == b""
    assert pipe.read(0.001) == b""
    assert pipe.read(-1.0) == b""


def test_octets_go_at_once():
    with bound(socket.SOCK_STREAM) as server:
        server.listen()
        ours = socket.create_connection(server.getsockname())
        with mock.patch("socket.create_connection", return_value=ours), closing(open_tcp("127.0.0.1", 1153)):
            assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_stream_is_read_to_its_end_and_then_closed(tcp):
    pipe, peer = tcp
    peer.sendall(b"last words")
    peer.close()
    assert pipe.read(SOON) == b"last words"
    with pytest.raises(TransportError, match=r":\d+ closed the connection$"):
        pipe.read(SOON)


def test_a_stream_that_was_cut_says_the_same(tcp):
    pipe, peer = tcp
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    peer.close()
    with pytest.raises(TransportError, match="closed the connection"):
        pipe.read(SOON)


def test_a_peer_that_takes_nothing_does_not_hold_us_for_ever(tcp, monkeypatch):
    monkeypatch.setattr(sockets, "STUCK", 0.01)
    pipe, _ = tcp
    with pytest.raises(TransportError, match=r"took no octets for 0\.01 s"):
        pipe.write(bytes(1 << 26))


def test_who_waits_for_ever_gets_what_comes(tcp):
    pipe, peer = tcp
    peer.sendall(b"late")
    assert pipe.read(math.inf) == b"late"


def test_what_is_discarded_is_not_read(either):
    pipe, peer = either
    peer.sendall(b"old")
    assert pipe.read(SOON) == b"old"
    peer.sendall(b"older")
    pipe.discard()
    peer.sendall(b"new")
    assert pipe.read(SOON) == b"new"


def test_a_closed_pipe_says_so(either):
    pipe, _ = either
    pipe.set_baud(9600)
    pipe.close()
    pipe.close()
    for call in (lambda: pipe.write(b"x"), lambda: pipe.read(1.0)):
        with pytest.raises(TransportError, match="is closed"):
            call()


def test_datagrams_stay_whole_and_empty_ones_do_not_count(udp):
    pipe, peer = udp
    assert pipe.is_datagram
    pipe.write(b"")
    pipe.write(b"one")
    assert peer.recv(100) == b"one"
    for datagram in (b"", b"two", b"", bytes(60000), b"three"):
        peer.send(datagram)
    assert [pipe.read(SOON) for _ in range(3)] == [b"two", bytes(60000), b"three"]
    assert pipe.read(0.0) == b""


def test_a_datagram_that_nobody_takes_is_refused():
    with bound(socket.SOCK_DGRAM) as gone:
        port = port_of(gone)
    with closing(open_udp("127.0.0.1", port)) as pipe:
        pipe.write(b"anybody?")
        with pytest.raises(TransportError, match=rf"^connection refused at 127\.0\.0\.1:{port}: is the meter"):
            pipe.read(SOON)


def test_a_datagram_larger_than_datagrams_can_be(udp):
    pipe, _ = udp
    with pytest.raises(TransportError, match="too large for the way to"):
        pipe.write(bytes(70000))


def test_our_own_port_can_be_chosen():
    with bound(socket.SOCK_DGRAM) as peer, bound(socket.SOCK_DGRAM) as free:
        wanted = port_of(free)
        free.close()
        with closing(open_udp("127.0.0.1", port_of(peer), source_port=wanted)) as pipe:
            pipe.write(b"it is me")
            assert peer.recvfrom(100)[1][1] == wanted


def test_our_own_port_may_be_taken():
    with bound(socket.SOCK_DGRAM) as peer, pytest.raises(TransportError, match="another program listens there"):
        open_udp("127.0.0.1", port_of(peer), source_port=port_of(peer))


def test_of_two_kinds_of_address_datagrams_go_to_ipv4():
    with bound(socket.SOCK_DGRAM) as peer:
        found = [
            (socket.AF_INET6, socket.SOCK_DGRAM, 17, "", ("::1", port_of(peer), 0, 0)),
            (socket.AF_INET, socket.SOCK_DGRAM, 17, "", ("127.0.0.1", port_of(peer))),
        ]
        with connected_udp(found, None) as ours:
            assert ours.family == socket.AF_INET


def test_nobody_listens():
    with bound(socket.SOCK_STREAM) as deaf:
        with pytest.raises(TransportError) as info:
            open_tcp("127.0.0.1", port_of(deaf))
        place = f"127.0.0.1:{port_of(deaf)}"
    assert str(info.value) == f"connection refused at {place}: is the meter (or `c1222 simulate`) listening there?"
    assert isinstance(info.value.__cause__, ConnectionRefusedError)


SENTENCES = [
    (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "the host of meter:1153 is unknown"),
    (TimeoutError("timed out"), "no answer from meter:1153 within 2.5 s"),
    (OSError(errno.ENETUNREACH, "Network is unreachable"), "there is no route to meter:1153"),
    (OSError(errno.EHOSTUNREACH, "No route to host"), "meter:1153 cannot be reached"),
    (OSError(errno.EACCES, "Permission denied"), "you may not use meter:1153"),
    (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), "meter:1153 closed the connection"),
    (OSError(errno.EIO, "Input/output error"), "meter:1153: Input/output error"),
    (OSError("what nobody thought of"), "meter:1153: what nobody thought of"),
    (OSError(), "meter:1153: OSError"),
    (UnicodeError("label too long"), "meter:1153 is no address"),
    (OverflowError("port must be 0-65535"), "meter:1153 is no address"),
]


@pytest.mark.parametrize(("said", "sentence"), SENTENCES, ids=[sentence for _, sentence in SENTENCES])
def test_what_keeps_us_from_connecting_is_said_in_a_sentence(said, sentence):
    with (
        mock.patch("socket.create_connection", side_effect=said),
        pytest.raises(TransportError) as info,
    ):
        open_tcp("meter", 1153, timeout=2.5)
    assert str(info.value).startswith(sentence)
    assert info.value.__cause__ is said


def test_an_unknown_host_of_datagrams():
    with (
        mock.patch("socket.getaddrinfo", side_effect=socket.gaierror(socket.EAI_NONAME, "unknown")),
        pytest.raises(TransportError, match="the host of meter:1153 is unknown"),
    ):
        open_udp("meter", 1153)


def test_places_are_written_as_people_write_them():
    assert faults.place("192.0.2.7", 1153) == "192.0.2.7:1153"
    assert faults.place("2001:db8::7", 1153) == "[2001:db8::7]:1153"
