"""The same county under each of the five policies, a draft tried on it, and a nation's month."""

from __future__ import annotations

from assessments.facts import Desk
from assessments.quota.packs import load_pack
from assessments.quota.rules import Subject
from assessments.selectors import judge_desk, rules_in_force
from assessments.services import PACKS
from assessments.tryout import try_draft
from benchmarks.data import MONTH, NATION_COUNTIES, NATION_VILLAGES, Scale, multiplied
from benchmarks.ratio import Row, in_turns, medians
from benchmarks.verdicts import Month, clean, queries_of
from villages.models import Bureau

_FIVE = ("zx", "cz", "sh", "dg", "jc")
#: A month of the whole nation through two cores (seconds).
_NATION_TARGET = 300.0


def copied(county: Bureau, first_copy: int) -> dict[str, Bureau]:
    """A copy of the county for each policy; the county must be the only one built yet."""
    return {
        pack: multiplied(county, [number], code=f"4303{number:02d}", pack=pack)
        for number, pack in enumerate(_FIVE, start=first_copy)
    }


def under_each(copies: dict[str, Bureau], scale: Scale) -> list[Row]:
    """Each copy's month judged and stored, against the bare INSERT.

    The records are those of a county under ZX: what another policy makes of them does not
    matter here, how much it has to look at does.
    """
    rows = []
    for pack, bureau in copies.items():
        month = Month(bureau, f"held_{pack}")
        works = {"floor": month.insert, "ours": month.judge}
        times = medians(in_turns(works, scale.repeats, before=clean))
        rows.append(month.row(f"a month under {pack.upper()}", times["floor"], times["ours"], 5))
    clean()
    return rows


def tried(county: Bureau, scale: Scale) -> Row:
    """A draft on a year of months, against judging the same months once by the standing rules."""
    pack = load_pack(PACKS / "zx.toml")
    months = [MONTH]
    while len(months) < scale.months:
        months.append(months[-1].previous())

    def standing() -> None:
        for month in months:
            rules = rules_in_force(county.pk, month)
            judge_desk(Desk(county.pk), rules, month, month.end, Subject)

    def ours() -> None:
        try_draft(bureau=county, pack=pack, months=months)

    times = medians(in_turns({"floor": standing, "ours": ours}, max(1, scale.repeats // 2)))
    return Row(
        what="a draft tried on real months",
        size=f"{scale.villages} villages, {len(months)} months",
        floor=times["floor"],
        ours=times["ours"],
        target=2.5,
        queries=f"{queries_of(ours)}",
    )


def nation(average: Bureau, scale: Scale) -> Row:
    """A month of 620,573 villages on two cores, projected from one county of average size."""
    month = Month(average, "held_average")
    ours = medians(in_turns({"ours": month.judge}, scale.repeats, before=clean))["ours"]
    clean()
    counties = NATION_VILLAGES / month.villages
    return Row(
        what="a month of the nation, projected",
        size=f"{NATION_COUNTIES} counties, {1 / ours:.1f} of {month.villages} villages/s and core",
        floor=_NATION_TARGET,
        ours=ours * counties / 2,
        target=1,
    )
