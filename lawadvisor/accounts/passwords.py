"""What a password must be, as Django's validators; and the bureau's one-time passwords."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    UserAttributeSimilarityValidator,
    validate_password,
)
from django.core.exceptions import ValidationError

from lawadvisor.accounts.rules import mobile_in

if TYPE_CHECKING:
    from lawadvisor.accounts.models import User

#: Consonants and vowels that are read aloud and copied by hand without mistake.
_CONSONANTS, _VOWELS = "bdfghjkmnprstvwz", "aeiu"


class LengthValidator:
    """At least ten characters, in Chinese, which Django lacks."""

    def __init__(self, min_length: int = 10) -> None:
        self.min_length = min_length

    def validate(self, password: str, user: User | None = None) -> None:  # noqa: ARG002
        if len(password) < self.min_length:
            raise ValidationError(
                f"密码只有{len(password)}个字符，至少应有{self.min_length}个字符。",
                code="password_too_short",
            )

    def get_help_text(self) -> str:
        return f"至少{self.min_length}个字符。"


class KindsValidator:
    """Three of: upper case, lower case, digit, anything else (等保)."""

    def __init__(self, least: int = 3) -> None:
        self.least = least

    def validate(self, password: str, user: User | None = None) -> None:  # noqa: ARG002
        if len({_kind(sign) for sign in password}) < self.least:
            raise ValidationError(
                f"密码应含有大写字母、小写字母、数字、其他符号这四类中的至少{self.least}类。",
                code="password_too_plain",
            )

    def get_help_text(self) -> str:
        return f"含有大写字母、小写字母、数字、其他符号中的至少{self.least}类。"


def _kind(sign: str) -> str:
    kinds = (("upper", sign.isupper()), ("lower", sign.islower()), ("digit", sign.isdigit()))
    return next((kind for kind, holds in kinds if holds), "other")


class SimilarityValidator(UserAttributeSimilarityValidator):
    """Not like the user name, the name or the phone number, and with none of them inside."""

    #: A shorter user name is found in any word.
    SHORTEST = 4

    def __init__(self) -> None:
        super().__init__(user_attributes=("username", "name"))

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None:
            return
        for value in (user.username, user.name, mobile_in(user.phone.reveal())):
            long_enough = len(value) >= self.SHORTEST or not value.isascii()
            if value and long_enough and value.casefold() in password.casefold():
                raise ValidationError(
                    "密码中不要含有用户名、姓名或手机号。", code="password_too_similar"
                )
        try:
            super().validate(password, user)
        except ValidationError as error:
            raise ValidationError(
                "密码与用户名或姓名太相似。", code="password_too_similar"
            ) from error

    def get_help_text(self) -> str:
        return "与用户名、姓名、手机号不相似。"


class CommonValidator(CommonPasswordValidator):
    """Django's list of twenty thousand."""

    def get_help_text(self) -> str:
        return "不是常见的密码。"


class NotRecentValidator:
    """Not among the last five. Django calls ``password_changed`` when a user is saved."""

    def __init__(self, remembered: int = 5) -> None:
        self.remembered = remembered

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None or user.pk is None:
            return
        hashes = {past.password for past in user.past_passwords.all()[: self.remembered]}
        if any(check_password(password, known) for known in {*hashes, user.password}):
            raise ValidationError(
                f"密码不能与最近用过的{self.remembered}个密码相同。", code="password_used_before"
            )

    def password_changed(self, password: str, user: User) -> None:  # noqa: ARG002
        user.past_passwords.create(password=user.password)
        kept = user.past_passwords.values("pk")[: self.remembered]
        user.past_passwords.exclude(pk__in=[row["pk"] for row in kept]).delete()

    def get_help_text(self) -> str:
        return f"不与最近用过的{self.remembered}个密码相同。"


def one_time_password(user: User) -> str:
    """A fresh one, such as ``Rabe-timu-jada-5823``: about 50 bits, and within the rules."""
    while True:
        words = ("".join(_syllable() + _syllable()) for _ in range(3))
        digits = "".join(secrets.choice("23456789") for _ in range(4))
        password = "-".join((*words, digits)).capitalize()
        try:
            validate_password(password, user)
        except ValidationError:
            continue  # by chance like his name
        return password


def _syllable() -> str:
    return secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS)
