"""Counts, lengths and conditions of a declaration in words: `ST-61.nbr_chns_set1`, `not ST-11.source_flags.x`."""

import operator
from collections.abc import Mapping
from typing import Any

from construct.expr import BinExpr, Path, UniExpr

from c1219_tables.schema.dialect import number
from c1219_tables.schema.inspect import path_names
from c1219_tables.table import Used, table_label

_WORDS = {
    operator.add: "+",
    operator.sub: "-",
    operator.mul: "*",
    operator.floordiv: "//",
    operator.mod: "%",
    operator.and_: "and",
    operator.or_: "or",
    operator.eq: "=",
    operator.ne: "is not",
    operator.lt: "<",
    operator.le: "at most",
    operator.gt: ">",
    operator.ge: "at least",
    operator.lshift: "<<",
    operator.rshift: ">>",
}


def words(expression: Any) -> str:
    """An expression, or a number, as a person reads it."""
    text = _words(expression)
    return text[1:-1] if isinstance(expression, BinExpr) and text.startswith("(") else text


def _words(expression: Any) -> str:
    if isinstance(expression, Path):
        return _path(expression)
    if isinstance(expression, Used):
        return f"ST-0.std_tbls_used has {expression.number}"
    if isinstance(expression, UniExpr):
        sign = "not " if expression.op is operator.not_ else "-"
        return sign + _words(expression.operand)
    if isinstance(expression, BinExpr):
        if expression.rhs is None:
            return f"({_words(expression.lhs)} is {'' if expression.op is operator.ne else 'not '}there)"
        return f"({_words(expression.lhs)} {_WORDS.get(expression.op, '?')} {_words(expression.rhs)})"
    return str(expression)


def _path(expression: Path) -> str:
    names = [name for name in path_names(expression) if name != "_"]
    if names[:1] != ["_params"]:
        return ".".join(names)
    owner, *inside = names[1:]
    if owner == "c1222":
        return "the protocol is C12.22"
    if owner == "dialect":
        return f"dialect {'.'.join(inside)}"
    if owner.startswith("st") and owner[2:].isdigit():
        return ".".join([table_label(int(owner[2:])), *inside])
    return ".".join([owner, *inside])


def value(expression: Any, params: Mapping[str, Any]) -> int | None:
    """The number that an expression gives for a meter; None where what is known of it does not decide."""
    try:
        return number(expression, {"_params": params})
    except (LookupError, TypeError, AttributeError):
        return None
