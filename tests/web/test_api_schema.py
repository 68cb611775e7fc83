"""The OpenAPI file is what the code says, and what it allows to be sent breaks nothing."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, assume, given, settings
from pytest_django.fixtures import Settings

from assessments.services import PACKS, adopt_policy
from lawadvisor.accounts import tokens
from lawadvisor.foundation.viewer import SYSTEM
from tests import factories
from tests.conftest import County
from tests.test_architecture import ROOT

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what the libraries say to each other while they are read
    import schemathesis
    import yaml
    from schemathesis.checks import not_a_server_error
    from schemathesis.core import NotSet
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

FILE = ROOT / "docs" / "openapi.yaml"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
#: For each operation and each way of making them up; more by hand, for a long run.
EXAMPLES = int(os.environ.get("LAWADVISOR_FUZZ_EXAMPLES", "12"))


def test_the_file_is_what_the_code_says(tmp_path: Any) -> None:
    made = tmp_path / "openapi.yaml"
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(made))
    assert FILE.read_text(encoding="utf-8") == made.read_text(encoding="utf-8"), (
        "python manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml"
    )


def test_every_operation_names_its_refusals() -> None:
    paths = yaml.safe_load(FILE.read_text(encoding="utf-8"))["paths"]
    answers = [set(one["responses"]) for ways in paths.values() for one in ways.values()]
    assert len(answers) == 15
    assert all({"400", "401", "403", "404", "413", "429", "503"} <= each for each in answers)


@pytest.fixture
def head(county: County, settings: Settings) -> Iterator[dict[str, str]]:
    cache.clear()
    settings.API_PER_MINUTE = 10**6
    adopt_policy(bureau=county.bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    log = factories.make_log(appointment=county.appointment)
    factories.make_attachment(matter=factories.make_matter(log=log))
    user = county.advisor_user
    _, text = tokens.give(by=user.as_actor(), user=user, name="试")
    # as Django's own test client does: the request is one with the test's transaction
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield {"Authorization": f"Bearer {text}"}
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def operations() -> list[Any]:
    written = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    schema = schemathesis.openapi.from_dict(written)
    schema.app = get_wsgi_application()
    return [found.ok() for found in schema.get_all_operations()]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
def test_nothing_that_is_sent_breaks_it(
    head: dict[str, str], county: County, mode: schemathesis.GenerationMode
) -> None:
    """Whatever the schema allows, and what it does not: an answer of the schema, and no 5xx."""
    own = county.appointment.pk
    number = str(county.advisor.logs.get().client_uuid)
    answers: Counter[int] = Counter()

    def aimed(case: Any) -> Any:
        """Every second one at what is there, so that more than the door is tried.

        A form that is no form cannot even be sent: the client stumbles, not the server.
        """
        assume(case.media_type != "multipart/form-data" or isinstance(case.body, dict | NotSet))
        if answers.total() % 2:
            if isinstance(case.body, dict) and "appointment" in case.body:
                case.body["appointment"] = own
            if "number" in (case.path_parameters or {}):
                case.path_parameters["number"] = number
        return case

    for operation in operations():

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            answer = aimed(case).call(headers=head)
            answers[answer.status_code] += 1
            case.validate_response(answer, checks=CHECKS)

        ask()
    assert answers.total() > 50
    assert answers[200]
    assert answers[400]
