"""The bureau's own list of villages as a workbook: in and out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from lawadvisor.foundation.importing import rowwise
from lawadvisor.foundation.importing.columns import Column, choice_column
from lawadvisor.foundation.importing.plans import (
    Action,
    Desk,
    Entry,
    Importer,
    Line,
    Tell,
    Trace,
    register,
)
from lawadvisor.foundation.importing.values import code, name, nearest, text, yes_no
from lawadvisor.foundation.viewer import Viewer
from villages.enums import Terrain, VillageKind
from villages.importers import NAME_LENGTH, kind_of, pinyin_of
from villages.models import Bureau, Township, Village, short_village_name

VILLAGE_TITLES = (
    *("村名", "村居", "村居名称", "村（社区）", "村社区", "村社区名称", "村/社区", "村、社区"),
    *("社区名称", "村庄", "村庄名称", "行政村", "行政村名称", "村委会", "村（居）", "村（居）名称"),
    *("服务村（社区）", "所服务村（社区）", "受聘村（社区）"),
)
TOWNSHIP_TITLES = (
    *("镇街", "镇街名称", "乡镇", "乡镇名称", "乡镇（街道）", "乡镇街道", "乡（镇、街道）", "镇"),
    *("街道", "镇（街道）", "所属乡镇", "所属镇街", "所在乡镇", "乡镇/街道", "街镇"),
)
CODE_TITLES = (
    *("代码", "区划代码", "行政区划代码", "统计用区划代码", "村代码", "村（社区）代码", "村居代码"),
)


VILLAGE = Column(
    "village",
    "村（社区）名称",
    name("村（社区）名称", NAME_LENGTH),
    VILLAGE_TITLES,
    needed=True,
    filled=True,
    hint="已登记的名称，须完全一致。",
    example="红湖社区居委会",
    width=24,
)
CODE = Column(
    "code",
    "区划代码",
    code("区划代码", 12),
    CODE_TITLES,
    hint="12位数字，文本格式。",
    example="430408001001",
    width=18,
)


def township_column(bureau_id: int) -> Column:
    own = Township.objects.filter(bureau=bureau_id).values_list("name", flat=True)
    return Column(
        "township",
        "镇街",
        name("镇街", NAME_LENGTH),
        TOWNSHIP_TITLES,
        options=tuple(own),
        hint="本局的镇街名称；填了代码的可以不填。",
        example="蒸湘街道",
        width=16,
    )


#: What the bureau itself says of a village.
OWN_COLUMNS = (
    choice_column(
        "kind",
        "村居类型",
        VillageKind.choices,
        words={"村委会": "village", "居委会": "community", "居": "community"},
        synonyms=("类型",),
        hint="不填的，新增时按名称判断。",
        width=10,
    ),
    choice_column(
        "terrain",
        "地形",
        Terrain.choices,
        words={"平原": "plain"},
        synonyms=("地形类别",),
        hint="新增时不填为平川。",
        width=10,
    ),
    Column(
        "klass",
        "类别",
        text("类别", 20),
        ("村（社区）类别", "村居类别"),
        hint="本局自己的分类，没有的不填。",
    ),
    Column(
        "is_active",
        "在册",
        yes_no("在册"),
        ("是否在册", "是否启用"),
        options=("是", "否"),
        hint="不填为“是”。",
        example="是",
        width=8,
    ),
)


class Places:
    """The bureau's townships and villages, by what a file may call them."""

    def __init__(self, bureau_id: int) -> None:
        self.bureau = Bureau.objects.get(pk=bureau_id)
        self.townships = {t.code: t for t in Township.objects.filter(bureau=bureau_id)}
        self.by_township_name = {t.name: t for t in self.townships.values()}
        self.villages = list(
            Village.objects.filter(township__bureau=bureau_id).select_related("township")
        )
        self.by_code = {village.code: village for village in self.villages}
        self.named: dict[str, list[Village]] = defaultdict(list)
        self.short: dict[str, list[Village]] = defaultdict(list)
        for village in self.villages:
            self.named[village.name].append(village)
            self.short[_stem(village.name)].append(village)

    def township(self, entry: Entry) -> Township | None:
        """What the cell names; None for an empty cell, and for one that is refused here."""
        said = entry.get("township")
        if said is None:
            return None
        found = self.by_township_name.get(said) or self.townships.get(said)
        if found is None:
            entry.refuse(
                "township", "本局没有这个镇街", nearest(said, tuple(self.by_township_name))
            )
        return found

    def find(self, entry: Entry, township: Township | None) -> Village | None:
        """The village that the row names by its code or its exact name; refuses what it cannot."""
        said, written = entry.get("village"), entry.get("code")
        if written is not None:
            return self.by_code.get(written)
        found = [v for v in self.named.get(said, ()) if township in (None, v.township)]
        if len(found) > 1:
            where = "、".join(sorted({village.township.name for village in found}))
            entry.refuse("township", f"“{said}”在{where}都有，请写明镇街（或填写区划代码）")
        return found[0] if len(found) == 1 else None

    def village(self, entry: Entry) -> Village | None:
        """The registered village that the row is about; whatever cannot be found is refused."""
        township = self.township(entry)
        said, written = entry.get("village"), entry.get("code")
        if written is None and (said is None or "code" in entry.cells):
            return None
        found = self.find(entry, township)
        if found is not None and township not in (None, found.township):
            entry.refuse("township", f"代码属于{found.township.name}", found.township.name)
        elif found is not None and said not in (None, found.name):
            entry.refuse("village", f"代码{written}登记的是{found.name}", found.name)
        elif found is None and written is not None:
            entry.refuse("code", "本局没有这个代码的村（社区）")
        elif found is None and not entry.has_bad("township"):
            expected = "没有登记过这个村（社区），请先导入村（社区）"
            self.refuse_unknown(entry, township, expected)
            entry.refuse("village", expected)
        return found

    def refuse_unknown(self, entry: Entry, township: Township | None, expected: str) -> bool:
        """Refuse the name, offering the registered one that may have been meant, if any is near.

        红湖社区 and 红湖社区居委会 are sure to be one; a name that is only alike is not.
        """
        said = entry.get("village")
        variants = {v.name for v in self.short.get(_stem(said), ()) if _within(v, township)}
        if len(variants) == 1:
            entry.refuse("village", expected, variants.pop(), sure=True)
            return True
        near = nearest(said, tuple(v.name for v in self.villages if _within(v, township)))
        if near:
            entry.refuse("village", expected, near)
        return bool(near)


