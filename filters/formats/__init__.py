"""Texts of lists, as people publish them -> names, rules with conditions, and what was not used, by reason.

`listing` is the entrance; `lines` tells the syntax of one line and hands it to that syntax's own module.
"""
