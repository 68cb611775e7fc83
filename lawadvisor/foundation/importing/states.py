"""The life of an import: what may follow what."""

from __future__ import annotations

from lawadvisor.foundation.models import BatchState as S
from lawadvisor.foundation.states import Transitions

BATCH_TRANSITIONS: Transitions = {
    S.UPLOADED: frozenset({S.CHECKED, S.REFUSED}),
    S.CHECKED: frozenset({S.UPLOADED, S.WRITING, S.DROPPED}),
    S.REFUSED: frozenset(),
    S.WRITING: frozenset({S.DONE, S.CHECKED}),
    S.DONE: frozenset({S.UNDONE}),
    S.UNDONE: frozenset(),
    S.DROPPED: frozenset(),
}
