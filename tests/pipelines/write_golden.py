"""Write the golden definition anew: python tests/pipelines/write_golden.py."""

from __future__ import annotations

import json
from pathlib import Path

from example_account import AROUND

from pipelines.graph.compile import compile_training

definition = json.loads(compile_training(AROUND, "us-east-1", own_backbone=False))
golden = Path(__file__).parent / "golden" / "training-pipeline.json"
golden.write_text(json.dumps(definition, indent=1) + "\n", "utf-8")
