"""An order: a plan in which nothing is left to be found out before the first octet is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from c1219_tables.registry import STANDARD, Registry
from c1222.scripts.columns import filled, has_columns
from c1222.scripts.meters import PlannedMeter, read_entries, settled
from c1222.scripts.plan_file import PlanFile, read_plan
from c1222.scripts.problems import Problems
from c1222.scripts.step_forms import policy_of, step_of
from c1222.scripts.steps import Step
from c1222.settings.config import Config, read_config
from c1222.settings.secrets import Ask


@dataclass(frozen=True)
class Order:
    """title, reference: what people call it. meters: each with its steps. digest: what tells it from every other.

    stop_after: failed meters after which no further one is begun; None: all are. registry: declarations of tables.
    """

    title: str
    reference: str
    meters: tuple[PlannedMeter, ...]
    digest: str
    stop_after: int | None
    registry: Registry

    @property
    def dangers(self) -> Mapping[str, str]:
        """Steps that take something away, in words, and what that is."""
        return {step.words: step.danger for meter in self.meters for step in meter.steps if step.danger}

    @property
    def unconfirmed(self) -> list[str]:
        """Names of the meters that something is taken from, and that name no serial number."""
        return [meter.name for meter in self.meters if not meter.confirm and any(step.danger for step in meter.steps)]


def read_order(
    path: Path, *, config: Config | None = None, ask: Ask | None = None, registry: Registry = STANDARD
) -> Order:
    """The order of a plan file. Nothing is sent.

    config: read from its files where None. ask: asks a person for a secret. registry: with makers' layouts.
    Raises PlanError with all that is wrong with its meters and steps; TargetError where it cannot be read at all.
    """
    plan = read_plan(path)
    entries, listed = read_entries(plan)
    problems = Problems()
    meters = settled(entries, plan, config or read_config(), ask, problems)
    same = _same_for_all(plan, registry, problems)
    ready = tuple(replace(meter, steps=_steps(meter, plan, same, registry, problems)) for meter in meters)
    problems.check()
    # A name of the configuration may mean another meter tomorrow.
    digest = plan.digest(listed, *(meter.identity.encode() for meter in ready))
    return Order(plan.title, plan.reference, ready, digest, plan.stop_after, registry)


def _same_for_all(plan: PlanFile, registry: Registry, problems: Problems) -> dict[int, Step]:
    """Steps without columns: they are read once."""
    found: dict[int, Step] = {}
    for number, given in enumerate(plan.steps, 1):
        if not has_columns(_without_note(given)):
            with problems.at(f"{plan.path}: [[step]] {number}"):
                found[number] = step_of(given, number, plan.policy, registry)
    return found


def _steps(
    meter: PlannedMeter, plan: PlanFile, same: Mapping[int, Step], registry: Registry, problems: Problems
) -> tuple[Step, ...]:
    steps: list[Step] = []
    for number, given in enumerate(plan.steps, 1):
        if number in same:
            steps.append(replace(same[number], on_failure=policy_of(given, meter.policy)))
        elif has_columns(_without_note(given)):
            with problems.at(f"{plan.path}: [[step]] {number} for {meter.name}"):
                values = filled(_without_note(given), meter.columns)
                step = step_of({**given, **values}, number, meter.policy, registry)
                steps.append(step)
    return tuple(steps)


def _without_note(given: Mapping[str, object]) -> dict[str, object]:
    """A note is for people: its braces are its own."""
    return {name: value for name, value in given.items() if name != "note"}
