"""Builds everything and joins it. In: the configuration. Out: a running gateway."""
