"""The layouts that the SageMaker guide publishes for a monitor's files, as JSON Schemas.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-statistics.html (and -constraints, and
model-monitor-interpreting-violations). A container may add to them.
"""

from typing import Any

NUMBER = {"type": "number"}
TEXT = {"type": "string"}


def an_object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def listed(item: Any) -> dict[str, Any]:
    return {"type": "array", "items": item}


COMMON = an_object(num_present=NUMBER, num_missing=NUMBER)
KLL = an_object(
    buckets={
        **listed(an_object(lower_bound=NUMBER, upper_bound=NUMBER, count=NUMBER)),
        "minItems": 10,
        "maxItems": 10,
    },
    sketch=an_object(parameters=an_object(c=NUMBER, k=NUMBER), data=listed(listed(NUMBER))),
)
NUMERICAL = an_object(
    name=TEXT,
    inferred_type={"enum": ["Fractional", "Integral"]},
    numerical_statistics=an_object(
        common=COMMON,
        mean=NUMBER,
        sum=NUMBER,
        std_dev=NUMBER,
        min=NUMBER,
        max=NUMBER,
        distribution=an_object(kll=KLL),
    ),
)
STRING = an_object(
    name=TEXT,
    inferred_type={"const": "String"},
    string_statistics=an_object(
        common=COMMON,
        distinct_count=NUMBER,
        distribution=an_object(categorical=an_object(buckets=listed(an_object(value=TEXT, count=NUMBER)))),
    ),
)
STATISTICS = an_object(
    version={"const": 0},
    dataset=an_object(item_count=NUMBER),
    features=listed({"oneOf": [NUMERICAL, STRING]}),
)
SWITCH = {"enum": ["Enabled", "Disabled"]}
CONSTRAINTS = an_object(
    version={"const": 0},
    features=listed(
        an_object(
            name=TEXT,
            inferred_type={"enum": ["Integral", "Fractional", "String", "Unknown"]},
            completeness=NUMBER,
            monitoringConfigOverrides={"type": "object"},
        )
    ),
    monitoring_config=an_object(
        evaluate_constraints=SWITCH,
        emit_metrics=SWITCH,
        datatype_check_threshold=NUMBER,
        domain_content_threshold=NUMBER,
        distribution_constraints=an_object(
            perform_comparison=SWITCH,
            comparison_threshold=NUMBER,
            comparison_method={"enum": ["Simple", "Robust"]},
        ),
    ),
)
CHECKS = [
    "data_type_check",
    "completeness_check",
    "baseline_drift_check",
    "missing_column_check",
    "extra_column_check",
    "categorical_values_check",
]
VIOLATIONS = {
    **an_object(
        violations=listed(
            {
                **an_object(feature_name=TEXT, constraint_check_type={"enum": CHECKS}, description=TEXT),
                "additionalProperties": False,
            }
        )
    ),
    "additionalProperties": False,
}
METRIC = {
    "type": "object",
    "required": ["MetricName", "Timestamp"],
    "properties": {
        "MetricName": TEXT,
        "Timestamp": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT[\d:]{8}Z$"},
        "Dimensions": listed(an_object(Name=TEXT, Value=TEXT)),
        "Value": NUMBER,
        "StatisticValues": an_object(SampleCount=NUMBER, Sum=NUMBER, Minimum=NUMBER, Maximum=NUMBER),
        "Unit": {"enum": ["Count", "None"]},
    },
    "oneOf": [{"required": ["Value"]}, {"required": ["StatisticValues"]}],
    "additionalProperties": False,
}
