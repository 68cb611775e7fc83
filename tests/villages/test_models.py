"""Places: codes are ASCII digits, names are not blank, and refusals are Chinese sentences."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.db.models import ProtectedError

from tests.factories import make_bureau, make_township, make_village
from villages.enums import BureauKind, Terrain, VillageKind
from villages.models import Bureau, Township, Village, short_village_name

pytestmark = pytest.mark.django_db

PLACES = [(make_bureau, 6), (make_township, 9), (make_village, 12)]
BLANKS = ["", " ", "\u3000", "\t\n"]


@pytest.mark.parametrize(("make", "length"), PLACES)
def test_code_of_the_right_length_is_kept(make: Callable[..., models.Model], length: int):
    place = make(code="430408123456"[:length])

    place.full_clean()
    assert place.code == "430408123456"[:length]


@pytest.mark.parametrize(("make", "length"), PLACES)
@pytest.mark.parametrize(
    "spoil",
    [
        lambda code: code[:-1],
        lambda code: code[:-1] + "x",
        lambda code: code[:-1] + " ",
        lambda code: code[:-1] + "\n",
        lambda code: code[:-1] + "８",
        lambda code: code[:-1] + "٣",
        lambda code: code[:0],
    ],
    ids=["short", "letter", "space", "newline", "full-width", "arabic", "empty"],
)
def test_database_refuses_a_code_of_anything_but_digits(
    make: Callable[..., models.Model], length: int, spoil: Callable[[str], str]
):
    with pytest.raises(IntegrityError, match="code_digits"):
        make(code=spoil("430408123456"[:length]))


@pytest.mark.parametrize(("make", "length"), PLACES)
def test_a_bad_code_is_refused_in_chinese(make: Callable[..., models.Model], length: int):
    place = make()
    place.code = place.code[:-1] + "８"

    with pytest.raises(ValidationError) as refused:
        place.validate_constraints()
    assert refused.value.messages == [f"区划代码应为{length}位数字。"]


@pytest.mark.parametrize(("make", "length"), PLACES)
def test_a_letter_in_a_code_is_refused_at_the_field(make: Callable[..., models.Model], length: int):
    place = make()
    place.code = place.code[:-1] + "x"

    with pytest.raises(ValidationError) as refused:
        place.full_clean()
    assert refused.value.message_dict["code"] == [f"区划代码应为{length}位数字。"]


@pytest.mark.parametrize(("make", "length"), PLACES)
def test_a_full_width_digit_is_refused_at_the_field(make: Callable[..., models.Model], length: int):
    place = make()
    place.code = place.code[:-1] + "８"

    with pytest.raises(ValidationError) as refused:
        place.full_clean()
    assert list(refused.value.message_dict) == ["code"]


@pytest.mark.parametrize(("make", "length"), PLACES)
def test_a_code_is_given_once(make: Callable[..., models.Model], length: int):
    first = make()

    with pytest.raises(IntegrityError, match="code"):
        make(code=first.code)


@pytest.mark.parametrize("blank", BLANKS)
def test_database_refuses_a_village_without_a_name(blank: str):
    with pytest.raises(IntegrityError, match="village_name_not_blank"):
        make_village(name=blank)


@pytest.mark.parametrize("blank", BLANKS[1:])
def test_a_blank_village_name_is_refused_in_chinese(blank: str):
    village = make_village()
    village.name = blank

    with pytest.raises(ValidationError) as refused:
        village.validate_constraints()
    assert refused.value.messages == ["请填写村（社区）名称。"]


@pytest.mark.parametrize("blank", BLANKS)
@pytest.mark.parametrize("make", [make_bureau, make_township])
def test_database_refuses_a_bureau_or_township_without_a_name(
    make: Callable[..., models.Model], blank: str
):
    with pytest.raises(IntegrityError):
        make(name=blank)


@pytest.mark.parametrize("field", ["kind", "terrain"])
def test_database_refuses_an_unknown_choice(field: str):
    with pytest.raises(IntegrityError, match=f"village_{field}_known"):
        make_village(**{field: "island"})


@pytest.mark.parametrize("kind", VillageKind)
@pytest.mark.parametrize("terrain", Terrain)
def test_every_choice_is_kept(kind: VillageKind, terrain: Terrain):
    village = make_village(kind=kind, terrain=terrain)

    village.full_clean()
    assert Village.objects.get() == village


def test_a_rare_character_survives():
    make_village(name="\U00020c96㙟村委会")

    assert Village.objects.get().name == "\U00020c96㙟村委会"


def test_a_place_with_places_below_it_stays():
    village = make_village()

    with pytest.raises(ProtectedError):
        village.township.delete()
    with pytest.raises(ProtectedError):
        village.township.bureau.delete()
    assert (Bureau.objects.count(), Township.objects.count()) == (1, 1)


def test_active_leaves_out_villages_struck_off():
    kept, _ = make_village(), make_village(is_active=False)

    assert list(Village.objects.active()) == [kept]


def test_places_are_called_by_their_names():
    bureau = make_bureau(name="测试县司法局", kind=BureauKind.DISTRICT)
    township = make_township(bureau=bureau, name="测试镇")

    assert [str(bureau), str(township)] == ["测试县司法局", "测试镇"]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("红湖社区居委会", "红湖社区"),
        ("红湖社区居民委员会", "红湖社区"),
        ("红湖居民委员会", "红湖社区"),
        ("红湖居委会", "红湖社区"),
        ("卜寨村委会", "卜寨村"),
        ("卜寨村民委员会", "卜寨村"),
        ("卜寨村", "卜寨村"),
        ("茶山村村民委员会", "茶山村"),
        ("小庙村村委会", "小庙村"),
        ("村头居委会", "村头社区"),
        ("村委会", "村委会"),
        ("居委会", "居委会"),
        ("社区居委会", "社区社区"),
        ("", ""),
    ],
)
def test_short_name(name: str, short: str):
    assert short_village_name(name) == short
