"""WHAT IS TOLD (pure). In: lines of facts, typed in or imported. Out: checked facts, and the domain's values."""
