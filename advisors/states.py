"""The life of an appointment."""

from __future__ import annotations

from advisors.enums import AppointmentStatus as S

APPOINTMENT_TRANSITIONS = {
    S.PROPOSED: frozenset({S.ACTIVE, S.CANCELLED}),
    S.ACTIVE: frozenset({S.SUSPENDED, S.ENDED}),
    S.SUSPENDED: frozenset({S.ENDED}),
    S.ENDED: frozenset[S](),
    S.CANCELLED: frozenset[S](),
}
