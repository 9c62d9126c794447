"""All kinds of facts by name."""

from collections.abc import Mapping

from gateway.facts.fact import Kind
from gateway.facts.kinds_money import MONEY
from gateway.facts.kinds_office import OFFICE
from gateway.facts.kinds_use import USE

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (*OFFICE, *USE, *MONEY)}
"""In the order in which an export writes them."""
