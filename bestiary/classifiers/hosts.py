"""Training on several hosts: each has a copy of the network and takes its part of every batch."""

from __future__ import annotations

import json
import os
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

PORT = 8890
"""Where the hosts talk to each other; SageMaker leaves all ports between the hosts of a job open."""


@dataclass(frozen=True)
class Hosts:
    """The hosts of one training job.

    Attributes
    ----------
    names
        All of them, in the order that SageMaker gives, e.g. ``algo-1`` and ``algo-2``.
    current
        This one.
    """

    names: tuple[str, ...]
    current: str

    @classmethod
    def of(cls, config: dict[str, Any]) -> Self:
        """Read ``resourceconfig.json``; a job without one has one host."""
        names = tuple(config.get("hosts", ())) or ("algo-1",)
        return cls(names, config.get("current_host", names[0]))

    @property
    def leads(self) -> bool:
        """Whether this is the host that writes what the job leaves."""
        return self.current == self.names[0]

    def join(self) -> AbstractContextManager[None]:
        """Wait for the other hosts; networks that are built and trained within are trained by all.

        `tf.distribute.MultiWorkerMirroredStrategy` (https://www.tensorflow.org/tutorials/distribute): after
        each batch the hosts add up their gradients, so that all have the same weights. To be called once,
        before anything is computed.
        """
        if len(self.names) == 1:
            return nullcontext()
        task = {"type": "worker", "index": self.names.index(self.current)}
        # A port each: hosts may be processes of one machine.
        cluster = {"worker": [f"{name}:{PORT + place}" for place, name in enumerate(self.names)]}
        os.environ["TF_CONFIG"] = json.dumps({"cluster": cluster, "task": task})
        import tensorflow as tf

        scope: AbstractContextManager[None] = tf.distribute.MultiWorkerMirroredStrategy().scope()
        return scope


class Part(NamedTuple):
    """Which photos of a batch one host takes.

    Attributes
    ----------
    host
        Its place among the hosts, from 0.
    hosts
        Number of hosts.
    replicas
        Copies of the network on each: one a GPU. All of a host's see the same photos.
    """

    host: int
    hosts: int
    replicas: int

    @classmethod
    def of_this_host(cls) -> Self:
        """Read it from TensorFlow's strategy; see `Hosts.join`."""
        import tensorflow as tf

        strategy = tf.distribute.get_strategy()
        cluster = strategy.cluster_resolver
        if cluster is None:
            return cls(0, 1, 1)
        hosts = len(cluster.cluster_spec().as_dict()["worker"])
        return cls(cluster.task_id, hosts, strategy.num_replicas_in_sync // hosts)

    def of(self, batch: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], np.float32]:
        """Return this host's photos, and what their mean weighs in the mean over the batch."""
        if len(batch) < self.hosts:  # nothing can be learned from no photo at all
            return batch, np.float32(1 / self.hosts / self.replicas)
        mine = batch[self.host :: self.hosts]
        return mine, np.float32(len(mine) / len(batch) / self.replicas)
