from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pipeline_definitions import (
    condition,
    equals,
    get,
    join,
    json_get,
    output,
    pipeline,
    processing,
    training,
)

from infra.local.pipeline import cache

if TYPE_CHECKING:
    from pipeline_account import World
    from pipeline_definitions import Json

pytest_plugins = ("pipeline_fixture",)

CACHED = {"Enabled": True, "ExpireAfter": "30d"}
PREPARED = join("s3://bucket/", get("Execution.PipelineExecutionId"), "/prepared")
WRITE_FACTS = (
    "import json, sys; "
    "json.dump({'accuracy': float(sys.argv[1])}, open('/opt/ml/processing/output/facts/facts.json', 'w'))"
)
PREPARE = processing(
    "prepare",
    WRITE_FACTS,
    command=[join(get("Parameters.Accuracy"))],
    outputs=[output("facts", PREPARED)],
    PropertyFiles=[{"PropertyFileName": "facts", "OutputName": "facts", "FilePath": "facts.json"}],
    CacheConfig=CACHED,
)
TRAIN = training(
    "train",
    "open('/opt/ml/model/model', 'w').write('x')",
    arguments={
        "HyperParameters": {"epochs": join(get("Parameters.Epochs"))},
        "InputDataConfig": [
            {
                "ChannelName": "facts",
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": get("Steps.prepare.ProcessingOutputConfig.Outputs['facts'].S3Output.S3Uri"),
                    }
                },
            }
        ],
    },
    CacheConfig=CACHED,
)
GATE = condition(
    "gate",
    [
        {
            "Type": "GreaterThan",
            "LeftValue": json_get("prepare", "facts", "accuracy"),
            "RightValue": get("Parameters.Least"),
        }
    ],
    [processing("after", CacheConfig=CACHED)],
)
PIPELINE = pipeline(PREPARE, TRAIN, GATE, Accuracy=0.5, Epochs=15, Least=0.2)


def execution_id(execution: Json) -> str:
    return str(execution["PipelineExecutionArn"]).rpartition("/")[2]


def test_the_same_run_again_comes_from_the_cache(here: World) -> None:
    """Every step is a hit although output URIs hold the execution's id, and each says where from."""
    first = here.run(PIPELINE)
    assert first["PipelineExecutionStatus"] == "Succeeded"
    assert set(here.why(first).values()) == {
        "ran: no earlier successful run of this step",
        "ran: step 'prepare' before it ran anew",
    }
    second = here.run()
    assert set(here.why(second).values()) == {f"cached from execution {execution_id(first)}"}
    for name, step in here.steps(second).items():
        assert step["CacheHitResult"] == {"SourcePipelineExecutionArn": first["PipelineExecutionArn"]}
        assert step["Metadata"] == here.steps(first)[name]["Metadata"]
        assert step["StepStatus"] == "Succeeded"


def test_a_changed_parameter_reruns_exactly_what_depends_on_it(here: World) -> None:
    """Only training uses Epochs; going back to the first value finds the first result."""
    first = here.run(PIPELINE)
    second = here.why(here.run(Epochs="3"))
    assert second.pop("train") == "ran: HyperParameters.epochs changed from '15' to '3'"
    hit = f"cached from execution {execution_id(first)}"
    assert set(second.values()) == {hit}
    assert set(here.why(here.run(Epochs="15")).values()) == {hit}
    assert here.why(here.run(Epochs="7"))["train"] == (
        "ran: HyperParameters.epochs changed from '15' to '7'"  # the run before had 15, from the cache
    )


def test_a_rerun_step_reruns_what_reads_its_output(here: World) -> None:
    """New output is a new input, named with both places; the condition is evaluated anew."""
    first, second = here.run(PIPELINE), here.run(Accuracy="0.9")
    places = [f"s3://bucket/{execution_id(run)}/prepared" for run in (first, second)]
    assert here.why(second) == {
        "prepare": "ran: AppSpecification.ContainerArguments[0] changed from '0.5' to '0.9'",
        "train": f"ran: input 'facts' changed from {places[0]} to {places[1]}",
        "gate": "ran: step 'prepare' before it ran anew",
        "after": f"cached from execution {execution_id(first)}",
    }


