// One span: its numbers, error, content, attributes, events.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { Attribute, Content, Span, SpanDetail } from "../api";
import { messages } from "../chat";
import { read, RequestError } from "../client";
import { count, duration, percent, words } from "../format";
import { Empty, Money, OutcomeLabel, Text, Type } from "../parts";
import { setQuery } from "../router";

interface Props {
  traceId: string;
  span: Span;
  onPathNs: number;
}

export function SpanPanel({ traceId, span, onPathNs }: Props) {
  const [detail, setDetail] = useState<SpanDetail>();
  const [error, setError] = useState<string>();
  useEffect(() => {
    const stop = new AbortController();
    read<SpanDetail>(`traces/${encodeURIComponent(traceId)}/spans/${encodeURIComponent(span.span_id)}`, stop.signal)
      .then(({ data }) => setDetail(data))
      .catch((reason: unknown) => {
        if (!stop.signal.aborted) setError(reason instanceof RequestError ? reason.message : "The answer cannot be read.");
      });
    return () => stop.abort();
  }, [traceId, span.span_id]);
  return (
    <aside class="span-panel" aria-label="Span" tabIndex={0}>
      <header>
        <h2>
          <Type name={span.primitive_type} />
          <Text>{span.primitive ?? span.name}</Text>
        </h2>
        <button type="button" class="plain" onClick={() => setQuery({ span: "" })}>
          Close
        </button>
      </header>
      <dl class="facts">
        {facts(span, onPathNs).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {error !== undefined && <p role="alert">{error}</p>}
      {detail !== undefined && <Detail detail={detail} />}
    </aside>
  );
}

function facts(span: Span, onPathNs: number): [string, ComponentChildren][] {
  const share = span.duration_ns === 0 ? "" : ` (${percent(Math.min(1, onPathNs / span.duration_ns))} of its time)`;
  const all: [string, ComponentChildren][] = [
    ["Outcome", <OutcomeLabel outcome={span.outcome} />],
    ["Duration", duration(span.duration_ns)],
    ["Starts after", duration(span.start_ns)],
    ["On the critical path", onPathNs === 0 ? "no" : `${duration(onPathNs)}${share}`],
  ];
  if (span.model !== null) {
    all.push(["Model", <Text>{span.model}</Text>]);
    all.push(["Input tokens", `${count(span.input_tokens)}, of them ${count(span.cached_input_tokens)} cached`]);
    all.push(["Output tokens", count(span.output_tokens)]);
    all.push(["Cost", <Money nanos={span.cost_nano_usd} />]);
  }
  if (span.cost_basis !== null) all.push(["Cost is", words(span.cost_basis)]);
  if (span.first_token_ns !== null) all.push(["First token after", duration(span.first_token_ns)]);
  if (span.retry_attempt !== null) all.push(["Attempt", count(span.retry_attempt)]);
  if (span.cache_hit !== null) all.push(["Cache", span.cache_hit ? "hit" : "miss"]);
  all.push(["Span id", <span class="mono">{span.span_id}</span>]);
  return all;
}

function Detail({ detail }: { detail: SpanDetail }) {
  return (
    <>
      {detail.error_type !== null && (
        <section>
          <h3>Error</h3>
          <p class="error-text">
            <strong>
              <Text>{detail.error_type}</Text>
            </strong>
          </p>
          {detail.error_message !== null && <pre dir="auto">{detail.error_message}</pre>}
        </section>
      )}
      {detail.content !== null && <Chat content={detail.content} />}
      <section>
        <h3>Attributes</h3>
        {detail.attributes.length === 0 ? <Empty>None.</Empty> : <Attributes attributes={detail.attributes} />}
        {detail.dropped_attributes > 0 && <p class="note">{count(detail.dropped_attributes)} more were over the limit.</p>}
        {detail.left_out_attributes > 0 && <p class="note">{count(detail.left_out_attributes)} more are too long to show.</p>}
      </section>
      {(detail.events.length > 0 || detail.dropped_events > 0 || detail.left_out_events > 0) && (
        <section>
          <h3>Events</h3>
          {detail.events.map((event, index) => (
            <div key={index}>
              <p>
                <Text>{event.name}</Text> <span class="note">after {duration(event.at_ns)}</span>
              </p>
              <Attributes attributes={event.attributes} />
            </div>
          ))}
          {detail.dropped_events > 0 && <p class="note">{count(detail.dropped_events)} more were over the limit.</p>}
          {detail.left_out_events > 0 && <p class="note">{count(detail.left_out_events)} more are too long to show.</p>}
        </section>
      )}
    </>
  );
}

function Chat({ content }: { content: Content }) {
  return (
    <section>
      <h3>Content</h3>
      <ol class="chat">
        {messages(content).map(({ role, parts }, index) => (
          <li key={index} class={role === "assistant" ? "answer" : undefined}>
            <span class="role">{role}</span>
            {parts.map(({ kind, text }, part) => (
              <div key={part}>
                {kind !== "text" && <span class="type">{words(kind)}</span>}
                <pre dir="auto">{text}</pre>
              </div>
            ))}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Attributes({ attributes }: { attributes: readonly Attribute[] }) {
  return (
    <dl class="attributes">
      {attributes.map(({ key, value }) => (
        <div key={key}>
          <dt>
            <bdi>{key}</bdi>
          </dt>
          <dd dir="auto">{Array.isArray(value) ? value.join(", ") : String(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
