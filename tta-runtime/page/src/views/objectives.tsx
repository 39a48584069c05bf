// Objectives: compliance, the error budget that is left, and how fast it burns.

import type { Objective, Objectives as ObjectivesData } from "../api";
import { count, percent, seconds } from "../format";
import { Dash, Empty, Heading, Sign, Text, Waiting } from "../parts";
import { usePoll } from "../poll";
import { href } from "../router";
import { Table } from "../table";

export function Objectives() {
  const { data, error } = usePoll<ObjectivesData>("objectives");
  if (data === undefined) return <Waiting error={error} />;
  const burn = (title: string, hint: string, of: (objective: Objective) => number | null) => ({
    title,
    hint,
    number: true,
    cell: (objective: Objective) => <Burn value={of(objective)} />,
  });
  return (
    <>
      <Heading title="Objectives" />
      {data.objectives.length === 0 ? (
        <Empty>No primitive has an objective. Write slo_availability or slo_latency in the annotation of one.</Empty>
      ) : (
        <>
          <p class="note">A burn of 1 uses the error budget up exactly; above 1 the objective will be missed.</p>
          <Table
            caption="Objectives"
            rows={data.objectives}
            rowKey={({ primitive, slo }) => `${primitive}\n${slo}`}
            columns={[
              {
                title: "Primitive",
                cell: ({ primitive }) => (
                  <a href={href(["traces"], { primitive })}>
                    <Text>{primitive}</Text>
                  </a>
                ),
              },
              { title: "Objective", cell: wanted },
              {
                title: "Compliance",
                number: true,
                cell: ({ compliance, objective }) => (
                  <span class="outcome">
                    <Sign outcome={compliance >= objective ? "success" : "failure"} />
                    <span class="unseen">{compliance >= objective ? "met" : "missed"}</span>
                    {percent(compliance)}
                  </span>
                ),
              },
              { title: "Good", number: true, cell: ({ good }) => count(good) },
              { title: "Bad", number: true, cell: ({ bad }) => count(bad) },
              { title: "Error budget left", number: true, cell: ({ remaining_budget: left }) => percent(left) },
              burn("Burn, 5 min", "Over the last 5 minutes", ({ burn: { five_minutes } }) => five_minutes),
              burn("Burn, 1 h", "Over the last hour", ({ burn: { hour } }) => hour),
              burn("Burn, since start", "Since the program started", ({ burn: { since_start } }) => since_start),
            ]}
          />
        </>
      )}
    </>
  );
}

function wanted({ slo, objective, threshold_seconds: threshold }: Objective): string {
  const limit = threshold === null ? "" : ` within ${seconds(threshold)}`;
  return `${slo}: ${percent(objective)}${limit}`;
}

function Burn({ value }: { value: number | null }) {
  if (value === null) return <Dash />;
  return value > 1 ? <strong class="bad">▲ {value.toFixed(2)}</strong> : <>{value.toFixed(2)}</>;
}
