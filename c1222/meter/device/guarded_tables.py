"""The tables of an image behind the rules of who may read and write them."""

from datetime import datetime

from c1222.meter.device.access import Access
from c1222.meter.device.access_tables import PASSWORDS, RULES, with_passwords_of, with_rules_of
from c1222.meter.device.answers import Refused
from c1222.meter.device.procedure_tables import INITIATE, RESPONSE, run_procedure
from c1222.meter.device.visitor import Visitor
from c1222.meter.image.image import Image


class GuardedTables:
    """Tables of one meter, for all its visitors.

    access: the rules now; writing table 42 or 44 changes them.
    """

    def __init__(self, image: Image, access: Access) -> None:
        self.image = image
        self.access = access
        self._rules_read = False

    def read(self, visitor: Visitor, number: int, at: datetime) -> bytes:
        """Octets of a whole table for a visitor.

        Raises Refused: "iar" for a table that is not there or cannot be read, "isc" for one that is not for everybody.
        GE I-210+c answers the same (docs/sources.md).
        """
        self._must_be_there(number, at)
        if not self.access.may_read(number, visitor.groups):
            raise Refused("isc")
        if number == RESPONSE and visitor.procedure_answer is not None:
            return visitor.procedure_answer
        try:
            return self.image.read(number, at)
        except KeyError:
            raise Refused("iar") from None

    def write(self, visitor: Visitor, number: int, octets: bytes, at: datetime) -> None:
        """New octets for a whole table. Table 7 starts a procedure.

        Raises Refused: "iar", "isc" as `read`, and "onp" for octets that do not fit the table.
        """
        self.must_be_writable(visitor, number, at)
        if number == INITIATE:
            answer, _ = run_procedure(self.image, self.access, visitor.groups, octets, at)
            visitor.procedure_answer = visitor.procedure_answer if answer is None else answer
            return
        try:
            access = with_passwords_of(self.access, self.image, octets, at) if number == PASSWORDS else self.access
            self.image.write(number, octets, at)
        except (KeyError, PermissionError):
            raise Refused("iar") from None
        except ValueError:
            raise Refused("onp") from None
        self.access = with_rules_of(access, self.image, at) if number == RULES else access

    def now(self, visitor: Visitor, number: int, at: datetime) -> bytes:
        """Octets of a table that this visitor is about to change in part.

        Raises Refused as `write`, and "onp" for a table that cannot be read: it is written whole or not at all.
        """
        self.must_be_writable(visitor, number, at)
        try:
            return self.image.read(number, at)
        except KeyError:
            raise Refused("onp") from None

    def must_be_writable(self, visitor: Visitor, number: int, at: datetime) -> None:
        """Raises Refused: "iar" for a table that is not there, "isc" for one that this visitor may not write."""
        self._must_be_there(number, at)
        if not self.access.may_write(number, visitor.groups):
            raise Refused("isc")

    def _must_be_there(self, number: int, at: datetime) -> None:
        if not self._rules_read:
            self.access, self._rules_read = with_rules_of(self.access, self.image, at), True
        if number not in self.image.numbers():
            raise Refused("iar")
