"""``bestiary local``: the local SageMaker, by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from infra.local import lifecycle, spot
from infra.local.runtime import Runtime, chosen
from pipelines.cli import options
from pipelines.cli.output import answer_json, answers, say
from pipelines.errors import OperatorError
from pipelines.place import open_place
from pipelines.settings import Settings

if TYPE_CHECKING:
    from infra.local.lifecycle import Running

app = typer.Typer(help="The local SageMaker: start, stop, status, env, interrupt.", no_args_is_help=True)


@app.command()
def start(
    port: Annotated[
        int | None, typer.Option(help="Port on 127.0.0.1; the usual one or the next free unless told.")
    ] = None,
    use: Annotated[
        Runtime | None,
        typer.Option("--runtime", help="Run jobs and endpoints as processes or in Docker, from now on."),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Start it, if it is not up."""
    settings = Settings.read("local")
    try:
        lifecycle.start(settings.home, port, use)
    except lifecycle.LifecycleError as error:
        raise OperatorError(str(error)) from None
    open_place(settings, say)
    _tell(settings, as_json=as_json)


@app.command()
def stop(as_json: options.AsJson = False) -> None:
    """Stop it; everything it holds is kept."""
    settings = Settings.read("local")
    try:
        was_up = lifecycle.stop(settings.home)
    except lifecycle.LifecycleError as error:
        raise OperatorError(str(error)) from None
    if was_up and not as_json:
        answers.print(f"the local SageMaker is stopped; its state is in {settings.home}", soft_wrap=True)
        return
    _tell(settings, as_json=as_json)


@app.command()
def status(as_json: options.AsJson = False) -> None:
    """Say whether it is up."""
    _tell(Settings.read("local"), as_json=as_json)


@app.command()
def env(as_json: options.AsJson = False) -> None:
    """Print exports for any AWS client: eval "$(bestiary local env)"."""
    settings = Settings.read("local")
    running = lifecycle.status(settings.home)
    if running is None:
        raise OperatorError("the local SageMaker is not up: bestiary local start")
    if as_json:
        answer_json(lifecycle.environment(running))
        return
    for name, value in lifecycle.environment(running).items():
        typer.echo(f"export {name}={value}")


@app.command()
def interrupt(
    job: Annotated[
        str | None, typer.Argument(help="Name of one training job; all that run on spot unless told.")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Take the machines back from trainings on spot, as EC2 does: they go on from their checkpoints."""
    running = lifecycle.status(Settings.read("local").home)
    if running is None:
        raise OperatorError("the local SageMaker is not up, so nothing trains: bestiary local start")
    try:
        interrupted = spot.interrupt(running, job)
    except lifecycle.LifecycleError as error:
        raise OperatorError(str(error)) from None
    if as_json:
        answer_json({"interrupted": interrupted})
    elif interrupted:
        for name in interrupted:
            answers.print(f"{name} lost its machine and begins again on another", soft_wrap=True)
    else:
        say(f"{job} does not train on spot right now" if job else "nothing trains on spot right now")
    if job and not interrupted:
        raise typer.Exit(1)


def _tell(settings: Settings, *, as_json: bool) -> None:
    running: Running | None = lifecycle.status(settings.home)
    document = {
        "endpoint_url": running.endpoint_url if running else None,
        "pid": running.pid if running else None,
        "state_dir": str(settings.home),
        "running": running is not None,
        "runtime": chosen(settings.home),
    }
    if as_json:
        answer_json(document)
    elif running:
        answers.print(
            f"the local SageMaker is up at {running.endpoint_url} (pid {running.pid})", soft_wrap=True
        )
    else:
        answers.print(f"the local SageMaker is not up; its state is in {settings.home}", soft_wrap=True)
