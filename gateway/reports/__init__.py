"""WHAT IS TOLD (pure). In: figures of closed days. Out: the texts and numbers people read."""
