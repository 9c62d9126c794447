"""A local decision about a name: audit trail first, then the file the DNS workers read."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.ports_rules import LocalRule, Overlay, RuleStore

Scopes = Sequence[str | None]
"""Names of profiles; None stands for every profile."""


async def set_rule(rules: RuleStore, overlay: Overlay, rule: LocalRule, scopes: Scopes, now: datetime) -> None:
    """Store a rule for each scope and publish all that stand; done twice it is the same."""
    await rules.set_rules([replace(rule, profile=profile) for profile in scopes])
    await publish(rules, overlay, now)


async def take_back(
    rules: RuleStore, overlay: Overlay, rule: LocalRule, scopes: Scopes | None, now: datetime
) -> Sequence[LocalRule]:
    """Take back what stands of `rule.name` in these scopes (None: in every one); what was taken back."""
    gone = [
        each
        for each in await rules.standing_rules(now)
        if each.name == rule.name and (scopes is None or each.profile in scopes)
    ]
    if gone:
        none = replace(rule, action="none", until_at=None)
        await rules.set_rules([replace(none, profile=profile) for profile in {each.profile: 0 for each in gone}])
    await publish(rules, overlay, now)
    return gone


async def publish(rules: RuleStore, overlay: Overlay, now: datetime) -> None:
    """Write the file anew from what stands."""
    standing = await rules.standing_rules(now)
    await asyncio.to_thread(overlay.publish, standing)  # it waits for the flash
