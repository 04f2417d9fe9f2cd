"""What the value of an option can be, wherever it is written: in a target, an environment variable or a file.

Each kind of value says what it wants in words, reads it from text and takes it as TOML has it. What does not fit is a
ValueError that never repeats what was given: it may be a secret in the wrong place.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TypeAlias

__all__ = ["Instant", "OneOf", "Plain", "Seconds", "SomeFile", "Text", "Title", "Value", "Whole", "YesNo", "located"]

Plain: TypeAlias = str | int | float | bool | datetime | Path
"""What the value of an option is, once it was read."""

YES_NO = {"yes": True, "no": False, "true": True, "false": False, "on": True, "off": False, "1": True, "0": False}


class Value(Protocol):
    """words: what is wanted, to stand behind "wants": "a number from 0 to 255"."""

    @property
    def words(self) -> str: ...

    def from_text(self, text: str) -> Plain:
        """Raises ValueError, without the text."""

    def from_toml(self, value: object) -> Plain:
        """The value as tomllib gives it, or text. Raises ValueError, without the value."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `low` to `high`; in text 64 or 0x40."""

    low: int
    high: int

    @property
    def words(self) -> str:
        return f"a number from {self.low} to {self.high}"

    def from_text(self, text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,12}|0[xX][0-9A-Fa-f]{1,8}", text, re.ASCII):
            raise _unfit(self)
        return self.from_toml(int(text, 16 if text[:2] in ("0x", "0X") else 10))

    def from_toml(self, value: object) -> int:
        if isinstance(value, str):
            return self.from_text(value)
        if type(value) is not int or not self.low <= value <= self.high:
            raise _unfit(self)
        return value


@dataclass(frozen=True, slots=True)
class Seconds:
    """A time in seconds, at most `high`, with fractions; more than zero unless `zero` says that it may be."""

    high: float
    zero: bool = False

    @property
    def words(self) -> str:
        return f"seconds, {'from 0' if self.zero else 'more than 0'} to {self.high:g}"

    def from_text(self, text: str) -> float:
        if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,12})?", text, re.ASCII):
            raise _unfit(self)
        return self.from_toml(float(text))

    def from_toml(self, value: object) -> float:
        if isinstance(value, str):
            return self.from_text(value)
        # True is an int to Python. Comparisons with "not a number" are false, so that is refused, too.
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _unfit(self)
        if not 0 <= value <= self.high or not (value or self.zero):
            raise _unfit(self)
        return float(value)


@dataclass(frozen=True, slots=True)
class YesNo:
    """In text yes or no (true, on, 1; false, off, 0 as well), in TOML true or false."""

    @property
    def words(self) -> str:
        return "yes or no"

    def from_text(self, text: str) -> bool:
        if text.lower() not in YES_NO:
            raise _unfit(self)
        return YES_NO[text.lower()]

    def from_toml(self, value: object) -> bool:
        return value if isinstance(value, bool) else self.from_text(_text(self, value))


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words, and what each stands for."""

    choices: Mapping[str, str | int]

    @classmethod
    def words_of(cls, *words: str) -> "OneOf":
        """Words that stand for themselves."""
        return cls({word: word for word in words})

    @property
    def words(self) -> str:
        *others, last = self.choices
        return f"{', '.join(others)} or {last}"

    def from_text(self, text: str) -> str | int:
        if text not in self.choices:
            raise _unfit(self)
        return self.choices[text]

    def from_toml(self, value: object) -> str | int:
        # 20 without quotes is the word "20".
        return self.from_text(str(value) if type(value) is int else _text(self, value))


@dataclass(frozen=True, slots=True)
class Text:
    """Text of 1 to `longest` characters, none of them a control character. `words`: what it is."""

    words: str
    longest: int = 200

    def from_text(self, text: str) -> str:
        if not 0 < len(text) <= self.longest or not text.isprintable():
            raise _unfit(self)
        return text

    def from_toml(self, value: object) -> str:
        return self.from_text(_text(self, value))


@dataclass(frozen=True, slots=True)
class Title:
    """An ApTitle as it is written. It is checked here, and stays text."""

    @property
    def words(self) -> str:
        return "an ApTitle, as .123.8437 or 2.16.124.113620.1.22.0.123.8437"

    def from_text(self, text: str) -> str:
        # Imported when one is given: it brings the schema with it.
        from c1222.titles import ApTitle

        with suppress(ValueError):  # which would carry the text along
            if ApTitle.parse(text).content:
                return text
        raise _unfit(self)

    def from_toml(self, value: object) -> str:
        return self.from_text(_text(self, value))


@dataclass(frozen=True, slots=True)
class Instant:
    """A time with its zone, as 2026-01-01T00:00:00Z; in UTC once it was read."""

    @property
    def words(self) -> str:
        return "a time with its zone, as 2026-01-01T00:00:00Z"

    def from_text(self, text: str) -> datetime:
        moment = None
        with suppress(ValueError):  # which would carry the text along
            moment = datetime.fromisoformat(text)
        return self.from_toml(moment)

    def from_toml(self, value: object) -> datetime:
        if isinstance(value, str):
            return self.from_text(value)
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise _unfit(self)
        try:
            return value.astimezone(UTC)
        except OverflowError:  # before year 1 or after 9999, in UTC
            raise _unfit(self) from None


@dataclass(frozen=True, slots=True)
class SomeFile:
    """Path of a file. It is not looked for here; who reads it says what is wrong with it."""

    @property
    def words(self) -> str:
        return "the path of a file"

    def from_text(self, text: str) -> Path:
        if not text or "\0" in text:
            raise _unfit(self)
        return Path(text)

    def from_toml(self, value: object) -> Path:
        return self.from_text(_text(self, value))


def located(path: Path, folder: Path | None) -> Path:
    """A path as programs open it: ~ is the home folder, a relative one starts at `folder` (None: where we are).

    Raises ValueError where there is no such home folder.
    """
    # A shell leaves ~ alone behind a colon, and in a file there is no shell.
    try:
        path = path.expanduser()
    except RuntimeError:
        raise ValueError("begins with ~, and there is no such home folder") from None
    return path if folder is None else folder / path


def _text(value: Value, given: object) -> str:
    if not isinstance(given, str):
        raise _unfit(value)
    return given


def _unfit(value: Value) -> ValueError:
    return ValueError(f"wants {value.words}")
