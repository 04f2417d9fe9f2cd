"""All pipes for asyncio, by one name."""

from c1222.transport.aio_from_sync import AsyncMemory, InThread, open_in_thread
from c1222.transport.aio_sockets import AsyncPipe, open_tcp_async, open_udp_async

__all__ = ["AsyncMemory", "AsyncPipe", "InThread", "open_in_thread", "open_tcp_async", "open_udp_async"]
