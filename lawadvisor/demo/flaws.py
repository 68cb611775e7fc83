"""How often something goes wrong in the records of a county."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flaws:
    """Shares from 0 to 1 of what the name says."""

    short_visit: float = 0.035
    split_visit: float = 0.06
    split_too_short: float = 0.006
    online_visit: float = 0.025
    single_visit: float = 0.04
    missing_month: float = 0.015
    no_visitors: float = 0.08
    missed_lecture: float = 0.09
    repeated_focus: float = 0.09
    lecture_only: float = 0.3
    late_entry: float = 0.09
    supplement: float = 0.02
    draft: float = 0.008
    returned: float = 0.01
    unreviewed: float = 0.03
    unreviewed_last_month: float = 0.12
    extra_record: float = 0.4
    missing_filing: float = 0.08
    missed_training: float = 0.1
    missing_mark: float = 0.04
    missing_phone: float = 0.03
    missing_photo: float = 0.06


REALISTIC = Flaws()
NONE = Flaws(**dict.fromkeys(Flaws.__dataclass_fields__, 0.0))