def _within(village: Village, township: Township | None) -> bool:
    return township is None or village.township_id == township.pk


def _stem(said: str) -> str:
    """What 红湖村, 红湖村委会, 红湖社区 and 红湖居委会 have in common."""
    short = short_village_name(said)
    for ending in ("社区", "村"):
        if (stem := short.removesuffix(ending)) and stem != short:
            return stem
    return short


class VillageImporter(Importer):
    key = "villages"
    title = "村（社区）"
    notes = (
        "新增的村（社区）须填写12位区划代码，前9位应是本局的镇街代码。",
        "已登记的村（社区）可以不填代码，但名称须与登记的完全一致；写法不同的只提示，不自动改。",
        "“在册”填“否”，表示停用；文件里没有的村（社区）不会被停用或删除。",
    )

    def columns(self, desk: Desk) -> tuple[Column, ...]:
        return (
            replace(VILLAGE, hint="与登记或公章一致的全称。"),
            CODE,
            township_column(desk.bureau_id),
            *OWN_COLUMNS,
        )

    def plan(self, desk: Desk, entries: Sequence[Entry], tell: Tell) -> Iterator[Line]:
        places = Places(desk.bureau_id)
        seen: dict[str, Entry] = {}
        for number, entry in enumerate(entries, start=1):
            row = _row_of(entry, places)
            if row is not None and not _is_repeated(entry, row, seen):
                yield _line(entry, row)
            if number % 500 == 0:
                tell(number, len(entries))

    def write(self, desk: Desk, lines: Sequence[Line], tell: Tell) -> list[Trace]:
        return rowwise.write_rows(desk, "village", lines, tell)

    def undo(self, desk: Desk, traces: Sequence[Trace], reason: str) -> None:
        rowwise.take_back(desk, "village", traces, reason)

    def rows(self, desk: Desk, viewer: Viewer) -> Iterator[Mapping[str, str]]:  # noqa: ARG002
        for village in Places(desk.bureau_id).villages:
            yield {
                "village": village.name,
                "code": village.code,
                "township": village.township.name,
                "kind": village.get_kind_display(),
                "terrain": village.get_terrain_display(),
                "klass": village.klass,
                "is_active": "是" if village.is_active else "否",
            }

    def absent(self, desk: Desk, lines: Sequence[Line]) -> list[str]:
        named = {line.data.row.pk for line in lines}
        return [
            f"{village.township.name}{village.name}"
            for village in Places(desk.bureau_id).villages
            if village.is_active and village.pk not in named
        ]


