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
        <Empty>No primitive and no evaluation has an objective. Write slo(availability = 99.9) in the annotation of a primitive.</Empty>
      ) : (
        <>
          <p class="note">A burn of 1 uses the error budget up exactly; above 1 the objective will be missed.</p>
          <Table
            caption="Objectives"
            rows={data.objectives}
            rowKey={({ primitive, slo }) => `${primitive}\n${slo}`}
            columns={[
              {
                title: "Primitive or evaluation",
                // Traces know primitives by name, and evaluations by the text of their events.
                cell: ({ primitive, slo }) => (
                  <a href={href(["traces"], slo === "score" ? { text: primitive } : { primitive })}>
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

function wanted({ slo, objective, threshold_seconds: longest, threshold_score: least }: Objective): string {
  const limit = longest === null ? "" : ` within ${seconds(longest)}`;
  const score = least === null ? "" : ` at ${least} or more`;
  return `${slo}: ${percent(objective)}${limit}${score}`;
}

function Burn({ value }: { value: number | null }) {
  if (value === null) return <Dash />;
  return value > 1 ? <strong class="bad">▲ {value.toFixed(2)}</strong> : <>{value.toFixed(2)}</>;
}
