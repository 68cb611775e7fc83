"""The bureau's lists of organisations and advisors as workbooks: in and out."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from advisors.enums import LICENSED, Category, Education, OrganisationKind
from advisors.models import Advisor, Organisation
from lawadvisor.foundation.importing import rowwise
from lawadvisor.foundation.importing.columns import Column, choice_column
from lawadvisor.foundation.importing.plans import (
    Desk,
    Entry,
    Importer,
    Line,
    Tell,
    Trace,
    register,
)
from lawadvisor.foundation.importing.values import (
    day,
    name,
    nearest,
    number_text,
    without_blanks,
    yes_no,
)
from lawadvisor.foundation.viewer import Viewer
from villages.roster import CODE, VILLAGE, township_column

ADVISOR_TITLES = (
    *("姓名", "律师", "律师姓名", "顾问", "顾问姓名", "法律顾问", "法律顾问姓名", "服务律师"),
    *("村居法律顾问", "顾问律师", "承办律师"),
)
LICENCE_TITLES = (
    *("执业证书号", "执业证号码", "执业证", "律师执业证号", "律师证号", "证号", "执业证书编号"),
    *("执业证编号", "法律顾问执业证号"),
)
_EARLIEST_PRACTICE = date(1980, 1, 1)

NAME = Column(
    "advisor",
    "姓名",
    name("姓名", 50),
    ADVISOR_TITLES,
    needed=True,
    filled=True,
    example="张某某",
    width=12,
)
LICENCE = Column(
    "licence",
    "执业证号",
    # older ones read 湘（2008）第0123号
    number_text("执业证号", r"[\w()（）〔〕\[\]-]{5,30}", "5至30位的证号", normal=without_blanks),
    LICENCE_TITLES,
    hint="文本格式。律师和基层法律服务工作者必填，其他人员没有的不填。",
    example="14304201012345678",
    width=22,
)


def organisation_column(bureau_id: int) -> Column:
    own = Organisation.objects.filter(bureau=bureau_id).values_list("name", flat=True)
    return Column(
        "organisation",
        "所属机构",
        name("所属机构", 80),
        ("机构", "机构名称", "律所", "律所名称", "律师事务所", "工作单位", "执业机构"),
        needed=True,
        filled=True,
        options=tuple(own),
        hint="已登记的机构全称。",
        example="湖南某某律师事务所",
        width=34,
    )


def pair_columns(bureau_id: int) -> tuple[Column, ...]:
    """Who serves where: the columns by which a row names a village and its advisor."""
    return (
        township_column(bureau_id),
        VILLAGE,
        replace(CODE, hint="已填名称的可以不填。"),
        replace(NAME, title="法律顾问"),
        replace(LICENCE, hint="文本格式；没有同名的可以不填。"),
        replace(
            organisation_column(bureau_id),
            needed=False,
            filled=False,
            hint="只在同名又没有证号时需要。",
        ),
    )


class OrganisationImporter(Importer):
    key = "organisations"
    title = "机构"
    notes = ("机构按名称识别，名称须与登记的完全一致；更名请在系统中办理。",)

    def columns(self, desk: Desk) -> tuple[Column, ...]:  # noqa: ARG002
        return (
            Column(
                "name",
                "机构名称",
                name("机构名称", 80),
                ("名称", "律师事务所", "律所", "律所名称", "单位名称", "机构", "所属机构"),
                needed=True,
                filled=True,
                hint="与执业许可证或公章一致的全称。",
                example="湖南某某律师事务所",
                width=34,
            ),
            choice_column(
                "kind",
                "机构性质",
                OrganisationKind.choices,
                words={"律所": "law_firm", "法律服务所": "legal_service_office"},
                synonyms=("性质", "类别", "机构类别", "机构类型", "类型"),
                hint="新增时必填。",
                width=20,
            ),
        )

    def plan(self, desk: Desk, entries: Sequence[Entry], tell: Tell) -> Iterator[Line]:  # noqa: ARG002
        known = {each.name: each for each in Organisation.objects.filter(bureau=desk.bureau_id)}
        folded = {_folded(each): each for each in known}
        seen: dict[str, Entry] = {}
        for entry in entries:
            if (said := entry.get("name")) is None:
                continue
            row = known.get(said)
            first = seen.setdefault(_folded(said), entry)
            if first is not entry:
                entry.refuse("name", f"与第{first.row}行重复，同一个机构只能写一行")
            elif row is None and _folded(said) in folded:
                entry.refuse("name", "与登记的写法不同", folded[_folded(said)], sure=True)
            elif row is None and entry.get("kind") is None:
                entry.refuse("kind", "新增的机构须填写性质")
            row = row or Organisation(bureau_id=desk.bureau_id)
            draft, changes = rowwise.drafted(row, {"name": said, "kind": entry.get("kind")})
            yield entry.line(rowwise.action_of(draft), said, changes, draft)

    def write(self, desk: Desk, lines: Sequence[Line], tell: Tell) -> list[Trace]:
        return rowwise.write_rows(desk, "organisation", lines, tell)

    def undo(self, desk: Desk, traces: Sequence[Trace], reason: str) -> None:
        rowwise.take_back(desk, "organisation", traces, reason)

    def rows(self, desk: Desk, viewer: Viewer) -> Iterator[Mapping[str, str]]:  # noqa: ARG002
        for each in Organisation.objects.filter(bureau=desk.bureau_id):
            yield {"name": each.name, "kind": each.get_kind_display()}


class People:
    """The bureau's advisors and organisations, by what a file may call them."""

    def __init__(self, bureau_id: int) -> None:
        self.organisations = {
            each.name: each for each in Organisation.objects.filter(bureau=bureau_id)
        }
        self.advisors = list(
            Advisor.objects.filter(organisation__bureau=bureau_id).select_related("organisation")
        )
        self.by_id = {each.pk: each for each in self.advisors}
        self.by_licence = {each.licence_no: each for each in self.advisors if each.licence_no}
        self.named: dict[str, list[Advisor]] = defaultdict(list)
        for each in self.advisors:
            self.named[each.name].append(each)

    def welcome(self, entries: Sequence[Entry]) -> None:
        """Advisors of other bureaus whom the file names by licence and by name, both right.

        They may serve here too (A4); who knows only one of the two learns nothing.
        """
        asked = {(entry.get("licence"), entry.get("advisor")) for entry in entries}
        licences = {licence for licence, _ in asked if licence} - set(self.by_licence)
        others = Advisor.objects.filter(licence_no__in=licences).select_related("organisation")
        for each in others:
            if (each.licence_no, each.name) in asked:
                self.by_licence[each.licence_no] = each
                self.by_id[each.pk] = each

    def organisation(self, entry: Entry) -> Organisation | None:
        """What the cell names; None for an empty cell, and for one that is refused here."""
        said = entry.get("organisation")
        if said is None:
            return None
        found = self.organisations.get(said)
        if found is None:
            entry.refuse(
                "organisation",
                "本局没有登记这个机构，请先导入机构",
                nearest(said, tuple(self.organisations)),
            )
        return found

    def advisor(self, entry: Entry) -> Advisor | None:
        """Whom the row names by licence or, where there is one of that name, by name.

        Refuses what it cannot find, and a licence that belongs to somebody of another name.
        """
        said, licence = entry.get("advisor"), entry.get("licence")
        if licence is not None:
            found = self.by_licence.get(licence)
            if found is None:
                near = nearest(licence, tuple(self.by_licence))
                entry.refuse("licence", "没有登记过这个执业证号，请先导入法律顾问", near)
            elif said is not None and found.name != said:
                entry.refuse("advisor", f"执业证号{licence}登记的是{found.name}", found.name)
                return None
            return found
        if said is None:
            return None
        firm = entry.get("organisation")
        same = [e for e in self.named.get(said, ()) if firm in (None, e.organisation.name)]
        if not same:
            entry.refuse(
                "advisor",
                "没有登记过这位法律顾问，请先导入法律顾问",
                nearest(said, tuple(self.named)),
            )
        elif len(same) > 1:
            entry.refuse("advisor", f"有{len(same)}位同名的法律顾问，请填写执业证号")
        return same[0] if len(same) == 1 else None


