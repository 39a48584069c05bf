"""Runs the main job against Phoenix and MLflow, compares what they show with what was sent, and writes a page.

Run it through scripts/receivers.
"""

import collections
import contextlib
import functools
import http.server
import importlib.metadata
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

# MLflow reports its use to its makers otherwise.
os.environ |= {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}

from mlflow import MlflowClient
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

PROJECT = "lighthouses"
START_SECONDS, SETTLE_SECONDS = 180, 20
JOB = ["--faults", "20", "--seed", "4", "--latency", "0.3", "--timeout", "2"]


# What was sent, and what a receiver shows of it: for each span the same fields, by its identifier.


def fields(*, trace, parent, kind, session, error, **of_model):
    """Returns a span's fields; those of models are absent from others."""
    shown = {"trace": trace, "parent": parent, "kind": kind, "session": session, "error": error}
    return shown | {field: value for field, value in of_model.items() if value is not None}


def of_value(value):
    """Returns the value of an attribute in OTLP."""
    form = value.WhichOneof("value")
    if form == "array_value":
        return [of_value(element) for element in value.array_value.values]
    return getattr(value, form) if form else None


def message_texts(messages, system=None):
    """Returns the texts of messages in the form of OpenTelemetry's conventions."""
    if messages is None and system is None:
        return None
    parts = json.loads(system) if system else []
    parts += [part for message in json.loads(messages or "[]") for part in message["parts"]]
    return [part["content"] for part in parts]


def sent_spans(requests, kind_key):
    """Returns the spans of OTLP requests. A receiver's kind is what its attribute says."""
    spans = {}
    for span in (
        span
        for body in requests
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ):
        have = {attribute.key: of_value(attribute.value) for attribute in span.attributes}
        failed = span.status.code == span.status.STATUS_CODE_ERROR
        spans[span.span_id.hex()] = fields(
            trace=span.trace_id.hex(),
            parent=span.parent_span_id.hex() or None,
            kind=have[kind_key],
            session=have.get("session.id"),
            error=span.status.message if failed else None,
            input_tokens=have.get("gen_ai.usage.input_tokens"),
            cached_tokens=have.get("gen_ai.usage.cache_read.input_tokens"),
            output_tokens=have.get("gen_ai.usage.output_tokens"),
            usd=have.get("gen_ai.usage.cost"),
            input=message_texts(have.get("gen_ai.input.messages"), have.get("gen_ai.system_instructions")),
            output=message_texts(have.get("gen_ai.output.messages")),
            has_input="input.value" in have or None,
            has_output="output.value" in have or None,
        )
    return spans


PHOENIX_QUERY = """query ($name: String!, $after: String) { getProjectByName(name: $name) {
  spans(first: 500, after: $after) { pageInfo { hasNextPage endCursor } edges { node {
    spanId parentId spanKind statusCode statusMessage attributes tokenCountPrompt tokenCountCompletion
    costSummary { total { cost } } trace { traceId session { sessionId } } } } } } }"""


def phoenix_spans(base):
    """Asks Phoenix's API for the spans of the project."""
    spans, after = {}, None
    while True:
        query = {"query": PHOENIX_QUERY, "variables": {"name": PROJECT, "after": after}}
        answer = ask(f"{base}/graphql", query)
        if "errors" in answer:
            sys.exit(f"Phoenix: {answer['errors']}")
        project = answer["data"]["getProjectByName"]
        if project is None:
            return spans
        for node in (edge["node"] for edge in project["spans"]["edges"]):
            attributes = json.loads(node["attributes"])
            model = attributes.get("llm", {})
            if not isinstance(model, dict):
                model = {}
            counted = model.get("token_count", {})
            texts = lambda messages: messages and [each["message"]["content"] for each in messages]
            session = node["trace"]["session"]
            spans[node["spanId"]] = fields(
                trace=node["trace"]["traceId"],
                parent=node["parentId"],
                kind=node["spanKind"].upper(),
                session=session and session["sessionId"],
                error=node["statusMessage"] if node["statusCode"] == "ERROR" else None,
                # Zero for calls without usage.
                input_tokens=node["tokenCountPrompt"] if counted else None,
                cached_tokens=counted.get("prompt_details", {}).get("cache_read"),
                output_tokens=node["tokenCountCompletion"] if counted else None,
                usd=node["costSummary"] and node["costSummary"]["total"]["cost"],
                input=texts(model.get("input_messages")),
                output=texts(model.get("output_messages")),
                has_input=bool(attributes.get("input", {}).get("value")) or None,
                has_output=bool(attributes.get("output", {}).get("value")) or None,
            )
        if not project["spans"]["pageInfo"]["hasNextPage"]:
            return spans
        after = project["spans"]["pageInfo"]["endCursor"]


