"""The life of a service log: what may follow what."""

from __future__ import annotations

from lawadvisor.foundation.states import Transitions
from worklogs.enums import LogState as S

LOG_TRANSITIONS: Transitions = {
    S.DRAFT: frozenset({S.SUBMITTED}),
    S.SUBMITTED: frozenset({S.CONFIRMED, S.RETURNED, S.REVIEWED, S.WITHDRAWN}),
    S.CONFIRMED: frozenset({S.RETURNED, S.REVIEWED}),
    S.RETURNED: frozenset({S.SUBMITTED}),
    S.REVIEWED: frozenset({S.RETURNED}),
    S.WITHDRAWN: frozenset(),
}
