"""Register, Deregister, Resolve and Trace, as a node answers them that other nodes register with."""

from collections import OrderedDict
from typing import Any

from c1219_tables.schema.dialect import Record
from c1222.meter.device.answers import Refused
from c1222.titles import RELATIVE_DATA, ApTitle

MOST_REGISTERED = 1024
"""Nodes that are remembered; the one that registered longest ago is forgotten."""


class Registrar:
    """The nodes that registered, and where they are.

    title: the node's own name. native_address: where it can be reached itself, as Resolve tells it.
    """

    def __init__(self, title: ApTitle, native_address: bytes = b"") -> None:
        self.title = title.with_tag(RELATIVE_DATA)
        self._addresses: OrderedDict[bytes, bytes] = OrderedDict({self.title.absolute(): native_address})

    def register(self, asked: Record) -> dict[str, Any]:
        """A node registers for as long as it asks; without a title, or with ours, it cannot (onp)."""
        name = asked.ap_title.absolute()
        if not asked.ap_title.content or name == self.title.absolute():
            raise Refused("onp")
        self._addresses[name] = asked.native_address
        self._addresses.move_to_end(name)
        if len(self._addresses) > MOST_REGISTERED + 1:
            oldest = next(known for known in self._addresses if known != self.title.absolute())
            del self._addresses[oldest]
        flags = {key: value for key, value in asked.connection_type.items() if key != "broadcast_and_multicast"}
        return {
            "ap_title": asked.ap_title.with_tag(RELATIVE_DATA),
            "registration_delay": 0,
            "registration_period": asked.registration_period,
            "registration_info": {**flags, "direct_messaging": True},
        }

    def deregister(self, asked: Record) -> dict[str, Any]:
        """Forget a node; uat for one that is not registered."""
        name = asked.ap_title.absolute()
        if name == self.title.absolute() or self._addresses.pop(name, None) is None:
            raise Refused("uat")
        return {"ap_title": asked.ap_title.with_tag(RELATIVE_DATA)}

    def resolve(self, asked: Record) -> dict[str, Any]:
        """Native address of a node, or of ours; uat for one that is not known."""
        address = self._addresses.get(asked.ap_title.absolute())
        if address is None:
            raise Refused("uat")
        return {"local_address": address}

    def trace(self, asked: Record) -> dict[str, Any]:
        """The way so far, and us at its end."""
        return {"ap_titles": [*asked.ap_titles, self.title]}
