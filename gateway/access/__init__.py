"""WHO MAY PASS (pure). In: logins, readings, times. Out: sessions and the effects a flow performs."""
