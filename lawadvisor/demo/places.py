"""Villages for a county of any size, with codes of the official form."""

from __future__ import annotations

from lawadvisor.demo.names import place_names
from lawadvisor.demo.spec import CountySpec
from villages.importers import VillageRow

VILLAGES_PER_TOWNSHIP = 17
#: Every fourth place is a community; its serial number lies below 200, a village's from 201.
COMMUNITY_EVERY = 4


def village_rows(spec: CountySpec) -> tuple[VillageRow, ...]:
    """The real rows of the county, or as many invented ones as were asked for."""
    if not isinstance(spec.villages, int):
        return tuple(row for row in spec.villages if row.county_code == spec.code)
    return _invented(spec, spec.villages)


def _invented(spec: CountySpec, count: int) -> tuple[VillageRow, ...]:
    names = place_names(spec.stream("places"))
    townships = [next(names) for _ in range(-(-count // VILLAGES_PER_TOWNSHIP))]
    return tuple(_invented_row(spec, townships, number, next(names)) for number in range(count))


def _invented_row(spec: CountySpec, townships: list[str], number: int, name: str) -> VillageRow:
    place, serial = divmod(number, VILLAGES_PER_TOWNSHIP)
    community = serial % COMMUNITY_EVERY == 0
    township_code = f"{spec.code}{place + 1:03d}"
    return VillageRow(
        code=f"{township_code}{serial + 1 if community else serial + 201:03d}",
        name=f"{name}社区居委会" if community else f"{name}村委会",
        township_code=township_code,
        township=f"{townships[place]}{'街道' if place % 5 == 0 else '镇'}",
        county_code=spec.code,
        county=spec.name.removesuffix("司法局"),
    )
