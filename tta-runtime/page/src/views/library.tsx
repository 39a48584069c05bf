// The library itself: what it costs, and what it could not keep.

import type { Library as LibraryData } from "../api";
import { bytes, count, percent, seconds, words } from "../format";
import { Bar, Dash, Empty, Heading, Text, Waiting } from "../parts";
import { usePoll } from "../poll";
import { Table } from "../table";

export function Library() {
  const { data, error } = usePoll<LibraryData>("library");
  if (data === undefined) return <Waiting error={error} />;
  return (
    <>
      <Heading title="The library itself" />
      <dl class="figures">
        <div>
          <dt>Spans ended</dt>
          <dd>{count(data.spans_ended)}</dd>
        </div>
        <div>
          <dt>Spans exported</dt>
          <dd>{count(data.spans_exported)}</dd>
        </div>
        <div>
          <dt>Own threads</dt>
          <dd>{data.background_cpu_ratio === null ? <Dash /> : `${percent(data.background_cpu_ratio)} of a core`}</dd>
        </div>
        <div>
          <dt>A scrape, p95</dt>
          <dd>{data.scrape_p95_seconds > 0 ? seconds(data.scrape_p95_seconds) : <Dash />}</dd>
        </div>
      </dl>
      {data.failing_exports.length > 0 && (
        <section>
          <h2>Exports that fail now</h2>
          <Table
            caption="Exports that fail now"
            rows={data.failing_exports}
            rowKey={({ signal }) => signal}
            columns={[
              { title: "Signal", cell: ({ signal }) => signal },
              { title: "For", number: true, cell: ({ for_seconds: lasts }) => seconds(lasts) },
              { title: "Error", cell: ({ error }) => <Text>{error}</Text> },
            ]}
          />
        </section>
      )}
      <section>
        <h2>Memory</h2>
        <Table
          caption="Memory of the library"
          rows={memory(data)}
          rowKey={({ name }) => name}
          columns={[
            { title: "Part", cell: ({ name }) => name },
            { title: "Holds", number: true, cell: ({ holds }) => holds },
            { title: "Memory", number: true, cell: ({ used }) => bytes(used) },
            {
              title: "Of its limit",
              cell: ({ share }) =>
                share === null ? (
                  <Dash />
                ) : (
                  <span class="with-bar">
                    <Bar label={percent(share)} parts={[{ share, kind: "spent" }]} />
                    {percent(share)}
                  </span>
                ),
            },
          ]}
        />
      </section>
      <Counts title="Spans dropped" empty="No span was dropped." what="Reason" rows={data.spans_dropped.map(({ reason, spans }) => [words(reason), spans])} />
      <Counts
        title="Parts of spans dropped"
        empty="No part of a span was over a limit."
        what="Part"
        rows={data.span_parts_dropped.map(({ part, parts }) => [words(part), parts])}
      />
      <Counts
        title="Log records dropped"
        empty="No log record was dropped."
        what="Reason"
        rows={data.log_records_dropped.map(({ reason, records }) => [words(reason), records])}
      />
      <Counts
        title="Metrics at their limit of series"
        empty="No metric reached its limit of series."
        what="Metric"
        rows={data.capped_metrics.map(({ metric, records }) => [metric, records])}
      />
      <Counts
        title="Labels at their limit of values"
        empty="No label reached its limit of values."
        what="Label"
        rows={data.capped_labels.map(({ label, records }) => [label, records])}
      />
      <Counts
        title="Exports"
        empty="Nothing was exported: no exporter is configured."
        what="Export"
        rows={data.exports.map(({ signal, result, exports }) => [`${signal}: ${words(result)}`, exports])}
      />
    </>
  );
}

function memory(data: LibraryData) {
  return [
    {
      name: "traces for this page",
      holds: `${count(data.ring_traces)} traces`,
      used: data.ring_bytes,
      share: data.ring_limit_bytes === 0 ? null : data.ring_bytes / data.ring_limit_bytes,
    },
    {
      name: "spans that wait for export",
      holds: `${count(data.queue_spans)} spans`,
      used: data.queue_bytes,
      share: data.queue_limit_spans === 0 ? null : data.queue_spans / data.queue_limit_spans,
    },
    { name: "charts of the last hour", holds: "720 samples at most", used: data.series_bytes, share: null },
    {
      name: "usage of calls to models, for what if",
      holds: `${count(data.model_calls)} calls`,
      used: data.model_calls_bytes,
      share: data.model_calls_limit_bytes === 0 ? null : data.model_calls_bytes / data.model_calls_limit_bytes,
    },
  ];
}

function Counts(props: { title: string; empty: string; what: string; rows: readonly (readonly [string, number])[] }) {
  const { title, empty, what, rows } = props;
  return (
    <section>
      <h2>{title}</h2>
      {rows.length === 0 ? (
        <Empty>{empty}</Empty>
      ) : (
        <Table
          caption={title}
          rows={rows}
          rowKey={([name]) => name}
          columns={[
            { title: what, cell: ([name]) => <Text>{name}</Text> },
            { title: "Count", number: true, cell: ([, n]) => count(n) },
          ]}
        />
      )}
    </section>
  );
}
