"""What is in deploy/ names settings, commands, files and addresses that exist.

Neither Docker nor Kubernetes is at hand in tests, so these files are not run here, and say so.
nginx.conf is run in ``tests/integration/test_balancer.py``.
"""

import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from app.cli import cli
from app.http_parser import MAX_BODY_BYTES, MAX_LINE_BYTES
from app.routes.health import ALIVE, READY
from app.routes.webhooks import WEBHOOKS
from app.server import grace_seconds
from app.settings import Settings, variable

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
COMPOSE = ("compose.yaml", "compose.files.yaml")
MANIFESTS = ("settings.yaml", "readers.yaml", "writer.yaml")
#: Texts that stand for secrets, of the length that settings want.
FILLED = "x" * 40

Document = dict[str, Any]


def documents(path: Path) -> list[Document]:
    """Return the documents of a YAML file."""
    yaml: Any = pytest.importorskip(
        "yaml", reason="PyYAML is not installed, which make setup-dev does"
    )
    return [document for document in yaml.safe_load_all(path.read_text()) if document]


def compose(name: str) -> Document:
    [found] = documents(DEPLOY / name)
    return found


def manifests() -> list[Document]:
    return [one for name in MANIFESTS for one in documents(DEPLOY / "kubernetes" / name)]


def manifest(kind: str, name: str) -> Document:
    [found] = [one for one in manifests() if (one["kind"], one["metadata"]["name"]) == (kind, name)]
    return found


def check_command(arguments: list[str]) -> tuple[str, Mapping[str, Any]]:
    """Return the command of ``consumo-whatsapp`` and its options; fail where it takes them not."""
    name, *options = arguments
    parsed = cli.commands[name].make_context(name, options)
    return name, parsed.params


def settings_of(environment: Mapping[str, str]) -> Settings:
    """Return the settings of a container, with every secret filled in."""
    filled = {
        name: re.sub(r"\$\{(\w+):\?[^}]*\}", FILLED, value) for name, value in environment.items()
    }
    assert all(isinstance(value, str) for value in environment.values()), environment
    return Settings.from_environment(filled)


# --- all files ------------------------------------------------------------------------------------


