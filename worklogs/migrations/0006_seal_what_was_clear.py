"""Seal what earlier versions wrote in clear; batches are committed, so a kill costs one at most."""

from collections.abc import Callable

from django.db import migrations, transaction

COLUMNS = ("client", "phone", "content", "method", "result")
BATCH = 500
#: How a sealed value looks; no clear text does.
SEALED = r"^[0-9a-f]{8}\.[0-9a-f]*\.gAAAAA[\w=-]+$"
UNDONE = {
    "!~": " OR ".join(f"({name} <> '' AND {name} !~ %(sealed)s)" for name in COLUMNS),
    "~": " OR ".join(f"{name} ~ %(sealed)s" for name in COLUMNS),
}
ROWS = "SELECT id, {columns} FROM worklogs_matter WHERE id > %(last)s AND ({undone}) ORDER BY id LIMIT {batch} FOR UPDATE"


def _rewrite(connection, undone: str, change: Callable[[str, str], str]) -> None:
    """``change`` takes a column's name and its value, "" left alone."""
    last = 0
    select = ROWS.format(columns=", ".join(COLUMNS), undone=UNDONE[undone], batch=BATCH)
    columns = ", ".join(f"{name} = %s" for name in COLUMNS)
    update = f"UPDATE worklogs_matter SET {columns} WHERE id = %s"  # noqa: S608 names of ours
    while True:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(select, {"last": last, "sealed": SEALED})
            rows = cursor.fetchall()
            for pk, *values in rows:
                changed = [
                    change(*pair) if pair[1] else "" for pair in zip(COLUMNS, values, strict=True)
                ]
                cursor.execute(update, [*changed, pk])
        if not rows:
            return
        last = rows[-1][0]


def seal(apps, schema_editor) -> None:
    fields = apps.get_model("worklogs", "Matter")._meta
    _rewrite(
        schema_editor.connection, "!~", lambda name, clear: fields.get_field(name).sealed(clear)
    )


def unseal(apps, schema_editor) -> None:
    fields = apps.get_model("worklogs", "Matter")._meta

    def opened(name: str, stored: str) -> str:
        return fields.get_field(name).from_db_value(stored).reveal()

    _rewrite(schema_editor.connection, "~", opened)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("worklogs", "0005_sealed_matters"),
    ]

    operations = [migrations.RunPython(seal, unseal)]
