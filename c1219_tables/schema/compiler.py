"""From a declaration to one flat Python function that decodes the usual case, many times faster.

The function knows only what a strict sender writes: shortest lengths, elements in their order, right checksums.
Anything else (something to remark, something that does not fit, a word it does not know) raises, and Layout decodes
again the plain way, which finds the remark or the error. So the plain decode stays the only authority, and a value that
comes from here is one that it would have given; tests hold both against each other.

A word tells how it is decoded in a function marked `@emits(Word)`: it appends lines to a Code. In the generated source
`octets` is the whole input, `pos` the position, and each region's end has a variable of its own. Reading beyond a
region shows at its end, where `pos` must be equal to it.
"""

import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from construct import Bytes, BytesInteger, Construct, FormatField, IfThenElse, Pass, Switch
from construct.expr import BinExpr, ExprMixin, Path, UniExpr

from c1219_tables.schema.ber import BerLength, BerUnsigned, Tagged, Tlv, read_length
from c1219_tables.schema.dialect import (
    NOTHING,
    Array,
    BitField,
    If,
    Record,
    RepeatToEnd,
    Rest,
    Secret,
    SecretOctets,
    Set,
    Sized,
    Struct,
    Tail,
    Text,
    Trailing,
    UnsignedRest,
    element,
)
from c1219_tables.schema.inspect import path_names, walk

Fast = Callable[[bytes, dict[str, Any]], Any]
"""Octets and params to a value; raises one of UNUSUAL where the plain decode must look."""

_EMITTERS: dict[type[Construct], Callable[["Code", Any, str, str, "Scope"], None]] = {}

# So many cases of a Switch are asked one after the other; more get a function each.
_FEW_CASES = 8


WORTH_COMPILING = 64
"""Decodes after which a layout gets its function: generating it costs as much as some hundred plain decodes."""


class Unusual(Exception):
    """Not what a strict sender writes: the plain decode must look at it."""


UNUSUAL = (Unusual, LookupError, TypeError, ValueError, ArithmeticError)


def emits(word: type[Construct]) -> Callable[[Any], Any]:
    """Marks the function that writes the code of a word: `def _(code, word, target, end, scope)`.

    target: variable that takes the value. end: variable of the region's end. scope: what `this` means there.
    """

    def mark(function: Any) -> Any:
        _EMITTERS[word] = function
        return function

    return mark


class Scope:
    """What `this` sees: the variables of the enclosing Struct's elements, and the scope around it."""

    def __init__(self, outer: "Scope | None") -> None:
        self.outer = outer
        self.variables: dict[str, str] = {}


