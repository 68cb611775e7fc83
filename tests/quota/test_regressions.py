"""Cases that the engine once judged wrongly, told literally."""

from __future__ import annotations

from dataclasses import replace

from assessments.quota.facts import Absence
from assessments.quota.rules import Subject
from assessments.quota.verdicts import Refusal, Status
from tests.quota.build import facts, filing, october, rule, session, term, verdict


def test_absences_of_the_same_days_with_and_without_a_substitute() -> None:
    away = [Absence(1, october(5), october(9), 2), Absence(1, october(5), october(9), None)]
    told = replace(facts([session(1, october(1))]), absences=away)
    found = verdict(rule("ZX-34"), told)
    assert (found.active_days, found.status) == (27, Status.NOT_ASSESSED)


def test_a_session_without_appointment_is_the_villages_alone() -> None:
    """Its advisor's old appointment there does not get it."""
    told = facts(
        [session(1, october(5), appointment=None), session(2, october(6), appointment=None)]
    )
    assert verdict("ZX-34", told).actual == 0
    assert verdict("ZX-34", told, of=Subject.VILLAGE).actual == 2


def test_a_filing_of_a_volunteer_that_names_no_appointment_does_not_count() -> None:
    made = filing(1, "dossier", october(5), october(1), appointment=None)
    told = facts([made], [term(volunteer=True)])
    found = verdict("ZX-45", told, of=Subject.VILLAGE)
    assert (found.actual, found.refused) == (0, (Refusal((1,), "volunteer", ()),))
    assert verdict("ZX-45", facts([made]), of=Subject.VILLAGE).actual == 1
