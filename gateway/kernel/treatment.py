"""Config -> how the kernel treats a profile's sessions (pure): where their questions go, which sets they are in."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.config.model import Config

MARK_SETS = ("strict", "strict_log", "no_vpn")
"""Sets of session numbers that say how a session is treated (kernel.fences)."""


@dataclass(frozen=True, slots=True)
class Treatment:
    """One profile's."""

    port: int
    """Of its workers."""
    strict_port: int | None = None
    """Where questions of strict sessions go; None: the profile is not strict."""
    log_only: bool = False
    no_vpn: bool = False

    def question_port(self, *, is_strict: bool) -> int:
        """Where a session's questions go."""
        return self.strict_port if is_strict and self.strict_port else self.port

    def mark_sets(self, *, is_strict: bool) -> frozenset[str]:
        """The sets a session belongs to. `is_strict`: it was strict from its first packet."""
        strict = is_strict and self.strict_port is not None
        wanted = {"strict": strict, "strict_log": strict and self.log_only, "no_vpn": self.no_vpn}
        return frozenset(name for name, is_in in wanted.items() if is_in)


def treatments(config: Config) -> Mapping[str, Treatment]:
    """Every profile's, by name."""
    return {
        name: Treatment(
            profile.port,
            profile.question_port if profile.strict != "off" else None,
            log_only=profile.strict == "log-only",
            no_vpn=profile.vpn == "reject",
        )
        for name, profile in config.dns.profiles.items()
    }
