"""Which requests are a device's own question whether it is online: nobody wants to be led there after login."""

from gateway.probe_table import PROBES

_OWN_HOSTS = frozenset(probe.host for probe in PROBES if not probe.shared)
_QUESTIONS = frozenset((probe.host, probe.path) for probe in PROBES)
_ANY_HOSTS_PATHS = ("/generate_204", "/gen_204")  # makers of phones put these on hosts nobody lists


def is_probe(host: str, target: str) -> bool:
    """Whether a request for `target` (path and query) is a device's question, not a patron's."""
    plain, path = host.lower().removesuffix(":80"), target.partition("?")[0]
    return plain in _OWN_HOSTS or (plain, path) in _QUESTIONS or path.startswith(_ANY_HOSTS_PATHS)
