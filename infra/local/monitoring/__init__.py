"""Model Monitor: schedules that run a monitoring container over what an endpoint captured.

``windows``
    When jobs are due, and the time that each looks at.
``definitions``
    A schedule's job, written within it or apart.
``job``
    The processing job of one execution, in the contract of one's own monitoring container.
``monitor``
    Runs them by the account's clock, each due time once.
``metrics``
    What a container left for CloudWatch.
"""
