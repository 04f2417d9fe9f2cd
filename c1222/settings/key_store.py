"""The user's own keys: a TOML file that says which there are, and where each of them lies.

    ~/.config/c1222/keys.toml        [[key]] id, title, source, as key_files.py reads it: no key stands in it
    the system's keyring             service c1222, name "key-2" or "key-2-123.8437"
    ~/.config/c1222/key-2.key        or, where there is no keyring: 32 hex digits, for their owner alone

A key is put in its place first, then it is entered; it is struck out first, then taken away. So whatever happens in
between, no entry leads to nothing. What was written by hand stays as it was.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from c1222.errors import TargetError
from c1222.settings.key_files import KeyEntry, KeySource, key_sources
from c1222.settings.key_places import Place, is_own, keep_key, take_away
from c1222.settings.private_files import make_private_folder, read_small_file, write_private_file
from c1222.settings.secrets import read_key
from c1222.settings.toml_text import text_of
from c1222.titles import ApTitle

__all__ = ["FILE_NAME", "KeyStore"]

FILE_NAME = "keys.toml"
HEAD = "# Which keys there are, and where they lie. Written by c1222 keys; no key stands here.\n"
BY_HAND = "this file was written by hand in another way; change it by hand, too"


@dataclass(frozen=True)
class KeyStore:
    """The keys that one file lists. path: of that file; it need not be there yet."""

    path: Path

    def entries(self) -> tuple[KeySource, ...]:
        """What is listed, in its order; no key is read. Raises TargetError for a file that cannot be read."""
        return self._entries_of(self._text())

    def find(self, key_id: int, title: str | None) -> tuple[KeySource, ...]:
        """The entries of a key id and a title; a title is the same however it is written. Raises as `entries`."""
        wanted = key_id, _octets(title)
        return tuple(each for each in self.entries() if (each.key_id, _octets(each.title)) == wanted)

    def holds(self, entry: KeyEntry) -> bool:
        """Whether this very key is listed already. Raises TargetError where one that is listed cannot be read."""
        found = self.find(entry.key_id, entry.title)
        return any(read_key(each.source, what=each.place, folder=self.path.parent) == entry.key for each in found)

    def add(self, entry: KeyEntry, place: Place) -> str:
        """Keep a key, in the place of those of the same id and title. Returns the reference to it.

        Raises TargetError where it cannot be kept; nothing has changed then.
        """
        folder = self.path.parent
        make_private_folder(folder)
        before = self.find(entry.key_id, entry.title)
        left = self._without(before)
        source = keep_key(entry.key, entry.key_id, entry.title, place, folder)
        try:
            write_private_file(self.path, self._with(left, entry, source).encode())
        except TargetError:
            take_away(source, folder)
            raise
        self._take_away(before)
        return source

    def remove(self, entries: Sequence[KeySource]) -> None:
        """Strike out entries, and take away the keys that `add` put somewhere. Raises TargetError."""
        write_private_file(self.path, self._without(entries).encode())
        self._take_away(entries)

    def _text(self) -> str:
        if not self.path.exists():
            return ""
        text = text_of(read_small_file(self.path, name=str(self.path)).octets)
        if text is None:
            raise TargetError(f"{self.path}: not a text file in UTF-8")
        return text

    def _entries_of(self, text: str) -> tuple[KeySource, ...]:
        """A text of comments alone lists nothing, and nothing is wrong with it."""
        says_something = re.search(r"^\s*[^#\s]", text, re.MULTILINE)
        return key_sources(self.path, text) if says_something else ()

    def _with(self, text: str, entry: KeyEntry, source: str) -> str:
        """The text with one entry more. Raises TargetError where the file is written so that none can follow."""
        said = {"id": entry.key_id, **({"title": entry.title} if entry.title else {}), "source": source}
        lines = ["[[key]]", *(f"{name} = {json.dumps(value)}" for name, value in said.items()), ""]
        added = (text.rstrip("\n") + "\n\n" if text.strip() else HEAD + "\n") + "\n".join(lines)
        try:
            found = self._entries_of(added)
        except TargetError:
            found = ()
        if not found or _said(found[:-1]) != _said(self._entries_of(text)):
            raise TargetError(f"{self.path}: {BY_HAND}")
        return added

    def _without(self, entries: Sequence[KeySource]) -> str:
        """The text without these entries. Raises TargetError where it is not clear which lines are theirs."""
        text = self._text()
        lines = text.split("\n")
        for line in sorted((each.line or 0 for each in entries), reverse=True):
            end = line
            while line and end < len(lines) and re.match(r"\s*\w+\s*=", lines[end]):
                end += 1
            # An empty line behind goes with it.
            del lines[max(line - 1, 0) : end + (end < len(lines) - 1 and not lines[end].strip())]
        left = "\n".join(lines)
        expected = [each for each in self._entries_of(text) if each not in entries]
        try:
            found = self._entries_of(left)
        except TargetError as exc:
            raise TargetError(f"{self.path}: {BY_HAND}") from exc
        if _said(found) != _said(expected):
            raise TargetError(f"{self.path}: {BY_HAND}")
        return left

    def _take_away(self, entries: Sequence[KeySource]) -> None:
        still_needed = {each.source for each in self.entries()}
        for each in entries:
            if is_own(each.source) and each.source not in still_needed:
                take_away(each.source, self.path.parent)


def _said(entries: Sequence[KeySource]) -> list[tuple[int, str | None, str]]:
    return [(each.key_id, each.title, each.source) for each in entries]


def _octets(title: str | None) -> bytes | None:
    try:
        return None if title is None else ApTitle.parse(title).absolute()
    except ValueError:  # written by hand; it is equal to itself alone
        return str(title).encode()
