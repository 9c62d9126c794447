"""Papers for the office: what stands on them, and each form they are written in."""
