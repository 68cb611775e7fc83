"""Bureau › Township › Village, keyed by the official division codes."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models

from villages.enums import BureauKind, Terrain, VillageKind
from villages.querysets import BureauQuerySet, TownshipQuerySet, VillageQuerySet


def digits(count: int) -> RegexValidator:
    return RegexValidator(rf"\A[0-9]{{{count}}}\Z", f"区划代码应为{count}位数字。")


def code_constraint(name: str, count: int) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=name,
        condition=models.Q(code__regex=rf"^[0-9]{{{count}}}$"),
        violation_error_message=f"区划代码应为{count}位数字。",
    )


def not_blank(owner: str, label: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=f"{owner}_name_not_blank",
        condition=~models.Q(name__regex=r"^\s*$"),
        violation_error_message=f"请填写{label}名称。",
    )


class Bureau(models.Model):
    """A 司法局; the boundary that no record of it crosses."""

    code = models.CharField("区划代码", max_length=6, unique=True, validators=[digits(6)])
    name = models.CharField("名称", max_length=50, unique=True)
    kind = models.CharField("层级", max_length=10, choices=BureauKind.choices)

    objects = BureauQuerySet.as_manager()

    class Meta:
        verbose_name = "司法局"
        verbose_name_plural = "司法局"
        ordering = ("code",)
        constraints = (code_constraint("bureau_code_digits", 6), not_blank("bureau", "司法局"))

    def __str__(self) -> str:
        return self.name


class Township(models.Model):
    """A 镇街 with the 司法所 that works for it: one area, two desks."""

    bureau = models.ForeignKey(
        Bureau,
        on_delete=models.PROTECT,
        related_name="townships",
        verbose_name="司法局",
    )
    code = models.CharField("区划代码", max_length=9, unique=True, validators=[digits(9)])
    name = models.CharField("名称", max_length=50)
    judicial_office = models.CharField("司法所", max_length=50)

    objects = TownshipQuerySet.as_manager()

    class Meta:
        verbose_name = "镇街"
        verbose_name_plural = "镇街"
        ordering = ("code",)
        constraints = (code_constraint("township_code_digits", 9), not_blank("township", "镇街"))

    def __str__(self) -> str:
        return self.name


class Village(models.Model):
    """A 村 or 社区. ``klass`` is the bureau's own class of villages, "" where it has none."""

    township = models.ForeignKey(
        Township, on_delete=models.PROTECT, related_name="villages", verbose_name="镇街"
    )
    code = models.CharField("区划代码", max_length=12, unique=True, validators=[digits(12)])
    name = models.CharField("名称", max_length=50)
    kind = models.CharField("村居", max_length=10, choices=VillageKind.choices)
    terrain = models.CharField(
        "地形", max_length=10, choices=Terrain.choices, default=Terrain.PLAIN
    )
    klass = models.CharField("类别", max_length=20, blank=True)
    pinyin = models.CharField("拼音", max_length=200, blank=True, editable=False)
    is_active = models.BooleanField("在册", default=True)

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = "村（社区）"
        verbose_name_plural = "村（社区）"
        ordering = ("code",)
        constraints = (
            code_constraint("village_code_digits", 12),
            not_blank("village", "村（社区）"),
            models.CheckConstraint(
                name="village_kind_known",
                condition=models.Q(kind__in=VillageKind.values),
            ),
            models.CheckConstraint(
                name="village_terrain_known",
                condition=models.Q(terrain__in=Terrain.values),
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def short_name(self) -> str:
        """As people say it: 红湖社区 for 红湖社区居委会, 卜寨村 for 卜寨村委会."""
        return short_village_name(self.name)


def short_village_name(name: str) -> str:
    """Without what the committee adds; nobody says 村 twice (茶山村村民委员会 is 茶山村)."""
    for ending, kept in (
        ("社区居民委员会", "社区"),
        ("村民委员会", "村"),
        ("居民委员会", "社区"),
        ("社区居委会", "社区"),
        ("村委会", "村"),
        ("居委会", "社区"),
    ):
        stem = name.removesuffix(ending)
        if stem and stem != name:
            return stem if stem.endswith("村") and kept == "村" else stem + kept
    return name
