from __future__ import annotations

from django.db import migrations

import lawadvisor.foundation.pinyin


def fill(apps, _):
    """The names that stand already; the field fills itself whenever a row is saved."""
    for name in ("Advisor", "Organisation"):
        for row in apps.get_model("advisors", name).objects.iterator():
            row.save(update_fields=("pinyin",))


class Migration(migrations.Migration):
    dependencies = [("advisors", "0004_posts_reach_further")]

    operations = [
        migrations.AddField(
            model_name="advisor",
            name="pinyin",
            field=lawadvisor.foundation.pinyin.PinyinField(of="name", verbose_name="拼音"),
        ),
        migrations.AddField(
            model_name="organisation",
            name="pinyin",
            field=lawadvisor.foundation.pinyin.PinyinField(of="name", verbose_name="拼音"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
