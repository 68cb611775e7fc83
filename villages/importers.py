"""Read a CSV of villages (one row each, see villages/data) into bureau, townships and villages.

The file is read whole and checked before the first row is written. Importing a
file twice adds nothing. A row that is no longer in the file stays: whether a
village was dissolved is for a person to say.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

from django.db import transaction

from lawadvisor.foundation import audit, pinyin
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.viewer import Actor
from villages.enums import BureauKind, Terrain, VillageKind
from villages.models import Bureau, Township, Village, short_village_name

BATCH = 2000
NAME_LENGTH = 50


class VillageRow(NamedTuple):
    """One line of the file, normalised; the field names are the file's columns."""

    code: str
    name: str
    township_code: str
    township: str
    county_code: str
    county: str
    prefecture: str = ""
    province: str = ""


CODE_LENGTHS = {"code": 12, "township_code": 9, "county_code": 6}
NAMES = ("name", "township", "county")
COLUMNS = (*CODE_LENGTHS, *NAMES)
_HEADINGS = {"name": "村（社区）名称", "township": "镇街名称", "county": "县区名称"}


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What the import wrote; rows that were there already with the same name are not counted."""

    bureaus: int = 0
    townships: int = 0
    villages: int = 0
    renamed: int = 0

    @property
    def changed(self) -> bool:
        return any((self.bureaus, self.townships, self.villages, self.renamed))

    def __add__(self, other: ImportResult) -> ImportResult:
        return ImportResult(
            self.bureaus + other.bureaus,
            self.townships + other.townships,
            self.villages + other.villages,
            self.renamed + other.renamed,
        )


def import_villages(path: Path, *, by: Actor) -> ImportResult:
    """Read and store a file; raises DomainError, with line and column, and then writes nothing."""
    return store_villages(read_villages(path), by=by)


def read_villages(path: Path) -> list[VillageRow]:
    """The checked rows of a UTF-8 CSV; DomainError names line, column and what was expected."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(_checked_rows(csv.DictReader(file)))
    except UnicodeDecodeError as error:
        raise DomainError(f"{path.name} 不是 UTF-8 编码，请另存为“CSV UTF-8”后再导入。") from error
    if not rows:
        raise DomainError(f"{path.name} 没有数据行，至少应有一个村（社区）。")
    return rows


def store_villages(rows: Sequence[VillageRow], *, by: Actor) -> ImportResult:
    """Write checked rows, one bureau per county code, each with its audit row if it changed."""
    counties: dict[str, list[VillageRow]] = {}
    for row in rows:
        counties.setdefault(row.county_code, []).append(row)
    total = ImportResult()
    with transaction.atomic():
        for county in counties.values():
            total += _store_county(county, by)
    return total


def kind_of(name: str, code: str) -> VillageKind:
    """村 or 居 by the name; a name that does not say so (生活区) is read from the code.

    The last three digits of a division code are 001-199 and 400-499 for
    communities and what resembles them, the others for villages.
    """
    if name.endswith(("居委会", "居民委员会", "社区")):
        return VillageKind.COMMUNITY
    if name.endswith(("村委会", "村民委员会", "村")):
        return VillageKind.VILLAGE
    serial = int(code[-3:])
    community = serial < 200 or 400 <= serial < 500
    return VillageKind.COMMUNITY if community else VillageKind.VILLAGE


def pinyin_of(name: str) -> str:
    """What a person types to find the village: without what the committee adds."""
    return pinyin.pinyin_of(short_village_name(name))


def judicial_office_of(township: str, county_code: str) -> str:
    """蒸湘街道 → 蒸湘司法所; in a city without counties 莞城街道 → 莞城司法分局.

    Such a city stands in for its only county with a code that ends in 00 (东莞 441900), and its
    bureau works in the townships through branches (A32).
    """
    office = "司法分局" if county_code.endswith("00") else "司法所"
    for ending in ("街道办事处", "街道", "镇", "乡"):
        stem = township.removesuffix(ending)
        if stem and stem != township:
            return f"{stem}{office}"
    return f"{township}{office}"


def _checked_rows(reader: csv.DictReader[str]) -> Iterator[VillageRow]:
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        wanted = ",".join(VillageRow._fields)
        raise DomainError(f"第1行：缺少列 {'、'.join(missing)}，表头应为 {wanted}。")
    first_line: dict[str, int] = {}
    for cells in reader:
        row = _row(cells, reader.line_num)
        if row.code in first_line:
            reason = f"{row.code} 与第{first_line[row.code]}行重复，每个代码只能出现一次"
            raise _refusal(reader.line_num, "code", reason)
        first_line[row.code] = reader.line_num
        yield row


