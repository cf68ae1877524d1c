"""A batch on many machines: the same chunks as the pool's, on Dask (`kreislauf[cluster]`).

All machines must see the folder of the batch under the same path; workers write their parts there themselves, so only
small messages travel. Parts are the same bytes as those of the pool. Machines without a common folder run shards
(`--shard I/N`) and merge them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..model.errors import InputError
from ..model.toml_input import read_toml
from .chunk import ChunkContext, Event, do_chunk
from .optional import optional

if TYPE_CHECKING:
    from .batch import Evaluator

_AHEAD = 2  # chunks per worker thread that are under way


def on_cluster(where: str) -> Evaluator:
    """Return the evaluator that runs chunks on Dask.

    `where` is the address of a scheduler (`tcp://host:8786`) or a TOML file: `kind` (a class of dask-jobqueue such as
    "SLURMCluster", or "LocalCluster"), `jobs` (how many jobs to ask for), and a table [options] with what that class
    takes (cores, memory, queue, walltime, ...). Raises InputError for anything else.
    """
    if where.startswith(("tcp://", "tls://", "inproc://")):
        return lambda context, jobs, given_up: _evaluate(optional("distributed").Client(where), context, jobs, given_up)
    if not where.endswith(".toml"):
        raise InputError(f"cluster {where!r} is not usable; expected tcp://HOST:PORT or a TOML file")
    data, source = read_toml(Path(where))
    unknown = sorted(set(data) - {"kind", "jobs", "options"})
    kind = str(data.get("kind", ""))
    if unknown or not kind.endswith("Cluster"):
        words = f"unknown key {unknown[0]!r}" if unknown else f"unknown kind {kind!r}, expected such as SLURMCluster"
        raise InputError(f"{source.name}: {words}; the keys are kind, jobs and a table [options]")
    library = optional("distributed" if kind == "LocalCluster" else "dask_jobqueue")
    if not hasattr(library, kind):
        raise InputError(f"{source.name}: {library.__name__} has no {kind}")

    def evaluate(
        context: ChunkContext, jobs: Iterable[list[int]], given_up: Callable[[int, str], Event]
    ) -> Generator[Event]:
        with getattr(library, kind)(**data.get("options", {})) as cluster:
            if "jobs" in data:
                cluster.scale(jobs=int(data["jobs"])) if kind != "LocalCluster" else cluster.scale(int(data["jobs"]))
            yield from _evaluate(optional("distributed").Client(cluster), context, jobs, given_up)

    return evaluate


def _evaluate(
    client: Any, context: ChunkContext, jobs: Iterable[list[int]], given_up: Callable[[int, str], Event]
) -> Generator[Event]:
    """Yield what the chunks report; a chunk whose worker was lost too often is done run by run, then given up."""
    distributed = optional("distributed")
    source = iter(jobs)
    with client:
        shared = client.scatter(context, broadcast=True)
        running = distributed.as_completed(with_results=False)
        chunks: dict[str, list[int]] = {}

        def submit(chunk: list[int]) -> None:
            future = client.submit(chunk_events, shared, chunk, pure=False, retries=0)
            chunks[future.key] = chunk
            running.add(future)

        def fill() -> None:
            room = max(2, _AHEAD * sum(client.nthreads().values()))
            while len(chunks) < room and (chunk := next(source, None)) is not None:
                submit(chunk)

        fill()
        for future in running:
            chunk = chunks.pop(future.key)
            if future.status == "error":
                error = future.exception()
                if len(chunk) > 1:
                    for run in chunk:
                        submit([run])
                else:
                    yield given_up(chunk[0], f"the worker was lost: {type(error).__name__}")
            else:
                yield from future.result()
            fill()


def chunk_events(context: ChunkContext, chunk: list[int]) -> list[Event]:
    """Return everything a chunk reports: what a Dask worker does."""
    return [message.payload for message in do_chunk(context, chunk)]
