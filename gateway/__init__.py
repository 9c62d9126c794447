"""Cổng's control plane: portal, sessions, metering, visits, figures. Packets stay in the kernel, names in `filters`."""

__version__ = "0.1.0"
