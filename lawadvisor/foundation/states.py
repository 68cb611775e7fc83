"""What may follow what, as a dict from state to the states that may come next."""

from __future__ import annotations

from collections.abc import Mapping

from lawadvisor.foundation.errors import Conflict

Transitions = Mapping[str, frozenset[str]]


def check_transition(
    transitions: Transitions, now: str, then: str, labels: Mapping[str, str]
) -> None:
    """Raise Conflict, in words, unless ``then`` may follow ``now``."""
    if then in transitions[now]:
        return
    raise Conflict(f"当前状态为“{labels[now]}”，不能改为“{labels[then]}”。")
