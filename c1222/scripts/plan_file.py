"""A plan as it is written: TOML, its sections and nothing worked out yet.

[order]                       what it is called, what happens after a failure
[meters]                      what all meters share; list = "meters.csv" makes a meter of each row
[[meter]]                     one meter
[[step]]                      one step, for every meter, in this order
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from c1222.errors import TargetError
from c1222.scripts.step_forms import policy_of
from c1222.scripts.steps import Policy
from c1222.settings.private_files import read_small_file
from c1222.settings.toml_text import parse_toml, text_of
from c1222.settings.unknown import unknown

SECTIONS = ("order", "meters", "meter", "step")
ORDER = ("title", "reference", "on_failure", "stop_after")


@dataclass(frozen=True)
class PlanFile:
    """title, reference: what people call the order. policy: after a failure. stop_after: failed meters after which no
    further one is begun; None: all are. shared, meters, steps: sections as they are written. octets: of the file.
    """

    path: Path
    title: str
    reference: str
    policy: Policy
    stop_after: int | None
    shared: Mapping[str, Any]
    meters: tuple[Mapping[str, Any], ...]
    steps: tuple[Mapping[str, Any], ...]
    octets: bytes

    @property
    def folder(self) -> Path:
        """Where relative paths start."""
        return self.path.expanduser().absolute().parent

    def digest(self, *others: bytes) -> str:
        """What tells this plan from every other: SHA-256 of the file, and of what goes with it, in hex."""
        together = hashlib.sha256()
        for octets in (self.octets, *others):
            together.update(len(octets).to_bytes(8, "big") + octets)
        return together.hexdigest()


def read_plan(path: Path) -> PlanFile:
    """Raises TargetError for a file that cannot be read, is no TOML, or has sections that no plan has."""
    octets = read_small_file(path, name=str(path)).octets
    text = text_of(octets)
    if text is None:
        raise TargetError(f"{path}: not a text file in UTF-8")
    document, problem = parse_toml(text)
    if document is None:
        raise TargetError(f"{path}{problem}")
    for name in document:
        if name not in SECTIONS:
            raise TargetError(f"{path}: {unknown('section', name, SECTIONS)}")
    order = _section(path, document, "order")
    for name in order:
        if name not in ORDER:
            raise TargetError(f"{path}: [order]: {unknown('word', name, ORDER)}")
    for name in ("title", "reference"):
        if not isinstance(order.get(name, ""), str):
            raise TargetError(f"{path}: [order]: {name} is a text in quotes")
    try:
        policy = policy_of(order, "stop")
    except ValueError as exc:
        raise TargetError(f"{path}: [order]: {exc}") from None
    stop_after = order.get("stop_after")
    if stop_after is not None and (isinstance(stop_after, bool) or not isinstance(stop_after, int) or stop_after < 1):
        raise TargetError(f"{path}: [order]: stop_after is a number of meters, 1 or more")
    steps = _sections(path, document, "step")
    if not steps:
        raise TargetError(f"{path}: a plan without a [[step]] does nothing")
    title, reference = str(order.get("title") or path.stem), str(order.get("reference", ""))
    shared, meters = _section(path, document, "meters"), _sections(path, document, "meter")
    return PlanFile(path, title, reference, policy, stop_after, shared, meters, steps, octets)


def _section(path: Path, document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name, {})
    if not isinstance(found, Mapping):
        raise TargetError(f"{path}: [{name}] is there once, with one pair of brackets")
    return found


def _sections(path: Path, document: Mapping[str, Any], name: str) -> tuple[Mapping[str, Any], ...]:
    found = document.get(name, [])
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        raise TargetError(f"{path}: each {name} begins with [[{name}]], two pairs of brackets")
    return tuple(found)
