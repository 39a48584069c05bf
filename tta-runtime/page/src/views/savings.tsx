// Savings: cost that answers from a cache and cheaper routes avoided.

import type { Savings as SavingsData } from "../api";
import { count, dollars, percent } from "../format";
import { Bar, Empty, Heading, Money, Text, Waiting } from "../parts";
import { usePoll } from "../poll";
import { Table } from "../table";

export function Savings() {
  const { data, error } = usePoll<SavingsData>("savings");
  if (data === undefined) return <Waiting error={error} />;
  const saved = data.sources.reduce((sum, { saved_nano_usd: nanos }) => sum + BigInt(nanos), 0n);
  const whole = saved + BigInt(data.cost_nano_usd);
  const share = (nanos: string | bigint) => (whole === 0n ? 0 : dollars(nanos) / dollars(whole));
  return (
    <>
      <Heading title="Savings" />
      {saved === 0n ? (
        <Empty>Nothing has been saved yet: no answer of a model came from a cache, and no router chose a cheaper model.</Empty>
      ) : (
        <>
          <dl class="figures">
            <div>
              <dt>Saved</dt>
              <dd>
                <Money nanos={saved} />
              </dd>
            </div>
            <div>
              <dt>Share of the cost without savings</dt>
              <dd>{percent(share(saved))}</dd>
            </div>
            <div>
              <dt>Cost</dt>
              <dd>
                <Money nanos={data.cost_nano_usd} />
              </dd>
            </div>
          </dl>
          <Bar
            label={data.sources.map(({ source, saved_nano_usd: nanos }) => `${source} ${percent(share(nanos))}`).join(", ")}
            parts={[
              { share: share(data.cost_nano_usd), kind: "left" },
              ...data.sources.map(({ source, saved_nano_usd: nanos }) => ({ share: share(nanos), kind: `saved-${source}` })),
            ]}
          />
          <p class="legend">
            <span class="swatch left" aria-hidden="true" /> cost
            <span class="swatch saved-cache" aria-hidden="true" /> saved by caches
            <span class="swatch saved-router" aria-hidden="true" /> saved by routers
          </p>
          <h2>By source</h2>
          <Table
            caption="Savings by source"
            rows={data.sources}
            rowKey={({ source }) => source}
            columns={[
              { title: "Source", cell: ({ source }) => source },
              { title: "Calls", number: true, cell: ({ calls }) => count(calls) },
              { title: "Saved", number: true, cell: ({ saved_nano_usd: nanos }) => <Money nanos={nanos} /> },
              { title: "Share", number: true, cell: ({ saved_nano_usd: nanos }) => percent(share(nanos)) },
            ]}
          />
          <h2>By model</h2>
          <Table
            caption="Savings by model"
            rows={data.by_model}
            rowKey={({ provider, model, source }) => `${provider}\n${model}\n${source}`}
            columns={[
              { title: "Model", cell: ({ provider, model }) => <Text>{`${provider}/${model}`}</Text> },
              { title: "Source", cell: ({ source }) => source },
              { title: "Saved", number: true, cell: ({ saved_nano_usd: nanos }) => <Money nanos={nanos} /> },
            ]}
          />
        </>
      )}
    </>
  );
}
