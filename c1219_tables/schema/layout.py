"""A layout: one declaration, used to decode, encode and show the place of every element."""

from collections.abc import Callable, Mapping
from typing import Any

from construct import Construct

from c1219_tables.errors import LayoutError
from c1219_tables.schema.compiler import CompiledForm
from c1219_tables.schema.cursor import Cursor, Remark, Span, Writer, plain_path
from c1219_tables.schema.dialect import Misfit, Record

__all__ = ["Decoded", "Layout"]

FastForm = Callable[[bytes, dict[str, Any]], Any]
"""Octets and params to a value; None where the plain decode must look."""


class Decoded(Record):
    """What a layout found in octets: a dict with attribute access, and where everything stood.

    octets: what was decoded.
    remarks: what was tolerated.
    forms: how the sender wrote lengths, integers and order where we would write them otherwise; `Layout.encode` uses
        them, so that what was decoded encodes to the same octets.
    """

    __slots__ = ("_layout", "_params", "_spans", "forms", "octets", "remarks")

    octets: bytes
    remarks: list[Remark]
    forms: dict[str, object]
    _layout: "Layout"
    _params: dict[str, Any]
    _spans: dict[str, Span] | None

    def spans(self) -> dict[str, Span]:
        """Place of every element by its path (`services[0].code`), inner elements before the ones that hold them."""
        if self._spans is None:
            cursor = Cursor(self.octets, trace=True)
            self._layout.construct._parse(cursor, {"_params": self._params}, "")
            self._spans = {
                plain_path(span.field): Span(plain_path(span.field), span.start, span.end)
                for span in cursor.trace or ()
            }
        return self._spans

    @property
    def params(self) -> Mapping[str, Any]:
        """What the declaration saw as `this._params` when this was decoded."""
        return self._params

    def raw(self, path: str) -> bytes:
        """The octets of one element, tag and length included where it has them. Raises KeyError for an unknown path."""
        span = self.spans()[path]
        return self.octets[span.start : span.end]


class Layout:
    """A named declaration.

    name: how errors call it, for example "logon request".
    construct: made of the dialect's words; its root decodes to a Record.
    error: makes the LayoutError that a misfit becomes. result: the Decoded class that decode returns.
    fast: the form that decodes the usual case: CompiledForm for messages, which say their lengths themselves,
        PackedForms for what others' dimensions decide.
    """

    def __init__(
        self,
        name: str,
        construct: Construct,
        *,
        error: Callable[..., LayoutError] = LayoutError,
        result: type[Decoded] = Decoded,
        fast: Callable[[Construct], FastForm] = CompiledForm,
    ) -> None:
        self.name = name
        self.construct = construct
        self.error = error
        self.result = result
        self._fast = fast(construct)

    def decode(self, octets: bytes, **params: Any) -> Decoded:
        """All of `octets`; `params` are what the declaration sees as `this._params`.

        Raises the layout's error, with field and offset, where octets are missing, left over or wrong.
        """
        octets = bytes(octets)
        usual = self._fast(octets, params)
        if usual is not None:
            return self._decoded(usual, octets, params, [], {})
        cursor = Cursor(octets)
        try:
            value = self.construct._parse(cursor, {"_params": params}, "")
            if cursor.pos != cursor.end:
                raise Misfit(f"{cursor.end - cursor.pos} octets left over", "", cursor.pos)
        except Misfit as exc:
            offset = cursor.pos if exc.offset is None else exc.offset
            raise self._error(exc, offset) from exc.__cause__
        return self._decoded(value, octets, params, cursor.remarks, cursor.forms)

    def _decoded(
        self, value: Record, octets: bytes, params: dict[str, Any], remarks: list[Remark], forms: dict[str, object]
    ) -> Decoded:
        # Not by an __init__: it would double the cost of the result, and a capture has five of them for each message.
        decoded = self.result(value)
        decoded.octets, decoded.remarks, decoded.forms = octets, remarks, forms
        decoded._layout, decoded._params, decoded._spans = self, params, None
        return decoded

    def encode(self, value: Mapping[str, Any], **params: Any) -> bytes:
        """Octets of `value`. What was decoded comes out as it was; anything else in the fewest octets.

        Raises the layout's error, with the field, where a value is missing, unknown or does not fit.
        """
        writer = Writer(value.forms if isinstance(value, Decoded) else {})
        try:
            self.construct._build(value, writer, {"_params": params}, "")
        except Misfit as exc:
            raise self._error(exc, None) from exc.__cause__
        return writer.getvalue()

    def _error(self, exc: Misfit, offset: int | None) -> LayoutError:
        return self.error(exc.problem, layout=self.name, field=plain_path(exc.path or ""), offset=offset)
