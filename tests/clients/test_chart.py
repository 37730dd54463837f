"""The Helm chart, linted and rendered by Helm's own engine; the manifests say what Kubernetes needs them to say."""

from pathlib import Path

import helm_python as helm
import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
CHART = str(ROOT / "deploy" / "helm" / "llm-shield")
POLICY = "input_scanners:\n  - type: Secrets\n"


def render(values: dict, name: str = "guard") -> dict[str, dict]:
    """Manifests by kind; there is one of each."""
    with helm.Chart.load(CHART) as chart:
        chart.validate_schema(values)
        rendered = chart.render(values, name=name, namespace="prod")
    documents = [
        document
        for path, text in rendered.items() if path.endswith(".yaml")
        for document in yaml.safe_load_all(text) if document
    ]
    assert len({document["kind"] for document in documents}) == len(documents)
    return {document["kind"]: document for document in documents}


def container(manifests: dict[str, dict]) -> dict:
    return manifests["Deployment"]["spec"]["template"]["spec"]["containers"][0]


def test_the_chart_has_no_fault():
    found = helm.lint(CHART)
    assert found["total_charts_linted"] == 1 and found["errors"] == []
    # Severity 1 is advice: an icon is recommended.
    assert [message for message in found["messages"] if message["severity"] > 1] == []


def test_by_default_there_is_what_a_guard_needs_and_nothing_else():
    manifests = render({})
    assert set(manifests) == {"Deployment", "PodDisruptionBudget", "Service", "ServiceAccount"}
    pod = manifests["Deployment"]["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] == 1000
    assert container(manifests)["securityContext"]["readOnlyRootFilesystem"]
    assert container(manifests)["image"] == "llm-shield:0.1.0"
    assert "volumes" not in pod
    assert manifests["Service"]["spec"]["selector"].items() <= (
        manifests["Deployment"]["spec"]["template"]["metadata"]["labels"].items()
    )
    assert manifests["Deployment"]["metadata"]["name"] == "guard-llm-shield"
    assert render({}, name="my-llm-shield")["Service"]["metadata"]["name"] == "my-llm-shield"


def test_the_policy_stands_where_llm_guards_stood_and_a_change_rolls_the_pods():
    manifests = render({"scanners": POLICY})
    assert yaml.safe_load(manifests["ConfigMap"]["data"]["scanners.yml"]) == yaml.safe_load(POLICY)
    assert container(manifests)["volumeMounts"][0]["mountPath"] == "/home/user/app/config"

    def checksum(values):
        return render(values)["Deployment"]["spec"]["template"]["metadata"]["annotations"]["checksum/scanners"]

    assert checksum({"scanners": POLICY}) != checksum({"scanners": POLICY + "output_scanners: []\n"})
    manifests = render({"scanners": POLICY, "existingConfigMap": "mine"})
    assert "ConfigMap" not in manifests
    assert manifests["Deployment"]["spec"]["template"]["spec"]["volumes"][0]["configMap"]["name"] == "mine"


def test_everything_can_be_switched_on():
    manifests = render({
        "scanners": "auth: {type: http_bearer, token: '${AUTH_TOKEN:}'}\n" + POLICY,
        "auth": {"token": "a \"token\""},
        "env": {"SCAN_FAIL_FAST": True, "LOG_LEVEL": "WARNING"},
        "otlp": {"traces": "http://collector:4318/v1/traces", "metrics": "http://collector:4318/v1/metrics"},
        "autoscaling": {"enabled": True},
        "ingress": {"enabled": True, "host": "guard.example", "tlsSecret": "tls", "className": "nginx"},
        "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
        "tolerations": [{"key": "guards", "operator": "Exists"}],
    })
    assert set(manifests) == {
        "ConfigMap", "Deployment", "HorizontalPodAutoscaler", "Ingress", "PodDisruptionBudget", "Secret", "Service",
        "ServiceAccount", "ServiceMonitor",
    }
    assert manifests["Secret"]["stringData"]["token"] == "a \"token\""
    env = {entry["name"]: entry for entry in container(manifests)["env"]}
    assert env["SCAN_FAIL_FAST"]["value"] == "true"
    assert env["AUTH_TOKEN"]["valueFrom"]["secretKeyRef"] == {"name": "guard-llm-shield", "key": "token"}
    assert env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]["value"] == "http://collector:4318/v1/traces"
    assert "replicas" not in manifests["Deployment"]["spec"]
    assert manifests["Ingress"]["spec"]["rules"][0]["host"] == "guard.example"


def test_a_token_that_the_policy_would_not_ask_for_is_refused():
    asked = "auth: {type: http_bearer, token: '${AUTH_TOKEN:}'}\n" + POLICY
    assert "Secret" in render({"scanners": asked, "auth": {"token": "x"}})
    with pytest.raises(helm.HelmError, match="AUTH_TOKEN"):
        render({"scanners": POLICY, "auth": {"token": "x"}})


@pytest.mark.parametrize("values", [{"replicas": 3}, {"log": {"level": "loud"}}, {"otlp": {"traces": "https://x"}}])
def test_values_that_are_not_there_or_cannot_be_are_refused(values):
    with pytest.raises(helm.HelmError):
        render(values)


def test_the_compose_file_and_the_image_agree_with_the_chart():
    compose = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())
    (service,) = compose["services"].values()
    assert service["ports"] == ["8000:8000"]
    assert service["volumes"] == ["./config:/home/user/app/config:ro"]
    image = (ROOT / "deploy" / "Containerfile").read_text()
    assert "USER 1000:1000" in image and "EXPOSE 8000" in image and "WORKDIR /home/user/app" in image
