# SPDX-License-Identifier: Apache-2.0
"""A platform API: teams ask for a TeamCluster and get a virtual cluster with a quota.

    uvicorn --factory app:create_app        (the host is that of $KUBECONFIG)
    curl localhost:8000/teamclusters -d '{"team": "payments", "kubernetesVersion": "1.35",
        "resourceQuota": {"cpu": "8", "memory": "16Gi"}}' -H 'Content-Type: application/json'

Whatever takes time is a job: 202, and where to ask how it stands. There is no database: the host
cluster knows what there is, and asking again for what is there is success. Who may do what is for
the proxy in front of it.
"""

import contextlib

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from jobs import Job, Jobs
from pydantic import BaseModel, ConfigDict, Field

import vcluster

#: What each kind of failure is in HTTP; any other is 500.
HTTP_STATUS = {
    "INVALID_ARGUMENT": 422,
    "CONFIG": 422,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "CONFLICT": 409,
    "PRECONDITION": 409,
    "PERMISSION": 403,
    "QUOTA": 429,
    "UNAUTHENTICATED": 502,
    "PROTOCOL": 502,
    "UNAVAILABLE": 503,
    "UNSUPPORTED": 501,
    "TIMEOUT": 504,
    "CANCELLED": 409,
}


class TeamCluster(BaseModel):
    """What a team asks for."""

    model_config = ConfigDict(extra="forbid")

    team: str = Field(pattern=r"^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$")
    kubernetesVersion: str | None = None
    resourceQuota: dict[str, str | int] = {}
    ttl: int | None = Field(default=None, gt=0, description="seconds until it expires")


def problem(error: vcluster.VClusterError) -> dict[str, object]:
    """An error as RFC 9457 has it, with the findings."""
    return {
        "title": error.code,
        "status": HTTP_STATUS.get(error.code, 500),
        "detail": str(error),
        "retryable": error.retryable,
        "findings": [
            {"path": f.path, "message": f.message, "remedy": f.remedy} for f in error.findings
        ],
    }


def on_error(_: Request, error: vcluster.VClusterError) -> JSONResponse:
    body = problem(error)
    headers = {"Retry-After": "10"} if error.retryable else None
    return JSONResponse(body, body["status"], headers, media_type="application/problem+json")


def job_form(job: Job) -> dict[str, object]:
    form: dict[str, object] = {"id": job.id, "cluster": job.cluster, "step": job.step}
    error = job.error()
    if job.running:
        return form | {"status": "running"}
    if error is None:
        return form | {"status": "done"}
    if not isinstance(error, vcluster.VClusterError):
        error = vcluster.InternalError(type(error).__name__)
    return form | {"status": "failed", "error": problem(error)}


def accepted(response: Response, job: Job) -> dict[str, object]:
    response.headers["Location"] = f"/jobs/{job.id}"
    return job_form(job)


def create_app(
    kubeconfig: str | None = None, distribution: str | None = None, prefix: str = "team-"
) -> FastAPI:
    """The application for one host. Virtual clusters are called after the prefix and the team."""
    host = vcluster.Client(kubeconfig, user_agent="platform-api", timeout=300)
    jobs = Jobs()
    chart = vcluster.Chart.embedded() if distribution == "embedded" else None

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI):
        yield
        jobs.close()
        host.close()

    app = FastAPI(title="Team clusters", lifespan=lifespan)
    app.add_exception_handler(vcluster.VClusterError, on_error)

    def of_a_team(name: str) -> vcluster.Instance:
        """One that this API made; others are none of its business."""
        found = host.get(name, namespace=f"vcluster-{name}")
        if not name.startswith(prefix) or found.owner != name.removeprefix(prefix):
            raise vcluster.NotFoundError(f"there is no team cluster '{name}'")
        return found

    @app.post("/teamclusters", status_code=202)
    def create(wish: TeamCluster, response: Response) -> dict[str, object]:
        name = prefix + wish.team
        spec = wish.model_dump(exclude={"ttl"}, exclude_none=True)
        config = vcluster.Config()
        document = {"kind": "TeamCluster", "metadata": {"name": name}, "spec": spec}
        # 422 with all findings, before anything is made
        vcluster.quota.set_tenant(config, document, chart=chart)

        def work(job: Job) -> None:
            host.ensure(
                name,
                config,
                namespace=f"vcluster-{name}",
                distribution=distribution,
                ttl=wish.ttl,
                owner=wish.team,
                cancel=job.cancel,
                progress=job.on_progress,
            )

        return accepted(response, jobs.start(name, ("ensure", wish), work))

    @app.get("/teamclusters")
    def list_all() -> list[dict[str, object]]:
        return [one.to_dict() for one in host.list() if one.name == prefix + one.owner]

    @app.get("/teamclusters/{name}")
    def get(name: str) -> dict[str, object]:
        found = of_a_team(name)
        quotas = host.resources.list("v1", "ResourceQuota", namespace=found.namespace)
        return found.to_dict() | {"quota": [one.get("status", {}) for one in quotas]}

    @app.delete("/teamclusters/{name}", status_code=202)
    def delete(name: str, response: Response) -> dict[str, object]:
        namespace = of_a_team(name).namespace

        def work(job: Job) -> None:
            host.delete(
                name,
                namespace=namespace,
                missing_ok=True,
                cancel=job.cancel,
                progress=job.on_progress,
            )

        return accepted(response, jobs.start(name, "delete", work))

    @app.get("/jobs/{id}")
    def job(id: str) -> dict[str, object]:
        return job_form(jobs.get(id))

    @app.delete("/jobs/{id}")
    def cancel(id: str) -> dict[str, object]:
        found = jobs.get(id)
        found.cancel.trigger()
        return job_form(found)

    return app
