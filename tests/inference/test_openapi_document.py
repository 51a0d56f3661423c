"""The OpenAPI document is true."""

import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
import schemathesis
from endpoints import Endpoint
from hypothesis import HealthCheck, given, settings
from serving_examples import photo
from test_invocations import b64


@pytest.fixture(scope="module")
def document(endpoint: Endpoint) -> dict[str, Any]:
    answer: dict[str, Any] = endpoint.http.get("/openapi.json").json()
    return answer


@pytest.mark.parametrize(
    "operation", ["GET /ping", "POST /invocations", "GET /execution-parameters", "GET /openapi.json"]
)
def test_whatever_a_generator_makes_of_it_is_answered_as_it_says(endpoint: Endpoint, operation: str) -> None:
    """schemathesis: no server error, only documented statuses, media types and forms of bodies."""
    method, path = operation.split()
    schema = schemathesis.openapi.from_url(f"http://127.0.0.1:{endpoint.port}/openapi.json")

    @given(case=schema[path][method].as_strategy())
    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(
            checks=[
                schemathesis.checks.not_a_server_error,
                schemathesis.checks.status_code_conformance,
                schemathesis.checks.content_type_conformance,
                schemathesis.checks.response_schema_conformance,
            ]
        )

    ask()


def test_it_names_every_media_type_that_is_taken(endpoint: Endpoint, document: dict[str, Any]) -> None:
    """The 415 answer lists what the program goes by; the document lists the same."""
    allowed = endpoint.invoke(photo(), "text/plain").headers["accept"].split(", ")
    assert allowed == list(document["paths"]["/invocations"]["post"]["requestBody"]["content"])


def test_real_answers_are_of_its_form(endpoint: Endpoint, document: dict[str, Any]) -> None:
    def check(name: str) -> Callable[[Any], None]:
        whole = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        validator = jsonschema.Draft202012Validator(whole)
        return validator.validate

    check("Answer")(endpoint.invoke(photo()).json())
    check("Error")(endpoint.invoke(b"x").json())
    check("Parameters")(endpoint.http.get("/execution-parameters").json())
    body = {"instances": [b64(photo())]}
    check("Instances")(body)
    check("Predictions")(endpoint.invoke(json.dumps(body).encode(), "application/json").json())
    with pytest.raises(jsonschema.ValidationError):
        check("Answer")({"species": "bear"})
