"""Columns that a leaked dump does not show: encrypted, masked when printed, found by exact value.

A stored value is ``key.hash.token``: the id of the data key that sealed it, a keyed hash of the
plain spelling ("" where the column is not searched), and the Fernet token. All three stand in one
column, so that no write can change one without the others, and PostgreSQL finds and forbids
doubles by an index on the middle part (``SecretHash``). "" is stored as "": whether a field is
filled is a plain comparison.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django import forms
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models.lookups import Exact, In
from django.db.models.query_utils import DeferredAttribute

from lawadvisor.foundation.masks import mask_name, mask_phone, mask_text, phone_digits, plain_name

_KEY_ID_BYTES = 4
#: Half of SHA-256: two names meet by chance once in 2^64, and a row is a third shorter.
_HASH_LENGTH = 32


class UnreadableSecretError(Exception):
    """A stored value whose key is not among the data keys, or that was altered."""


# ── keys ────────────────────────────────────────────────────────────────────────────────────────


class _DataKey:
    """One Fernet key with what is derived from it: its id and the keys of the hashes."""

    def __init__(self, key: str) -> None:
        """ImproperlyConfigured where ``key`` is no Fernet key."""
        try:
            self.fernet = Fernet(key)
        except ValueError:
            raise ImproperlyConfigured(
                "数据密钥 LAWADVISOR_DATA_KEYS 不正确：每个密钥应为32字节的 base64 编码，"
                "可用 openssl rand -base64 32 | tr '+/' '-_' 生成；多个密钥用逗号隔开，新的在前。"
            ) from None
        self._raw = base64.urlsafe_b64decode(key)
        self.id = self._derived("id", _KEY_ID_BYTES).hex()

    def _derived(self, purpose: str, length: int = 32) -> bytes:
        info = f"lawadvisor {purpose}".encode()
        return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(self._raw)

    def hasher(self, purpose: str) -> bytes:
        return self._derived(f"hash {purpose}")


@lru_cache(maxsize=4)
def _ring(keys: tuple[str, ...]) -> dict[str, _DataKey]:
    """By id, newest first."""
    found = {key.id: key for key in map(_DataKey, keys)}
    if not found:
        raise ImproperlyConfigured("缺少数据密钥 LAWADVISOR_DATA_KEYS。")
    return found


def _data_keys() -> dict[str, _DataKey]:
    return _ring(tuple(settings.DATA_KEYS))


def newest_key_id() -> str:
    """The id that stands before every value written now."""
    return next(iter(_data_keys()))


def check_data_keys() -> None:
    """ImproperlyConfigured where the settings hold no data key, or one that is none."""
    _data_keys()


@lru_cache(maxsize=16)
def _hash_key(key_id: str, keys: tuple[str, ...], purpose: str) -> bytes:
    return _ring(keys)[key_id].hasher(purpose)


def _hashed(clear: str, purpose: str, key_id: str) -> str:
    key = _hash_key(key_id, tuple(settings.DATA_KEYS), purpose)
    return hmac.new(key, clear.encode(), "sha256").hexdigest()[:_HASH_LENGTH]


# ── values ──────────────────────────────────────────────────────────────────────────────────────


class Secret:
    """One value. Printed it is masked, ``reveal`` shows it; compared by what it says.

    It is opened when it is first needed, so a list that shows none of them pays for none.
    """

    __slots__ = ("_clear", "_mask", "_stored")

    def __init__(
        self, *, clear: str | None = None, stored: str = "", mask: Callable[[str], str]
    ) -> None:
        self._clear, self._stored, self._mask = clear, stored, mask

    def reveal(self) -> str:
        """The clear text. UnreadableSecretError without its key, or where it was altered."""
        if self._clear is None:
            self._clear = _opened(self._stored)
        return self._clear

    reveal.alters_data = True  # type: ignore[attr-defined]  # no template opens a secret

    @property
    def stored(self) -> str:
        """As it came from the database; "" for one that did not."""
        return self._stored

    def __str__(self) -> str:
        return self._mask(self.reveal())

    def __repr__(self) -> str:
        return "<Secret>"

    def __bool__(self) -> bool:
        return bool(self._stored or self._clear)

    def __len__(self) -> int:
        return len(self.reveal())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Secret):
            return self.reveal() == other.reveal()
        return self.reveal() == other if isinstance(other, str) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.reveal())

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is neither cached nor sent")


def _sealed(clear: str, purpose: str, normal: Callable[[str], str] | None) -> str:
    if not clear:
        return ""
    key_id, key = next(iter(_data_keys().items()))
    found_by = _hashed(normal(clear), purpose, key_id) if normal else ""
    return f"{key_id}.{found_by}.{key.fernet.encrypt(clear.encode()).decode()}"


def _opened(stored: str) -> str:
    if not stored:
        return ""
    key_id, _, rest = stored.partition(".")
    key = _data_keys().get(key_id)
    if key is None:
        raise UnreadableSecretError("缺少加密这一内容的数据密钥，请联系系统管理员。")
    try:
        return key.fernet.decrypt(rest.partition(".")[2]).decode()
    except InvalidToken:
        raise UnreadableSecretError("加密的内容已损坏，请联系系统管理员。") from None


# ── columns ─────────────────────────────────────────────────────────────────────────────────────


class _SecretAttribute(DeferredAttribute):
    """Whatever is assigned becomes a ``Secret``: a row in a traceback shows nothing."""

    def __set__(self, instance: models.Model, value: object) -> None:
        instance.__dict__[self.field.attname] = self.field.to_python(value)


class SecretFormField(forms.CharField):
    """Edits the clear text; who may open the form is the form's to ask."""

    def prepare_value(self, value: Any) -> Any:
        return value.reveal() if isinstance(value, Secret) else value