def test_a_condition_with_another_threshold_is_evaluated(here: World) -> None:
    """What a condition compares is its key; only the branch it takes is started."""
    here.run(PIPELINE)
    refused = here.run(Least="0.7")
    assert here.why(refused)["gate"] == "ran: Conditions[0].RightValue changed from 0.2 to 0.7"
    assert "after" not in here.steps(refused)


def test_an_overwritten_output_is_no_result(here: World) -> None:
    """What somebody else wrote there since is not what the step made."""
    first = here.run(PIPELINE)
    prefix = f"{execution_id(first)}/prepared"
    here.account.objects.put("bucket", f"{prefix}/facts.json", b'{"accuracy": 0.1}')
    assert here.why(here.run())["prepare"] == (
        f"ran: the cached result's output s3://bucket/{prefix} was overwritten"
    )


def test_a_deleted_output_is_named(here: World) -> None:
    """The place that is gone is in the sentence."""
    first = here.run(PIPELINE)
    (key,) = here.objects("training/")
    here.account.objects._s3.backend.delete_object("bucket", key)  # noqa: SLF001 - as a client would
    folder = key.rpartition("/")[0]
    assert here.why(here.run())["train"] == f"ran: the cached result's output s3://bucket/{folder} is gone"
    assert execution_id(first) in folder


def test_caching_is_off_unless_it_is_on(here: World) -> None:
    """A step without CacheConfig runs each time; its results serve once caching is on."""
    here.run(pipeline(processing("a")))
    assert here.why(here.run()) == {"a": "ran: caching is off for this step"}
    off = processing("a", CacheConfig={"Enabled": False})
    assert here.why(here.run(pipeline(off))) == {"a": "ran: caching is off for this step"}
    on = processing("a", CacheConfig=CACHED)
    assert here.why(here.run(pipeline(on)))["a"].startswith("cached from execution")


def test_results_expire(here: World) -> None:
    """Older than ExpireAfter is too old."""
    here.run(pipeline(processing("a", CacheConfig={"Enabled": True, "ExpireAfter": "T5m"})))
    (record,) = here.account.store.list(cache.RESULT)
    assert here.why(here.run())["a"].startswith("cached from")
    aged = record | {"Finished": record["Finished"] - timedelta(minutes=6)}
    here.account.store.put(cache.RESULT, record["Name"], aged)
    assert here.why(here.run())["a"].startswith("ran: cache expired")


def test_only_successes_count(here: World) -> None:
    """A failed run is never reused."""
    here.run(pipeline(processing("a", "raise SystemExit(3)", CacheConfig=CACHED)))
    assert here.why(here.run()) == {"a": "ran: no earlier successful run of this step"}


def test_pipelines_and_steps_share_no_results(here: World) -> None:
    """The same arguments in another step or another pipeline are not the same step."""
    here.run(pipeline(processing("a", CacheConfig=CACHED)))
    assert here.why(here.run(pipeline(processing("b", CacheConfig=CACHED))))["b"].startswith(
        "ran: no earlier"
    )
    here.create(pipeline(processing("a", CacheConfig=CACHED)), "other")
    assert here.why(here.ended(here.start("other")))["a"].startswith("ran: no earlier")


def test_a_deleted_pipelines_results_are_gone(here: World) -> None:
    """A pipeline of the same name starts with an empty cache."""
    here.run(pipeline(processing("a", CacheConfig=CACHED)))
    here.call("DeletePipeline", PipelineName="pipe")
    assert here.account.store.list(cache.RESULT) == []
    assert here.why(here.run(pipeline(processing("a", CacheConfig=CACHED))))["a"].startswith(
        "ran: no earlier"
    )


def test_the_why_stands_behind_a_steps_own_description(here: World) -> None:
    """StepDescription holds both, in this order."""
    here.run(pipeline(processing("a", Description="Does\nnothing")))
    assert here.why(here.run()) == {"a": "Does nothing — ran: caching is off for this step"}


def test_conditions_without_steps_before_them_are_evaluated(here: World) -> None:
    """Only a step behind cached steps is taken from the cache without a CacheConfig of its own."""
    here.run(pipeline(condition("c", [equals(1, 1)])))
    assert here.why(here.run()) == {"c": "ran: no step before it was cached"}
