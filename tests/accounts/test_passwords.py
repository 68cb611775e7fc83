"""What a password must be: each rule refuses, in Chinese, and lets its opposite pass."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.password_validation import (
    password_validators_help_texts,
    validate_password,
)
from django.core.exceptions import ValidationError

from lawadvisor.accounts.models import User
from lawadvisor.accounts.passwords import one_time_password
from lawadvisor.demo.logins import DEMO_PASSWORD
from tests.factories import make_user

pytestmark = pytest.mark.django_db
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def refusals(password: str, user: User | None = None) -> list[str]:
    try:
        validate_password(password, user)
    except ValidationError as error:
        return error.messages
    return []


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("Ab3-Ab3-x", ["密码只有9个字符，至少应有10个字符。"]),
        ("Ab3-Ab3-xy", []),
        ("abcdefgh12", ["密码应含有大写字母、小写字母、数字、其他符号这四类中的至少3类。"]),
        ("ABCDEFGH12", ["密码应含有大写字母、小写字母、数字、其他符号这四类中的至少3类。"]),
        ("abcd-efgh-ij", ["密码应含有大写字母、小写字母、数字、其他符号这四类中的至少3类。"]),
        ("abcd-efgh-12", []),
        ("ABCDefgh12", []),
        ("红湖村的密码很长Ab", []),
        ("Password123", ["这个密码太常见了。"]),
    ],
)
def test_length_kinds_and_common_words(password: str, said: list[str]):
    assert refusals(password) == said


@pytest.mark.parametrize(
    ("fields", "password", "refused"),
    [
        ({"username": "zx-bureau"}, "My-zx-bureau-1", True),
        ({"username": "zx-bureau"}, "ZX-BUREAU-2026a", True),
        ({"username": "zxbureau12"}, "Zxbureau-21", True),
        ({"username": "li"}, "Living-on-a-1", False),
        ({"name": "李四"}, "李四的密码很长Ab1", True),
        ({"name": "李四"}, "张三的密码很长Abc1", False),
        ({"username": "zx-bureau"}, "Rabe-timu-5823", False),
        ({"phone": "138 0013 8000"}, "Call-13800138000", True),
        ({"phone": "13800138000"}, "Call-13900139000", False),
    ],
)
def test_nothing_like_the_person(fields: dict[str, str], password: str, refused: bool):
    said = refusals(password, make_user(**fields))

    assert bool(said) is refused
    assert all(re.search("用户名(、姓名或手机号|或姓名太相似)", sentence) for sentence in said)


def test_the_last_five_are_not_taken_again():
    user = make_user(password="Number-one-1")
    for word in ("two", "three", "four", "five", "six"):
        user.set_password(f"Number-{word}-1")
        user.save()

    said = ["密码不能与最近用过的5个密码相同。"]
    for word in ("two", "three", "four", "five", "six"):
        assert refusals(f"Number-{word}-1", user) == said
    assert refusals("Number-one-1", user) == []
    assert user.past_passwords.count() == 5
    assert not any("Number" in past.password for past in user.past_passwords.all())


def test_another_persons_password_is_no_secret_to_keep():
    make_user(password="Number-one-1")

    assert refusals("Number-one-1", make_user(password="Number-two-2")) == []


def test_a_password_from_before_the_register_of_them_counts_too():
    user = make_user(password="Number-one-1")
    user.past_passwords.all().delete()

    assert refusals("Number-one-1", user) == ["密码不能与最近用过的5个密码相同。"]


def test_every_rule_is_told_in_chinese():
    told = password_validators_help_texts()

    assert len(told) == 5
    assert all(CHINESE.search(rule) and rule.endswith("。") for rule in told)


def test_one_time_passwords_are_good_different_and_readable():
    user = make_user()
    made = {one_time_password(user) for _ in range(200)}

    assert len(made) == 200
    assert all(refusals(password, user) == [] for password in made)
    assert all(
        re.fullmatch(r"[A-Z][a-z]{3}-[a-z]{4}-[a-z]{4}-[2-9]{4}", password) for password in made
    )
    assert not any(sign in "".join(made) for sign in "0O1lI")


def test_a_one_time_password_like_the_person_is_drawn_again(monkeypatch: pytest.MonkeyPatch):
    drawn = iter([*["ba"] * 6, *["ra", "ti", "mu", "ke", "da", "vi"]])
    monkeypatch.setattr("lawadvisor.accounts.passwords._syllable", lambda: next(drawn))

    assert one_time_password(make_user(username="baba")).startswith("Rati-muke-davi-")


def test_the_demos_password_is_within_the_rules():
    assert refusals(DEMO_PASSWORD) == []
