"""Watching the classifier: monitor jobs by hand and on schedule, what they found, and who is told.

``watched``
    What is compared with what: the live version, its baseline, and what the endpoint captured.
``job``
    One monitor job, now.
``schedule``
    Monitor jobs on schedule: Model Monitor where the account has it, a scheduled pipeline elsewhere.
``checks``
    What monitor jobs found, whoever started them.
``alerts``
    The alarms on what they find, and the rules that tell people.
"""
