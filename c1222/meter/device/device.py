"""A meter at the level of services: one request in, one answer out, for any number of visitors.

Ports bring the requests and take the answers away; they tell visitors apart and own everything that differs between a
line and a network. A device knows no packets, no titles, no keys.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from c1222.errors import MessageError
from c1222.meter.device.access import SIMULATION, Access
from c1222.meter.device.answers import CODES, Answer, Effect, Refused
from c1222.meter.device.device_settings import DeviceSettings, Faults
from c1222.meter.device.guarded_tables import GuardedTables
from c1222.meter.device.registrar import Registrar
from c1222.meter.device.service_states import SERVICES, must_be_in_order, negotiate
from c1222.meter.device.table_services import READS, WRITES
from c1222.meter.device.visitor import Standard, State, Visitor
from c1222.meter.image.image import Image
from c1222.psem.requests import decode_request
from c1222.psem.responses import encode_response, response
from c1222.psem.services import BY_CODE, Service
from c1222.titles import ABSOLUTE, RELATIVE_DATA, ApTitle

SECURITY_MECHANISM = ApTitle(ABSOLUTE, bytes.fromhex("607C86F75401160201"))
"""2.16.124.113620.1.22.2.1. Source: docs/sources.md, ITR."""
DEVICE_TITLE = ApTitle.parse(".123.8437", relative_tag=RELATIVE_DATA)
IDENTIFICATION = 5
"""Table whose octets are the identity that Identify tells."""
ASCII = 1


class Device:
    """One meter for all its visitors.

    true_time: seconds of the ports' clock -> the time as the simulation has it, an aware datetime.
    title, native_address: its name and address in a C12.22 network.
    tables, settings, faults: see their classes; faults may be changed at any time.
    """

    def __init__(
        self,
        image: Image,
        access: Access = SIMULATION,
        *,
        true_time: Callable[[float], datetime],
        settings: DeviceSettings | None = None,
        faults: Faults | None = None,
        title: ApTitle = DEVICE_TITLE,
        native_address: bytes = b"",
    ) -> None:
        self.tables = GuardedTables(image, access)
        self.title = title
        registrar = Registrar(title, native_address)
        self._registration = {
            "register": registrar.register,
            "deregister": registrar.deregister,
            "resolve": registrar.resolve,
            "trace": registrar.trace,
        }
        self.settings = settings or DeviceSettings()
        self.faults = faults or Faults()
        self._true_time = true_time

    def true_time(self, now: float) -> datetime:
        return self._true_time(now)

    def answer(self, visitor: Visitor, request: bytes, now: float) -> Answer:
        """Answer one request, whatever it is; never raises for what a visitor sends.

        request: service code and parameters. The answer takes at most `visitor.room` octets: what would be larger is
        refused, in C12.18 with onp, in C12.22 with rstl and the octets of the largest message.
        """
        effect: Effect | None = None
        try:
            octets, effect = self._served(visitor, request, now)
        except Refused as refused:
            octets = bytes([CODES[refused.code]])
        except MessageError:
            octets = bytes([CODES["onp"]])
        if len(octets) > visitor.room:
            octets = too_large("rstl", visitor.maximum) if visitor.is_networked else bytes([CODES["onp"]])
        return Answer(octets, effect)

    def _served(self, visitor: Visitor, request: bytes, now: float) -> tuple[bytes, Effect | None]:
        service = BY_CODE.get(request[0]) if request else None
        if service is None or not self._supports(visitor.standard, service.name):
            raise Refused("sns")
        must_be_in_order(visitor, service.name)
        asked = decode_request(request, c1222=visitor.is_networked)
        if asked.trailing:
            raise Refused("onp")
        data, effect = self._done(visitor, service, asked.parameters, now)
        return encode_response(response(**data), service=service.code, c1222=visitor.is_networked), effect

    def _supports(self, standard: Standard, name: str) -> bool:
        if name.startswith("negotiate"):
            return standard is not Standard.C1222 and not self.faults.refuse_negotiate
        if name in self._registration:
            return standard is Standard.C1222
        return name == "identify" or name in SERVICES[standard] or name in READS or name in WRITES

    def _done(self, visitor: Visitor, service: Service, asked: Any, now: float) -> tuple[dict[str, Any], Effect | None]:
        name = service.name
        if name == "identify":
            return self._identity(visitor, now), None
        if name.startswith("negotiate"):
            return negotiate(visitor, asked, self.settings)
        if name in self._registration:
            return self._registration[name](asked), None
        if name in SERVICES[visitor.standard]:
            return SERVICES[visitor.standard][name](visitor, asked, self.settings, self.tables.access)
        if self.faults.busy:
            self.faults.busy -= 1
            raise Refused("bsy")
        if name in READS and self.faults.not_ready:
            self.faults.not_ready -= 1
            raise Refused("dnr")
        serve = READS.get(name) or WRITES[name]
        return serve(self.tables, visitor, asked, self._true_time(now)), None

    def _identity(self, visitor: Visitor, now: float) -> dict[str, Any]:
        """Standard, version 1.0; features only where C12.22 is spoken: others break on them (docs/sources.md, ADP)."""
        if visitor.state is State.BASE:
            visitor.state = State.IDENTIFIED
        features = self._features(now) if visitor.is_networked else []
        return {
            "standard": int(visitor.standard),
            "version": 1,
            "revision": 0,
            "features": features,
            "end_of_features": b"\x00",
        }

    def _features(self, now: float) -> list[dict[str, Any]]:
        control = {"nbr_sessions": self.settings.nbr_sessions, "sessionless": True}
        device_class = ApTitle(RELATIVE_DATA, self.settings.device_class)
        features: list[dict[str, Any]] = [
            {"code": 0x04, "value": {"security_mechanism": SECURITY_MECHANISM}},
            {"code": 0x05, "value": {"session_control": control}},
            {"code": 0x06, "value": {"device_class": device_class}},
        ]
        try:
            identity = self.tables.read(Visitor(), IDENTIFICATION, self._true_time(now))
        except Refused:
            return features
        return [*features, {"code": 0x07, "value": {"identity": {"char_format": ASCII, "octets": identity[:254]}}}]


def too_large(code: str, maximum: int) -> bytes:
    """Octets of the answer rqtl or rstl, which carry what would fit."""
    return encode_response(response(CODES[code], maximum=maximum), service=None)
