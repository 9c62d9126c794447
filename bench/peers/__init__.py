"""The servers the DNS bench compares: how each is told its names, started, and made to take a changed list over.

In: the names by category, ports. Out: a running process that refuses these names and all below them, and forwards the
rest. Each runs as its own documentation says, with one serving process or thread unless its title says more.
"""
