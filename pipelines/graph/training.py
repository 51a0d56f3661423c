"""The training pipeline: from a prefix of photos to a registered model version.

``prepare`` (after ``decode``, where many machines share the photos) and ``backbone`` → ``train-custom-cnn`` ∥
``train-efficientnetb3`` ∥ ``train-tuned`` → ``evaluate`` → ``gate`` → ``register``, or ``refuse``, which says
why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sagemaker.core.workflow.conditions import ConditionEquals
from sagemaker.core.workflow.functions import Join, JsonGet
from sagemaker.core.workflow.properties import PropertyFile
from sagemaker.mlops.workflow.condition_step import ConditionStep
from sagemaker.mlops.workflow.fail_step import FailStep
from sagemaker.mlops.workflow.pipeline import Pipeline
from sagemaker.mlops.workflow.steps import StepTypeEnum

from pipelines.graph.jobs import place, processing_input, processing_job, training_job
from pipelines.graph.register import register_request
from pipelines.graph.request_step import RequestStep
from pipelines.graph.variables import variables
from pipelines.names import PIPELINE
from pipelines.network import isolated

if TYPE_CHECKING:
    from pipelines.graph.compile import Surroundings

CUSTOM_CNN = "custom_cnn"
TRANSFER = ("efficientnetb3", "tuned")
MODELS = (CUSTOM_CNN, *TRANSFER)

# Shown in the report's lineage, so that a reader need not open the execution.
_IN_THE_REPORT = (
    "DataUri",
    "InboxUri",
    "PinnedTestUri",
    "ImageSize",
    "TransferImageSize",
    "EqualizeCnn",
    "EqualizeTransfer",
    "Epochs",
    "BatchSize",
    "LearningRate",
    "Seed",
    "Weights",
)


def training_pipeline(
    around: Surroundings,
    session: Any,  # noqa: ANN401 - untyped SDK
    *,
    own_backbone: bool = False,
    many_machines: bool = False,
) -> Pipeline:
    """Build the graph.

    Parameters
    ----------
    around
        What it stands on.
    session
        A SageMaker session: only compiling needs it, nothing is sent.
    own_backbone
        The transfer models start from a Keras file at the parameter ``BackboneUri`` in place of
        EfficientNetB3.
    many_machines
        The photos are decoded on ``ProcessingInstanceCount`` machines, each its part.

    Returns
    -------
    sagemaker.mlops.workflow.pipeline.Pipeline
        Two calls with equal arguments give definitions of identical bytes.
    """
    at = variables(around.no_approved_uri, own_backbone=own_backbone)
    decode = _decode(around, at) if many_machines else None
    prepare = _prepare(around, at, decode)
    backbone = _backbone(around, at)
    trained = {name: _train(name, around, at, prepare, backbone) for name in MODELS}
    evaluate = _evaluate(around, at, prepare, trained)
    return Pipeline(
        name=PIPELINE,
        parameters=list(at.values()),
        pipeline_experiment_config=None,
        steps=[
            *filter(None, [decode]),
            prepare,
            backbone,
            *trained.values(),
            evaluate,
            _gate(around, at, prepare, evaluate),
        ],
        sagemaker_session=session,
    )


def step_name(model: str) -> str:
    """Name of the step that trains one candidate."""
    return f"train-{model.replace('_', '-')}"


def _output(step: RequestStep, name: str) -> Any:  # noqa: ANN401 - untyped SDK
    return step.properties.ProcessingOutputConfig.Outputs[name].S3Output.S3Uri


def _processors(at: dict[str, Any]) -> tuple[object, object, object]:
    return at["ProcessingInstanceType"], 1, at["VolumeSize"]


def _decode(around: Surroundings, at: dict[str, Any]) -> RequestStep:
    request = processing_job(
        "decode",
        image=around.jobs_image,
        role=around.jobs_role,
        instances=(at["ProcessingInstanceType"], at["ProcessingInstanceCount"], at["VolumeSize"]),
        arguments=[*_pictures(at), *("--as-of", at["AsOf"])],
        inputs=_photos(at, shared_out=True),
        outputs={"shards": place(around.bucket, "decode", "shards")},
        network=isolated(around.network),
    )
    return RequestStep("decode", StepTypeEnum.PROCESSING, request)


def _photos(at: dict[str, Any], *, shared_out: bool) -> list[dict[str, Any]]:
    return [
        processing_input("data", at["DataUri"], shared_out=shared_out),
        processing_input("inbox", at["InboxUri"], shared_out=shared_out),
    ]


def _pictures(at: dict[str, Any]) -> list[object]:
    return [
        *("--image-size", at["ImageSize"].to_string()),
        *("--transfer-image-size", at["TransferImageSize"].to_string()),
        *("--equalize-cnn", at["EqualizeCnn"]),
    ]


def _prepare(around: Surroundings, at: dict[str, Any], decode: RequestStep | None) -> RequestStep:
    outputs = ("train", "test", "exploration")
    photos = (
        [processing_input("shards", _output(decode, "shards"))] if decode else _photos(at, shared_out=False)
    )
    request = processing_job(
        "prepare",
        image=around.jobs_image,
        role=around.jobs_role,
        instances=_processors(at),
        arguments=[*_pictures(at), *("--seed", at["Seed"].to_string()), *("--as-of", at["AsOf"])],
        inputs=[*photos, processing_input("pinned", at["PinnedTestUri"])],
        outputs={name: place(around.bucket, "prepare", name) for name in outputs},
        network=isolated(around.network),
    )
    return RequestStep("prepare", StepTypeEnum.PROCESSING, request)


def _backbone(around: Surroundings, at: dict[str, Any]) -> RequestStep:
    own = "BackboneUri" in at
    source = ["--backbone", "file"] if own else ["--backbone", "efficientnetb3", "--weights", at["Weights"]]
    request = processing_job(
        "backbone",
        image=around.jobs_image,
        role=around.jobs_role,
        instances=_processors(at),
        arguments=[
            *source,
            *("--image-size", at["TransferImageSize"].to_string()),
            *("--seed", at["Seed"].to_string()),
        ],
        inputs=[processing_input("backbone", at["BackboneUri"])] if own else [],
        outputs={"backbone": place(around.bucket, "backbone")},
        # The one job that may reach out: it fetches the ImageNet weights, to which no VPC of ours leads.
        network=isolated(around.network) if own else {"EnableNetworkIsolation": False},
    )
    if not own:
        del request["ProcessingInputs"]
    return RequestStep("backbone", StepTypeEnum.PROCESSING, request)


def _train(
    model: str, around: Surroundings, at: dict[str, Any], prepare: RequestStep, backbone: RequestStep
) -> RequestStep:
    view = CUSTOM_CNN if model == CUSTOM_CNN else "transfer"
    settings: dict[str, object] = {
        "model": model,
        "epochs": at["Epochs"].to_string(),
        "batch_size": at["BatchSize"].to_string(),
        "learning_rate": at["LearningRate"].to_string(),
        "seed": at["Seed"].to_string(),
    }
    channels: dict[str, object] = {"train": Join(on="/", values=[_output(prepare, "train"), view])}
    made_of = [prepare.properties.ProcessingJobName]
    decided = [at[name] for name in ("Epochs", "BatchSize", "LearningRate", "Seed")]
    if model in TRANSFER:
        settings["equalize"] = at["EqualizeTransfer"]
        channels["backbone"] = _output(backbone, "backbone")
        made_of.append(backbone.properties.ProcessingJobName)
        decided.append(at["EqualizeTransfer"])
    request = training_job(
        image=around.jobs_image,
        role=around.jobs_role,
        instances=(at["TrainingInstanceType"], at["TrainingInstanceCount"], at["VolumeSize"]),
        hyperparameters=settings,
        channels=channels,
        output=place(around.bucket, step_name(model)),
        # Of the jobs that made the inputs and of the settings, not of the execution: the prefix is part of
        # the step's cache key. Two trainings share it only where they come to the same weights anyway.
        checkpoints=Join(
            on="/",
            values=[f"s3://{around.bucket}/bestiary/checkpoints", step_name(model), *made_of, *decided],
        ),
        spot=around.spot,
        network=around.network,
    )
    return RequestStep(step_name(model), StepTypeEnum.TRAINING, request)


def _evaluate(
    around: Surroundings,
    at: dict[str, Any],
    prepare: RequestStep,
    trained: dict[str, RequestStep],
) -> RequestStep:
    inputs = [
        processing_input("test", _output(prepare, "test")),
        processing_input("exploration", _output(prepare, "exploration")),
        processing_input("approved", at["ApprovedModelUri"]),
    ]
    for model, step in trained.items():
        training = Join(
            on="/",
            values=[
                step.properties.OutputDataConfig.S3OutputPath,
                step.properties.TrainingJobName,
                "output",
                "output.tar.gz",
            ],
        )
        archive = step.properties.ModelArtifacts.S3ModelArtifacts
        inputs.append(processing_input(f"model-{model}", archive, f"models/{model}"))
        inputs.append(processing_input(f"training-{model}", training, f"training/{model}"))
    request = processing_job(
        "evaluate",
        image=around.jobs_image,
        role=around.jobs_role,
        instances=_processors(at),
        arguments=[
            *("--accuracy-threshold", at["AccuracyThreshold"].to_string()),
            *("--allowed-regression", at["AllowedRegression"].to_string()),
            *_shown(at),
        ],
        inputs=inputs,
        outputs={
            "evaluation": place(around.bucket, "evaluation"),
            "champion": place(around.bucket, "champion"),
        },
        network=isolated(around.network),
        # A container is not told which image it is of, and the lineage names it.
        environment={"BESTIARY_IMAGE": around.jobs_image},
    )
    evaluation = PropertyFile(name="evaluation", output_name="evaluation", path="evaluation.json")
    return RequestStep("evaluate", StepTypeEnum.PROCESSING, request, (evaluation,))


def _shown(at: dict[str, Any]) -> list[object]:
    words: list[object] = []
    for name in _IN_THE_REPORT:
        words += ["--parameter", Join(on="=", values=[name, at[name]])]
    return words


def _gate(
    around: Surroundings, at: dict[str, Any], prepare: RequestStep, evaluate: RequestStep
) -> ConditionStep:
    def found(path: str) -> JsonGet:
        return JsonGet(step_name="evaluate", property_file="evaluation", json_path=path, step=evaluate)

    request = register_request(
        image=around.serving_image,
        champion=_output(evaluate, "champion"),
        evaluation=_output(evaluate, "evaluation"),
        made_by=evaluate.properties.ProcessingJobArn,
        parent=at["ApprovedVersion"],
        test=_output(prepare, "test"),
        approval=at["Approval"],
        found=found,
    )
    return ConditionStep(
        name="gate",
        conditions=[ConditionEquals(left=found("gate.passed"), right=True)],
        if_steps=[RequestStep("register", StepTypeEnum.REGISTER_MODEL, request)],
        else_steps=[FailStep(name="refuse", error_message=Join(on="", values=[found("gate.reason")]))],
    )
