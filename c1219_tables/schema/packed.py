"""Layouts whose sizes are all known beforehand, decoded by the machine's own unpacking: once a record, not an element.

A table has no lengths inside: its meter's dimensions say how long everything is. So a declaration becomes one
expression over the values that `struct` unpacks, made for the answers that the declaration's own questions (counts,
conditions, formats) had, and used as long as they are the same. A word says what it is in a function that is registered
with `pack`; for a word without one, and wherever octets hold something to remark, the plain decode does the work: it
stays the only authority, and tests hold both against each other.
"""

import struct
from collections.abc import Callable, Mapping
from functools import lru_cache, partial, singledispatch
from typing import Any, Literal

from construct import Bytes, Construct, ConstructError, IfThenElse, Pass, Switch, evaluate

from c1219_tables.schema.base import Record, element
from c1219_tables.schema.bits import BitField, Set, cut, members
from c1219_tables.schema.compiler import UNUSUAL
from c1219_tables.schema.dialect import (
    NOTHING,
    Array,
    Rest,
    Secret,
    SecretOctets,
    Shared,
    Struct,
    Tail,
    Trailing,
    UpTo,
)

WORTH_PACKING = 4096
"""Octets that are decoded the plain way before a form is made, and between two: making one costs about as much."""

MOST_FORMS = 16
"""Forms of one layout that are kept, the newest: of so many sorts of meter at a time."""

_FEW = 32
"""Values up to which the elements of an array are written out; more are a loop."""


class NotPackedError(Exception):
    """A word, or a question, for which only the plain decode has an answer."""


_NO_FORM = (NotPackedError, struct.error, OverflowError, *UNUSUAL)


