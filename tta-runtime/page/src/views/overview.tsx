// The overview: rates, durations, cost and what moved.

import type { Mover, Overview as OverviewData, SeriesName } from "../api";
import { OUTCOMES } from "../api";
import { Chart, type Line } from "../chart";
import { count, dollars, duration, milliseconds, money, nanos, percent, rate, seconds } from "../format";
import { Empty, Heading, Money, Text, Type, Waiting } from "../parts";
import { usePoll } from "../poll";
import { href } from "../router";
import { useSamples } from "../series";
import { Table } from "../table";

export function Overview() {
  const { data, nowUnixNs, error } = usePoll<OverviewData>("overview");
  if (data === undefined) return <Waiting error={error} />;
  const uptime = (milliseconds(nowUnixNs) - milliseconds(data.started_unix_ns)) * 1e6;
  return (
    <>
      <Heading title="Overview">
        <p>
          <Text>{data.service_name}</Text>
          <span>up for {duration(Math.max(0, uptime))}</span>
        </p>
      </Heading>
      <Figures overview={data} />
      <Charts overview={data} />
      <Movers movers={data.movers} />
    </>
  );
}

function Figures({ overview }: { overview: OverviewData }) {
  const figures = [
    ["Cost since start", <Money nanos={overview.cost_nano_usd} />],
    ["Tokens since start", count(overview.tokens)],
    ["Calls of unknown cost", count(overview.unknown_cost_calls)],
    ["Active workflows", count(overview.active_workflows)],
  ] as const;
  return (
    <dl class="figures">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Charts({ overview }: { overview: OverviewData }) {
  const samples = useSamples();
  if (samples === undefined) return <Empty>Loading the last hour…</Empty>;
  const line = (series: SeriesName, name: string, colour: string, dash?: number[]): Line => ({
    name,
    colour,
    values: samples.values.get(series) ?? [],
    ...(dash === undefined ? {} : { dash }),
  });
  const { times } = samples;
  const dashes = [undefined, [6, 3], [2, 3], [8, 3, 2, 3], [3, 1]];
  const total = OUTCOMES.reduce((sum, outcome) => sum + overview.calls_per_second[outcome], 0);
  const usd = (value: number) => money(nanos(Math.max(0, value)));
  return (
    <div class="charts">
      <Chart
        title="Calls per second"
        now={rate(total)}
        times={times}
        format={rate}
        lines={OUTCOMES.map((outcome, index) => line(`calls_${outcome}`, outcome, `--${outcome}`, dashes[index]))}
      />
      <Chart
        title="Duration"
        now={`${seconds(overview.seconds.p95)} p95`}
        times={times}
        format={seconds}
        lines={[
          line("p50_seconds", "p50", "--quiet"),
          line("p95_seconds", "p95", "--accent"),
          line("p99_seconds", "p99", "--accent", [4, 3]),
        ]}
      />
      <Chart title="Error ratio" now={percent(overview.error_ratio)} times={times} format={percent} lines={[line("error_ratio", "errors", "--failure")]} />
      <Chart
        title="Cost per hour"
        now={`${usd(dollars(overview.cost_nano_usd_per_hour))}/h`}
        times={times}
        format={usd}
        lines={[line("cost_per_hour", "US dollars per hour", "--accent")]}
      />
      <Chart
        title="Tokens per second"
        now={rate(overview.tokens_per_second)}
        times={times}
        format={rate}
        lines={[line("tokens_per_second", "tokens", "--accent")]}
      />
      <Chart
        title="Active workflows"
        now={count(overview.active_workflows)}
        times={times}
        format={(value) => (Number.isInteger(value) ? count(value) : value.toFixed(1))}
        lines={[line("active_workflows", "workflows", "--accent")]}
      />
    </div>
  );
}

const MEASURES: Record<Mover["measure"], { name: string; write(value: number): string }> = {
  calls_per_second: { name: "calls per second", write: rate },
  p95_seconds: { name: "duration, p95", write: seconds },
  error_ratio: { name: "error ratio", write: percent },
  cost_usd_per_hour: { name: "cost per hour", write: (value) => `${money(nanos(value))}/h` },
};

function Movers({ movers }: { movers: Mover[] }) {
  return (
    <section>
      <h2>What moved most</h2>
      <p class="note">The last 5 minutes, compared with the 5 minutes before.</p>
      {movers.length === 0 ? (
        <Empty>Nothing moved by more than a tenth.</Empty>
      ) : (
        <Table
          caption="What moved most in the last 5 minutes"
          rows={movers}
          rowKey={({ primitive, measure }) => `${primitive} ${measure}`}
          columns={[
            {
              title: "Primitive",
              cell: ({ primitive, primitive_type }) => (
                <>
                  <Type name={primitive_type} />
                  <a href={href(["traces"], { primitive })}>
                    <Text>{primitive}</Text>
                  </a>
                </>
              ),
            },
            { title: "Measure", cell: ({ measure }) => MEASURES[measure].name },
            { title: "Before", number: true, cell: ({ measure, before }) => MEASURES[measure].write(before) },
            { title: "Now", number: true, cell: ({ measure, now }) => MEASURES[measure].write(now) },
            { title: "Change", number: true, cell: ({ before, now }) => change(before, now) },
          ]}
        />
      )}
    </section>
  );
}

function change(before: number, now: number): string {
  if (before === 0) return "new";
  if (now === 0) return "gone";
  const factor = now / before;
  return factor >= 1 ? `▲ ×${factor.toFixed(factor < 10 ? 2 : 0)}` : `▼ ÷${(1 / factor).toFixed(factor > 0.1 ? 2 : 0)}`;
}