if TYPE_CHECKING:
    _Text = models.TextField[str | Secret, Secret]
else:
    _Text = models.TextField  # takes no parameter at run time


class SecretField(_Text):
    """Encrypted text of at most ``max_length`` characters; a row holds a ``Secret``.

    Filter by "is filled" only (``content=""``); a subclass with ``normal`` is
    also found by ``__is``. Never null: empty is "".
    """

    if TYPE_CHECKING:
        _pyi_private_set_type: str | Secret  # type: ignore[assignment]
        _pyi_private_get_type: Secret  # type: ignore[assignment]
    descriptor_class = _SecretAttribute
    mask: Callable[[str], str] = staticmethod(mask_text)
    #: The spelling that is hashed for ``__is``, None where the column is not searched.
    normal: Callable[[str], str] | None = None
    purpose = "text"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.max_length is not None:
            self.validators.append(MaxLengthValidator(self.max_length))

    def to_python(self, value: object) -> Any:
        if value is None or isinstance(value, Secret) or hasattr(value, "resolve_expression"):
            return value
        return Secret(clear=str(value), mask=self.mask)

    def from_db_value(self, value: str | None, *_: object) -> Secret | None:
        return None if value is None else Secret(stored=value, mask=self.mask)

    def get_prep_value(self, value: Any) -> Any:
        """A value that came from the database goes back as it came."""
        if value is None or hasattr(value, "resolve_expression"):
            return value
        if isinstance(value, Secret):
            if value.stored:
                return value.stored
            value = value.reveal()
        return self.sealed(str(value))

    def sealed(self, clear: str) -> str:
        """As the column stores it, under the newest key."""
        return _sealed(clear, self.purpose, self.normal)

    def hashes_of(self, clear: str) -> list[str]:
        """Under every key that a row may still carry; [] for what has no plain spelling."""
        spelled = self.normal(clear) if self.normal else ""
        return (
            [_hashed(spelled, self.purpose, key_id) for key_id in _data_keys()] if spelled else []
        )

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.get_prep_value(self.value_from_object(obj)))

    def get_lookup(self, lookup_name: str) -> Any:
        """No other: a comparison of tokens would quietly find nothing."""
        allowed = {"exact": _IsEmpty, **({"is": _Is} if self.normal else {})}
        return allowed.get(lookup_name)

    def get_transform(self, name: str) -> None:  # noqa: ARG002
        return None

    def formfield(self, **kwargs: Any) -> Any:
        widget = forms.TextInput if type(self).normal else forms.Textarea
        defaults = {"form_class": SecretFormField, "widget": widget}
        return models.Field.formfield(self, max_length=self.max_length, **{**defaults, **kwargs})


class SecretPhoneField(SecretField):
    """A phone number: found in any spelling, shown as ``138****5678``."""

    mask = staticmethod(mask_phone)
    normal = staticmethod(phone_digits)
    purpose = "phone"


class SecretNameField(SecretField):
    """A person's name: found whatever the blanks, shown as ``张*``."""

    mask = staticmethod(mask_name)
    normal = staticmethod(plain_name)
    purpose = "name"


class SecretHash(models.Func):
    """The keyed hash within a secret column: for the index behind ``__is`` and for uniqueness.

    A uniqueness needs the condition that the column is filled. Between a change
    of key and the end of ``rotate_keys`` two rows may carry hashes of different
    keys: there the look-up by ``__is``, which asks for all, is the only guard.
    """

    function = "SPLIT_PART"
    template = "%(function)s(%(expressions)s, '.', 2)"
    arity = 1
    output_field = models.TextField()


class SecretKeyId(models.Func):
    """The id of the key that sealed a value; "" of an empty one."""

    function = "SPLIT_PART"
    template = "%(function)s(%(expressions)s, '.', 1)"
    arity = 1
    output_field = models.TextField()


class _IsEmpty(Exact):
    """``phone=""``; anything else is a question for ``__is``."""

    def get_prep_lookup(self) -> str:
        if self.rhs == "":
            return ""
        raise TypeError("a secret is compared with the empty text only; to search use __is")


class _Is(In):
    """``phone__is="138 1234 5678"``: the rows that say so, in whatever spelling."""

    def __init__(self, lhs: Any, rhs: str) -> None:
        hashes: Sequence[str] = lhs.output_field.hashes_of(str(rhs))
        super().__init__(SecretHash(lhs), list(hashes))
