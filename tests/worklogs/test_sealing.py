"""Matters at rest: a dump shows nothing, the exact value is found, keys can be changed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError, ValidationError
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.test.utils import isolate_apps
from pytest_django.fixtures import Settings

from lawadvisor.foundation.rotation import left, rotate_keys, secret_columns
from lawadvisor.foundation.secrets import (
    SecretHash,
    SecretNameField,
    SecretPhoneField,
    UnreadableSecretError,
    newest_key_id,
)
from tests.factories import make_log, make_matter
from worklogs.models import Matter

CANARIES = {
    "client": "欧阳金丝雀",
    "phone": "13812345678",
    "content": "诉说家暴经过",
    "method": "背靠背劝说",
    "result": "约定分居半年",
    "special_group": "released",
}


def dump() -> str:
    """Every row of the table, as text, as a thief of the data folder reads it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT m::text FROM worklogs_matter m ORDER BY id")
        return "\n".join(text for (text,) in cursor.fetchall())


@pytest.mark.django_db
def test_a_dump_shows_no_client_no_number_and_no_word():
    make_matter(**CANARIES)

    text = dump()
    assert [canary for canary in CANARIES.values() if canary in text] == []
    assert {name: getattr(Matter.objects.get(), name).reveal() for name in CANARIES} == CANARIES


@pytest.mark.django_db
def test_the_dump_would_show_what_is_not_sealed():
    """Else the search above would find nothing anywhere."""
    make_matter(focus="欧阳金丝雀")

    assert "欧阳金丝雀" in dump()


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["13812345678", "+86 138-1234-5678", "１３８１２３４５６７８"])
def test_a_number_is_found_in_any_spelling(typed: str):
    found = make_matter(phone="138 1234 5678")
    make_matter(phone="13812345679")
    make_matter(phone="")

    assert list(Matter.objects.filter(phone__is=typed)) == [found]
    assert not Matter.objects.filter(phone__is="").exists()
    assert list(Matter.objects.filter(client__is="无此人")) == []


@pytest.mark.django_db
def test_the_search_uses_the_index():
    """Among so many rows, counted, that no other way costs as little."""
    log = make_log()
    Matter.objects.bulk_create(
        Matter(log=log, kind="consultation", client=f"王{number}") for number in range(300)
    )
    query = Matter.objects.filter(client__is="欧阳金丝雀")
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {Matter._meta.db_table}")

        assert "matter_by_client" in query.explain()


@pytest.mark.django_db
def test_whether_a_field_is_filled_is_asked_without_a_key():
    filled, empty = make_matter(client="张三"), make_matter()

    assert list(Matter.objects.filter(client="")) == [empty]
    assert list(Matter.objects.exclude(client="")) == [filled]


@pytest.mark.parametrize(
    ("lookup", "refusal"),
    [
        ({"client": "张三"}, TypeError),
        ({"client__contains": "张"}, FieldError),
        ({"client__in": ["张三"]}, FieldError),
        ({"content__is": "离婚"}, FieldError),
    ],
)
def test_a_question_that_would_find_nothing_is_refused(lookup: dict, refusal: type[Exception]):
    with pytest.raises(refusal):
        Matter.objects.filter(**lookup)


@pytest.mark.django_db
def test_what_is_read_and_saved_is_not_sealed_anew():
    make_matter(**CANARIES)
    before = dump()
    for matter in Matter.objects.all():
        matter.save()

    assert dump() == before


def _save(matter: Matter) -> None:
    matter.phone = CANARIES["phone"]
    matter.save(update_fields=["phone"])


def _bulk_update(matter: Matter) -> None:
    matter.phone = CANARIES["phone"]
    Matter.objects.bulk_update([matter], ["phone"])


def _update(matter: Matter) -> None:
    Matter.objects.filter(pk=matter.pk).update(phone=CANARIES["phone"])


def _bulk_create(matter: Matter) -> None:
    Matter.objects.all().delete()
    Matter.objects.bulk_create([Matter(log=matter.log, kind=matter.kind, phone=CANARIES["phone"])])


