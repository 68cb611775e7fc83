"""The life of an appointment."""

from __future__ import annotations

from advisors.enums import AppointmentStatus as S
from lawadvisor.foundation.states import Transitions

APPOINTMENT_TRANSITIONS: Transitions = {
    S.PROPOSED: frozenset({S.ACTIVE, S.CANCELLED}),
    S.ACTIVE: frozenset({S.SUSPENDED, S.ENDED}),
    S.SUSPENDED: frozenset({S.ENDED}),
    S.ENDED: frozenset(),
    S.CANCELLED: frozenset(),
}
