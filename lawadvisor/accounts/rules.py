"""What may be typed at the door and stored of an account: pure checks."""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError

from lawadvisor.foundation.masks import phone_digits
from lawadvisor.foundation.secrets import Secret

_MOBILE = re.compile(r"1[3-9]\d{9}")
#: A number as people type it; with anything else in it, it is a name.
_NUMBER = re.compile(r"[\d\s+\-()]+")


def mobile_in(typed: str) -> str:
    """The eleven digits of a mainland mobile number in any spelling; "" for anything else."""
    plain = unicodedata.normalize("NFKC", typed).strip()
    digits = phone_digits(plain) if _NUMBER.fullmatch(plain) else ""
    return digits if _MOBILE.fullmatch(digits) else ""


def as_typed(typed: str) -> str:
    """What all spellings of one user name, or of one number, share."""
    return mobile_in(typed) or unicodedata.normalize("NFKC", typed).strip()


def require_mobile(value: str | Secret) -> None:
    """A field's validator; the refusal repeats nothing of the number."""
    if not mobile_in(value.reveal() if isinstance(value, Secret) else value):
        raise ValidationError("手机号应是11位的内地手机号，如13800138000。", code="no_mobile")