def _row_of(entry: Entry, places: Places) -> Village | None:
    """The village that the row is about, a new one unsaved; None when that cannot be said."""
    township = places.township(entry)
    said, written = entry.get("village"), entry.get("code")
    if said is None or (written is None and _misread(entry, "code")):
        return None
    if written is not None:
        owner = _owner_of(entry, written, places)
        if owner is None:
            return None
        if township is not None and township != owner:
            entry.refuse("township", f"与区划代码不符，代码属于{owner.name}", owner.name)
        township = owner
    village = places.find(entry, township)
    if village is not None:
        return village
    if written is None or township is None:
        _refuse_unknown(entry, said, township, places)
        return None
    twin = next((v for v in places.named.get(said, ()) if v.township_id == township.pk), None)
    if twin is not None:
        entry.refuse("code", f"{township.name}已有{said}，区划代码是{twin.code}", twin.code)
    return Village(township=township, code=written, terrain=Terrain.PLAIN)


def _misread(entry: Entry, key: str) -> bool:
    return key in entry.cells and key not in entry.values


def _owner_of(entry: Entry, written: str, places: Places) -> Township | None:
    owner = places.townships.get(written[:9])
    if owner is None:
        if not written.startswith(places.bureau.code[:4]):
            entry.refuse("code", f"区划代码应以本局的{places.bureau.code}开头")
        else:
            entry.refuse("code", f"区划代码的前9位{written[:9]}不是本局的镇街代码")
    return owner


def _refuse_unknown(entry: Entry, said: str, township: Township | None, places: Places) -> None:
    if entry.bad:
        return
    expected = "没有登记过这个名称的村（社区）；新增的须填写12位区划代码"
    if not places.refuse_unknown(entry, township, expected):
        entry.refuse("code", f"没有登记过{said}，新增须填写12位区划代码")


def _is_repeated(entry: Entry, row: Village, seen: dict[str, Entry]) -> bool:
    first = seen.setdefault(row.code, entry)
    if first is entry:
        return False
    key = "code" if "code" in entry.cells else "village"
    entry.refuse(key, f"与第{first.row}行重复，同一个村（社区）只能写一行")
    return True


def _line(entry: Entry, row: Village) -> Line:
    was_active = row.is_active
    wanted = {"name": entry.get("village")}
    wanted |= {key: entry.get(key) for key in ("kind", "terrain", "klass", "is_active")}
    if row.pk is None:
        wanted |= {"township": row.township, "code": row.code}
    if wanted["name"] not in (None, row.name):
        wanted["kind"] = wanted["kind"] or kind_of(wanted["name"], row.code)
        wanted["pinyin"] = pinyin_of(wanted["name"])
    draft, changes = rowwise.drafted(row, wanted)
    action = rowwise.action_of(draft)
    if action is Action.CHANGED and was_active and not row.is_active:
        action = Action.ENDED
    told = [change for change in changes if change.title != "拼音"]
    return entry.line(action, f"{row.township.name}{row.name}", told, draft)


register(VillageImporter())
