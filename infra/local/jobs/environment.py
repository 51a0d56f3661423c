"""The command, variables and folder of a job's process, as a container of its image would have them."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from infra.local import client, images, runtime
from infra.local.home import read_state
from infra.local.jobs import leftovers
from infra.local.jobs.failures import JobFailedError
from infra.local.jobs.plan import HOSTS, OPT_ML
from infra.local.jobs.process import Task
from infra.local.ports import HOST

if TYPE_CHECKING:
    from infra.local.account import Account
    from infra.local.jobs.plan import Plan
    from infra.local.jobs.process import Startable

# What belongs to the server and its user, and is not to reach a job: credentials first of all.
_PRIVATE = re.compile(r"AWS_|PYTHON|BESTIARY_|SAGEMAKER_|BOTO|XDG_|VIRTUAL_ENV$")
_AT_OPT_ML = re.compile(rf"(--?[\w-]+=)?{OPT_ML}(?=/|$)")


def task(plan: Plan, base: Path, account: Account, *, private: bool, grace: float) -> Startable:
    """Return what to run for a job.

    Parameters
    ----------
    plan
        The job.
    base
        Its base folder.
    account
        Where it runs.
    private, grace
        As `Task` has them.

    Raises
    ------
    JobFailedError
        When nothing says what to run.
    """
    if engine := runtime.runs_in_docker(account, plan.image):
        from infra.local.docker import tasks

        return tasks.of_job(engine, plan, base, account.region, grace)
    return process(plan, base, account, private=private, grace=grace)


def process(plan: Plan, base: Path, account: Account, *, private: bool, grace: float) -> Task:
    """Return what to run for a job as a process; see `task`."""
    if not plan.entrypoint:
        raise JobFailedError(
            f"ClientError: The process runtime cannot run image {plan.image}: it does not know the program "
            'inside. Give ContainerEntrypoint, e.g. ["python", "-m", "my_module"].'
        )
    code = images.resolve(account.home.resolve(), plan.image)
    return Task(
        command=_command(plan, base),
        environment=_variables(plan, base, account, code),
        folder=code or base,
        base=base,
        private=private,
        isolated=plan.isolated,
        grace=grace,
        hosts=str(base / HOSTS) if plan.talks else "",
    )


def rooted(word: str, base: Path) -> str:
    """Lead a word that is a path below ``/opt/ml``, or ``--name=`` and one, to a job's base folder."""
    found = _AT_OPT_ML.match(word)
    return f"{found[1] or ''}{base}{word[found.end() :]}" if found else word


def _command(plan: Plan, base: Path) -> tuple[str, ...]:
    first, *rest = [*plan.entrypoint, *plan.arguments]
    # The Python that runs the server has what the jobs need.
    program = sys.executable if first in {"python", "python3"} else first
    return tuple(rooted(word, base) for word in (program, *rest))


def _variables(plan: Plan, base: Path, account: Account, code: Path | None) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not _PRIVATE.match(name)}
    path = os.pathsep.join([str(Path(sys.executable).parent), inherited.get("PATH", os.defpath)])
    region = {"AWS_REGION": account.region, "AWS_DEFAULT_REGION": account.region}
    clients = {} if plan.isolated else _clients(account)
    image = {"PYTHONPATH": str(code), **images.variables(code)} if code else {}
    own = {name: rooted(value, base) for name, value in plan.environment.items()}
    # Libraries keep their caches in the user's folder; a container has one of its own.
    user = account.home.resolve() / "container-home"
    user.mkdir(exist_ok=True)
    contract = {"HOME": str(user), "PATH": path, "PYTHONUNBUFFERED": "1", **region, **clients}
    return {**inherited, **contract, **image, **own, leftovers.BASE: str(base)}


def _clients(account: Account) -> dict[str, str]:
    """Lead the AWS clients in a job here, when this process is the server of the account."""
    state = read_state(account.home)
    if state is None or state.pid != os.getpid():
        return {}
    return client.variables(f"http://{HOST}:{state.port}", account.region)
