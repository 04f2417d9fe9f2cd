"""ANSI C12.18 and C12.22: link, messages, security, sessions, captures. See docs/architecture.md.

import c1222

with c1222.connect("sim:") as meter:
    print(meter.read(1).ed_model)
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from c1222.connection.connect import connect, connect_async

__all__ = ["__version__", "connect", "connect_async"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # Not before it is asked for: a program that decodes captures opens no ports.
    if name in ("connect", "connect_async"):
        from c1222.connection import connect as room

        return getattr(room, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
