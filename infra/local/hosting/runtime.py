"""How this account's instances are run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Runtime:
    """Settings of hosting.

    Attributes
    ----------
    private
        Whether instances get a ``/opt/ml``, and isolated ones a network, of their own where the kernel
        allows it.
    grace
        Seconds between SIGTERM and SIGKILL; SageMaker gives a container 30.
    seconds
        Within which a container has to answer a request; SageMaker's real-time endpoints give it 60.
    capture_seconds
        After which captured data is put to S3, while requests go on coming.
    """

    private: bool = True
    grace: float = 30.0
    seconds: float = 60.0
    capture_seconds: float = 3.0