class AdvisorImporter(Importer):
    key = "advisors"
    title = "法律顾问"
    notes = (
        "法律顾问按执业证号识别；没有证号的，按机构和姓名识别。",
        "所属机构须先登记，名称须完全一致。登录账号不由导入建立。",
    )

    def columns(self, desk: Desk) -> tuple[Column, ...]:
        return (
            NAME,
            LICENCE,
            organisation_column(desk.bureau_id),
            *OWN_COLUMNS,
        )

    def plan(self, desk: Desk, entries: Sequence[Entry], tell: Tell) -> Iterator[Line]:
        people = People(desk.bureau_id)
        taken = _taken_elsewhere(desk, entries)
        seen: dict[object, Entry] = {}
        for number, entry in enumerate(entries, start=1):
            row = _advisor_of(entry, people, taken)
            if row is not None and not _is_repeated(entry, row, seen):
                yield _line(entry, row, people)
            if number % 500 == 0:
                tell(number, len(entries))

    def write(self, desk: Desk, lines: Sequence[Line], tell: Tell) -> list[Trace]:
        return rowwise.write_rows(desk, "advisor", lines, tell)

    def undo(self, desk: Desk, traces: Sequence[Trace], reason: str) -> None:
        rowwise.take_back(desk, "advisor", traces, reason)

    def rows(self, desk: Desk, viewer: Viewer) -> Iterator[Mapping[str, str]]:  # noqa: ARG002
        for each in People(desk.bureau_id).advisors:
            start = each.practice_start
            yield {
                "advisor": each.name,
                "licence": each.licence_no,
                "organisation": each.organisation.name,
                "category": each.get_category_display(),
                "education": each.get_education_display(),
                "practice_start": start.isoformat() if start else "",
                "is_volunteer": "是" if each.is_volunteer else "否",
            }


