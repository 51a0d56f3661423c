"""SageMaker Pipelines: the definition JSON (schema "2020-12-01") that AWS would get, checked and run.

A reader's path: `definition` (text to `model`), `checks` (what is refused at Create), `schedule` (what may
start when), `run` (one execution), `engine` (all of them). What a value in a step's arguments may be is in
`expressions` and `references`; which earlier result stands in for a step is in `cache`, and the sentence
that says so in `differences`.
"""
