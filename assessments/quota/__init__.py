"""The policy engine: facts in, verdicts out. No clock, no database, no settings.

Read in this order: ``facts`` (what it is told), ``rules`` (what a clause asks),
``engine`` (judging), ``explain`` (saying it in Chinese), ``packs`` (policies as files).
"""
