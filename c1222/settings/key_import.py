"""Keys from files of other programs: Wireshark's `c1222_decryption_table`, c12test's INI; and from our own TOML."""

from pathlib import Path

from c1222.errors import TargetError
from c1222.settings.c12test_ini import is_c12test_ini, read_c12test_ini
from c1222.settings.key_files import KeyEntry, read_keys
from c1222.settings.private_files import read_small_file
from c1222.settings.secrets import Ask
from c1222.settings.toml_text import text_of

__all__ = ["importable_keys"]


def importable_keys(path: Path, *, ask: Ask | None = None) -> tuple[KeyEntry, ...]:
    """The keys of a file, whichever of these it is. ask: see c1222.settings.secrets.

    Raises TargetError where it is none of them, holds no key, or holds keys and others can get at it.
    """
    file = read_small_file(path, name=str(path))
    text = text_of(file.octets)
    if text is None or not is_c12test_ini(text):
        return read_keys(path, ask=ask)
    file.refuse_unless_private(str(path))
    entries = read_c12test_ini(path, text)
    if not entries:
        raise TargetError(f"{path}: holds no key (its [protocol] has no SecurityKey)")
    return entries
