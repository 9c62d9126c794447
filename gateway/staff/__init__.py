"""WHO MAY DO WHAT AT THE DESK (pure): roles and their rights, second factors, lock-out.

In:  what staff claim, and what is stored of them (gateway/ports_staff).
Out: verdicts. Who asks, and what is then done, is in gateway/flows/staff and gateway/desk.
"""