def mlflow_spans(client, experiment):
    """Asks MLflow's API for the spans of the experiment."""
    spans = {}
    traces = client.search_traces(locations=[experiment], max_results=500)
    for trace in traces:
        session = trace.info.trace_metadata.get("mlflow.trace.session")
        for span in trace.data.spans:
            usage = span.get_attribute("mlflow.chat.tokenUsage") or {}
            cost = span.get_attribute("mlflow.llm.cost") or {}
            texts = lambda messages: messages and [part["content"] for each in messages for part in each["parts"]]
            spans[span.span_id] = fields(
                trace=trace.info.trace_id.removeprefix("tr-"),
                parent=span.parent_id,
                kind=span.span_type,
                session=session,
                error=span.status.description if span.status.status_code.value == "ERROR" else None,
                input_tokens=usage.get("input_tokens"),
                cached_tokens=usage.get("cache_read_input_tokens"),
                output_tokens=usage.get("output_tokens"),
                usd=cost.get("total_cost"),
                input=texts(span.inputs),
                output=texts(span.outputs),
                has_input=bool(span.inputs) or None,
                has_output=bool(span.outputs) or None,
            )
    return spans


# The receivers.


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def ask(url, query=None):
    """Returns the answer, as JSON if it is JSON."""
    body = None if query is None else json.dumps(query).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"} if body else {})
    with urllib.request.urlopen(request, timeout=60) as response:
        text = response.read()
    with contextlib.suppress(json.JSONDecodeError):
        return json.loads(text)


@contextlib.contextmanager
def serving(name, command, variables, health, folder):
    """Runs a receiver until the end of the block, which begins when it answers."""
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, env=os.environ | variables, stdout=output, stderr=output, cwd=folder, start_new_session=True
        )
    try:
        began = time.monotonic()
        while True:
            with contextlib.suppress(OSError):
                ask(health)
                break
            if server.poll() is not None or time.monotonic() - began > START_SECONDS:
                sys.exit(f"{name} does not answer at {health}; see {log}")
            time.sleep(0.3)
        yield
    finally:
        # Both have children of their own.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


class Recorder(http.server.BaseHTTPRequestHandler):
    """Keeps each request of the job, and passes spans on to all receivers as they came."""

    protocol_version = "HTTP/1.1"

    def __init__(self, kept, receivers, *arguments):
        self.kept, self.receivers = kept, receivers
        super().__init__(*arguments)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.kept[self.path].append(body)
        status, answer = 200, b""
        for receiver in self.receivers if self.path == "/v1/traces" else ():
            headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "content-length")}
            try:
                with urllib.request.urlopen(urllib.request.Request(receiver + self.path, body, headers), timeout=60) as response:
                    response.read()
            except urllib.error.HTTPError as error:
                status, answer = error.code, error.read()
                self.kept["refused"].append(f"{receiver}: {status} {answer[:500]}")
        self.send_response(status)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def run_job(program, folder, receivers, experiment):
    """Runs the main job, and returns its requests by path."""
    kept = collections.defaultdict(list)
    recorder = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Recorder, kept, receivers))
    threading.Thread(target=recorder.serve_forever, daemon=True).start()
    variables = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{recorder.server_port}",
        "OTEL_EXPORTER_OTLP_HEADERS": f"x-mlflow-experiment-id={experiment}",
        "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "span_only",
        "OTEL_RESOURCE_ATTRIBUTES": f"openinference.project.name={PROJECT}",
        "OTEL_SERVICE_NAME": "assistant",
        "TTA_COMPATIBILITY": "openinference,mlflow",
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "TTA_", "OPENAI_"))}
    with (folder / "job.log").open("wb") as output:
        ended = subprocess.run([program, *JOB], env=inherited | variables, stdout=output, stderr=output, timeout=300)
    recorder.shutdown()
    # 1 is a question that the faults left without an answer.
    if ended.returncode not in (0, 1) or kept["refused"]:
        sys.exit(f"the job ended with {ended.returncode}, refused: {kept['refused']}; see {folder / 'job.log'}")
    return kept


