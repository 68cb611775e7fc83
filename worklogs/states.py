"""The lives of a service log, a request and a grave matter: what may follow what."""

from __future__ import annotations

from lawadvisor.foundation.states import Transitions
from worklogs.enums import IncidentState as I
from worklogs.enums import LogState as S
from worklogs.enums import RequestState as R

LOG_TRANSITIONS: Transitions = {
    S.DRAFT: frozenset({S.SUBMITTED}),
    S.SUBMITTED: frozenset({S.CONFIRMED, S.RETURNED, S.REVIEWED, S.WITHDRAWN}),
    S.CONFIRMED: frozenset({S.RETURNED, S.REVIEWED}),
    S.RETURNED: frozenset({S.SUBMITTED}),
    S.REVIEWED: frozenset({S.RETURNED}),
    S.WITHDRAWN: frozenset(),
}

REQUEST_TRANSITIONS: Transitions = {
    R.OPEN: frozenset({R.ACCEPTED, R.ANSWERED, R.DECLINED, R.CLOSED}),
    R.ACCEPTED: frozenset({R.ANSWERED, R.DECLINED, R.CLOSED}),
    R.ANSWERED: frozenset({R.CLOSED}),
    R.DECLINED: frozenset({R.OPEN, R.CLOSED}),
    R.CLOSED: frozenset(),
}

INCIDENT_TRANSITIONS: Transitions = {
    I.OPEN: frozenset({I.CLOSED}),
    I.CLOSED: frozenset({I.OPEN}),
}
