"""Our times against the bare tool's, measured in one run: ``make bench``.

A machine is fast today and busy tomorrow, so no time here means anything by itself. Each row
sets ours beside a floor that does the same without us, in turns, and shows the ratio of medians.
"""
