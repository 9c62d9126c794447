"""WHAT WAS PROMISED (pure). In: plan, holidays, decided changes. Out: when the library is open, and was to be."""