#: What is said of a person himself.
OWN_COLUMNS = (
    choice_column(
        "category",
        "人员类别",
        Category.choices,
        words={"执业律师": "lawyer", "专职律师": "lawyer", "法律工作者": "legal_worker"},
        synonyms=("类别", "身份", "身份类别", "人员身份"),
        hint="新增时必填。",
        width=20,
    ),
    choice_column(
        "education",
        "学历",
        Education.choices,
        words={
            "专科": "junior_college",
            "大学本科": "bachelor",
            "硕士": "master",
            "博士": "master",
        },
        synonyms=("文化程度", "最高学历"),
        width=10,
    ),
    Column(
        "practice_start",
        "开始执业日期",
        day("开始执业日期", _EARLIEST_PRACTICE, date(2099, 12, 31)),
        ("执业日期", "首次执业日期", "开始执业时间", "执业起始日期", "首次执业时间"),
        example="2015-07-01",
    ),
    Column(
        "is_volunteer",
        "志愿者",
        yes_no("志愿者"),
        ("是否志愿者",),
        options=("是", "否"),
        hint="不填为“否”。",
        example="否",
        width=10,
    ),
)


def _taken_elsewhere(desk: Desk, entries: Sequence[Entry]) -> set[str]:
    """Licences of the file that another bureau has registered: a number is one person (A5)."""
    asked = {entry.get("licence") for entry in entries} - {None}
    others = Advisor.objects.exclude(organisation__bureau=desk.bureau_id)
    return set(others.filter(licence_no__in=asked).values_list("licence_no", flat=True))


def _advisor_of(entry: Entry, people: People, taken: set[str]) -> Advisor | None:
    """The advisor that the row is about, a new one unsaved; None when that cannot be said."""
    organisation = people.organisation(entry)
    said, licence = entry.get("advisor"), entry.get("licence")
    if licence in taken:
        entry.refuse("licence", "这个执业证号已由其他司法局登记，不能重复登记")
        return None
    found = people.by_licence.get(licence) if licence else None
    if found is not None and said is not None and found.name != said:
        entry.refuse("advisor", f"执业证号{licence}登记的是{found.name}", found.name)
    if said is None or organisation is None or ("licence" in entry.cells and licence is None):
        return None
    found = found or _by_name(entry, said, organisation, people, licence)
    if found is None:
        _check_new(entry, licence)
    return found or Advisor(organisation=organisation)


def _check_new(entry: Entry, licence: str | None) -> None:
    category = entry.get("category")
    if category is None and "category" not in entry.cells:
        entry.refuse("category", "新增的法律顾问须填写人员类别")
    if licence is None and category in LICENSED:
        entry.refuse("licence", f"{Category(category).label}须填写执业证号")


def _by_name(
    entry: Entry, said: str, organisation: Organisation, people: People, licence: str | None
) -> Advisor | None:
    """Somebody of that name and organisation; with a licence only one who has none yet."""
    same = [
        each
        for each in people.named.get(said, ())
        if each.organisation_id == organisation.pk and not (licence and each.licence_no)
    ]
    if len(same) > 1:
        entry.refuse("advisor", f"{organisation.name}有{len(same)}位同名的法律顾问，请填写执业证号")
    return same[0] if same else None


def _is_repeated(entry: Entry, row: Advisor, seen: dict[object, Entry]) -> bool:
    by_name = (entry.get("organisation"), entry.get("advisor"))
    first = seen.setdefault(row.pk or entry.get("licence") or by_name, entry)
    if first is entry:
        return False
    key = "licence" if "licence" in entry.cells else "advisor"
    entry.refuse(key, f"与第{first.row}行重复，同一个人只能写一行")
    return True


def _line(entry: Entry, row: Advisor, people: People) -> Line:
    wanted = {"name": entry.get("advisor"), "licence_no": entry.get("licence")}
    wanted["organisation"] = people.organisations[entry.get("organisation")]
    own = ("category", "education", "practice_start", "is_volunteer")
    wanted |= {key: entry.get(key) for key in own}
    draft, changes = rowwise.drafted(row, wanted)
    label = f"{row.name}（{row.organisation.name}）"
    return entry.line(rowwise.action_of(draft), label, changes, draft)


def _folded(said: str) -> str:
    return unicodedata.normalize("NFKC", said).casefold()


register(OrganisationImporter())
register(AdvisorImporter())
