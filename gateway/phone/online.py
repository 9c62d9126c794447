"""What the kinds of devices believe after login, gathered answer by answer into what is told (values only)."""

from dataclasses import dataclass, field

from gateway.phone.findings import Outcome, Value, Why, listed, why
from gateway.phone.judging import STILL_LED
from gateway.probe_table import Probe

_CORE = ("Apple", "Android", "Windows", "Firefox")
"""The kinds most readers have: when the line is up these must believe that they are online."""


@dataclass(slots=True)
class Beliefs:
    """By kind of device. One good answer is enough for a kind; being led to the portal never is."""

    good: set[str] = field(default_factory=set)
    faults: dict[str, list[Why]] = field(default_factory=dict)

    def add(self, probe: Probe, fault: list[Why]) -> None:
        """One answer; `fault` as `judging.online_fault` says it."""
        if not fault:
            self.good.add(probe.client)
        elif fault == [why(STILL_LED)] or probe.client not in self.faults:
            self.faults[probe.client] = fault

    @property
    def led(self) -> dict[str, list[Why]]:
        """The kinds that were led to the portal though they are in."""
        return {kind: fault for kind, fault in self.faults.items() if fault == [why(STILL_LED)]}

    def told(self, *, line_is_up: bool) -> tuple[Outcome, str, dict[str, Value]]:
        """Outcome, text and values of the step's Finding."""
        missing = {kind: fault for kind, fault in self.faults.items() if kind not in self.good}
        if self.led:
            return Outcome.FAULT, "led", {"kinds": listed(self.led)}
        if core := {kind: fault for kind, fault in missing.items() if kind in _CORE}:
            return (Outcome.FAULT, "fault", {"kinds": listed(core)}) if line_is_up else (Outcome.NOTE, "line", {})
        if missing:
            return Outcome.NOTE, "some", {"good": len(self.good), "kinds": listed(missing)}
        return Outcome.OK, "ok", {"good": len(self.good)}


def is_core(probe: Probe) -> bool:
    """Is it of a kind that most readers have?"""
    return probe.client in _CORE
