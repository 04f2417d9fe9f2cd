"""How to read the types that occur in a declaration, said once each, for somebody who has never seen the standard."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from construct import Construct
from construct.expr import ExprMixin, Path

from c1219_tables.explain.rows import Row
from c1219_tables.formats import Octets, Text
from c1219_tables.metertype import Formats, MeterType
from c1219_tables.numbers import BcdNumber, Digits, Float, ImpliedDecimals, Integer, NiFormat, TextNumber
from c1219_tables.schema.dialect import Array, BitField, If, Secret, Set, Shared
from c1219_tables.schema.inspect import path_names, walk
from c1219_tables.table import DIALECT, Used
from c1219_tables.times import Date, DateTime, HourMinute, MeterTimeType, RecurringDate, TimeOfDay


class Rule(NamedTuple):
    """about: what it explains, a type or a word of the rows. text: how to read it."""

    about: str
    text: str


def rules(layout: Construct, formats: Formats | None) -> list[Rule]:
    """What a reader of the octets must know, for the types of this layout.

    formats: those of the meter where its table 0 is known; all possible ones are explained otherwise.
    """
    parts = list(walk(layout))
    found = [
        Rule(
            "order",
            "octets are counted from 0; elements stand one after another, without gaps; one that is absent takes none",
        )
    ]
    for each in (_arrays, _numbers, _bit_fields, _text_and_octets, _times, _conditions):
        found += each(parts, formats)
    return found


Parts = list[Construct | ExprMixin]


_WHERE = {
    "order": r"",
    "[i]": r"\[",
    "numbers": r"INT(16|24|32|40|48|64)|FLOAT|FMAT|DATE|TIME",
    "NI_FMATn": r"FMAT",
    "INT": r"(?<!U)INT\d|FMAT",
    "bits": r"\bbits? \d",
    "years": r"_DATE",
    "SET(n)": r"\bSET\(",
    "STRING(n)": r"STRING\(",
    "BINARY(n)": r"BINARY\(",
    "BCD(n)": r"BCD",
    "ST-n.name": r"[SM]T-\d+\.",
    "has n": r" has \d",
}
"""Rule -> what rows must have in them for it to help; for the others, their own name as a word."""


def rules_for(known: Iterable[Rule], shown: Iterable[Row]) -> tuple[Rule, ...]:
    """Those rules that help to read these rows."""
    texts = chain.from_iterable(
        (row.path, row.type, row.count, row.condition) for row in shown if row.present is not False
    )
    text = "\n".join(texts)
    return tuple(
        rule for rule in known if re.search(_WHERE.get(rule.about, rf"(?<!\w){re.escape(rule.about)}(?!\w)"), text)
    )


def _arrays(parts: Parts, formats: Formats | None) -> Iterator[Rule]:
    if any(isinstance(part, Array | Shared) for part in parts):
        yield Rule(
            "[i]",
            "an element that stands several times, one copy behind the other; i is 0 for the first, the last is one"
            " less than the count. `5 + 38 i` is where copy i begins. All copies are there, used or not",
        )


def _numbers(parts: Parts, formats: Formats | None) -> Iterator[Rule]:
    known: list[Any] = [*parts]
    numbers = sorted((part for part in parts if isinstance(part, NiFormat)), key=lambda part: part.which)
    if numbers and formats is None:
        yield Rule("NI_FMATn", _every_ni_format(numbers[0]))
        known.append(Integer(4, signed=True))
    if formats is not None:
        for part in numbers:
            yield Rule(part.name_of_type, _ni_format(part, formats))
            known.append(_resolved(part, formats))
    integers = [part for part in known if isinstance(part, Integer)]
    if any(part.octets > 1 for part in integers) or any(isinstance(part, Float | Date | DateTime) for part in known):
        yield Rule("numbers", _order(formats))
    if any(part.signed for part in integers):
        yield Rule("INT", f"signed: {_signs(formats)}")
    if any(isinstance(part, Digits) for part in known):
        yield Rule(
            "BCD(n)", "n octets of two decimal digits each, read as hex from the first octet on, in any octet order"
        )


def _order(formats: Formats | None) -> str:
    little, big = "least significant octet first: E8 03 is 03E8h = 1000", "most significant first: 03 E8 is 1000"
    if formats is None:
        return f"if ST-0.format_control_1.data_order = 0, {little}; if it is 1, {big}"
    return f"of several octets, this meter stores the {little if formats.data_order == 'little' else big}"


def _signs(formats: Formats | None) -> str:
    codes = ["two's complement (FFFFh is -1)", "one's complement (FFFEh is -1)", "sign and magnitude (8001h is -1)"]
    if formats is None:
        return "by ST-0.format_control_2.int_format: " + "; ".join(f"{n} = {text}" for n, text in enumerate(codes))
    return codes[formats.int_format] if formats.int_format < len(codes) else "in a coding that is not public"


def _resolved(part: NiFormat, formats: Formats) -> MeterType | None:
    try:
        return part.of(formats)
    except ValueError:
        return None


def _ni_format(part: NiFormat, formats: Formats) -> str:
    place = f"ST-0.format_control_3.ni_format{part.which}"
    code = formats.ni_format1 if part.which == 1 else formats.ni_format2
    known = _resolved(part, formats)
    return f"{place} is {code}: " + ("not public" if known is None else _number_words(known, formats))


def _every_ni_format(part: NiFormat) -> str:
    found: list[str] = []
    for code in range(16):
        one = Formats(ni_format1=code, ni_format2=code)
        known = _resolved(part, one)
        found += [f"{code} = {_number_words(known, one)}"] if known is not None else []
    return (
        "a number in the form that ST-0.format_control_3 names, ni_format1 for NI_FMAT1 and ni_format2 for NI_FMAT2: "
        + "; ".join(found)
    )


def _number_words(part: MeterType, formats: Formats) -> str:
    octets = part.width(formats)
    if isinstance(part, Float):
        return f"{part.name_of_type} (IEEE 754, {octets} octets)"
    if isinstance(part, ImpliedDecimals):
        return "INT32 with four implied decimals (4 octets, divide by 10000)"
    if isinstance(part, TextNumber):
        return f"a decimal number as text of {octets} octets"
    if isinstance(part, BcdNumber):
        return f"{2 * octets} BCD digits in {octets} octets (A minus, B blank, D decimal point)"
    return f"{part.name_of_type} ({octets} octets)"


def _bit_fields(parts: Parts, formats: Formats | None) -> Iterator[Rule]:
    fields = [part for part in parts if isinstance(part, BitField)]
    if fields or any(isinstance(part, RecurringDate) for part in parts):
        wide = any(part.width > 8 for part in fields)
        yield Rule(
            "bits",
            "bit 0 is the least significant bit, worth 1"
            + (", of the whole number once its octets are in order" if wide else "")
            + "; bits 0 to 3 of an octet are its right hex digit, bits 4 to 7 its left one: in 2Fh they are 15 and 2."
            " A row of several bits is a number of its own",
        )
    if any(isinstance(part, Set) for part in parts):
        yield Rule(
            "SET(n)",
            "n octets, a bit for each number: number m is in the set if bit m % 8 (0 = least significant) of octet"
            " m // 8 is 1, in any octet order: 05 02 is the set 0, 2, 9",
        )


_CHARACTERS = {1: "ISO 646 (ASCII)", 2: "ISO 8859-1", 3: "UTF-8", 4: "UTF-16", 5: "UTF-32"}


def _text_and_octets(parts: Parts, formats: Formats | None) -> Iterator[Rule]:
    if any(isinstance(part, Text) for part in parts):
        code = (
            "ST-0.format_control_1.char_format says how: "
            + "; ".join(f"{n} = {name}" for n, name in _CHARACTERS.items())
            if formats is None
            else _CHARACTERS.get(formats.char_format, "characters whose code is not public")
        )
        yield Rule("STRING(n)", f"text of n octets, first character first, padded with blanks or NUL; {code}")
    if any(isinstance(part, Octets) for part in parts):
        yield Rule("BINARY(n)", "n octets as they are")
    if any(isinstance(part, Secret) for part in parts):
        yield Rule("secret", "a password or key: shown masked unless --show-secrets is given")


_MINUTES = "minutes since 1970-01-01 00:00"
_SECONDS = "seconds since 1970-01-01 00:00"

_TIMES: dict[str, dict[int, str]] = {
    "LTIME_DATE": {
        0: "no octets: the meter has no clock",
        1: "6 BCD octets: year, month, day, hour, minute, second",
        2: "6 octets, each a binary number: year, month, day, hour, minute, second",
        3: f"UINT32, {_MINUTES}, and 1 octet of seconds",
        4: f"UINT32, {_SECONDS}",
    },
    "STIME_DATE": {
        0: "no octets: the meter has no clock",
        1: "5 BCD octets: year, month, day, hour, minute",
        2: "5 octets, each a binary number: year, month, day, hour, minute",
        3: f"UINT32, {_MINUTES}",
        4: f"UINT32, {_SECONDS}",
    },
    "TIME": {
        0: "no octets: the meter has no clock",
        1: "3 BCD octets: hour, minute, second",
        2: "3 octets, each a binary number: hour, minute, second",
        3: "UINT32, seconds (one source: minutes)",
        4: "4 octets whose meaning is not public",
    },
    "STIME": {0: "no octets: the meter has no clock", 2: "2 octets, each a binary number: hour, minute"},
}


def _times(parts: Parts, formats: Formats | None) -> Iterator[Rule]:
    seen: dict[str, MeterTimeType] = {
        part.name_of_type: part for part in parts if isinstance(part, DateTime | TimeOfDay | HourMinute)
    }
    for name in seen:
        yield Rule(name, _time_words(name, formats))
    if any(isinstance(part, DateTime) for part in seen.values()) and (formats is None or formats.tm_format in (1, 2)):
        yield Rule("years", "of two digits: 0 to 89 is 2000 to 2089, 90 to 99 is 1990 to 1999; month 0: no time set")
    if any(isinstance(part, Date) for part in parts):
        yield Rule("DATE", "UINT16: bits 0 to 6 the year of two digits (0 to 89 is 20xx), 7 to 10 month, 11 to 15 day")
    if any(isinstance(part, RecurringDate) for part in parts):
        yield Rule("RDATE", "UINT16, a recurring date: bits 0 to 3, month, say how to read the rest")


def _time_words(name: str, formats: Formats | None) -> str:
    forms = _TIMES[name]
    if formats is not None:
        form = forms.get(formats.tm_format, "a form that is not public")
        return f"ST-0.format_control_2.tm_format is {formats.tm_format}: {form}"
    every = "; ".join(f"{code} = {form}" for code, form in forms.items())
    return f"a time on the meter's clock in the form that ST-0.format_control_2.tm_format names: {every}"


def _conditions(parts: Parts, formats: Formats | None) -> Iterator[Rule]:
    paths = [path_names(part) for part in parts if isinstance(part, Path)]
    if any(names[:1] == ("_params",) and names[1:2] != ("dialect",) for names in paths):
        yield Rule(
            "ST-n.name",
            "the element of that name in table n of the same meter (`c1222 explain n`); it must be read first",
        )
    if any(isinstance(part, If) for part in parts):
        yield Rule("if", "a flag in a condition holds when its bit is 1")
    if any(isinstance(part, Used) for part in parts):
        yield Rule("has n", "ST-0.std_tbls_used, the set of tables that the meter has, has number n in it")
    if any("//" in repr(part) for part in parts if isinstance(part, ExprMixin) and not isinstance(part, Path)):
        yield Rule("//", "division that drops the rest: 7 // 2 is 3")
    for name in dict.fromkeys(names[2] for names in paths if names[:2] == ("_params", "dialect") and names[2:]):
        usual = DIALECT.get(name)
        yield Rule(
            f"dialect {name}",
            "where makers differ; " + ("it holds" if usual else "it does not hold") + " unless a meter is known for it",
        )
