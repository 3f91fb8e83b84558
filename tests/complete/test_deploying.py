"""What lies in ``deploy/`` is valid, by the schemas of its kind, and speaks of settings and commands that there are."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from compose_spec import PyCompose

from cli.main import COMMANDS
from config.settings import Settings, SettingsError, load_settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
KUBERNETES = "1.30"
NOT_OURS = re.compile(r"^(PREFECT_[A-Z_]+|FORWARDED_ALLOW_IPS|POSTGRES_[A-Z]+)$")
MANIFESTS = [
    pytest.param(document, id=f"{file.stem}-{document['kind']}-{document['metadata']['name']}")
    for file in sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    for document in yaml.safe_load_all(file.read_text(encoding="utf-8"))
]
RUN_PODS = [one for one in MANIFESTS if one.values[0]["kind"] in ("Deployment", "Job")]
COMPOSE = yaml.safe_load((DEPLOY / "docker-compose.yml").read_text(encoding="utf-8"))
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"] == "clientrisk"}
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")


def pod_of(manifest: dict[str, Any]) -> dict[str, Any]:
    pod: dict[str, Any] = manifest["spec"]["template"]["spec"]
    return pod


def container_of(manifest: dict[str, Any]) -> dict[str, Any]:
    (container,) = pod_of(manifest)["containers"]
    return dict(container)


def kinds(kind: str) -> Iterator[dict[str, Any]]:
    return (one.values[0] for one in MANIFESTS if one.values[0]["kind"] == kind)


def variables() -> Iterator[str]:
    """Every environment variable that anything in the folder sets for a part of ours."""
    for manifest in (*kinds("ConfigMap"), *kinds("Secret")):
        yield from manifest.get("data", {})
        yield from manifest.get("stringData", {})
    for manifest in kinds("Deployment"):
        yield from (entry["name"] for entry in container_of(manifest).get("env", []))
    for service in OURS.values():
        yield from service["environment"]
    yield from re.findall(r"\b(CLIENTRISK_[A-Z_]+)=", DOCKERFILE)


# -- by the schemas --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("manifest", MANIFESTS)
def test_kubernetes_takes_every_manifest(manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, KUBERNETES, strict=True)


def test_the_validator_would_notice_a_slip_of_the_pen() -> None:
    (deployment,) = [one for one in kinds("Deployment") if one["metadata"]["name"] == "clientrisk-api"]
    slipped = {**deployment, "spec": {**deployment["spec"], "replica": 2}}
    with pytest.raises(kubernetes_validate.ValidationError, match="replica"):
        kubernetes_validate.validate(slipped, KUBERNETES, strict=True)


def test_compose_takes_its_file() -> None:
    PyCompose.from_yaml(yaml.safe_dump(COMPOSE)).validate()  # anchors resolved, as compose does


def test_compose_waits_for_the_database_and_its_migrations() -> None:
    assert OURS["api"]["depends_on"]["migrations"]["condition"] == "service_completed_successfully"
    assert OURS["worker"]["depends_on"]["migrations"]["condition"] == "service_completed_successfully"
    assert OURS["migrations"]["depends_on"]["postgresql"]["condition"] == "service_healthy"


# -- settings and commands -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted({name for name in variables() if not NOT_OURS.match(name)}))
def test_every_setting_named_is_one(name: str) -> None:
    assert name.removeprefix("CLIENTRISK_").lower() in Settings.model_fields


@pytest.mark.parametrize("manifest", RUN_PODS)
def test_every_command_in_a_pod_is_one(manifest: dict[str, Any]) -> None:
    assert container_of(manifest)["args"][0] in COMMANDS


@pytest.mark.parametrize("name", OURS)
def test_every_command_in_compose_is_one(name: str) -> None:
    assert OURS[name]["command"][0] in COMMANDS


def test_what_compose_asks_for_is_in_the_example() -> None:
    text = (DEPLOY / "docker-compose.yml").read_text(encoding="utf-8")
    listed = re.findall(r"^([A-Z_]+)=", (DEPLOY / "compose.env.example").read_text(encoding="utf-8"), re.M)
    assert sorted(set(re.findall(r"\$\{([A-Z_]+)", text))) == sorted(listed)


@pytest.mark.parametrize("manifest", list(kinds("Secret")), ids=lambda one: one["metadata"]["name"])
def test_a_secret_that_was_not_filled_in_lets_nothing_start(
    manifest: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in manifest["stringData"].items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    ours = [name for name in manifest["stringData"] if name.startswith("CLIENTRISK_")]
    assert [name for name in ours if name not in str(refused.value)] == []


def test_the_config_map_alone_is_a_good_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (config,) = kinds("ConfigMap")
    for name, value in config["data"].items():
        monkeypatch.setenv(name, value)
    settings = load_settings(home=tmp_path)
    assert not settings.runs_own_prefect
    assert not settings.console_channel


# -- who runs as what ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("manifest", RUN_PODS)
def test_nothing_runs_as_root_or_writes_beside_its_volumes(manifest: dict[str, Any]) -> None:
    pod, container = pod_of(manifest), container_of(manifest)
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert f"USER {pod['securityContext']['runAsUser']}" in DOCKERFILE
    assert pod["automountServiceAccountToken"] is False
    secured = container["securityContext"]
    assert secured["readOnlyRootFilesystem"] is True
    assert secured["allowPrivilegeEscalation"] is False
    assert secured["capabilities"] == {"drop": ["ALL"]}
    assert {"requests", "limits"} == set(container["resources"])


@pytest.mark.parametrize("manifest", list(kinds("Deployment")), ids=lambda one: one["metadata"]["name"])
def test_whoever_hangs_is_noticed(manifest: dict[str, Any]) -> None:
    container = container_of(manifest)
    assert {"startupProbe", "livenessProbe"} <= set(container)
    if container.get("ports"):
        assert "readinessProbe" in container


def test_a_database_that_is_away_restarts_no_api() -> None:
    (api,) = [container_of(one) for one in kinds("Deployment") if one["metadata"]["name"] == "clientrisk-api"]
    assert api["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert api["readinessProbe"]["httpGet"]["path"] == "/readyz"


def test_what_reads_documents_shares_them_across_nodes() -> None:
    (claim,) = kinds("PersistentVolumeClaim")
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    sharing = {
        one["metadata"]["name"]
        for one in kinds("Deployment")
        if any("persistentVolumeClaim" in volume for volume in pod_of(one)["volumes"])
    }
    assert sharing == {"clientrisk-api", "clientrisk-worker"}


def test_services_scalers_and_budgets_find_their_pods() -> None:
    labels = {one["metadata"]["name"]: one["spec"]["template"]["metadata"]["labels"] for one in kinds("Deployment")}
    for service in kinds("Service"):
        assert service["spec"]["selector"] == labels[service["metadata"]["name"]]
    for budget in kinds("PodDisruptionBudget"):
        assert budget["spec"]["selector"]["matchLabels"] == labels[budget["metadata"]["name"]]
    for scaler in kinds("HorizontalPodAutoscaler"):
        assert scaler["spec"]["scaleTargetRef"]["name"] in labels


# -- the image -------------------------------------------------------------------------------------------------------


def test_the_image_holds_every_package_and_the_pinned_versions() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    copied = set(re.findall(r"^COPY (\w+) \./\w+$", DOCKERFILE, re.M))
    assert copied == set(packages)
    assert "--constraint constraints.txt" in DOCKERFILE
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    for name in (*packages, "pyproject.toml", "README.md", "constraints.txt"):
        assert f"!{name}\n" in ignored


def test_the_image_is_that_of_the_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert {container_of(one.values[0])["image"] for one in RUN_PODS} == {f"clientrisk:{version}"}


def test_images_come_from_nowhere_in_particular() -> None:
    images = {
        *re.findall(r"^FROM (\S+)", DOCKERFILE, re.M),
        *(service["image"] for service in COMPOSE["services"].values()),
        *(container_of(one.values[0])["image"] for one in RUN_PODS),
    }
    assert [image for image in images if "/" in image or image.endswith(":latest")] == []