class Questions:
    """What a declaration asks of `this._params`, and the answers: with the same answers it is laid out the same."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        self._context = {"_params": params}
        # By identity: expressions compare by making another expression.
        self._asked: dict[int, tuple[Callable[..., Any], Any]] = {}
        self.formats: Any = params.get("formats")

    def ask(self, expression: Any) -> Any:
        """The answer to a number or a `this` expression. Raises NotPackedError where params alone have none."""
        if not callable(expression):
            return expression
        try:
            answer = evaluate(expression, self._context)
        except (ConstructError, LookupError, TypeError, ArithmeticError, AttributeError) as exc:
            raise NotPackedError(str(exc)) from exc
        self._asked[id(expression)] = expression, answer
        return answer

    def hold(self, params: Mapping[str, Any]) -> bool:
        """Whether these params give the same answers."""
        context = {"_params": params}
        try:
            return bool(params.get("formats") == self.formats) and all(
                expression(context) == answer for expression, answer in self._asked.values()
            )
        except (ConstructError, LookupError, TypeError, ArithmeticError, AttributeError):
            return False


class Region:
    """Octets of known size, being laid out: what `struct` unpacks of them, and the names that its values get.

    order: of octets in numbers. end: octets of the whole; None for an element of an array, which has no end of its own.
    is_repeated: it is such an element.
    """

    def __init__(
        self, questions: Questions, order: Literal["little", "big"], objects: dict[str, Any], end: int | None = None
    ) -> None:
        self.questions = questions
        self.order = order
        self.end = end
        self.is_repeated = False
        self.size = 0
        self.codes: list[str] = []
        self.names: list[str] = []
        self._objects = objects

    def inner(self, end: int | None = None) -> "Region":
        """An element of an array in it."""
        found = Region(self.questions, self.order, self._objects, end)
        found.is_repeated = True
        return found

    def number(self, expression: Any) -> int:
        """A count or a length."""
        return int(self.questions.ask(expression))

    def use(self, thing: Any) -> str:
        """Name under which expressions see an object."""
        name = f"object_{len(self._objects)}"
        self._objects[name] = thing
        return name

    def value(self, code: str, made: Callable[[Any], Any] | None = None) -> str:
        """The next value: its code in `struct`, and what is made of it."""
        name = f"v{len(self._objects)}_{len(self.names)}"
        self.size += struct.calcsize(f"<{code}")
        self.codes.append(code)
        self.names.append(name)
        return name if made is None else f"{self.use(made)}({name})"

    def octets(self, count: int, made: Callable[[bytes], Any] | None = None) -> str:
        """The next octets as they are."""
        if count < 0:
            raise NotPackedError("octets before the beginning")
        return self.value(f"{count}s", made)

    def left(self) -> int:
        """Octets up to the end."""
        if self.end is None or self.end < self.size:
            raise NotPackedError("no end is known")
        return self.end - self.size

    def unpacker(self) -> struct.Struct:
        return struct.Struct(("<" if self.order == "little" else ">") + "".join(self.codes))


@singledispatch
def pack(word: Any, region: Region) -> str:
    """The expression that gives a word's value, after its octets were added to the region.

    Raises NotPackedError for a word that has no fixed size, or none of these functions.
    """
    raise NotPackedError(type(word).__name__)


@pack.register
def _(word: Struct, region: Region) -> str:
    return f"Record({{{', '.join(f'{name!r}: {pack(layout, region)}' for name, layout, _ in word.fields)}}})"


@pack.register
def _(word: Array, region: Region) -> str:
    count = region.number(word.count)
    if count <= 0:
        return "[]"
    inner = region.inner()
    value = pack(word.subcon, inner)
    if not inner.size:
        # Of them there may be as many as a meter likes to say.
        raise NotPackedError("elements without octets")
    if count * len(inner.names) <= _FEW:
        return f"[{', '.join(pack(word.subcon, region) for _ in range(count))}]"
    if inner.names == [value] and inner.codes[0].isalpha():
        numbers = struct.Struct(("<" if region.order == "little" else ">") + f"{count}{inner.codes[0]}")
        return region.octets(count * inner.size, lambda octets: list(numbers.unpack(octets)))
    elements = f"{region.use(inner.unpacker().iter_unpack)}({region.octets(count * inner.size)})"
    return f"[{value} for {', '.join(inner.names)}, in {elements}]"


@pack.register
def _(word: Shared, region: Region) -> str:
    count = region.number(word.count)
    if not count:
        return "[]"
    size, rest = divmod(region.left(), count)
    if rest or not size:
        raise NotPackedError("nothing that can be shared")
    inner = region.inner(size)
    value = pack(word.subcon, inner)
    if inner.size != size:
        raise NotPackedError("octets left over")
    elements = f"{region.use(inner.unpacker().iter_unpack)}({region.octets(count * size)})"
    return f"[{value} for {', '.join(inner.names)}, in {elements}]"


@pack.register
def _(word: IfThenElse, region: Region) -> str:
    branch = word.thensubcon if region.questions.ask(word.condfunc) else word.elsesubcon
    return pack(element(branch)[1], region)


@pack.register
def _(word: Switch, region: Region) -> str:
    return pack(element(word.cases.get(region.questions.ask(word.keyfunc), word.default))[1], region)


@pack.register
def _(word: Tail, region: Region) -> str:
    return pack(word.subcon, region) if region.left() else "None"


@pack.register
def _(word: Rest, region: Region) -> str:
    return region.octets(region.left() - region.number(word.leave))


@pack.register
def _(word: UpTo, region: Region) -> str:
    return region.octets(min(region.left(), region.number(word.limit)))


@pack.register
def _(word: Trailing, region: Region) -> str:
    if region.left():
        raise NotPackedError("octets that nobody expects")
    return "b''"


@pack.register
def _(word: BitField, region: Region) -> str:
    whole = pack(word.subcon, region)
    if region.is_repeated and word.width == 8:
        return f"Record({region.use(_cuts(word))}[{whole}])"
    return f"{region.use(partial(cut, word))}({whole})"


@lru_cache(maxsize=64)
def _cuts(word: BitField) -> list[dict[str, Any]]:
    """The members of a bit field of one octet, whatever its number is: what comes often is cut once."""
    return [dict(cut(word, number)) for number in range(256)]


@pack.register
def _(word: Set, region: Region) -> str:
    return region.octets(region.number(word.octets), members)


@pack.register
def _(word: Secret, region: Region) -> str:
    return f"{region.use(SecretOctets)}({pack(word.subcon, region)})"


@pack.register
def _(word: Bytes, region: Region) -> str:
    return region.octets(region.number(word.length))


@pack.register(type(NOTHING))
@pack.register(type(Pass))
def _(word: Construct, region: Region) -> str:
    return "None"


class _Form:
    """A layout for octets of one length and one set of answers. decode: None where only the plain decode can."""

    def __init__(self, layout: Construct, octets: int, params: Mapping[str, Any]) -> None:
        self.octets = octets
        self.questions = Questions(params)
        self.decode: Callable[[bytes], Record] | None = None
        objects: dict[str, Any] = {"Record": Record}
        order: Literal["little", "big"] = getattr(self.questions.formats, "data_order", "little")
        region = Region(self.questions, order, objects, octets)
        try:
            value = pack(layout, region)
            if region.size == octets:
                objects["unpack"] = region.unpacker().unpack
                names = f"{', '.join(region.names)}, = unpack(octets)" if region.names else "pass"
                source = f"def decode(octets):\n    {names}\n    return {value}"
                exec(compile(source, "<layout>", "exec"), objects)  # noqa: S102 - made of our own declarations alone
                self.decode = objects["decode"]
        except _NO_FORM:
            return  # the plain decode reads it, or says what is wrong


class PackedForms:
    """The forms of one layout, made as octets come that are worth it. worth: see WORTH_PACKING."""

    def __init__(self, layout: Construct, worth: int = WORTH_PACKING) -> None:
        self._layout = layout
        self._worth = worth
        self._forms: list[_Form] = []
        self._octets = 0

    def __call__(self, octets: bytes, params: dict[str, Any]) -> Record | None:
        """The value, where there is a form and nothing to remark; None where the plain decode must look."""
        form = self._form(octets, params)
        if form is None or form.decode is None:
            return None
        try:
            return form.decode(octets)
        except _NO_FORM:
            return None

    def _form(self, octets: bytes, params: dict[str, Any]) -> _Form | None:
        for form in self._forms:
            if form.octets == len(octets) and form.questions.hold(params):
                return form
        self._octets += len(octets)
        if self._octets < self._worth:
            return None
        self._octets = 0
        form = _Form(self._layout, len(octets), params)
        self._forms = [form, *self._forms[: MOST_FORMS - 1]]
        return form
