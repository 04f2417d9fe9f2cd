"""Timing for the benchmarks: candidates in turn, medians, ratios."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Seconds of each round."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    @property
    def spread(self) -> float:
        """Interquartile range as a share of the median."""
        low, _, high = statistics.quantiles(self.rounds, n=4)
        return (high - low) / self.median


def alternate(candidates: dict[str, Callable[[], object]], rounds: int) -> dict[str, Timing]:
    """Each candidate once a round, in turn, after one round that is not counted.

    The collector of garbage stays on, but what the one before left is collected first: it is not this one's cost.
    """
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for number in range(rounds + 1):
        for name, run in candidates.items():
            gc.collect()
            start = time.perf_counter()
            run()
            if number:
                times[name].append(time.perf_counter() - start)
    return {name: Timing(tuple(found)) for name, found in times.items()}


def ratio(slow: Timing, fast: Timing) -> float:
    """Median of the ratios round by round: it holds when the machine's speed drifts."""
    return statistics.median(a / b for a, b in zip(slow.rounds, fast.rounds, strict=True))


def goal(name: str, found: float, wanted: float, *, at_least: bool = True) -> bool:
    """Print a ratio against its goal; True where it is met with 25 % slack."""
    met = found >= wanted * 0.75 if at_least else found <= wanted * 1.25
    print(f"{name}: {found:.2f} (goal {'>=' if at_least else '<='} {wanted:g}){'' if met else '  MISSED'}")
    return met
