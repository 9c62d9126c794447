"""An account server elsewhere. In: claims, sessions' records, its orders. Out: verdicts, acknowledgements, ends."""
