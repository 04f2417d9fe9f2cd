"""What is wrong with a plan: all of it at once, each with its place."""

from collections.abc import Iterator
from contextlib import contextmanager

from c1219_tables.errors import C12Error
from c1222.errors import TargetError


class PlanError(TargetError):
    """A plan that cannot be carried out as it is written. problems: each in a sentence, with its place."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "; ".join(self.problems)


class Problems:
    """Collects them, so that the author of a plan sees all at once."""

    def __init__(self) -> None:
        self._found: dict[str, None] = {}

    def add(self, problem: str) -> None:
        """One sentence; what many meters share is said once."""
        self._found[problem] = None

    @contextmanager
    def at(self, place: str) -> Iterator[None]:
        """What is wrong inside is kept with its place, and the rest is looked at all the same."""
        try:
            yield
        except PlanError as exc:
            for problem in exc.problems:
                self.add(problem)
        except (C12Error, ValueError, TypeError) as exc:
            text = str(exc)
            self.add(text if text.startswith(place) else f"{place}: {text}")

    def check(self) -> None:
        """Raise PlanError if anything was found."""
        if self._found:
            raise PlanError(tuple(self._found))
