"""The public front: the same function here, over a real endpoint, as behind API Gateway in an account."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pytest
import schemathesis
from fronts import KEY, PAGE, served, upload
from hypothesis import HealthCheck, given, settings
from toy_versions import BUCKET, PHOTO, Account

from inference.poster_requests import Page
from inference.style_requests import Settings
from pipelines.account import templates
from pipelines.front import account as accounts
from pipelines.front import schemas
from pipelines.front.handler import handler
from pipelines.front.limits import Limits
from pipelines.front.openapi import document
from pipelines.front.routes import (
    A_DAY,
    A_SECOND,
    AT_ONCE,
    JOBS_A_SECOND,
    JOBS_AT_ONCE,
    MOST_BYTES,
    MOST_UPLOADED,
    ROUTES,
)

JPEG, JSON = {"content-type": "image/jpeg"}, {"content-type": "application/json"}
NOBODY = "0" * 32


@pytest.fixture(scope="module")
def front(account: Account) -> Iterator[httpx.Client]:
    """Serve the front over an account that has a classifier, but no stylizer."""
    version = account.toy()
    account.bestiary.json("deploy", str(version), "--no-alarms")
    with served(account.bestiary) as client:
        yield client


def test_a_photo_is_classified_sent_or_uploaded(front: httpx.Client) -> None:
    sent = front.post("/classify", content=PHOTO, headers=JPEG)
    assert (200, "application/json") == (sent.status_code, sent.headers["content-type"])
    assert "bear" == sent.json()["species"]
    assert sent.json() == front.post("/classify", json={"upload": upload(front, PHOTO, "image/jpeg")}).json()


def test_what_the_model_cannot_use_is_said_in_its_words(front: httpx.Client) -> None:
    answer = front.post("/classify", content=b"no photo", headers=JPEG)
    assert (422, {"message": "that is no photo"}) == (answer.status_code, answer.json())


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "said"),
    [
        ("POST", "/classify", PHOTO, JPEG | {"x-api-key": ""}, 403, "Forbidden"),
        ("POST", "/classify", PHOTO, JPEG | {"x-api-key": "another"}, 403, "Forbidden"),
        ("GET", f"/jobs/{NOBODY}", b"", {"x-api-key": "another"}, 403, "Forbidden"),
        ("GET", "/classify", b"", {}, 403, "Forbidden"),
        ("GET", "/elsewhere", b"", {}, 403, "Forbidden"),
        ("POST", "/classify", PHOTO, {"content-type": "text/html"}, 415, "send one of image/jpeg"),
        ("POST", "/classify", bytes(MOST_BYTES + 1), JPEG, 413, "POST /uploads says where"),
        ("POST", "/classify", bytes(2 * MOST_BYTES), JPEG, 413, "Request Too Long"),
        ("POST", "/classify", b"{", JSON, 400, "the body is no JSON"),
        ("POST", "/classify", b"[" * 100_000, JSON, 400, "the body is no JSON"),
        ("POST", "/posters", b'{"photos": [], "sure": NaN}', JSON, 400, "NaN is no number"),
        ("POST", "/posters", b'{"photos": []}', JSON, 400, "photos: there are 0, not from 1 to 6"),
        ("POST", "/posters", b'{"size": "a9"}', JSON, 400, "photos: it is missing"),
        ("POST", "/posters", b"[1]", JSON, 400, "the body: it has to be an object"),
        ("POST", "/classify", b'{"upload": "../x"}', JSON, 400, "upload: it has to look like 9f86d0"),
        (
            "POST",
            "/classify",
            b'{"upload": "%s"}' % NOBODY.encode(),
            JSON,
            404,
            "nothing was uploaded as 000",
        ),
        ("POST", "/uploads", b'{"content_type": "text/html"}', JSON, 400, "content_type: it is one of"),
        ("GET", f"/jobs/{NOBODY}", b"", {}, 404, "there is no job 000"),
        ("DELETE", "/jobs/abc", b"", {}, 404, "there is no job abc"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(  # noqa: PLR0917 - a table
    front: httpx.Client, method: str, path: str, body: bytes, headers: dict[str, str], status: int, said: str
) -> None:
    """Before the function in API Gateway's words."""
    answer = front.request(method, path, content=body, headers=headers)
    assert (status, True) == (answer.status_code, said in answer.json()["message"]), answer.text


