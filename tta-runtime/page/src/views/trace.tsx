// One trace: its numbers, and a waterfall or a flame view of its spans.

import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";

import type { Overview } from "../api";
import { RequestError } from "../client";
import { html, json, otlp, save } from "../copies";
import { bySpan, criticalPath, timeOf } from "../critical-path";
import { clock, count, duration, instant } from "../format";
import { Heading, Money, Text, Waiting } from "../parts";
import { usePoll } from "../poll";
import { href, route, setQuery } from "../router";
import { useStore } from "../store";
import { useTrace } from "../trace-data";
import { forest } from "../tree";
import { Flame } from "./flame";
import { SpanPanel } from "./span";
import { Waterfall } from "./waterfall";

export function TraceView({ traceId }: { traceId: string }) {
  const { trace, error } = useTrace(traceId);
  const { query } = useStore(route);
  // A trace that is gone does not tell whether the program still runs; this does.
  usePoll<Overview>("overview", 5_000);
  const roots = useMemo(() => forest(trace?.spans ?? []), [trace]);
  const [root] = roots;
  const onPath = useMemo(() => bySpan(root === undefined ? [] : criticalPath(root)), [root]);
  const spanId = query.get("span");
  const isFlame = query.get("as") === "flame";
  if (trace === undefined || root === undefined) return <Waiting error={error} />;
  const span = trace.spans.find((span) => span.span_id === spanId);
  const costs = trace.spans.flatMap(({ cost_nano_usd: cost }) => (cost === null ? [] : [BigInt(cost)]));
  const cost = costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0n);
  const tokens = trace.spans.reduce((sum, span) => sum + span.input_tokens + span.output_tokens, 0);
  return (
    <div class="trace">
      <Heading title={root.span.primitive ?? root.span.name}>
        <p>
          <a href={href(["traces"])}>All traces</a>
          <span class="mono">{trace.trace_id}</span>
        </p>
      </Heading>
      <dl class="figures">
        <Figure name="Start">
          <time dateTime={instant(trace.start_unix_ns)}>{clock(trace.start_unix_ns)}</time>
        </Figure>
        <Figure name="Duration">{duration(trace.duration_ns)}</Figure>
        <Figure name="Cost">
          <Money nanos={cost} />
        </Figure>
        <Figure name="Tokens">{count(tokens)}</Figure>
        <Figure name="Spans">{count(trace.spans.length)}</Figure>
      </dl>
      {error !== undefined && <p role="alert">{error}</p>}
      {(!trace.complete || trace.lost_spans > 0) && (
        <p class="note">
          {!trace.complete && "The trace has not ended yet, or its root was not kept. "}
          {trace.lost_spans > 0 && `${count(trace.lost_spans)} spans were too many to keep.`}
        </p>
      )}
      <div class="filters">
        <div role="group" aria-label="View">
          <button type="button" aria-pressed={!isFlame} onClick={() => setQuery({ as: "" })}>
            Waterfall
          </button>
          <button type="button" aria-pressed={isFlame} onClick={() => setQuery({ as: "flame" })}>
            Flame
          </button>
        </div>
        <Copies trace={trace} roots={roots} />
      </div>
      <div class={span === undefined ? "trace-body" : "trace-body with-span"}>
        {isFlame ? (
          <Flame roots={roots} selected={spanId} by={query.get("by") === "cost" ? "cost" : "time"} />
        ) : (
          <Waterfall trace={trace} roots={roots} onPath={onPath} selected={spanId} />
        )}
        {span !== undefined && (
          <SpanPanel key={span.span_id} traceId={traceId} span={span} onPathNs={timeOf(onPath.get(span.span_id) ?? [])} />
        )}
      </div>
    </div>
  );
}

function Figure({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Copies({ trace, roots }: { trace: Parameters<typeof json>[0]; roots: Parameters<typeof html>[1] }) {
  const [said, setSaid] = useState("");
  const copy = async (reading: Promise<string>, name: string) => {
    const text = await reading;
    try {
      await navigator.clipboard.writeText(text);
      setSaid(`Copied as ${name}.`);
    } catch {
      // Without a secure context there is no clipboard, but a file can always be saved.
      save(`${trace.trace_id}.json`, "application/json", text);
      setSaid(`Saved as ${name}.`);
    }
  };
  const keep = async () => {
    save(`trace-${id}.html`, "text/html", await html(trace, roots));
    setSaid("Saved as HTML.");
  };
  const told = (doing: Promise<void>) => {
    doing.catch((error: unknown) => setSaid(error instanceof RequestError ? error.message : "The answer cannot be read."));
  };
  const id = trace.trace_id;
  return (
    <div role="group" aria-label="Copy the trace">
      <button type="button" onClick={() => told(copy(json(trace), "JSON"))}>
        Copy JSON
      </button>
      <button type="button" onClick={() => told(copy(otlp(id), "OTLP JSON"))}>
        Copy OTLP JSON
      </button>
      <button type="button" onClick={() => told(keep())}>
        Save HTML
      </button>
      <span class="note" role="status">
        <Text>{said}</Text>
      </span>
    </div>
  );
}
