"""``python -m infra.local``: the local SageMaker from the command line."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from infra.local import lifecycle
from infra.local.client import REGION, exports
from infra.local.home import HeldError, LifecycleError, prepare


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says and return the exit status: 0 done, 1 it could not be, 2 used wrongly."""
    options = _parser().parse_args(arguments)
    try:
        return _COMMANDS[options.command](options)
    except HeldError as error:
        sys.stderr.write(f"error: {error}\n")
        return lifecycle.HELD
    except LifecycleError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m infra.local", description="The local SageMaker.")
    parser.add_argument("command", choices=_COMMANDS)
    parser.add_argument("--home", type=Path, default=Path(".bestiary"), help="folder of its state")
    parser.add_argument("--port", type=int, help="this port and no other")
    parser.add_argument("--runtime", choices=["process", "docker"], help="how to start jobs, from now on")
    parser.add_argument("--json", action="store_true", help="answer with one JSON document")
    return parser


def _serve(options: argparse.Namespace) -> int:
    from infra.local.server import serve

    serve(prepare(options.home), options.port)
    return 0


def _start(options: argparse.Namespace) -> int:
    _say(lifecycle.start(options.home, options.port, options.runtime), options)
    return 0


def _stop(options: argparse.Namespace) -> int:
    ran = lifecycle.stop(options.home)
    _say(None, options, "stopped" if ran else "was not running")
    return 0


def _status(options: argparse.Namespace) -> int:
    running = lifecycle.status(options.home)
    _say(running, options)
    return 0 if running else 1


def _env(options: argparse.Namespace) -> int:
    running = lifecycle.status(options.home)
    if running is None:
        raise LifecycleError(f"no local SageMaker runs for {options.home}: start it")
    sys.stdout.write(f"{exports(running.endpoint_url, REGION)}\n")
    return 0


def _say(running: lifecycle.Running | None, options: argparse.Namespace, words: str = "not running") -> None:
    document = {
        "endpoint_url": running and running.endpoint_url,
        "pid": running and running.pid,
        "state_dir": str(options.home.expanduser().absolute()),
        "running": running is not None,
    }
    if running:
        words = f"{running.endpoint_url} (process {running.pid})"
    sys.stdout.write(f"{json.dumps(document) if options.json else words}\n")


_COMMANDS = {"serve": _serve, "start": _start, "stop": _stop, "status": _status, "env": _env}

if __name__ == "__main__":
    sys.exit(main())
