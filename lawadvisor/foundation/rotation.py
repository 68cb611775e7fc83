"""Every sealed column brought under the newest data key, in batches that a kill cannot spoil."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models.lookups import In

from lawadvisor.foundation.secrets import SecretField, SecretKeyId, newest_key_id

BATCH = 500


class Step(NamedTuple):
    """One finished batch: how many rows of ``label`` were sealed anew."""

    label: str
    rows: int


def secret_columns() -> dict[type[models.Model], list[SecretField]]:
    """Of every model that has some."""
    found = {
        model: [field for field in model._meta.concrete_fields if isinstance(field, SecretField)]
        for model in apps.get_models()
    }
    return {model: fields for model, fields in found.items() if fields}


def rotate_keys(batch: int = BATCH) -> Iterator[Step]:
    """Seal anew what another key than the newest sealed; a batch is a transaction.

    Stopped at any point, the next call goes on with what is left. Raises
    UnreadableSecretError where a value's key is no longer given.
    """
    for model, fields in secret_columns().items():
        last = 0
        while True:
            with transaction.atomic():
                rows = list(
                    left_of(model, fields)
                    .filter(pk__gt=last)
                    .order_by("pk")
                    .select_for_update(of=("self",))[:batch]
                )
                if rows:
                    _seal_anew(model, rows, fields)
            if not rows:
                break
            last = rows[-1].pk
            yield Step(str(model._meta.verbose_name), len(rows))


def left_of(model: type[models.Model], fields: list[SecretField]) -> models.QuerySet[models.Model]:
    """Rows with a value that another key than the newest sealed."""
    current = ["", newest_key_id()]
    stale = models.Q()
    for field in fields:
        stale |= ~models.Q(In(SecretKeyId(models.F(field.attname)), current))
    return model._meta.base_manager.filter(stale).only("pk", *(field.attname for field in fields))


def left() -> int:
    """How many rows still need a key that is not the newest."""
    return sum(left_of(model, fields).count() for model, fields in secret_columns().items())


def _seal_anew(
    model: type[models.Model], rows: list[models.Model], fields: list[SecretField]
) -> None:
    """One statement for all rows: Django's ``bulk_update`` takes three times as long."""
    quote, meta = connection.ops.quote_name, model._meta
    columns = [quote(str(field.column)) for field in fields]
    changes = ", ".join(f"{column} = fresh.{column}" for column in columns)
    arrays = ", ".join(["%s::bigint[]", *("%s::text[]" for _ in columns)])
    values = [
        [field.sealed(getattr(row, field.attname).reveal()) for row in rows] for field in fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(meta.db_table)} AS stale SET {changes}"
            f" FROM unnest({arrays}) AS fresh (pk, {', '.join(columns)})"
            f" WHERE stale.{quote(str(meta.pk.column))} = fresh.pk",
            [[row.pk for row in rows], *values],
        )
