"""Villages from a CSV: what is written, what is refused, and in which words."""

from __future__ import annotations

from pathlib import Path

import pytest

import villages
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.viewer import SYSTEM
from villages.enums import BureauKind, VillageKind
from villages.importers import import_villages, kind_of, pinyin_of, read_villages, store_villages
from villages.models import Bureau, Township, Village

DATA = Path(villages.__file__).parent / "data"
HEAD = "code,name,township_code,township,county_code,county,prefecture,province\n"
GOOD = "430408001001,红湖社区居委会,430408001,蒸湘街道,430408,蒸湘区,衡阳市,湖南省\n"


@pytest.fixture
def write(tmp_path: Path):
    def _write(text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "villages.csv"
        path.write_text(text, encoding=encoding)
        return path

    return _write


@pytest.mark.django_db
def test_the_shipped_files_become_two_bureaus():
    first = import_villages(DATA / "zhengxiang_430408.csv", by=SYSTEM)
    second = import_villages(DATA / "jiaocheng_141122.csv", by=SYSTEM)
    assert (first.bureaus, first.townships, first.villages) == (1, 5, 54)
    assert (second.bureaus, second.townships, second.villages) == (1, 9, 111)
    assert list(Bureau.objects.values_list("code", "name", "kind")) == [
        ("141122", "交城县司法局", BureauKind.COUNTY),
        ("430408", "蒸湘区司法局", BureauKind.DISTRICT),
    ]
    office = Township.objects.get(code="430408001").judicial_office
    assert office == "蒸湘司法所"
    zone = Village.objects.get(name="夏家营生态工业园区虚拟社区")
    assert zone.kind == VillageKind.COMMUNITY
    assert zone.township.judicial_office == "夏家营生态工业园区司法所"


@pytest.mark.django_db
def test_a_city_without_counties_is_one_bureau_with_branches():
    found = import_villages(DATA / "dongguan_4419.csv", by=SYSTEM)
    assert (found.bureaus, found.townships, found.villages) == (1, 36, 609)
    bureau = Bureau.objects.get()
    assert (bureau.code, bureau.name, bureau.kind) == ("441900", "东莞市司法局", BureauKind.CITY)
    offices = set(bureau.townships.values_list("judicial_office", flat=True))
    assert {"莞城司法分局", "石龙司法分局", "松山湖司法分局"} <= offices
    assert not any(office.endswith("司法所") for office in offices)


@pytest.mark.django_db
def test_a_prefecture_becomes_a_bureau_for_each_county_and_city_of_county_rank():
    found = import_villages(DATA / "chongzuo_4514.csv", by=SYSTEM)
    assert (found.bureaus, found.townships, found.villages) == (7, 88, 931)
    city = Bureau.objects.get(code="451481")
    assert (city.name, city.kind) == ("凭祥市司法局", BureauKind.CITY)
    assert city.townships.get(name="友谊镇").judicial_office == "友谊司法所"


@pytest.mark.django_db
def test_a_second_import_writes_nothing_and_a_new_name_is_taken_over(write):
    path = write(HEAD + GOOD)
    import_villages(path, by=SYSTEM)
    assert not import_villages(path, by=SYSTEM).changed
    assert AuditEntry.objects.filter(verb="villages.import").count() == 1
    renamed = import_villages(write(HEAD + GOOD.replace("红湖社区居委会", "新湖村委会")), by=SYSTEM)
    assert (renamed.villages, renamed.renamed) == (0, 1)
    village = Village.objects.get()
    assert (village.name, village.kind, village.pinyin) == ("新湖村委会", "village", "xinhucun xhc")


@pytest.mark.django_db
def test_two_districts_of_one_name_keep_two_bureaus(write):
    other = "130102001001,甲社区,130102001,甲街道,130102,蒸湘区,石家庄市,河北省\n"
    import_villages(write(HEAD + GOOD + other), by=SYSTEM)
    names = set(Bureau.objects.values_list("name", flat=True))
    assert names == {"蒸湘区司法局", "石家庄市蒸湘区司法局"}


def test_full_width_digits_blanks_and_a_bom_are_normalised(write):
    wide = GOOD.replace("430408001001", "４３０４０８００１００１").replace("红湖", " 红 湖\u3000")
    row = read_villages(write(HEAD + wide, "utf-8-sig"))[0]
    assert (row.code, row.name) == ("430408001001", "红湖社区居委会")


@pytest.mark.parametrize(
    ("name", "code", "kind"),
    [
        ("红湖社区居委会", "430408001201", VillageKind.COMMUNITY),
        ("龙门社区居民委员会", "141122100001", VillageKind.COMMUNITY),
        ("大立村委会", "430408001001", VillageKind.VILLAGE),
        ("黄旗生活区", "441900003401", VillageKind.COMMUNITY),
        ("新和分场生活区", "451402400501", VillageKind.VILLAGE),
    ],
)
def test_the_kind_is_read_from_the_name_then_from_the_code(name, code, kind):
    assert kind_of(name, code) == kind


def test_pinyin_is_whole_and_by_initials():
    assert pinyin_of("红湖社区居委会") == "honghushequ hhsq"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "第1行：缺少列 code、township_code、county_code、name、township、county，表头应为"),
        (HEAD.replace("name,", "", 1) + GOOD, "第1行：缺少列 name，"),
        (HEAD, "villages.csv 没有数据行，至少应有一个村（社区）。"),
        (
            HEAD + GOOD.replace("430408001001", "43040800100"),
            "第2行 code 列：“43040800100”不是12位数字，应为12位区划代码。",
        ),
        (
            HEAD + GOOD + GOOD.replace("430408001001", "4304O8001002"),
            "第3行 code 列：“4304O8001002”不是12位数字，应为12位区划代码。",
        ),
        (HEAD + GOOD.replace("红湖社区居委会", " "), "第2行 name 列：为空，应填写村（社区）名称。"),
        (HEAD + GOOD.replace("红湖", "湖" * 60), "第2行 name 列：有65个字，不应超过50个字。"),
        (HEAD + GOOD + GOOD, "第3行 code 列：430408001001 与第2行重复，每个代码只能出现一次。"),
        (
            HEAD + GOOD.replace(",430408001,", ",430408002,"),
            "第2行 township_code 列：430408002 与 430408001001 不符，应为 430408001。",
        ),
        (HEAD + "430408001001\n", "第2行 township_code 列：“”不是9位数字，应为9位区划代码。"),
    ],
)
def test_a_bad_file_is_answered_by_one_sentence(write, text, sentence):
    with pytest.raises(DomainError) as refused:
        read_villages(write(text))
    assert str(refused.value).startswith(sentence)


def test_another_encoding_is_named(write):
    with pytest.raises(DomainError, match="不是 UTF-8 编码"):
        read_villages(write(HEAD + GOOD, "gb18030"))


@pytest.mark.django_db
def test_a_bad_row_keeps_the_good_ones_out(write):
    with pytest.raises(DomainError):
        import_villages(write(HEAD + GOOD + "x\n"), by=SYSTEM)
    assert not Village.objects.exists()


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_villages(django_assert_max_num_queries):
    rows = read_villages(DATA / "jiaocheng_141122.csv")
    with django_assert_max_num_queries(20):
        store_villages(rows, by=SYSTEM)
