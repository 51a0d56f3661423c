"""The function behind API Gateway, from the very archive that goes to AWS."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

from pipelines.account import function, templates
from pipelines.front.openapi import document

PROGRAM = """
import base64, json, sys
sys.path.insert(0, sys.argv[1])
from pipelines.front.handler import handler
event = {"httpMethod": "GET", "resource": "/openapi.json", "headers": {"Origin": "https://a.example"}}
answer = handler(event, None)
outside = [name for name, module in sys.modules.items() if name.partition(".")[0] in
           {"pipelines", "bestiary", "infra", "inference"} and sys.argv[1] not in str(module.__file__)]
known = {*sys.stdlib_module_names, "pipelines", "boto3", "botocore", "jmespath", "dateutil", "six",
         "s3transfer", "urllib3", "certifi", "awscrt", "backports", "__mp_main__"}
strange = {name.partition(".")[0] for name in sys.modules} - known - set(json.loads(sys.argv[2]))
body = base64.b64decode(answer["body"]).decode()
json.dump([body, answer["headers"], outside, sorted(strange)], sys.stdout)
"""


def test_the_archive_answers_with_nothing_but_lambdas_own_packages(tmp_path: Path) -> None:
    """The handler that the template names, the environment that it sets; nothing of the clone is reached."""
    archive = tmp_path / "front.zip"
    archive.write_bytes(function.archive())
    (one,) = (each for each in templates.read() if each.name == "front")
    told = one.resources["Function"]["Properties"]
    assert "pipelines.front.handler.handler" == told["Handler"]
    environment = {**dict.fromkeys(told["Environment"]["Variables"], "https://a.example"), "HOME": "/"}
    started = (
        "import json, sys; json.dump(sorted({name.partition('.')[0] for name in sys.modules}), sys.stdout)"
    )

    def run(program: str, *words: str) -> str:
        command = [sys.executable, "-c", program, *words]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    body, headers, outside, strange = json.loads(run(PROGRAM, str(archive), run(started)))
    assert document() == json.loads(body)
    assert "https://a.example" == headers["Access-Control-Allow-Origin"]
    assert ([], []) == (outside, strange)


def test_the_same_code_gives_the_same_archive_under_the_same_key() -> None:
    """It is named by its digest, so that CloudFormation sees what changed; it holds code alone."""
    packed = function.archive()
    function.archive.cache_clear()
    assert packed == function.archive()
    names = zipfile.ZipFile(io.BytesIO(packed)).namelist()
    assert sorted(names) == names
    assert all(name.startswith("pipelines/") and name.endswith(".py") for name in names)
    assert len(packed) < 100_000