def counted(requests):
    """Returns the sums of the job's metrics, from the last request that has them."""
    sums = {}
    for body in requests:
        for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
            for metric in (metric for scope in resource.scope_metrics for metric in scope.metrics):
                data = getattr(metric, metric.WhichOneof("data"))
                number = lambda point: getattr(point, point.WhichOneof("value")) if hasattr(point, "as_int") else point.sum
                sums[metric.name] = sum(number(point) for point in data.data_points)
    return sums


# The comparison.

COLUMNS = ["sent", "Phoenix", "MLflow"]


def differences(name, sent, shown):
    """Returns a line for each span that a receiver shows otherwise than it was sent."""
    lines = [f"{name}: span {span} is not shown" for span in sent.keys() - shown.keys()]
    lines += [f"{name}: span {span} is shown and was not sent" for span in shown.keys() - sent.keys()]
    for span in sent.keys() & shown.keys():
        for field in sent[span].keys() | shown[span].keys():
            want, have = sent[span].get(field), shown[span].get(field)
            same = abs(want - have) < 1e-9 if field == "usd" and None not in (want, have) else want == have
            if not same:
                lines.append(f"{name}: {span} {sent[span]['kind']} {field}: sent {want!r}, shown {have!r}")
    return sorted(lines)


def totals(spans):
    """Returns the rows of the page for some spans."""
    some = list(spans.values())
    total = lambda field: sum(span.get(field, 0) for span in some)
    has = lambda field: sum(span.get(field) is not None for span in some)
    parents = [span["parent"] for span in some if span["parent"]]
    texts = lambda field: sum(len(span.get(field, [])) for span in some)
    rows = {
        "traces": len({span["trace"] for span in some}),
        "sessions": len({span["session"] for span in some if span["session"]}),
        "spans": len(some),
        "spans with a parent": len(parents),
        "… which is there": sum(parent in spans for parent in parents),
        "spans with a session": has("session"),
        "spans with an error and its message": sum(bool(span["error"]) for span in some),
        "calls of models with usage": has("input_tokens"),
        "input tokens": total("input_tokens"),
        "cached input tokens": total("cached_tokens"),
        "output tokens": total("output_tokens"),
        "cost in US dollars": f"{total('usd'):.9f}",
        "calls with input messages": has("input"),
        "input messages, instructions included": texts("input"),
        "calls with output messages": has("output"),
        "output messages": texts("output"),
        "spans with an input": has("has_input"),
        "spans with an output": has("has_output"),
        "… of these, roots": sum(span["parent"] is None and bool(span.get("has_output")) for span in some),
    }
    return rows


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def page(sent, shown, kinds, versions):
    columns = [totals(sent), *map(totals, shown.values())]
    rows = [[row, *(column[row] for column in columns)] for row in columns[0]]
    blocks = []
    for name, spans in shown.items():
        counts = collections.Counter(span["kind"] for span in spans.values())
        blocks.append(table(["kind", "sent", f"shown by {name}"], [[kind, n, counts[kind]] for kind, n in sorted(kinds[name].items())]))
    by_name = dict(zip(shown, blocks))
    return f"""# What Phoenix and MLflow show

Written by `scripts/receivers` with Phoenix {versions['arize-phoenix']} and MLflow {versions['mlflow']}. The main job answers its questions with
`TTA_COMPATIBILITY=openinference,mlflow`, with content, and with a fifth of the model's answers faulty; both receivers get the same OTLP
requests, and are asked by their APIs for what they made of them. The script compares each span, field by field, and fails if one shows
less than was sent, or something else. The column *sent* is read from these requests, and agrees with the job's own metrics.

{table(["", *COLUMNS], rows)}

## Kinds in Phoenix

{by_name['Phoenix']}

## Kinds in MLflow

{by_name['MLflow']}

## Settings

Phoenix puts a trace into the project of the resource's `openinference.project.name`, MLflow into the experiment whose id the request's header
names. Both receive OTLP at `/v1/traces` of the port of their user interface:

```sh
TTA_COMPATIBILITY=openinference OTEL_RESOURCE_ATTRIBUTES=openinference.project.name={PROJECT} \\
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://127.0.0.1:6006/v1/traces my-program
TTA_COMPATIBILITY=mlflow OTEL_EXPORTER_OTLP_TRACES_HEADERS=x-mlflow-experiment-id=1 \\
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://127.0.0.1:5000/v1/traces my-program
```
"""


