"""Entrance: staff. Pages for people, /api/v1 for programs, both over one table of views and acts.

In:  HTTP of signed-in staff or of tokens.
Out: what flows answer. A page shows what its views tell, a form does an act: the API tells and does the same.
"""
