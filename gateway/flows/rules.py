"""A local decision about a name: audit trail first, then the file the DNS workers read."""

from gateway.ports import LocalRule, Overlay, RuleStore


async def set_rule(rules: RuleStore, overlay: Overlay, rule: LocalRule) -> None:
    """Store a rule and publish all that stand; done twice it is the same."""
    await rules.set_rule(rule)
    overlay.publish(await rules.standing_rules())
