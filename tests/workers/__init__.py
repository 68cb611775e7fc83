"""Workers for the kill test, and what they share with it in Valkey."""

OVERLAPS = "test:overlaps"
RUNS = "test:runs"
POISON = "test:poison"
BEGUN = "test:begun"
SLOW_SECONDS = 3
