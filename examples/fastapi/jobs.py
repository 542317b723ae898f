# SPDX-License-Identifier: Apache-2.0
"""Jobs: operations on virtual clusters that outlive the request that began them."""

import concurrent.futures
import threading
import uuid

import vcluster


class Job:
    """One operation on one virtual cluster."""

    def __init__(self, cluster: str, wish: object) -> None:
        self.id = uuid.uuid4().hex
        self.cluster = cluster
        self.wish = wish  # what was asked for, to know a request that comes again
        self.step = "waiting for its turn"
        self.cancel = vcluster.Cancel()
        self.future: concurrent.futures.Future[object] | None = None

    @property
    def running(self) -> bool:
        return self.future is None or not self.future.done()

    def on_progress(self, progress: vcluster.Progress) -> None:
        self.step = str(progress)

    def error(self) -> BaseException | None:
        return None if self.running else self.future.exception()


class Jobs:
    """At most one job runs for a virtual cluster; asking again for the same joins it."""

    def __init__(self, parallel: int = 8) -> None:
        self._pool = concurrent.futures.ThreadPoolExecutor(parallel)
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}

    def start(self, cluster: str, wish: object, work) -> Job:
        """Begin ``work(job)``, or join the one that is at it."""
        with self._lock:
            for job in self._jobs.values():
                if job.cluster == cluster and job.running:
                    if job.wish == wish:
                        return job
                    raise vcluster.ConflictError(f"job {job.id} is at work on '{cluster}'")
            job = Job(cluster, wish)
            self._jobs[job.id] = job
            job.future = self._pool.submit(work, job)
            return job

    def get(self, id: str) -> Job:
        with self._lock:
            if id not in self._jobs:
                raise vcluster.NotFoundError(f"there is no job '{id}'")
            return self._jobs[id]

    def close(self) -> None:
        """Stop what runs: the next ensure or delete takes it up where it stands."""
        with self._lock:
            for job in self._jobs.values():
                job.cancel.trigger()
        self._pool.shutdown()
