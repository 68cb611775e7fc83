"""Masks: what is shown of a name and a number, and that nothing else ever is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawadvisor.foundation.masks import (
    COMPOUND_SURNAMES,
    mask_name,
    mask_phone,
    mask_text,
    phone_digits,
    plain_name,
)

CHARACTERS = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张*"),
        ("张 三", "张*"),
        ("　张三丰　", "张*"),
        ("欧阳修", "欧阳*"),
        ("司马相如", "司马*"),
        ("欧阳", "欧*"),
        ("张", "*"),
        ("张三、李四", "张*、李*"),
        ("张三，欧阳锋/王五", "张*，欧阳*/王*"),
        ("张三、", "张*、"),
        ("张及时", "张*"),
        ("阿卜杜拉·买买提", "阿*"),
        ("村（居）委会", "村*"),
        ("Tom Smith", "T*"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_of_a_name_the_surname_is_shown(name: str, shown: str):
    assert mask_name(name) == shown


@given(st.text(CHARACTERS, min_size=2, max_size=6))
def test_no_given_name_is_shown(name: str):
    shown = mask_name(name)

    surname = name[:2] if name[:2] in COMPOUND_SURNAMES and len(name) > 2 else name[0]
    assert shown == f"{surname}*"


@given(st.text(max_size=30))
def test_a_masked_name_says_no_more_than_one_or_two_characters_of_each(name: str):
    shown = mask_name(name)

    assert len(shown) <= 3 * (1 + sum(name.count(c) for c in "、，,;；/\n")) * 2
    assert bool(shown.strip("、，,;；/\n")) == bool("".join(name.split()).strip("、，,;；/"))


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812345678", "138****5678"),
        ("１３８１２３４５６７８", "138****5678"),
        ("+86 138-1234-5678", "138****5678"),
        ("8613812345678", "138****5678"),
        ("0571-87654321", "057****4321"),
        ("87654321", "8****21"),
        ("12348", "****"),
        ("无", "****"),
        ("13812345678、13987654321", "138****5678、139****4321"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_of_a_number_the_middle_is_hidden(phone: str, shown: str):
    assert mask_phone(phone) == shown


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_four_digits_of_every_mobile_stay_hidden(phone: str):
    shown = mask_phone(phone)

    assert (shown[:3], shown[3:7], shown[7:]) == (phone[:3], "****", phone[-4:])


@given(st.text(alphabet="0123456789 -+()（）转", max_size=25))
def test_at_least_four_digits_of_every_number_stay_hidden(phone: str):
    shown = sum(c.isdigit() for c in mask_phone(phone))

    assert shown <= max(0, min(7, len(phone_digits(phone)) - 4))


@given(st.text(max_size=40))
def test_a_sealed_text_says_nothing(text: str):
    assert mask_text(text) == ("已封存" if text else "")


def test_two_spellings_of_one_number_and_one_name_agree():
    spellings = ("13812345678", "138 1234 5678", "+86-138-1234-5678", "１３８１２３４５６７８")

    assert {phone_digits(one) for one in spellings} == {"13812345678"}
    assert {plain_name(one) for one in ("张三", " 张　三 ", "张\t三")} == {"张三"}
