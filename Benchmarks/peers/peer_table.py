# SPDX-License-Identifier: Apache-2.0
"""Rows of the table of peers, medians of interleaved rounds, and why a peer is missing."""

import statistics
from dataclasses import dataclass, field


@dataclass
class Section:
    """What one kind of peer told. Values are all of a unit; ratios are above 1 where we are better."""

    title: str
    unit: str
    higher_is_better: bool
    rounds: dict[str, list[float]] = field(default_factory=dict)
    goals: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    ours: str = "tickrisk"

    def add(self, name: str, value: float) -> None:
        self.rounds.setdefault(name, []).append(value)

    def median(self, name: str) -> float:
        return statistics.median(self.rounds[name])

    def ratio(self, name: str) -> float:
        """Of medians of the rounds' own ratios: rounds are interleaved, so what disturbs one disturbs both."""
        pairs = list(zip(self.rounds[self.ours], self.rounds[name]))
        return statistics.median(ours / peer if self.higher_is_better else peer / ours for ours, peer in pairs)

    def lines(self) -> list[str]:
        lines = [f"\n{self.title}\n", f"| | {self.unit}, median (least to greatest) | tickrisk is better by | goal |",
                 "| --- | ---: | ---: | --- |"]
        for name, values in self.rounds.items():
            ratio = "" if name == self.ours else f"{self.ratio(name):.2f}"
            spread = f"{number(self.median(name))} ({number(min(values))} to {number(max(values))})"
            lines.append(f"| {name} | {spread} | {ratio} | {self.goals.get(name, '')} |")
        return lines + [f"\n{note}" for note in self.notes]


def number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"
