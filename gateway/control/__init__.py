"""Entrance: the operator's commands, over a Unix socket of the running daemon."""
