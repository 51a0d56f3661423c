"""``constraints.json``: how much may differ, in the layout that Model Monitor's own container writes.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-constraints.html

People may edit the file: a feature's threshold or whether it is compared at all, under its
``monitoringConfigOverrides``; whether anything is, under ``monitoring_config``; the rate of false alarms and
the rest under ``bestiary``.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from bestiary.drift.baseline import Baseline, Limits
from bestiary.drift.errors import UnusableBaseline
from bestiary.drift.features import BY_NAME, FEATURES, Feature, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

_SETTINGS = ("false_alarms", "least_photos", "confidence_floor", "allowed_errors")
_ON, _OFF = "Enabled", "Disabled"
_TYPES = {Kind.NUMBER: "Fractional", Kind.CATEGORY: "String"}


def constraints(baseline: Baseline) -> dict[str, Any]:
    """Describe a baseline's limits."""
    limits = baseline.limits
    return {
        "version": 0,
        "features": [_feature(feature, baseline) for feature in FEATURES],
        "monitoring_config": {
            "evaluate_constraints": _ON,
            "emit_metrics": _ON,
            "datatype_check_threshold": 1.0,
            "domain_content_threshold": 1.0,
            "distribution_constraints": _comparison(_ON, 0.1),
        },
        "bestiary": {name: getattr(limits, name) for name in _SETTINGS},
    }


def read_limits(found: Mapping[str, Any]) -> Limits:
    """Read what `constraints` wrote and people may have edited.

    Raises
    ------
    UnusableBaseline
        A setting is missing, unknown, or not of its kind.
    """
    try:
        settings = dict(found.get("bestiary", {}))
        unknown = sorted(settings.keys() - set(_SETTINGS))
        if unknown:
            raise UnusableBaseline(f"the constraints have {unknown[0]}, which is none of {_SETTINGS}")
        kinds = {one.name: int if one.name == "least_photos" else float for one in fields(Limits)}
        typed: dict[str, Any] = {name: kinds[name](value) for name, value in settings.items()}
        features = {one["name"]: one for one in found["features"] if one["name"] in BY_NAME}
        rules = {
            name: one.get("monitoringConfigOverrides", {}).get("distribution_constraints", {})
            for name, one in features.items()
        }
        least = {
            name: float(rule.get("comparison_threshold", BY_NAME[name].least_effect))
            for name, rule in rules.items()
        }
        everything = found.get("monitoring_config", {}).get("evaluate_constraints") == _OFF
        off = (name for name, one in features.items() if _off(one, rules[name]))
        ignored = frozenset(BY_NAME if everything else off)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, UnusableBaseline):
            raise
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise UnusableBaseline(f"the constraints cannot be used: {what}") from error
    return Limits(**typed, least_effects=least, ignored=ignored)


def _off(feature: Mapping[str, Any], rule: Mapping[str, Any]) -> bool:
    """Tell whether a feature is switched off, by hand or by the SDK's ``Constraints.set_monitoring``."""
    by_sdk = feature.get("monitoring_config_overrides") or {}
    return _OFF in {rule.get("perform_comparison"), by_sdk.get("evaluate_constraints")}


def _feature(feature: Feature, baseline: Baseline) -> dict[str, Any]:
    limits = baseline.limits
    state = _OFF if feature.name in limits.ignored else _ON
    threshold = limits.least_effects.get(feature.name, feature.least_effect)
    described: dict[str, Any] = {
        "name": feature.name,
        "inferred_type": _TYPES.get(feature.kind, "Unknown"),
        "completeness": 1.0,
        "monitoringConfigOverrides": {"distribution_constraints": _comparison(state, threshold)},
    }
    if feature.kind is Kind.NUMBER:
        described["num_constraints"] = {"is_non_negative": True}
    if feature.kind is Kind.CATEGORY:
        described["string_constraints"] = {"domains": list(baseline.labels)}
    return described


def _comparison(state: str, threshold: float) -> dict[str, Any]:
    return {
        "perform_comparison": state,
        "comparison_threshold": threshold,
        "comparison_method": "Robust",
    }
