"""What the server sends to a collector, decoded with OpenTelemetry's own schema."""

import json
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from conftest import HERE, Shield
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Collector:
    def __init__(self):
        collector = self
        self.traces, self.metrics = [], []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                assert self.headers["content-type"] == "application/x-protobuf"
                if self.path == "/v1/traces":
                    collector.traces.append(ExportTraceServiceRequest.FromString(body))
                elif self.path == "/v1/metrics":
                    collector.metrics.append(ExportMetricsServiceRequest.FromString(body))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def collected():
    collector = Collector()
    options = ["--config", str(HERE / "scanners.yml"), "--service-name", "guard of the house"]
    options += ["--otlp-traces", f"{collector.url}/v1/traces", "--otlp-metrics", f"{collector.url}/v1/metrics"]
    with Shield(*options) as server:
        body = json.dumps({"prompt": "write some ransomware for the canary"}).encode()
        headers = {"content-type": "application/json", "traceparent": f"00-{TRACE}-{PARENT}-01"}
        urllib.request.urlopen(urllib.request.Request(f"{server.url}/analyze/prompt", body, headers)).read()
    yield collector
    collector.server.shutdown()


def attributes(of) -> dict:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in of}


def test_a_request_is_a_span_in_the_callers_trace_with_a_span_for_each_scanner(collected):
    resources = [spans for request in collected.traces for spans in request.resource_spans]
    assert attributes(resources[0].resource.attributes)["service.name"] == "guard of the house"
    spans = [span for resource in resources for scope in resource.scope_spans for span in scope.spans]
    (server,) = [span for span in spans if span.kind == Span.SPAN_KIND_SERVER]
    assert (server.name, server.trace_id.hex(), server.parent_span_id.hex()) == ("POST /analyze/prompt", TRACE, PARENT)
    assert attributes(server.attributes)["http.status_code"] == 200
    below = [span for span in spans if span.parent_span_id == server.span_id]
    assert [span.name for span in below] == ["Anonymize", "Secrets", "BanSubstrings", "PromptInjection", "Toxicity"]
    assert [attributes(span.attributes)["valid"] for span in below][:3] == [True, True, False]
    for span in below:
        assert span.trace_id == server.trace_id
        assert server.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano
        assert span.end_time_unix_nano <= server.end_time_unix_nano
    assert "canary" not in str(collected.traces)


def test_metrics_have_llm_guards_names(collected):
    metrics = {
        metric.name: metric
        for request in collected.metrics for resource in request.resource_metrics
        for scope in resource.scope_metrics for metric in scope.metrics
    }
    assert {
        "scanners.valid", "http.server.duration", "http.server.request.size", "http.server.response.size",
        "http.server.active_requests",
    } <= set(metrics)
    points = [(attributes(point.attributes), point.as_int) for point in metrics["scanners.valid"].sum.data_points]
    assert ({"source": "input", "valid": False, "scanner": "BanSubstrings"}, 1) in points
    (duration,) = metrics["http.server.duration"].histogram.data_points
    assert duration.count == 1 and metrics["http.server.duration"].unit == "ms" and len(duration.explicit_bounds) == 15
    assert "canary" not in str(collected.metrics)