def _row(cells: Mapping[str, str | None], line: int) -> VillageRow:
    row = VillageRow(**{column: _normal(cells.get(column)) for column in VillageRow._fields})
    for column, length in CODE_LENGTHS.items():
        _check_code(getattr(row, column), length, line, column)
    for column in NAMES:
        _check_name(getattr(row, column), line, column)
    _check_prefix(row.code, row.township_code, line, "township_code")
    _check_prefix(row.township_code, row.county_code, line, "county_code")
    return row


def _normal(cell: str | None) -> str:
    """Full-width letters and digits become plain ones (NFKC would break nothing else we need).

    Chinese brackets in names are left as they are written.
    """
    kept = "".join(c if c in "（）" else unicodedata.normalize("NFKC", c) for c in cell or "")
    return "".join(kept.split())


def _check_code(code: str, length: int, line: int, column: str) -> None:
    if len(code) != length or not (code.isascii() and code.isdigit()):
        raise _refusal(line, column, f"“{code}”不是{length}位数字，应为{length}位区划代码")


def _check_name(name: str, line: int, column: str) -> None:
    if not name:
        raise _refusal(line, column, f"为空，应填写{_HEADINGS[column]}")
    if len(name) > NAME_LENGTH:
        raise _refusal(line, column, f"有{len(name)}个字，不应超过{NAME_LENGTH}个字")


def _check_prefix(code: str, prefix: str, line: int, column: str) -> None:
    if not code.startswith(prefix):
        raise _refusal(line, column, f"{prefix} 与 {code} 不符，应为 {code[: len(prefix)]}")


def _refusal(line: int, column: str, reason: str) -> DomainError:
    return DomainError(f"第{line}行 {column} 列：{reason}。", field=column)


def _store_county(rows: Sequence[VillageRow], by: Actor) -> ImportResult:
    bureau, fresh = Bureau.objects.get_or_create(
        code=rows[0].county_code,
        defaults={"name": _bureau_name(rows[0]), "kind": _bureau_kind(rows[0].county)},
    )
    townships = _store_townships(bureau, rows)
    result = ImportResult(bureaus=int(fresh)) + townships + _store_villages(bureau, rows)
    if result.changed:
        written = {"townships": result.townships, "villages": result.villages}
        audit.record(
            by=by,
            verb="villages.import",
            subject=bureau,
            bureau_id=bureau.pk,
            after={**written, "renamed": result.renamed},
        )
    return result


def _bureau_name(row: VillageRow) -> str:
    """鼓楼区 exists in several cities: the second one carries its city's name."""
    name = f"{row.county}司法局"
    return f"{row.prefecture}{name}" if Bureau.objects.filter(name=name).exists() else name


def _bureau_kind(county: str) -> BureauKind:
    endings = {"区": BureauKind.DISTRICT, "市": BureauKind.CITY}
    return endings.get(county[-1], BureauKind.COUNTY)


def _store_townships(bureau: Bureau, rows: Iterable[VillageRow]) -> ImportResult:
    names = {row.township_code: row.township for row in rows}
    known = {t.code: t for t in Township.objects.filter(code__in=names)}
    fresh = [
        Township(
            bureau=bureau,
            code=code,
            name=name,
            judicial_office=judicial_office_of(name, bureau.code),
        )
        for code, name in names.items()
        if code not in known
    ]
    Township.objects.bulk_create(fresh, batch_size=BATCH)
    renamed = _rename(known.values(), names)
    Township.objects.bulk_update(renamed, ("name",), batch_size=BATCH)
    return ImportResult(townships=len(fresh), renamed=len(renamed))


def _store_villages(bureau: Bureau, rows: Sequence[VillageRow]) -> ImportResult:
    names = {row.code: row.name for row in rows}
    known = {v.code: v for v in Village.objects.filter(code__in=names)}
    townships = {t.code: t for t in bureau.townships.all()}
    fresh = [_village(row, townships[row.township_code]) for row in rows if row.code not in known]
    Village.objects.bulk_create(fresh, batch_size=BATCH)
    renamed = _rename(known.values(), names)
    for village in renamed:
        village.kind = kind_of(village.name, village.code)
        village.pinyin = pinyin_of(village.name)
    Village.objects.bulk_update(renamed, ("name", "kind", "pinyin"), batch_size=BATCH)
    return ImportResult(villages=len(fresh), renamed=len(renamed))


def _village(row: VillageRow, township: Township) -> Village:
    return Village(
        township=township,
        code=row.code,
        name=row.name,
        kind=kind_of(row.name, row.code),
        terrain=Terrain.PLAIN,
        pinyin=pinyin_of(row.name),
    )


P = TypeVar("P", Township, Village)


def _rename(known: Iterable[P], names: Mapping[str, str]) -> list[P]:
    """The places whose name in the file differs, with the new name set."""
    changed = [place for place in known if place.name != names[place.code]]
    for place in changed:
        place.name = names[place.code]
    return changed
