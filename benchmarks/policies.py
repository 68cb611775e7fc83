"""The same county under each of the five policies, and what that means for a nation."""

from __future__ import annotations

from benchmarks.data import NATION_COUNTIES, NATION_VILLAGES, Scale, multiplied
from benchmarks.ratio import Row, in_turns, medians
from benchmarks.verdicts import Month, clean
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
