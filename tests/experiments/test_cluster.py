"""The same batch on Dask: the same bytes as on the pool, failing runs reported, wrong addresses refused."""

import pytest
from kreislauf.experiments.batch import run
from kreislauf.experiments.cluster import on_cluster
from kreislauf.experiments.experiment import Experiment
from kreislauf.experiments.merge import merge, verify
from kreislauf.experiments.plan import Plan
from kreislauf.model.errors import InputError


def bytes_of(folder, out):
    results = merge([folder], out)
    return {name: results.path(name).read_bytes() for name in results.manifest["tables"]}


@pytest.mark.slow
def test_a_dask_local_cluster_gives_the_same_bytes_as_the_pool(tmp_path):
    (tmp_path / "local.toml").write_text(
        'kind = "LocalCluster"\n[options]\nn_workers = 2\nthreads_per_worker = 1\ndashboard_address = ""\n'
    )
    experiment = Experiment(
        name="x", variants=("status_quo", "community"), seeds=3, months=4, tables=("monthly", "flows", "cells")
    )
    plan = Plan.of(experiment)
    pool = run(plan, tmp_path / "pool", workers=2)
    dask = run(plan, tmp_path / "dask", evaluator=on_cluster(str(tmp_path / "local.toml")))
    assert (dask.finished, dask.failures) == (6, 0)
    assert verify(dask) == []
    assert bytes_of(pool.folder, tmp_path / "r1") == bytes_of(dask.folder, tmp_path / "r2")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kind = 'SlurmCluster'", "has no SlurmCluster"),
        ("kind = 'x'", "unknown kind 'x'"),
        ("cores = 3", "unknown key 'cores'"),
    ],
)
def test_wrong_files_of_a_job_queue_are_refused(tmp_path, text, words):
    (tmp_path / "queue.toml").write_text(text)
    with pytest.raises(InputError, match=words):
        on_cluster(str(tmp_path / "queue.toml"))


def test_something_that_is_no_address_is_refused():
    with pytest.raises(InputError, match=r"cluster 'somewhere' is not usable; expected tcp://HOST:PORT"):
        on_cluster("somewhere")
