"""The public front: the same routes here, over a real endpoint, as API Gateway has in an account."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import boto3
import httpx
import pytest
from toy_versions import PHOTO, Account
from waitress.server import create_server

from pipelines.account import templates
from pipelines.front.app import THREADS, Front
from pipelines.front.limits import Limits
from pipelines.front.routes import A_DAY, A_SECOND, ANSWERS, AT_ONCE, MOST_BYTES, ROUTES, document
from pipelines.place import Place
from pipelines.settings import Settings

KEY = {"x-api-key": "the key", "content-type": "image/jpeg"}


@pytest.fixture(scope="module")
def front(account: Account) -> Iterator[httpx.Client]:
    """Serve the front over an account that has a classifier, but no stylizer."""
    version = account.toy()
    account.bestiary.json("deploy", str(version), "--no-alarms")
    session = boto3.Session("local", "local", region_name="us-east-1")
    settings = Settings("local", account.bestiary.home, "us-east-1")
    place = Place(settings, session, account.bestiary.endpoint_url)
    server = create_server(
        Front(place, "the key", Limits(A_SECOND, 1000, A_DAY)), host="127.0.0.1", port=0, threads=THREADS
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.effective_port}", timeout=30) as client:
        yield client
    server.close()
    thread.join()


def test_a_photo_is_classified(front: httpx.Client) -> None:
    answer = front.post("/classify", content=PHOTO, headers=KEY)
    assert (200, "application/json") == (answer.status_code, answer.headers["content-type"])
    assert "bear" == answer.json()["species"]


def test_what_the_model_cannot_use_is_said_in_its_words(front: httpx.Client) -> None:
    answer = front.post("/classify", content=b"no photo", headers=KEY)
    assert 422 == answer.status_code
    assert "that is no photo" in answer.json()["message"]


@pytest.mark.parametrize(
    ("path", "headers", "status", "message"),
    [
        ("/classify", {"content-type": "image/jpeg"}, 403, "Forbidden"),
        ("/classify", KEY | {"x-api-key": "another"}, 403, "Forbidden"),
        ("/elsewhere", KEY, 403, "Forbidden"),
        ("/classify", KEY | {"content-type": "text/html"}, 415, "Unsupported Media Type"),
    ],
)
def test_strangers_and_strange_things_reach_no_endpoint(
    front: httpx.Client, path: str, headers: dict[str, str], status: int, message: str
) -> None:
    """In API Gateway's words."""
    answer = front.post(path, content=PHOTO, headers=headers)
    assert (status, {"message": message}) == (answer.status_code, answer.json())


def test_a_photo_that_is_too_large_is_refused(front: httpx.Client) -> None:
    answer = front.post("/classify", content=bytes(MOST_BYTES + 1), headers=KEY)
    assert 413 == answer.status_code


def test_where_nothing_is_deployed_the_front_says_so(front: httpx.Client) -> None:
    headers = KEY | {"content-type": "multipart/form-data; boundary=x"}
    answer = front.post("/stylize", content=b"--x--\r\n", headers=headers)
    assert 502 == answer.status_code
    assert "bestiary-stylizer" in answer.json()["message"]


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


def test_api_gateway_has_the_same_routes_limits_and_key(front: httpx.Client) -> None:
    """The template is held against the document that the front serves."""
    told = front.get("/openapi.json").json()
    assert document() == told
    (one,) = (each for each in templates.read() if each.name == "front")
    body = one.resources["Api"]["Properties"]["Body"]
    assert set(told["paths"]) == set(body["paths"])
    assert told["components"] == body["components"]
    plan = one.resources["Plan"]["Properties"]
    assert {"RateLimit": A_SECOND, "BurstLimit": AT_ONCE} == plan["Throttle"]
    assert {"Limit": A_DAY, "Period": "DAY"} == plan["Quota"]
    taken = {media for route in ROUTES.values() for media in route.takes}
    assert taken == set(body["x-amazon-apigateway-binary-media-types"])
    for path, route in ROUTES.items():
        made = body["paths"][path]["post"]
        assert [{"key": []}] == made["security"]
        assert set(made["responses"]) <= set(ANSWERS)
        integration = made["x-amazon-apigateway-integration"]
        assert integration["uri"]["Sub"].endswith(f"/endpoints/{route.endpoint}/invocations")
        accept = integration["requestParameters"]["integration.request.header.Accept"]
        assert route.gives == accept.strip("'")
