// Blocks: circuit breakers, retries, time limits, caches, fallbacks, routers.

import type { ComponentChildren } from "preact";

import type { Blocks as BlocksData, BreakerState, CircuitBreaker } from "../api";
import { clock, count, instant, percent, seconds, words } from "../format";
import { Bar, Empty, Heading, Sign, Text, Waiting } from "../parts";
import { usePoll } from "../poll";
import { Table } from "../table";

export function Blocks() {
  const { data, error } = usePoll<BlocksData>("blocks");
  if (data === undefined) return <Waiting error={error} />;
  const isEmpty = Object.values(data).every((list: readonly unknown[]) => list.length === 0);
  return (
    <>
      <Heading title="Blocks" />
      {isEmpty ? <Empty>No building block has run yet.</Empty> : <Sections blocks={data} />}
    </>
  );
}

function Sections({ blocks }: { blocks: BlocksData }) {
  const name = (row: { name: string }) => <Text>{row.name}</Text>;
  const key = (row: { name: string }) => row.name;
  return (
    <>
      <Section title="Circuit breakers" rows={blocks.circuit_breakers}>
        <Table
          caption="Circuit breakers"
          rows={blocks.circuit_breakers}
          rowKey={key}
          columns={[
            { title: "Name", cell: name },
            { title: "State", cell: (breaker) => <State state={breaker.state} /> },
            { title: "Permitted", number: true, cell: ({ permitted }) => count(permitted) },
            { title: "Rejected", number: true, cell: ({ rejected }) => count(rejected) },
            { title: "Open for", number: true, hint: "In all, since start", cell: (breaker) => seconds(breaker.seconds.open) },
            { title: "Latest changes", cell: (breaker) => <Changes breaker={breaker} /> },
          ]}
        />
      </Section>
      <Section title="Retries" rows={blocks.retries}>
        <Table
          caption="Retries"
          rows={blocks.retries}
          rowKey={key}
          columns={[
            { title: "Name", cell: name },
            { title: "Attempts that ended", cell: ({ results }) => counts(results) },
            { title: "Waited in all", number: true, cell: ({ waited_seconds: waited }) => seconds(waited) },
          ]}
        />
      </Section>
      <Section title="Time limits" rows={blocks.time_limits}>
        <Table
          caption="Time limits"
          rows={blocks.time_limits}
          rowKey={key}
          columns={[
            { title: "Name", cell: name },
            { title: "In time", number: true, cell: ({ in_time: n }) => count(n) },
            { title: "Late", number: true, hint: "Ended within the grace", cell: ({ late }) => count(late) },
            { title: "Timed out", number: true, cell: ({ timed_out: n }) => count(n) },
            { title: "p95", number: true, cell: ({ p95_seconds: p95 }) => seconds(p95) },
          ]}
        />
      </Section>
      <Section title="Caches" rows={blocks.caches}>
        <Table
          caption="Caches"
          rows={blocks.caches}
          rowKey={({ name, cache_type: type }) => `${name}\n${type}`}
          columns={[
            { title: "Name", cell: name },
            { title: "Kind", cell: ({ cache_type: type }) => type },
            { title: "Hit share", cell: ({ hits, misses, coalesced }) => <Hits hits={hits} all={hits + misses + coalesced} /> },
            { title: "Hits", number: true, cell: ({ hits }) => count(hits) },
            { title: "Misses", number: true, cell: ({ misses }) => count(misses) },
            { title: "Coalesced", number: true, hint: "Waited for the same work of another call", cell: ({ coalesced }) => count(coalesced) },
            { title: "Errors", number: true, cell: ({ errors }) => count(errors) },
            { title: "Entries", number: true, cell: ({ entries }) => count(entries) },
            { title: "Evicted", number: true, cell: ({ evicted }) => count(evicted) },
            { title: "Expired", number: true, cell: ({ expired }) => count(expired) },
            { title: "Look-up p95", number: true, cell: ({ p95_seconds: p95 }) => seconds(p95) },
          ]}
        />
      </Section>
      <Section title="Fallbacks" rows={blocks.fallbacks}>
        <Table
          caption="Fallbacks"
          rows={blocks.fallbacks}
          rowKey={key}
          columns={[
            { title: "Name", cell: name },
            { title: "Calls by what answered", cell: ({ used }) => counts(used) },
          ]}
        />
      </Section>
      <Section title="Routers" rows={blocks.routers}>
        <Table
          caption="Routers"
          rows={blocks.routers.flatMap(({ name, routes }) => routes.map((route) => ({ name, ...route })))}
          rowKey={({ name, route, reason }) => `${name}\n${route}\n${reason}`}
          columns={[
            { title: "Name", cell: name },
            { title: "Route", cell: ({ route }) => <Text>{route}</Text> },
            { title: "Why", cell: ({ reason }) => words(reason) },
            { title: "Calls", number: true, cell: ({ calls }) => count(calls) },
            { title: "Errors", number: true, cell: ({ errors }) => count(errors) },
            { title: "p95", number: true, cell: ({ p95_seconds: p95 }) => seconds(p95) },
          ]}
        />
      </Section>
    </>
  );
}

function Section({ title, rows, children }: { title: string; rows: readonly unknown[]; children: ComponentChildren }) {
  if (rows.length === 0) return null;
  return (
    <section>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

const SIGNS = { closed: "success", half_open: "timeout", open: "failure" } as const;

function State({ state }: { state: BreakerState }) {
  return (
    <span class="outcome">
      <Sign outcome={SIGNS[state]} />
      {words(state)}
    </span>
  );
}

const CHANGES = 3;

function Changes({ breaker: { changes } }: { breaker: CircuitBreaker }) {
  if (changes.length === 0) return <span class="quiet">none</span>;
  return (
    <details>
      <summary>{count(changes.length)} kept, the latest to {words(changes.at(-1)?.to ?? "")}</summary>
      <ul class="plain-list">
        {changes.toReversed().map(({ at_unix_ns: at, from, to }, index) => (
          <li key={index} class={index >= CHANGES ? "quiet" : undefined}>
            <time dateTime={instant(at)}>{clock(at)}</time> {words(from)} to {words(to)}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Hits({ hits, all }: { hits: number; all: number }) {
  const share = all === 0 ? 0 : hits / all;
  return (
    <span class="with-bar">
      <Bar label={`${percent(share)} hits`} parts={[{ share, kind: "spent" }]} />
      {percent(share)}
    </span>
  );
}

function counts(results: Readonly<Record<string, number>>): ComponentChildren {
  const all = Object.entries(results).filter(([, n]) => n > 0);
  return all.map(([result, n]) => (
    <span key={result} class="chip">
      <bdi>{words(result)}</bdi> {count(n)}
    </span>
  ));
}