def _upsert(matter: Matter) -> None:
    Matter.objects.bulk_create(
        [Matter(pk=matter.pk, log=matter.log, kind=matter.kind, phone=CANARIES["phone"])],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["phone"],
    )


@pytest.mark.django_db
@pytest.mark.parametrize("write", [_save, _bulk_update, _update, _bulk_create, _upsert])
def test_every_way_of_writing_seals_and_is_found(write: Callable[[Matter], None]):
    write(make_matter(phone="13900000000"))

    assert CANARIES["phone"] not in dump()
    assert Matter.objects.get(phone__is=CANARIES["phone"]).phone.reveal() == CANARIES["phone"]
    assert Matter.objects.values_list("phone", flat=True)[0] == CANARIES["phone"]


def test_a_row_holds_no_clear_text_to_print():
    shown = repr(vars(Matter(**CANARIES)))

    assert [canary for canary in CANARIES.values() if canary in shown] == []


def test_a_form_says_what_does_not_fit():
    matter = Matter(kind="consultation", client="张" * 51, special_group="poor")
    with pytest.raises(ValidationError) as refused:
        matter.clean_fields(exclude=("log",))

    assert {name: [e.code for e in found] for name, found in refused.value.error_dict.items()} == {
        "client": ["max_length"],
        "special_group": ["invalid_choice"],
    }


# ── uniqueness, as another table may ask for it ─────────────────────────────────────────────────


@pytest.fixture
def person(db: None) -> Iterator[type[models.Model]]:
    with isolate_apps("worklogs"):

        class Person(models.Model):
            name = SecretNameField("姓名", max_length=20)
            phone = SecretPhoneField("电话", max_length=20, blank=True)

            class Meta:
                app_label = "worklogs"
                constraints = (
                    models.UniqueConstraint(
                        SecretHash("phone"),
                        condition=~models.Q(phone=""),
                        name="person_phone_once",
                        violation_error_message="这个电话已有人用。",
                    ),
                )

            def __str__(self) -> str:
                return str(self.name)

        with connection.schema_editor() as editor:
            editor.create_model(Person)
        yield Person


def test_a_number_can_be_had_by_one_person_alone(person: type[models.Model]):
    for _ in range(2):
        person.objects.create(name="无电话")
    person.objects.create(name="张三", phone="13812345678")
    again = person(name="李四", phone="+86 138 1234 5678")

    with pytest.raises(ValidationError, match="这个电话已有人用。"):
        again.full_clean()
    with pytest.raises(Exception, match="person_phone_once"), transaction.atomic():
        again.save()
    person(name="李四", phone="13812345679").full_clean()


def test_a_form_edits_the_clear_text(person: type[models.Model]):
    from django.forms import modelform_factory

    form_class = modelform_factory(person, fields=("name", "phone"))
    held = person.objects.create(name="张三", phone="13812345678")

    assert 'value="13812345678"' in form_class(instance=held).as_p()
    assert not form_class({"name": "张三", "phone": "13812345678"}, instance=held).has_changed()
    form = form_class({"name": "张三", "phone": "13812345679"}, instance=held)
    assert form.is_valid()
    form.save()
    assert person.objects.get().phone.reveal() == "13812345679"


# ── a change of key ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def new_key(settings: Settings) -> str:
    """Given before the old one, which sealed seven matters."""
    log = make_log()
    for number in range(7):
        make_matter(log=log, client=f"张{number}", phone=f"1381234567{number}")
    settings.DATA_KEYS = [Fernet.generate_key().decode(), *settings.DATA_KEYS]
    return settings.DATA_KEYS[0]


def read_all() -> list[tuple[str, str]]:
    return [(m.client.reveal(), m.phone.reveal()) for m in Matter.objects.order_by("pk")]


EXPECTED = [(f"张{n}", f"1381234567{n}") for n in range(7)]


