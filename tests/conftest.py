"""For all tests."""

from hypothesis import HealthCheck, settings

# a busy machine is no failure: neither a slow example nor a slow first one, which builds hypothesis's table of letters
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
