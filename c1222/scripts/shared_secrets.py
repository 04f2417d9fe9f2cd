"""Secrets that many meters share: asked for, or looked up, a single time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from c1222.scripts.plan_file import PlanFile
from c1222.settings.secrets import Ask
from c1222.settings.sections import Reference

PROMPT = "prompt"


@dataclass(frozen=True)
class Entry:
    """A meter as it is written. place: where, for messages."""

    place: str
    given: Mapping[str, Any]
    columns: Mapping[str, str]


@dataclass
class Secrets:
    """Of one plan. ask: asks a person; None where nobody can be asked."""

    plan: PlanFile
    ask: Ask | None = field(default=None, repr=False)
    _answers: dict[str, str] = field(default_factory=dict, repr=False)
    _found: dict[tuple[str, Path | None], bytes] = field(default_factory=dict, repr=False)

    def password(self, reference: object, entry: Entry) -> bytes | None:
        """The password that lies there, None without a reference. Raises TargetError."""
        if not isinstance(reference, Reference):
            return None
        if reference.text == PROMPT:
            return reference.secret(self.asking(entry))
        place = (reference.text, reference.folder)
        if place not in self._found:
            self._found[place] = reference.secret()
        return self._found[place]

    def asking(self, entry: Entry) -> Ask | None:
        """Asks for the secrets of a meter; of what all share only for the first."""
        ask = self.ask
        if ask is None:
            return None

        def once(what: str) -> str:
            name = what.removeprefix(f"{entry.place}: ")
            word = name.split(" ")[0]
            is_shared = word in self.plan.shared and entry.given[word] == self.plan.shared[word]
            asked = f"[meters]: {name}" if is_shared else what
            if asked not in self._answers:
                self._answers[asked] = ask(asked)
            return self._answers[asked]

        return once