@pytest.mark.django_db
def test_after_the_change_the_old_key_is_not_needed(new_key: str, settings: Settings):
    assert (left(), read_all()) == (7, EXPECTED)
    assert [step.rows for step in rotate_keys(batch=3)] == [3, 3, 1]

    settings.DATA_KEYS = [new_key]
    assert (left(), read_all()) == (0, EXPECTED)
    assert Matter.objects.filter(phone__is="13812345676").count() == 1


@pytest.mark.django_db
def test_without_the_change_it_is(new_key: str, settings: Settings):
    settings.DATA_KEYS = [new_key]

    with pytest.raises(UnreadableSecretError):
        read_all()
    with pytest.raises(CommandError, match="数据密钥"):
        call_command("rotate_keys")


@pytest.mark.django_db
@pytest.mark.parametrize("batches", range(4))
def test_stopped_after_any_batch_it_goes_on(new_key: str, batches: int):
    steps = rotate_keys(batch=2)
    for _ in range(batches):
        next(steps)
    steps.close()

    assert (left(), read_all()) == (7 - 2 * batches, EXPECTED)
    assert Matter.objects.filter(client__is="张0").count() == 1  # under whichever key
    list(rotate_keys(batch=2))
    assert (left(), read_all()) == (0, EXPECTED)


@pytest.mark.django_db
def test_the_command_says_how_far_it_is(new_key: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(CommandError, match="还有7行在用旧密钥"):
        call_command("rotate_keys", "--check")
    call_command("rotate_keys", "--batch", "4")
    call_command("rotate_keys", "--check")

    told = capsys.readouterr().out
    assert "事项：已重新加密4行\n事项：已重新加密7行\n" in told
    assert told.count(f"（{newest_key_id()}）") == 2


@pytest.mark.django_db(transaction=True)
def test_killed_at_any_moment_it_goes_on(new_key: str, settings: Settings):
    """The process is killed in the middle of a batch: that batch is undone, the others stand."""
    script = (
        "import django, os, signal; django.setup()\n"
        "from django.conf import settings\n"
        f"settings.DATA_KEYS = {settings.DATA_KEYS!r}\n"
        f"settings.DATABASES['default']['NAME'] = {connection.settings_dict['NAME']!r}\n"
        "from lawadvisor.foundation import rotation\n"
        "seal, done = rotation._seal_anew, []\n"
        "def twice(*given):\n"
        "    seal(*given); done.append(1)\n"
        "    if len(done) == 2: os.kill(os.getpid(), signal.SIGKILL)\n"
        "rotation._seal_anew = twice\n"
        "list(rotation.rotate_keys(batch=2))\n"
    )
    killed = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)

    assert killed.returncode == -9, killed.stderr
    assert (left(), read_all()) == (5, EXPECTED)
    list(rotate_keys())
    assert (left(), read_all()) == (0, EXPECTED)


def test_every_sealed_column_is_rotated():
    """By what the database holds, so that no column of a later table is forgotten."""
    assert {f.name for f in secret_columns()[Matter]} == set(CANARIES)


# ── what earlier versions wrote ─────────────────────────────────────────────────────────────────


def migrate(target: str | None = None) -> None:
    """Back to ``target``, and what stands on it with it; None: all the way forth again."""
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()
    executor.migrate([("worklogs", target)] if target else newest)


@pytest.mark.django_db(transaction=True)
def test_old_rows_are_sealed_and_can_be_opened_again():
    make_matter(**{**CANARIES, "special_group": ""})
    make_matter(client="张三")
    sealed = [client for client in CANARIES.values() if client != "released"]
    try:
        migrate("0004_matters_by_kind")
        assert [canary for canary in sealed if canary not in dump()] == []
        migrate()
        assert [canary for canary in sealed if canary in dump()] == []
        assert [m.client.reveal() for m in Matter.objects.order_by("pk")] == ["欧阳金丝雀", "张三"]
        assert Matter.objects.filter(phone__is="13812345678").count() == 1
    finally:
        migrate()