class Code:
    """Source that grows line by line, with names for its variables and for the objects it uses."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.objects: dict[str, Any] = {"Record": Record, "Unusual": Unusual, "read_length": read_length}
        self.functions: list[list[str]] = []
        self.cases: list[tuple[Construct, str]] = []
        self._indent = 1
        self._count = 0

    def line(self, text: str) -> None:
        self.lines.append("    " * self._indent + text)

    def begin(self, text: str) -> None:
        """A line that opens a block, up to `close`."""
        self.line(text)
        self._indent += 1

    def close(self) -> None:
        self._indent -= 1

    @contextmanager
    def function(self, head: str) -> Iterator[None]:
        """Lines written inside become a function of their own."""
        lines, indent = self.lines, self._indent
        self.lines, self._indent = [], 1
        yield
        self.functions.append([head, *self.lines])
        self.lines, self._indent = lines, indent

    def check(self, condition: str) -> None:
        """What must hold in the usual case."""
        self.line(f"if not ({condition}): raise Unusual")

    def name(self, stem: str) -> str:
        self._count += 1
        return f"{stem}_{self._count}"

    def use(self, thing: Any) -> str:
        """Name under which the source sees an object."""
        name = self.name("object")
        self.objects[name] = thing
        return name

    def emit(self, word: Construct, target: str, end: str, scope: Scope) -> None:
        """Code that decodes `word` into `target`."""
        emitter = _EMITTERS.get(type(word))
        if emitter is None:
            self.line("raise Unusual")
            self.line(f"{target} = None")
        else:
            emitter(self, word, target, end, scope)

    def expression(self, value: Any, scope: Scope) -> str:
        """Source of a number or a `this` expression."""
        if isinstance(value, Path):
            return self._path(path_names(value), scope)
        if isinstance(value, BinExpr):
            left, right = self.expression(value.lhs, scope), self.expression(value.rhs, scope)
            return f"({left} {_SIGNS[value.op]} {right})"
        if isinstance(value, UniExpr):
            return f"({_SIGNS[value.op]} {self.expression(value.operand, scope)})"
        if isinstance(value, ExprMixin) or not isinstance(value, int):
            raise Unusual(f"{value!r} has no source")
        return repr(int(value))

    @staticmethod
    def _path(names: tuple[str, ...], scope: Scope) -> str:
        at: Scope = scope
        while names and names[0] == "_" and at.outer is not None:
            at, names = at.outer, names[1:]
        if names[0] == "_params":
            start, names = "params", names[1:]
        elif names[0] in at.variables:
            start, names = at.variables[names[0]], names[1:]
        else:
            raise Unusual(f"{names[0]} is not known where it is asked for")
        return start + "".join(f"[{name!r}]" for name in names)

    def source(self) -> str:
        body = ["def decode(octets, params):", "    pos, end = 0, len(octets)", *self.lines]
        return "\n".join([line for function in self.functions for line in function] + body)


_SIGNS = {
    operator.add: "+", operator.sub: "-", operator.mul: "*", operator.floordiv: "//", operator.mod: "%",
    operator.and_: "&", operator.or_: "|", operator.xor: "^", operator.lshift: "<<", operator.rshift: ">>",
    operator.eq: "==", operator.ne: "!=", operator.lt: "<", operator.le: "<=", operator.gt: ">", operator.ge: ">=",
    operator.not_: "not", operator.neg: "-", operator.pos: "+",
}  # fmt: skip


def compiled(construct: Construct, result: type[Record] = Record) -> Fast | None:
    """The fast decoder of a declaration, or None where its root cannot be written as code.

    result: what its value is, a Record at least.
    """
    code = Code()
    try:
        code.emit(element(construct)[1], "value", "end", Scope(None))
    except Unusual:
        return None
    code.line("if pos != end: raise Unusual")
    code.line("return value")
    namespace = dict(code.objects)
    exec(compile(code.source(), "<layout>", "exec"), namespace)  # noqa: S102 - made of our own declarations alone
    fast: Fast = namespace["decode"]
    return fast


class CompiledForm:
    """The function of one layout, made after so many decodes that it is worth it."""

    def __init__(self, construct: Construct) -> None:
        self._construct = construct
        self._decodes = 0
        self._fast: Fast | None = None

    def __call__(self, octets: bytes, params: dict[str, Any]) -> Any:
        """The value, where there is nothing to remark; None where the plain decode must look."""
        if self._fast is not None:
            try:
                return self._fast(octets, params)
            except UNUSUAL:
                return None
        if self._decodes == WORTH_COMPILING:
            self._fast = compiled(self._construct)
        self._decodes += 1
        return None


@emits(Struct)
def _(code: Code, word: Struct, target: str, end: str, scope: Scope) -> None:
    inner = Scope(scope)
    for name, layout, _note in word.fields:
        variable = code.name("f")
        code.emit(layout, variable, end, inner)
        inner.variables[name] = variable
    members = ", ".join(f"{name!r}: {variable}" for name, variable in inner.variables.items())
    code.line(f"{target} = Record({{{members}}})")


@emits(Array)
def _(code: Code, word: Array, target: str, end: str, scope: Scope) -> None:
    member, values = code.name("m"), code.name("a")
    code.line(f"{values} = []")
    code.begin(f"for _ in range({code.expression(word.count, scope)}):")
    code.check(f"pos < {end}")
    if isinstance(word.subcon, FormatField | BytesInteger):
        code.emit(word.subcon, member, end, scope)
    else:
        # The plain decode counts elements that take no octets; here, arrays of arrays of them would go on for ever.
        before = code.name("b")
        code.line(f"{before} = pos")
        code.emit(word.subcon, member, end, scope)
        code.check(f"{before} < pos")
    code.line(f"{values}.append({member})")
    code.close()
    code.line(f"{target} = {values}")


@emits(RepeatToEnd)
def _(code: Code, word: RepeatToEnd, target: str, end: str, scope: Scope) -> None:
    member, values, before = code.name("m"), code.name("a"), code.name("b")
    code.line(f"{values} = []")
    stop = "" if word.stop is None else f" and octets[pos] != {word.stop}"
    code.begin(f"while pos < {end}{stop}:")
    code.line(f"{before} = pos")
    code.emit(word.subcon, member, end, scope)
    code.check(f"{before} < pos <= {end}")
    code.line(f"{values}.append({member})")
    code.close()
    code.line(f"{target} = {values}")


@emits(Tail)
def _(code: Code, word: Tail, target: str, end: str, scope: Scope) -> None:
    code.begin(f"if pos < {end}:")
    code.emit(word.subcon, target, end, scope)
    code.close()
    code.line(f"else: {target} = None")


@emits(Rest)
def _(code: Code, word: Rest, target: str, end: str, scope: Scope) -> None:
    leave = code.expression(word.leave, scope)
    stop = end if leave == "0" else code.name("s")
    if stop != end:
        code.line(f"{stop} = {end} - {leave}")
    code.check(f"pos <= {stop}")
    code.line(f"{target} = octets[pos:{stop}]; pos = {stop}")


@emits(Trailing)
def _(code: Code, word: Trailing, target: str, end: str, scope: Scope) -> None:
    code.check(f"pos == {end}")
    code.line(f"{target} = b''")


@emits(Sized)
def _(code: Code, word: Sized, target: str, end: str, scope: Scope) -> None:
    length, inner = code.name("n"), code.name("e")
    code.emit(word.length, length, end, scope)
    code.line(f"{inner} = pos + {length}")
    code.check(f"{inner} <= {end}")
    code.emit(word.subcon, target, inner, scope)
    code.check(f"pos == {inner}")


@emits(BerLength)
def _(code: Code, word: BerLength, target: str, end: str, scope: Scope) -> None:
    code.line(f"{target} = octets[pos]; pos += 1")
    code.begin(f"if {target} == 129:")
    code.line(f"{target} = octets[pos]; pos += 1")
    code.check(f"{target} >= 128")
    code.close()
    code.begin(f"elif {target} > 127:")
    before = code.name("b")
    code.line(f"{before} = pos; {target}, pos = read_length(octets, pos - 1, {end})")
    # The shortest form: 128 needs one more octet, 256 two, and so on.
    code.check(f"{target} >= 128 and {target} >> 8 * (pos - {before} - 1)")
    code.close()


@emits(BerUnsigned)
def _(code: Code, word: BerUnsigned, target: str, end: str, scope: Scope) -> None:
    code.check(f"0 < {end} - pos <= {word.MAX_OCTETS} and (octets[pos] or {end} - pos == 1)")
    code.line(f"{target} = int.from_bytes(octets[pos:{end}], 'big'); pos = {end}")


@emits(Tlv)
def _(code: Code, word: Tlv, target: str, end: str, scope: Scope) -> None:
    code.check(f"pos < {end} and octets[pos] == {word.tag}")
    code.line("pos += 1")
    code.emit(word.sized, target, end, scope)


@emits(Tagged)
def _(code: Code, word: Tagged, target: str, end: str, scope: Scope) -> None:
    # A strict sender keeps the declared order: one look at each tag is enough, and what is left over shows at the end.
    tag, members = code.name("t"), []
    code.line(f"{tag} = octets[pos] if pos < {end} else None")
    for own, (name, layout) in word.by_tag.items():
        value = code.name("v")
        members.append(f"{name!r}: {value}")
        code.begin(f"if {tag} == {own}:")
        if isinstance(layout, Tlv):
            code.line("pos += 1")
            code.emit(layout.sized, value, end, scope)
        else:
            code.emit(layout, value, end, scope)
        code.line(f"{tag} = octets[pos] if pos < {end} else None")
        code.close()
        code.line(f"else: {value} = None")
    code.check(f"pos == {end}")
    code.line(f"{target} = Record({{{', '.join(members)}, {word.UNKNOWN!r}: []}})")


@emits(BitField)
def _(code: Code, word: BitField, target: str, end: str, scope: Scope) -> None:
    whole = code.name("w")
    code.emit(word.subcon, whole, end, scope)
    members = []
    for name, low, mask, is_flag in word.cuts:
        cut = f"{whole} >> {low} & {mask}" if low else f"{whole} & {mask}"
        members.append(f"{name!r}: {f'{whole} & {mask << low} != 0' if is_flag else cut}")
    code.line(f"{target} = Record({{{', '.join(members)}}})")


@emits(Set)
def _(code: Code, word: Set, target: str, end: str, scope: Scope) -> None:
    count = code.name("n")
    code.line(f"{count} = {code.expression(word.octets, scope)}")
    code.check(f"pos + {count} <= {end}")
    code.line(
        f"{target} = [8 * i + bit for i, octet in enumerate(octets[pos:pos + {count}]) if octet"
        " for bit in range(8) if octet >> bit & 1]"
    )
    code.line(f"pos += {count}")


@emits(Text)
def _(code: Code, word: Text, target: str, end: str, scope: Scope) -> None:
    code.line(f"{target} = octets[pos:pos + {word.octets}].decode({word.encoding!r}); pos += {word.octets}")
    code.check(f"pos <= {end}")


@emits(Secret)
def _(code: Code, word: Secret, target: str, end: str, scope: Scope) -> None:
    code.emit(word.subcon, target, end, scope)
    code.line(f"{target} = {code.use(SecretOctets)}({target})")


@emits(UnsignedRest)
def _(code: Code, word: UnsignedRest, target: str, end: str, scope: Scope) -> None:
    code.check(f"{end} - pos == {word.width * word.parts}")
    code.line(f"{target} = int.from_bytes(octets[pos:pos + {word.width}], 'big'); pos += {word.width}")


@emits(FormatField)
def _(code: Code, word: FormatField, target: str, end: str, scope: Scope) -> None:
    size = word.length
    if word.fmtstr[-1] not in "BHLQ" or word.fmtstr[0] not in "<>":
        raise Unusual(f"no code for {word.fmtstr}")
    if size == 1:
        code.line(f"{target} = octets[pos]; pos += 1")
        return
    order = "big" if word.fmtstr[0] == ">" else "little"
    code.line(f"{target} = int.from_bytes(octets[pos:pos + {size}], {order!r}); pos += {size}")
    code.check(f"pos <= {end}")


@emits(BytesInteger)
def _(code: Code, word: BytesInteger, target: str, end: str, scope: Scope) -> None:
    if not isinstance(word.length, int) or word.signed or word.swapped is not False:
        raise Unusual("only plain big-endian integers have code")
    code.line(f"{target} = int.from_bytes(octets[pos:pos + {word.length}], 'big'); pos += {word.length}")
    code.check(f"pos <= {end}")


@emits(Bytes)
def _(code: Code, word: Bytes, target: str, end: str, scope: Scope) -> None:
    stop = code.name("s")
    code.line(f"{stop} = pos + {code.expression(word.length, scope)}")
    code.check(f"pos <= {stop} <= {end}")
    code.line(f"{target} = octets[pos:{stop}]; pos = {stop}")


def _nothing(code: Code, word: Construct, target: str, end: str, scope: Scope) -> None:
    code.line(f"{target} = None")


emits(type(NOTHING))(_nothing)
emits(type(Pass))(_nothing)


def _either(code: Code, word: Any, target: str, end: str, scope: Scope) -> None:
    code.begin(f"if {code.expression(word.condfunc, scope)}:")
    code.emit(element(word.thensubcon)[1], target, end, scope)
    code.close()
    code.begin("else:")
    code.emit(element(word.elsesubcon)[1], target, end, scope)
    code.close()


emits(IfThenElse)(_either)
emits(If)(_either)


@emits(Switch)
def _(code: Code, word: Switch, target: str, end: str, scope: Scope) -> None:
    key = code.name("k")
    code.line(f"{key} = {code.expression(word.keyfunc, scope)}")
    cases = {case: element(layout)[1] for case, layout in word.cases.items()}
    default = element(word.default)[1]
    if len(cases) > _FEW_CASES and not any(_asks_outside(layout) for layout in [*cases.values(), default]):
        functions = {case: _function(code, layout) for case, layout in cases.items()}
        table = code.name("cases")
        code.objects[table] = {}
        pairs = ", ".join(f"{case!r}: {name}" for case, name in functions.items())
        code.functions.append([f"{table}.update({{{pairs}}})"])
        code.line(f"{target}, pos = {table}.get({key}, {_function(code, default)})(octets, pos, {end}, params)")
        return
    for number, (case, layout) in enumerate(cases.items()):
        code.begin(f"{'if' if number == 0 else 'elif'} {key} == {case!r}:")
        code.emit(layout, target, end, scope)
        code.close()
    code.begin("else:" if cases else "if True:")
    code.emit(default, target, end, scope)
    code.close()


def _function(code: Code, layout: Construct) -> str:
    """A function of its own for one case: (octets, pos, end, params) -> (value, pos)."""
    for known, name in code.cases:
        if known is layout:
            return name
    name = code.name("case")
    code.cases.append((layout, name))
    with code.function(f"def {name}(octets, pos, end, params):"):
        code.emit(layout, "value", "end", Scope(None))
        code.line("return value, pos")
    return name


def _asks_outside(layout: Construct) -> bool:
    """Whether a layout's expressions ask for elements of what encloses it."""
    asked = [path_names(part) for part in walk(layout) if isinstance(part, Path)]
    return any(names and names[0] == "_" for names in asked)
