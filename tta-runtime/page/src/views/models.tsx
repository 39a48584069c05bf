// Models: requests, tokens, cost, speed, and the cost at another model's price.

import { useMemo, useState } from "preact/hooks";

import type { Model, Models as ModelsData, WhatIf } from "../api";
import { OUTCOMES, PRICE_BASES, TOKEN_KINDS } from "../api";
import { count, money, percent, seconds, title, words } from "../format";
import { Dash, Empty, Heading, Money, Text, Waiting } from "../parts";
import { usePoll } from "../poll";
import { route, setQuery } from "../router";
import { useStore } from "../store";
import { Table } from "../table";
import { compare } from "../what-if";

export function Models() {
  const { data, error } = usePoll<ModelsData>("models");
  if (data === undefined) return <Waiting error={error} />;
  const { models } = data;
  return (
    <>
      <Heading title="Models" />
      {models.length === 0 ? (
        <Empty>No model has been called yet.</Empty>
      ) : (
        <>
          <Requests models={models} />
          {data.left_out > 0 && <p class="note">{count(data.left_out)} more have cost less and are not shown.</p>}
          <h2>Tokens</h2>
          <Table
            caption="Tokens by kind"
            rows={models}
            rowKey={nameOf}
            columns={[
              { title: "Model", cell: (model) => <Text>{nameOf(model)}</Text> },
              ...TOKEN_KINDS.map((kind) => ({
                title: title(kind),
                number: true,
                cell: (model: Model) => count(model.tokens[kind]),
              })),
              {
                title: "Cached share",
                number: true,
                hint: "Cached input as a share of all input",
                cell: (model) => {
                  const share = cachedShare(model);
                  return share === null ? <Dash /> : percent(share);
                },
              },
            ]}
          />
          <h2>What the cost is based on</h2>
          <p class="note">Calls by how their cost is known. Unpriced calls and calls without usage are missing from the cost.</p>
          <Bases models={models} />
          <WhatIfForm data={data} />
        </>
      )}
    </>
  );
}

function Requests({ models }: { models: readonly Model[] }) {
  return (
    <Table
      caption="Requests, cost and speed"
      rows={models}
      rowKey={nameOf}
      columns={[
        { title: "Model", cell: (model) => <Text>{nameOf(model)}</Text> },
        { title: "Requests", number: true, cell: (model) => count(total(model)) },
        {
          title: "Errors",
          number: true,
          hint: "Failures, timeouts and panics as a share of the requests whose outcome is known",
          cell: (model) => {
            const { failure, timeout, panicked } = model.requests;
            const known = total(model) - model.unknown_outcomes;
            if (known === 0 && model.unknown_outcomes > 0) return <Dash />;
            return percent(known === 0 ? 0 : (failure + timeout + panicked) / known);
          },
        },
        { title: "Cost", number: true, cell: (model) => <Money nanos={model.cost_nano_usd} /> },
        { title: "p50", number: true, cell: (model) => seconds(model.seconds.p50) },
        { title: "p95", number: true, cell: (model) => seconds(model.seconds.p95) },
        {
          title: "First token, p95",
          number: true,
          cell: ({ first_token_seconds: first }) => (first === null ? <Dash /> : seconds(first.p95)),
        },
        {
          title: "Output speed",
          number: true,
          hint: "Output tokens per second of streams, after the first token",
          cell: ({ output_tokens_per_second: speed }) => (speed === null ? <Dash /> : `${speed.toFixed(1)} tokens/s`),
        },
      ]}
    />
  );
}

function Bases({ models }: { models: readonly Model[] }) {
  const used = PRICE_BASES.filter((basis) => models.some((model) => (model.calls_by_price[basis] ?? 0) > 0));
  return (
    <Table
      caption="Calls by the basis of their cost"
      rows={models}
      rowKey={nameOf}
      columns={[
        { title: "Model", cell: (model) => <Text>{nameOf(model)}</Text> },
        ...used.map((basis) => ({
          title: title(basis),
          number: true,
          cell: (model: Model) => count(model.calls_by_price[basis] ?? 0),
        })),
      ]}
    />
  );
}

const RANGE = { shorter: 50, longer: 200 };

function WhatIfForm({ data }: { data: ModelsData }) {
  const { query } = useStore(route);
  const from = query.get("from") ?? nameOf(data.models[0] ?? { provider: "", model: "" });
  const to = query.get("to") ?? "";
  const priced = useMemo(() => data.priced.map(nameOf), [data.priced]);
  const [typed, setTyped] = useState(to);
  const isKnown = priced.includes(to);
  return (
    <section>
      <h2>What if another model had answered</h2>
      <p class="note">The recorded usage of each call at the other model's price. Tokens are counted as they were recorded.</p>
      <div class="filters">
        <label>
          Calls of
          <select value={from} onChange={(event) => setQuery({ from: event.currentTarget.value })}>
            {data.models.map(nameOf).map((name) => (
              <option key={name} value={name}>
                {name.length > 60 ? `${name.slice(0, 60)}…` : name}
              </option>
            ))}
          </select>
        </label>
        <label>
          At the price of
          <input
            data-filter
            list="priced"
            value={typed}
            placeholder="provider/model"
            onInput={(event) => {
              setTyped(event.currentTarget.value);
              setQuery({ to: event.currentTarget.value });
            }}
          />
        </label>
        <datalist id="priced">
          {priced.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </div>
      {to === "" ? (
        <Empty>Choose a model to compare with.</Empty>
      ) : isKnown ? (
        <Answer from={from} to={to} />
      ) : (
        <Empty>This model has no price.</Empty>
      )}
    </section>
  );
}

function Answer({ from, to }: { from: string; to: string }) {
  const query = new URLSearchParams({ from, to }).toString();
  const { data, error } = usePoll<WhatIf>(`what-if?${query}`, 5_000);
  if (data === undefined) return <Waiting error={error} />;
  const { actual, same, low, high, difference } = compare(data, RANGE.shorter, RANGE.longer);
  const less = difference < 0n;
  const size = less ? -difference : difference;
  const share = actual === 0n ? "" : ` (${percent(Number(size) / Number(actual))})`;
  return (
    <>
      <dl class="figures">
        <div>
          <dt>Actual cost</dt>
          <dd>
            <Money nanos={actual} />
          </dd>
        </div>
        <div>
          <dt>With the same answers</dt>
          <dd>
            <Money nanos={same} />
          </dd>
        </div>
        <div>
          <dt>Difference</dt>
          <dd>{size === 0n ? "none" : `${money(size)} ${less ? "less" : "more"}${share}`}</dd>
        </div>
        <div>
          <dt>With answers half to twice as long</dt>
          <dd>
            <Money nanos={low} /> to <Money nanos={high} />
          </dd>
        </div>
      </dl>
      <p class="note">
        {count(data.calls)} calls
        {data.left_out_calls > 0 && `, ${count(data.left_out_calls)} left out: their usage or cost is not known, or many calls came after them`}
        {data.unpriced_kinds.length > 0 && `. No price for ${data.unpriced_kinds.map(words).join(", ")}: missing in the comparison`}.
      </p>
    </>
  );
}

function nameOf({ provider, model }: { provider: string; model: string }): string {
  return `${provider}/${model}`;
}

function total({ requests, unknown_outcomes: unknown }: Model): number {
  return OUTCOMES.reduce((sum, outcome) => sum + requests[outcome], unknown);
}

function cachedShare({ tokens }: Model): number | null {
  const all = Number(tokens.input) + Number(tokens.cached_input) + Number(tokens.cache_write);
  return all === 0 ? null : Number(tokens.cached_input) / all;
}