def test_each_file_is_known_here() -> None:
    names = {path.relative_to(DEPLOY).as_posix() for path in FILES} - {"store-password"}
    assert names == {
        "Dockerfile",
        "nginx.conf",
        *COMPOSE,
        *(f"kubernetes/{name}" for name in MANIFESTS),
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_only_settings_are_set(path: Path) -> None:
    named = set(re.findall(r"CONSUMO_[A-Z_]+", path.read_text()))
    assert named <= {variable(field.name) for field in fields(Settings)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_was_not_run_says_so_at_its_top(path: Path) -> None:
    top = " ".join(line.strip("# ") for line in path.read_text().splitlines()[:6])
    assert re.search(r"[Nn]ot (run|built) in the tests|runs this file", top)


# --- compose --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMPOSE)
def test_compose_starts_commands_with_settings_that_are_accepted(name: str) -> None:
    services = compose(name)["services"]
    ours = {key: one for key, one in services.items() if one["image"] == "consumo-whatsapp"}
    assert set(ours) == {"writer", "reader-1", "reader-2"}
    for key, one in ours.items():
        command, options = check_command(one["command"])
        assert command == ("writer" if key == "writer" else "serve")
        settings = settings_of(one["environment"])
        assert settings.is_published
        assert bool(settings.work_url) == (key == "writer")
        assert settings.cache_url.startswith("redis://redis:") == (key != "writer")
        assert str(options["port"]) in one["healthcheck"]["test"][-1]
        grace = float(one["stop_grace_period"].removesuffix("s"))
        assert grace > grace_seconds(settings, has_page=key != "writer") + 10
        assert (DEPLOY / one["build"]["context"] / one["build"]["dockerfile"]).is_file()


@pytest.mark.parametrize("name", COMPOSE)
def test_names_within_compose_exist(name: str) -> None:
    content = compose(name)
    services = content["services"]
    for one in services.values():
        assert set(one.get("depends_on", ())) <= set(services)
        assert set(one.get("secrets", ())) <= set(content.get("secrets", {}))
        for volume in one.get("volumes", ()):
            source = volume.partition(":")[0]
            is_there = (DEPLOY / source).exists() if "/" in source else source in content["volumes"]
            assert is_there, volume


@pytest.mark.parametrize("name", COMPOSE)
def test_nginx_asks_services_of_compose(name: str) -> None:
    services = compose(name)["services"]
    upstreams = re.findall(r"server ([\w-]+):(\d+) ", (DEPLOY / "nginx.conf").read_text())
    assert len(upstreams) == 3
    for host, port in upstreams:
        assert str(check_command(services[host]["command"])[1]["port"]) == port
    [published] = services["nginx"]["ports"]
    port = published.rpartition(":")[2]
    assert f"listen {port};" in (DEPLOY / "nginx.conf").read_text()
    assert published.startswith("127.0.0.1:")  # as long as nobody signs in


def test_the_files_are_in_a_volume_that_readers_only_read() -> None:
    services = compose("compose.files.yaml")["services"]
    folder = services["writer"]["environment"]["CONSUMO_STORE_URL"].removeprefix("file://")
    assert f"published:{folder}" in services["writer"]["volumes"]
    for name in ("reader-1", "reader-2"):
        assert f"published:{folder}:ro" in services[name]["volumes"]


# --- Kubernetes -----------------------------------------------------------------------------------


def containers() -> Iterator[tuple[Document, Document]]:
    """Yield the pod's spec and the one container of readers and writer."""
    for kind, name in (("Deployment", "consumo-readers"), ("StatefulSet", "consumo-writer")):
        spec = manifest(kind, name)["spec"]["template"]["spec"]
        [container] = spec["containers"]
        yield spec, container


def environment_of(container: Document) -> dict[str, str]:
    given: dict[str, str] = {}
    for source in container["envFrom"]:
        given |= manifest("ConfigMap", source["configMapRef"]["name"])["data"]
    for one in container["env"]:
        if "value" in one:
            given[one["name"]] = one["value"]
            continue
        reference = one["valueFrom"]["secretKeyRef"]
        assert reference["key"] in manifest("Secret", reference["name"])["stringData"]
        is_cache = one["name"] == "CONSUMO_CACHE_URL"
        given[one["name"]] = "redis://redis.example:6379/0" if is_cache else FILLED
    return given


def test_pods_start_commands_with_settings_that_are_accepted() -> None:
    for spec, container in containers():
        command, options = check_command(container["args"])
        settings = settings_of(environment_of(container))
        assert settings.is_published
        assert settings.auth != "none"
        assert bool(settings.work_url) == (command == "writer")
        assert settings.receives_webhooks == (command == "writer")
        assert container["ports"] == [{"name": "http", "containerPort": options["port"]}]
        wait = 5 + grace_seconds(settings, has_page=command == "serve") + 10
        assert spec["terminationGracePeriodSeconds"] > wait
        assert spec["securityContext"]["runAsNonRoot"]


def test_probes_ask_what_is_answered() -> None:
    for _, container in containers():
        settings = settings_of(environment_of(container))
        probes = {name: one for name, one in container.items() if name.endswith("Probe")}
        assert {"startupProbe", "livenessProbe"} <= set(probes)
        for name, probe in probes.items():
            asked = probe["httpGet"]
            assert asked["path"] == (READY if name == "readinessProbe" else ALIVE)
            assert asked["port"] == container["ports"][0]["name"]
            [host] = asked["httpHeaders"]
            assert host["value"] in settings.hosts.split()
    [_, readers], *_ = containers()
    assert "readinessProbe" in readers


def test_names_within_the_manifests_exist() -> None:
    for spec, container in containers():
        volumes = {one["name"] for one in spec["volumes"]} | {
            one["metadata"]["name"]
            for one in manifest("StatefulSet", "consumo-writer")["spec"]["volumeClaimTemplates"]
        }
        assert {one["name"] for one in container["volumeMounts"]} <= volumes
        [secret] = [one["secret"] for one in spec["volumes"] if "secret" in one]
        held = manifest("Secret", secret["secretName"])["stringData"]
        assert {item["key"] for item in secret["items"]} <= set(held)
    for one in manifests():
        if one["kind"] in ("Service", "PodDisruptionBudget"):
            chosen = one["spec"]["selector"]
            labels = chosen.get("matchLabels", chosen)
            pods = [
                pod["spec"]["template"]["metadata"]["labels"]
                for pod in manifests()
                if pod["kind"] in ("Deployment", "StatefulSet")
            ]
            assert labels in pods


def test_secrets_have_no_values() -> None:
    [secret] = [one for one in manifests() if one["kind"] == "Secret"]
    assert set(secret["stringData"].values()) == {""}
    assert "data" not in secret


# --- the image ------------------------------------------------------------------------------------


def steps() -> list[tuple[str, list[str]]]:
    """Return the steps of the Dockerfile: the word, and what follows it."""
    text = re.sub(r"\\\n\s*", "", (DEPLOY / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split()[0], shlex.split(line)[1:]) for line in lines]


def test_the_image_copies_files_that_exist_and_all_packages() -> None:
    copied: set[str] = set()
    for word, arguments in steps():
        if word == "COPY" and not arguments[0].startswith("--from="):
            copied |= set(arguments[:-1])
    assert all((ROOT / name).exists() for name in copied)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = project["tool"]["setuptools"]["packages"]["find"]["include"]
    assert {name.rstrip("*") for name in packages} <= copied
    assert {"package.json", "package-lock.json", ".npmrc", "requirements.lock"} <= copied
    [entry] = [arguments for word, arguments in steps() if word == "ENTRYPOINT"]
    assert entry[0].strip('[]"') in project["project"]["scripts"]


def test_the_image_installs_by_hashes_and_runs_as_nobody_special() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    assert "--require-hashes -r requirements.lock" in text
    assert "npm ci" in text
    *_, user = [arguments for word, arguments in steps() if word == "USER"]
    assert user == ["10001"]
    numbers = {spec["securityContext"]["runAsUser"] for spec, _ in containers()}
    assert numbers == {10001}


def test_no_registry_is_named() -> None:
    images = [arguments[0] for word, arguments in steps() if word == "FROM"]
    images += [one["image"] for name in COMPOSE for one in compose(name)["services"].values()]
    images += [container["image"] for _, container in containers()]
    assert all("/" not in image for image in images)
    for path in FILES:
        assert not re.search(r"(index-url|registry)[ =:]", path.read_text()), path


def test_the_command_of_the_image_is_one() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    [command] = re.findall(r"^CMD \[(.*)\]$", text, re.MULTILINE)
    name, options = check_command([part.strip(' "') for part in command.split(",")])
    assert (name, options["port"]) == ("serve", 8050)
    assert "EXPOSE 8050" in text


# --- nginx ----------------------------------------------------------------------------------------


def test_nginx_lets_through_what_readers_take() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    [megabytes] = re.findall(r"client_max_body_size (\d+)m;", text)
    assert int(megabytes) * 2**20 >= MAX_BODY_BYTES
    [kilobytes] = re.findall(r"large_client_header_buffers \d+ (\d+)k;", text)
    assert int(kilobytes) * 1_024 > MAX_LINE_BYTES
    [seconds] = re.findall(r"proxy_read_timeout (\d+)s;", text)
    assert int(seconds) > 2 * Settings().query_seconds
    assert f"location = {WEBHOOKS} {{" in text


def test_nobody_names_himself_through_nginx() -> None:
    """A client's own header of a proxy that signs in is dropped."""
    text = (DEPLOY / "nginx.conf").read_text()
    assert 'proxy_set_header X-Forwarded-User "";' in text
