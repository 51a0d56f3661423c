"""How the hosts of one training share the work; the training itself is in tests/docker."""

import numpy as np
import pytest

from bestiary.classifiers.hosts import Hosts, Part


def test_the_first_host_leads():
    """As SageMaker describes two hosts to the second of them."""
    second = Hosts.of({"current_host": "algo-2", "hosts": ["algo-1", "algo-2"]})

    assert not second.leads
    assert Hosts.of({"current_host": "algo-1", "hosts": ["algo-1", "algo-2"]}).leads


def test_job_that_says_nothing_of_hosts_has_one():
    """A processing job, or a training outside of SageMaker."""
    assert Hosts(("algo-1",), "algo-1") == Hosts.of({})


@pytest.mark.parametrize("size", [1, 2, 3, 8, 31, 32])
@pytest.mark.parametrize("hosts", [1, 2, 3])
def test_the_shares_of_all_hosts_make_up_the_mean_of_the_batch(hosts, size):
    """Every photo counts alike, also in a last batch that has fewer photos than there are hosts."""
    losses = np.random.default_rng(size).random(size)
    parts = [Part(host, hosts, 1).of(np.arange(size)) for host in range(hosts)]

    assert all(len(mine) for mine, _ in parts)
    assert losses.mean() == pytest.approx(sum(losses[mine].mean() * share for mine, share in parts))
