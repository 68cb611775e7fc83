from __future__ import annotations

from django.db import models


class BureauKind(models.TextChoices):
    COUNTY = "county", "县司法局"
    DISTRICT = "district", "区司法局"
    CITY = "city", "市司法局"


class VillageKind(models.TextChoices):
    """村 or 居: whether villagers or residents govern themselves there."""

    VILLAGE = "village", "村"
    COMMUNITY = "community", "社区"


class Terrain(models.TextChoices):
    """山区 / 平川; policies such as Jiaocheng's ask different things of the two."""

    PLAIN = "plain", "平川"
    MOUNTAIN = "mountain", "山区"