def test_forms_that_are_none_are_refused(front: httpx.Client) -> None:
    """A field too many, no painting, a painting that is no picture, settings that do not fit."""
    photo, style = ("content", PHOTO), ("style", PHOTO)
    for parts, said in (
        ([photo, style, ("colour", b"red")], "the form has a field 'colour'"),
        ([photo], "style: there are 0, not from 1 to 8"),
        ([photo, ("style", b"text")], "style is no picture: send JPEG, PNG or WebP"),
        ([photo, style, ("weight", b"heavy")], "is no number from 0 up"),
        ([photo, style, ("settings", b'{"size": true}')], "size: it has to be an integer"),
        ([photo, style, ("settings", b'{"strength": 2}')], "strength: it has to be from 0 to 1"),
    ):
        answer = front.post("/stylize", files=[(name, (name, data)) for name, data in parts])
        assert said in answer.json()["message"]
        assert answer.status_code in {400, 422}
    cut = front.post(
        "/stylize", content=b"--x\r\n", headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert (400, True) == (cut.status_code, "does not end with its boundary" in cut.json()["message"])


def test_an_upload_takes_one_picture_of_its_type_and_size_where_it_says(
    front: httpx.Client, account: Account
) -> None:
    """S3 itself refuses the rest; what is no picture is found out where it is used."""
    told = front.post("/uploads", json={"content_type": "image/png"}).json()
    for fields, data, said in (
        ({}, bytes(MOST_UPLOADED + 1), "EntityTooLarge"),
        ({"Content-Type": "text/html"}, PHOTO, "Policy Condition failed"),
        ({"key": "bestiary/executions/mine"}, PHOTO, "Policy Condition failed"),
        ({"acl": "public-read"}, PHOTO, "Extra input fields"),
    ):
        refused = httpx.post(told["url"], data=told["fields"] | fields, files={"file": data})
        assert said in refused.text
    s3 = account.client("s3")
    assert (
        0
        == s3.list_objects_v2(Bucket=BUCKET, Prefix="bestiary/stylizer/uploads/" + told["upload"])["KeyCount"]
    )
    text = upload(front, b"this is text")
    for path, body in (("/classify", {"upload": text}), ("/posters", {"photos": [{"upload": text}]})):
        answer = front.post(path, json=body)
        assert (422, True) == (answer.status_code, "is no picture" in answer.json()["message"])


def test_pictures_that_are_too_much_are_refused_before_anything_is_asked(front: httpx.Client) -> None:
    """One for the classifier, or all together for the stylizer's queue."""
    large = upload(front, PHOTO + bytes(16 << 20), "image/jpeg")
    for path, body, said in (
        ("/classify", {"upload": large}, "the classifier takes 6291456"),
        ("/posters", {"photos": [{"upload": large}]}, "photo 1 has 16777"),
        ("/posters", {"photos": [{"upload": large}] * 6, "species": ["bear"]}, "more than 94371840 bytes"),
    ):
        answer = front.post(path, json=body)
        assert (413, True) == (answer.status_code, said in answer.json()["message"]), answer.text


def test_a_poster_names_nobody_whom_the_classifier_is_not_sure_of(front: httpx.Client) -> None:
    """And where nothing could make it, that is said at once, without a word of the account."""
    dark = upload(front, PHOTO + b"dark", "image/jpeg")
    unsure = front.post("/posters", json={"photos": [{"upload": dark}]})
    assert 422 == unsure.status_code
    assert "photo 1: a bear? only 0.20 sure" in unsure.json()["message"]
    for path, body in (
        ("/posters", {"photos": [{"upload": dark}], "species": ["Leopard"]}),
        ("/posters", {"photos": [{"upload": dark}], "sure": 0.1}),
        ("/stylize", {"content": {"upload": dark}, "styles": [{"upload": dark}]}),
    ):
        answer = front.post(path, json=body)
        assert 502 == answer.status_code
        assert answer.json()["message"].startswith("bestiary-stylizer")
        assert "123456789012" not in answer.text


def test_pages_of_the_origins_that_are_told_may_ask_and_no_others(front: httpx.Client) -> None:
    asked = {"Access-Control-Request-Method": "DELETE", "Origin": PAGE}
    preflight = front.request("OPTIONS", f"/jobs/{NOBODY}", headers=asked | {"x-api-key": ""})
    assert (204, PAGE) == (preflight.status_code, preflight.headers["access-control-allow-origin"])
    assert "GET, DELETE" == preflight.headers["access-control-allow-methods"]
    assert "x-api-key" in preflight.headers["access-control-allow-headers"]
    for origin, allowed in ((PAGE, PAGE), ("https://page.example.evil", None)):
        answer = front.get(f"/jobs/{NOBODY}", headers={"Origin": origin})
        assert (404, allowed) == (answer.status_code, answer.headers.get("access-control-allow-origin"))
    assert "*" == front.get("/elsewhere").headers["access-control-allow-origin"]


def test_lambdas_handler_finds_the_account_by_its_environment(
    front: httpx.Client, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same answer to the same event, with clients that the function makes itself."""
    given = {
        "AWS_ENDPOINT_URL": account.bestiary.endpoint_url,
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": "us-east-1",
        accounts.BUCKET: BUCKET,
        accounts.ORIGINS: f"https://other.example {PAGE}",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    body = json.dumps({"upload": upload(front, PHOTO, "image/jpeg")})
    headers = {"Content-Type": "application/json", "Origin": PAGE}
    event = {"httpMethod": "POST", "resource": "/classify", "headers": headers, "body": body}
    answer = handler(event, None)
    assert (200, PAGE) == (answer["statusCode"], answer["headers"]["Access-Control-Allow-Origin"])
    assert "bear" == json.loads(base64.b64decode(answer["body"]))["species"]


def test_a_key_gets_its_rate_its_burst_and_its_day() -> None:
    now = [0.0]
    limits = Limits(2, 3, 6, clock=lambda: now[0])
    assert [True, True, True, False] == [limits.admits() for _ in range(4)]
    now[0] = 1.0
    assert [True, True, False] == [limits.admits() for _ in range(3)]
    now[0] = 60.0
    assert [True, False] == [limits.admits() for _ in range(2)]
    now[0] = 86_400.0
    assert limits.admits()


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_whatever_a_generator_makes_of_the_document_is_answered_as_it_says(
    front: httpx.Client, method: str, path: str
) -> None:
    """schemathesis: no server error, only documented statuses, media types and forms of bodies."""
    schema = schemathesis.openapi.from_dict(document())

    @given(case=schema[path][method].as_strategy())
    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(
            base_url=str(front.base_url),
            headers={"x-api-key": KEY},
            checks=[
                schemathesis.checks.status_code_conformance,
                schemathesis.checks.content_type_conformance,
                schemathesis.checks.response_schema_conformance,
            ],
        )

    ask()


def test_requests_are_checked_by_what_the_stylizer_itself_takes() -> None:
    """The front's schemas and the endpoint's own: the same names, bounds and choices."""

    def bounds(schema: dict[str, Any]) -> dict[str, Any]:
        inner = {key: value for each in schema.get("anyOf", [schema]) for key, value in each.items()}
        words = ("enum", "minimum", "maximum", "maxLength", "minItems", "maxItems")
        return {word: schema.get(word, inner.get(word)) for word in words}

    for mine, theirs in ((schemas.PAINTING, Settings), (schemas.PAGE, Page)):
        known = theirs.model_json_schema()["properties"]
        known.pop("species", None)
        assert {name: bounds(one) for name, one in known.items()} == {
            name: bounds(one) for name, one in mine.items()
        }


def test_api_gateway_has_the_same_routes_limits_and_key(front: httpx.Client) -> None:
    """The template is held against the document that the front serves, without a key."""
    told = front.get("/openapi.json", headers={"x-api-key": ""}).json()
    assert document() == told
    jsonschema.Draft202012Validator.check_schema(told["paths"]["/jobs/{id}"]["get"]["responses"]["200"])
    (one,) = (each for each in templates.read() if each.name == "front")
    body = one.resources["Api"]["Properties"]["Body"]
    assert told["components"] == body["components"]
    made = {
        (path, method): operation
        for path, methods in body["paths"].items()
        for method, operation in methods.items()
    }
    described = {(path, method.lower()) for method, path in ROUTES}
    assert described | {(path, "options") for path, _ in described} == set(made)
    for (path, method), operation in made.items():
        security = [] if method == "options" else told["paths"][path][method]["security"]
        assert security == operation["security"]
        assert "aws_proxy" == operation["x-amazon-apigateway-integration"]["type"]
    plan = one.resources["Plan"]["Properties"]
    assert {"RateLimit": A_SECOND, "BurstLimit": AT_ONCE} == plan["Throttle"]
    assert {"Limit": A_DAY, "Period": "DAY"} == plan["Quota"]
    slow = {"RateLimit": JOBS_A_SECOND, "BurstLimit": JOBS_AT_ONCE}
    begin = {f"{path}/{method}": slow for (method, path), route in ROUTES.items() if route.begins}
    assert begin == plan["ApiStages"][0]["Throttle"]
