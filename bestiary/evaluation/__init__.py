"""What is measured about trained models: scores, calibration, comparison, the choice and the gate."""

from bestiary.evaluation.candidate import Candidate, choose
from bestiary.evaluation.comparison import Verdict, compare, lead
from bestiary.evaluation.evaluation import Approved, Evaluation, Lineage, TestData
from bestiary.evaluation.gate import Gate, Rules, decide
from bestiary.evaluation.metrics import ClassScores, Metrics, measure
from bestiary.evaluation.mistakes import Confusion, Mistake, mistakes, top_confusions

__all__ = [
    "Approved",
    "Candidate",
    "ClassScores",
    "Confusion",
    "Evaluation",
    "Gate",
    "Lineage",
    "Metrics",
    "Mistake",
    "Rules",
    "TestData",
    "Verdict",
    "choose",
    "compare",
    "decide",
    "lead",
    "measure",
    "mistakes",
    "top_confusions",
]
