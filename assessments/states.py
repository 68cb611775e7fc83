"""The way of a township's month: what may follow what."""

from __future__ import annotations

from assessments.enums import DeliveryState as D
from assessments.enums import MonthState as S
from lawadvisor.foundation.states import Transitions

#: The office reviews, hands in and may take back; the bureau accepts or returns. The month close
#: takes every township as it finds it and waits for none (A48); after it nothing follows, for
#: one village is opened again by a ``Reopening`` and not by its township's state.
MONTH_TRANSITIONS: Transitions = {
    S.OPEN: frozenset({S.UNDER_REVIEW, S.SUBMITTED, S.CLOSED}),
    S.UNDER_REVIEW: frozenset({S.SUBMITTED, S.CLOSED}),
    S.SUBMITTED: frozenset({S.UNDER_REVIEW, S.ACCEPTED, S.RETURNED, S.CLOSED}),
    S.ACCEPTED: frozenset({S.RETURNED, S.CLOSED}),
    S.RETURNED: frozenset({S.SUBMITTED, S.CLOSED}),
    S.CLOSED: frozenset(),
}
#: While the month stands so, the office may verify and return records.
REVIEWING = (S.OPEN, S.UNDER_REVIEW, S.RETURNED)
#: A close that finds it so takes it as the office handed it in.
HANDED_IN = (S.SUBMITTED, S.ACCEPTED)

#: A message on its way out. What was handed over is never queued again: only a way that said no
#: is tried once more.
DELIVERY_TRANSITIONS: Transitions = {
    D.QUEUED: frozenset({D.SENDING, D.FAILED}),
    D.SENDING: frozenset({D.SENT, D.QUEUED, D.FAILED, D.UNCLEAR}),
    D.SENT: frozenset(),
    D.FAILED: frozenset(),
    D.UNCLEAR: frozenset(),
}
