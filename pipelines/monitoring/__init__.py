"""Watching the classifier: monitor jobs by hand and on schedule, what they found, and who is told.

``programs``
    The two jobs: one looks for drift, one compares answers with labels.
``watched``
    What is compared with what: the live version, its baseline or labels, and what the endpoint captured.
``job``
    One of the jobs, now.
``schedule``
    The jobs on schedule: Model Monitor where the account has it, a scheduled pipeline elsewhere.
``checks``
    What the jobs found, whoever started them.
``alerts``
    The alarms on what they find, and the rules that tell people.
"""
