"""Names as they are typed on a Latin keyboard, kept beside the name so that a search finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

LENGTH = 200


def pinyin_of(name: str) -> str:
    """The whole pinyin, then the initials: ``zhangsan zs`` for 张三; "" for a name without."""
    from pypinyin import lazy_pinyin  # its dictionary takes half a second to load

    syllables = lazy_pinyin(name, errors="ignore")
    return f"{''.join(syllables)} {''.join(s[0] for s in syllables)}"[:LENGTH].strip()


if TYPE_CHECKING:
    _Text = models.CharField[str, str]
else:
    _Text = models.CharField  # takes no parameter at run time


class PinyinField(_Text):
    """The pinyin of another column, written whenever the row is; nobody can forget it."""

    def __init__(self, *args: Any, of: str = "name", **kwargs: Any) -> None:
        self.of = of
        kwargs |= {"max_length": LENGTH, "blank": True, "editable": False, "default": ""}
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("max_length", "blank", "editable", "default"):
            del kwargs[fixed]
        return name, path, args, {**kwargs, "of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: ARG002 Django's
        value = pinyin_of(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, value)
        return value
