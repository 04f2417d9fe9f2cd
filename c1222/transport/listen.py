"""Listening on TCP, UDP and pseudo-terminals, by one name."""

from c1222.transport.listen_pty import listen_pty
from c1222.transport.listen_tcp import listen_tcp
from c1222.transport.listen_udp import listen_udp
from c1222.transport.listener import Accept, Listener

__all__ = ["Accept", "Listener", "listen_pty", "listen_tcp", "listen_udp"]
