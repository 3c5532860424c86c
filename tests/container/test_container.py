"""The container's files: what they promise, checked without an engine (`make container-steps` does the steps)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT

from bot.core.settings import Settings, env_name

sys.path.append(str(Path(__file__).parent))
from steps import steps

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
KUBERNETES = [
    one
    for path in sorted((ROOT / "deploy" / "kubernetes").glob("*.yaml"))
    for one in yaml.safe_load_all(path.read_text("utf-8"))
]
SETTINGS = {env_name(field) for field in Settings.model_fields}


def kind(name: str) -> Any:
    return next(one for one in KUBERNETES if one["kind"] == name)


def test_the_image_is_pinned_locked_and_unprivileged() -> None:
    done = list(steps(DOCKERFILE))
    bases = [step.rest for step in done if step.word == "FROM"]
    assert len(bases) == 2
    assert "@$PYTHON_DIGEST" in bases[0]
    assert bases[1] == "scratch"
    commands = [part for step in done if step.word == "RUN" for part in step.rest.split("&&")]
    installs = [one for one in commands if "pip" in one and " install " in one]
    assert len(installs) == 4
    assert all("--require-hashes" in one or "--no-index" in one for one in installs)
    words = [step.word for step in done]
    assert words.index("USER") < words.index("ENTRYPOINT")
    assert [s.rest for s in done if s.word == "USER"] == ["10001:10001"]
    assert [s.rest for s in done if s.word == "VOLUME"] == ["/data"]
    assert "HEALTHCHECK" in words
    assert "LABEL" in words
    assert not any(step.word == "ADD" for step in done)


def test_what_is_copied_exists_and_is_let_through() -> None:
    let = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines()
        if line.startswith("!")
    }
    copied: set[str] = set()
    for step in steps(DOCKERFILE):
        if step.word == "COPY" and not step.rest.startswith("--from"):
            copied |= set(step.rest.split()[:-1])
    assert copied == let
    assert all((ROOT / name).exists() for name in copied)


def test_every_container_has_a_read_only_root_and_no_privileges() -> None:
    bot = COMPOSE["services"]["bot"]
    assert bot["read_only"] is True
    assert bot["cap_drop"] == ["ALL"]
    assert bot["security_opt"] == ["no-new-privileges:true"]
    pod = kind("Deployment")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False
    assert kind("Deployment")["spec"]["replicas"] == 2
    # SIGTERM finishes within 25 s, after five of waiting.
    assert pod["terminationGracePeriodSeconds"] > 30


@pytest.mark.parametrize(("password", "starts"), [("", False), ("a good one", True)])
def test_grafana_does_not_start_without_a_password_of_its_own(password: str, starts: bool) -> None:
    grafana = COMPOSE["services"]["grafana"]
    words = [str(one).replace("$$", "$") for one in grafana["entrypoint"]]
    env = {"GF_SECURITY_ADMIN_PASSWORD": password, "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [*words, "echo", "started"], env=env, capture_output=True, text=True, check=False
    )
    assert (done.returncode == 0) is starts
    assert done.stdout == ("started\n" if starts else "")
    assert ("GRAFANA_PASSWORD" in done.stderr) is not starts
    assert grafana["environment"]["GF_SECURITY_ADMIN_PASSWORD"] == "${GRAFANA_PASSWORD:-}"


def test_probes_and_policies_name_ports_that_are_served() -> None:
    (container,) = kind("Deployment")["spec"]["template"]["spec"]["containers"]
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container[probe]["httpGet"]["path"].split("?")[0] in {"/healthz", "/readyz"}
        assert container[probe]["httpGet"]["port"] == container["ports"][0]["name"]
    (rule,) = kind("NetworkPolicy")["spec"]["ingress"]
    assert rule["ports"][0]["port"] == container["ports"][0]["containerPort"] == 3978
    paths = [p["path"] for p in kind("Ingress")["spec"]["rules"][0]["http"]["paths"]]
    assert paths == ["/slack/", "/api/messages"]


def test_the_unit_gives_it_time_to_stop_and_no_rights() -> None:
    """systemd repeats names: each line counts."""
    text = (ROOT / "deploy" / "systemd" / "quartermaster.service").read_text("utf-8")
    unit = [line.split("=", 1) for line in text.splitlines() if "=" in line and line[0] != "#"]
    said = dict(unit)
    assert len(said) == len(unit)
    assert said["ExecStart"].split("/")[-1] == "quartermaster serve"
    assert int(said["TimeoutStopSec"]) > 25
    assert said["DynamicUser"] == said["NoNewPrivileges"] == "yes"
    assert said["ProtectSystem"] == "strict"
    assert said["CapabilityBoundingSet"] == ""
    name, folder = said["Environment"].split("=")
    assert name in SETTINGS
    assert folder == f"/var/lib/{said['StateDirectory']}"


def test_every_variable_that_is_set_is_a_setting() -> None:
    env = {
        line.split("=")[0]
        for line in (ROOT / "deploy" / "example.env").read_text("utf-8").splitlines()
        if "=" in line and not line.startswith("#")
    }
    named = {
        *(env - {"POSTGRES_PASSWORD", "GRAFANA_PASSWORD"}),
        *COMPOSE["services"]["bot"]["environment"],
        *kind("Secret")["stringData"],
        *kind("ConfigMap")["data"],
        *re.findall(r"\b(QUARTERMASTER_[A-Z_]+)=", DOCKERFILE),
    }
    assert named - SETTINGS == set()


# -- monitoring --------------------------------------------------------------------------------


def _asked(path: Path) -> set[str]:
    return {
        re.sub(r"_(bucket|count|sum)$", "", name)
        for name in re.findall(r"quartermaster_\w+|process_\w+", path.read_text("utf-8"))
    }


@pytest.mark.parametrize("name", ["dashboard.json", "alerts.yaml"])
def test_dashboard_and_alerts_ask_for_metrics_that_exist(name: str, served_metrics: str) -> None:
    served = set(re.findall(r"^# TYPE (\S+)", served_metrics, re.MULTILINE))
    assert _asked(ROOT / "deploy" / "monitoring" / name) - served == set()


def test_every_alert_says_what_to_do() -> None:
    found = yaml.safe_load((ROOT / "deploy" / "monitoring" / "alerts.yaml").read_text("utf-8"))
    rules = [rule for group in found["groups"] for rule in group["rules"]]
    assert len(rules) >= 8
    for rule in rules:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["do"]
