"""Measurements anyone can run: figures the README states come from here."""
