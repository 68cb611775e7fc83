"""Sealed values: nothing printed leaks, a key is needed, and the newest key seals."""

from __future__ import annotations

import ast
import copy
import json
import os
import pickle
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.template import Context, Template
from pytest_django.fixtures import Settings

from lawadvisor.foundation.secrets import (
    Secret,
    SecretField,
    SecretNameField,
    SecretPhoneField,
    UnreadableSecretError,
    check_data_keys,
    newest_key_id,
)
from tests.test_architecture import PACKAGES, ROOT, module_name, parsed, python_files, text_of

PHONE = "13812345678"
phone_field, name_field, text_field = SecretPhoneField(), SecretNameField(), SecretField()


def read_back(field: SecretField, stored: str) -> Secret:
    found = field.from_db_value(stored)
    assert found is not None
    return found


@pytest.mark.parametrize("field", [phone_field, name_field, text_field])
def test_what_is_stored_is_read_back_and_says_nothing(field: SecretField):
    stored = field.get_prep_value(PHONE)

    assert PHONE not in stored
    assert stored != field.get_prep_value(PHONE)  # equal values do not look equal
    assert read_back(field, stored).reveal() == PHONE
    assert field.get_prep_value(read_back(field, stored)) == stored


def test_empty_stays_empty():
    assert phone_field.get_prep_value("") == ""
    assert not read_back(phone_field, "")
    assert read_back(phone_field, "").reveal() == ""
    assert str(read_back(phone_field, "")) == ""


def test_a_secret_prints_as_its_mask():
    secret = read_back(phone_field, phone_field.get_prep_value(PHONE))

    assert (str(secret), f"{secret}", repr(secret)) == ("138****5678", "138****5678", "<Secret>")
    assert str(name_field.to_python("欧阳修")) == "欧阳*"
    assert str(text_field.to_python("离婚")) == "已封存"
    assert (len(secret), bool(secret)) == (11, True)


def test_a_secret_is_compared_by_what_it_says():
    one, other = phone_field.to_python(PHONE), phone_field.to_python(PHONE)

    assert one == other == PHONE
    assert one != "13900000000"
    assert len({one, other, PHONE}) == 1
    assert copy.copy(one) is copy.deepcopy(one) is one


@pytest.mark.parametrize("send", [pickle.dumps, json.dumps])
def test_a_secret_is_neither_cached_nor_sent(send):
    with pytest.raises(TypeError):
        send(phone_field.to_python(PHONE))


def test_a_traceback_with_its_variables_shows_none():
    def fail(secret: Secret) -> None:
        raise ValueError(secret)

    with pytest.raises(ValueError, match=r"138\*{4}5678") as caught:
        fail(phone_field.to_python("13800005678"))
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    lines = "".join(told.format())

    assert "secret = <Secret>" in lines
    assert "13800005678" not in lines.replace('"13800005678"', "")  # this file's own line


def test_an_old_key_still_opens_and_the_newest_seals(settings: Settings):
    old = phone_field.get_prep_value(PHONE)
    settings.DATA_KEYS = [Fernet.generate_key().decode(), *settings.DATA_KEYS]
    new = phone_field.get_prep_value(PHONE)

    assert read_back(phone_field, old).reveal() == PHONE
    assert new.partition(".")[0] == newest_key_id() != old.partition(".")[0]
    hashes = [stored.split(".")[1] for stored in (new, old)]
    assert phone_field.hashes_of(" 138 1234 5678") == hashes
    assert hashes[0] != hashes[1]


def test_without_its_key_a_value_is_unreadable(settings: Settings):
    stored = phone_field.get_prep_value(PHONE)
    settings.DATA_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(UnreadableSecretError, match="数据密钥"):
        read_back(phone_field, stored).reveal()


def test_an_altered_value_is_unreadable():
    stored = phone_field.get_prep_value(PHONE)

    with pytest.raises(UnreadableSecretError, match="损坏"):
        read_back(phone_field, f"{stored[:-6]}AAAA==").reveal()


def test_names_and_numbers_that_look_alike_are_hashed_apart():
    """Else a dump would tell which numbers stand in two kinds of column."""
    assert phone_field.hashes_of("12345678") != name_field.hashes_of("12345678")
    assert phone_field.hashes_of("无") == []


@pytest.mark.parametrize("asked", ["s", "s.reveal", "s|upper", "s|default:'x'", "s|slice:':9'"])
def test_a_template_shows_no_clear_text(asked: str):
    told = Template(f"{{{{ {asked} }}}}").render(Context({"s": phone_field.to_python(PHONE)}))

    assert PHONE not in told
    assert PHONE[:9] not in told


def opened_in(source: str) -> bool:
    """Whether the code calls, or hands on, ``reveal``."""
    return any(
        isinstance(node, ast.Attribute) and node.attr == "reveal"
        for node in ast.walk(parsed(source))
    )


def test_secrets_are_opened_in_few_places_that_decide():
    """Pages, exports and papers ask ``faces``; whoever opens a secret elsewhere is named here."""
    found = {module_name(path) for path in python_files(*PACKAGES) if opened_in(text_of(path))}

    assert opened_in("x.reveal()")
    assert opened_in("map(Secret.reveal, x)")
    assert found == {
        "lawadvisor.foundation.secrets",
        "lawadvisor.foundation.rotation",
        "worklogs.migrations.0006_seal_what_was_clear",
        # that a password is not the phone number, and a number nobody else's
        "lawadvisor.accounts.passwords",
        "lawadvisor.accounts.rules",
        "lawadvisor.accounts.services",
        # whom an office calls, and how a contact is greeted
        "advisors.liaisons",
        # requests and grave matters, where numbers are masked for who does not see clients
        "worklogs.asking",
        "worklogs.incidents",
        # whom an office calls, on its paper of contacts
        "assessments.reports.contacts",
        # one's own address for messages, and where they are sent
        "assessments.messages.pages",
        "assessments.messages.ways",
        "worklogs.faces",
        "worklogs.erasure",
        "assessments.persons",
        "lawadvisor.demo.digest",
    }


def test_a_server_without_data_keys_does_not_start(tmp_path: Path):
    environment = {k: v for k, v in os.environ.items() if k != "LAWADVISOR_DATA_KEYS"}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**environment, "LAWADVISOR_VAR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "缺少数据密钥：请设置环境变量 LAWADVISOR_DATA_KEYS" in done.stderr


@pytest.mark.parametrize("keys", [[], ["change-me"], ["abc="]])
def test_the_portal_does_not_start_on_a_bad_key(keys: list[str], settings: Settings):
    settings.DATA_KEYS = keys

    with pytest.raises(ImproperlyConfigured, match="数据密钥"):
        check_data_keys()
