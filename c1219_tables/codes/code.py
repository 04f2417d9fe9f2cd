"""A code of a list, and who says what it means."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a list. meaning: in words. sources: short names, empty where no source defines the code."""

    code: int
    meaning: str
    sources: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        return bool(self.sources)
