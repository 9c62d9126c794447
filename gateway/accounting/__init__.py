"""WHAT WAS USED (pure). In: readings of kernel counters. Out: usage, sums by hour and day."""
