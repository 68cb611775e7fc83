"""Workers for the kill test, and the counters in Valkey that they share with it."""

OVERLAPS = "test:overlaps"
RUNS = "test:runs"