def main(program, work, path):
    work = pathlib.Path(work).resolve()
    folder = work / "run"
    subprocess.run(["rm", "-rf", folder], check=True)
    (folder / "phoenix").mkdir(parents=True)
    phoenix_port, grpc_port, mlflow_port = free_port(), free_port(), free_port()
    phoenix, mlflow = (f"http://127.0.0.1:{port}" for port in (phoenix_port, mlflow_port))
    of_phoenix = {
        "PHOENIX_WORKING_DIR": str(folder / "phoenix"),
        "PHOENIX_HOST": "127.0.0.1",
        "PHOENIX_PORT": str(phoenix_port),
        "PHOENIX_GRPC_PORT": str(grpc_port),
        "PHOENIX_TELEMETRY_ENABLED": "false",
    }
    database = f"sqlite:///{folder / 'mlflow.db'}"
    serve_mlflow = ["server", "--host", "127.0.0.1", "--port", str(mlflow_port), "--workers", "1", "--backend-store-uri", database]
    with (
        serving("phoenix", [work / "arize-phoenix/bin/phoenix", "serve"], of_phoenix, f"{phoenix}/healthz", folder),
        serving("mlflow", [work / "mlflow/bin/mlflow", *serve_mlflow], {}, f"{mlflow}/health", folder),
    ):
        client = MlflowClient(mlflow)
        experiment = client.create_experiment(PROJECT)
        kept = run_job(pathlib.Path(program).resolve(), folder, [phoenix, mlflow], experiment)
        keys = {"Phoenix": "openinference.span.kind", "MLflow": "mlflow.spanType"}
        sent = {name: sent_spans(kept["/v1/traces"], key) for name, key in keys.items()}
        read = {"Phoenix": lambda: phoenix_spans(phoenix), "MLflow": lambda: mlflow_spans(client, experiment)}
        shown, wrong = {}, []
        for name, spans in read.items():
            # Phoenix stores spans and their costs some time after it accepted them.
            settled = time.monotonic() + SETTLE_SECONDS
            while True:
                shown[name] = spans()
                lines = differences(name, sent[name], shown[name])
                if not lines or time.monotonic() > settled:
                    break
                time.sleep(1)
            wrong += lines

    (folder / "sent.json").write_text(json.dumps(sent, indent=1))
    (folder / "shown.json").write_text(json.dumps(shown, indent=1))
    spans, metrics = sent["Phoenix"], counted(kept["/v1/metrics"])
    (folder / "metrics.json").write_text(json.dumps(metrics, indent=1))
    rows = totals(spans)
    wrong += [f"nothing was sent for the row `{row}`, so it proves nothing" for row, n in rows.items() if float(n) == 0]
    for name, row, metric in [
        ("input tokens", rows["input tokens"], "gen_ai.client.inference.usage.input_tokens"),
        ("cached input tokens", rows["cached input tokens"], "gen_ai.client.inference.usage.cache_read.input_tokens"),
        ("output tokens", rows["output tokens"], "gen_ai.client.inference.usage.output_tokens"),
        ("cost", float(rows["cost in US dollars"]), "tta_llm_cost_total"),
        ("spans", rows["spans"], "tta_telemetry_spans_ended_total"),
    ]:
        if abs(row - metrics.get(metric, 0)) > 1e-9:
            wrong.append(f"the spans have {row} as {name}, the metric {metric} {metrics.get(metric)}")
    if wrong:
        sys.exit("\n".join([*wrong[:60], f"{len(wrong)} differences; see {folder}"]))
    kinds = {name: collections.Counter(span["kind"] for span in spans.values()) for name, spans in sent.items()}
    versions = {"mlflow": importlib.metadata.version("mlflow")}
    (phoenix_package,) = (work / "arize-phoenix").glob("lib/python*/site-packages/arize_phoenix-*.dist-info")
    versions["arize-phoenix"] = phoenix_package.name.removesuffix(".dist-info").rsplit("-", 1)[1]
    pathlib.Path(path).write_text(page(spans, shown, kinds, versions))


main(*sys.argv[1:])
