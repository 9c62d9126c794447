"""One file with all a box must not lose, and the way back: written, read, put in place, kept by days, weeks, months.

In:  folders of the box (a Places), a snapshot of the database (gateway.store.snapshot).
Out: a tar file that any program opens; a restore that a power cut at any step can't break.
"""
