"""TOML whose faults tell nothing but their place.

The exceptions of Python's decoders carry the whole text with them, which may hold keys. So they end here, and the
caller raises its own where no exception is under way.
"""

import re
import tomllib

__all__ = ["parse_toml", "text_of"]


def text_of(octets: bytes) -> str | None:
    """A file's text, without the mark that some editors begin one with; None where it is not UTF-8."""
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def parse_toml(text: str) -> tuple[dict[str, object] | None, str]:
    """The document and ""; or None and the place of the first fault, ", line 3: not valid TOML"."""
    try:
        return tomllib.loads(text), ""
    # TOMLDecodeError; a number of thousands of digits; brackets without end
    except (ValueError, RecursionError) as error:
        line = re.search(r"at line (\d+)", str(error))
        return None, f"{f', line {line[1]}' if line else ''}: not valid TOML"
