"""Listeners kept by a program that knows nothing of asyncio."""

import os
import signal
import socket
import threading

import pytest
from sides import Echo

from c1222.errors import TransportError
from c1222.transport.listen import listen_tcp, listen_udp
from c1222.transport.serving import Serving

TIME = 20.0
"""Seconds that a test waits at most, for what takes none."""


def tcp(accept, port=0):
    return lambda: listen_tcp("127.0.0.1", port, accept)


def port_of(label):
    return int(label.rpartition(":")[2])


def in_thread(serving):
    """Start it in a thread. Returns the thread, and the labels of its listeners."""
    labels, begun = [], threading.Event()

    def started(found):
        labels.extend(found)
        begun.set()

    thread = threading.Thread(target=serving.run, args=(started,))
    thread.start()
    assert begun.wait(TIME)
    return thread, labels


def test_several_listeners_serve_until_they_are_stopped():
    serving = Serving([tcp(lambda peer: Echo()), lambda: listen_udp("127.0.0.1", 0, lambda peer: Echo())])
    thread, labels = in_thread(serving)
    assert [label.partition("://")[0] for label in labels] == ["tcp", "udp"]
    with socket.create_connection(("127.0.0.1", port_of(labels[0])), timeout=TIME) as connection:
        connection.sendall(b"one")
        assert connection.recv(100) == b"one"
        serving.stop()
        assert connection.recv(100) == b""
    thread.join(TIME)
    assert not thread.is_alive()
    serving.stop()  # a second time, and after its end, nothing happens


def test_stopped_before_it_began():
    serving = Serving([tcp(lambda peer: Echo())])
    serving.stop()
    heard = []
    serving.run(heard.extend)
    assert len(heard) == 1


def test_a_time_that_is_over():
    Serving([tcp(lambda peer: Echo())]).run(lambda labels: None, seconds=0)


def test_an_error_that_it_was_stopped_with_is_raised():
    serving = Serving([tcp(lambda peer: Echo())])
    with pytest.raises(BrokenPipeError):
        serving.run(lambda labels: serving.stop(BrokenPipeError()))


def test_where_one_cannot_listen_none_does():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        serving = Serving([tcp(lambda peer: Echo()), tcp(lambda peer: Echo(), port)])
        with pytest.raises(TransportError, match=f"127.0.0.1:{port} is in use"):
            serving.run(lambda labels: pytest.fail("it has not started"))


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_stop_it_in_peace(number):
    before = signal.getsignal(number)
    Serving([tcp(lambda peer: Echo())]).run(lambda labels: os.kill(os.getpid(), number))
    assert signal.getsignal(number) == before
