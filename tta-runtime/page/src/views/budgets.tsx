// Budgets: limit, reserved, spent, and when each is used up.

import type { Budget, Budgets as BudgetsData } from "../api";
import { count, dollars, percent, seconds } from "../format";
import { Bar, Dash, Empty, Heading, Money, Text, Waiting } from "../parts";
import { usePoll } from "../poll";
import { Table } from "../table";

export function Budgets() {
  const { data, error } = usePoll<BudgetsData>("budgets");
  if (data === undefined) return <Waiting error={error} />;
  return (
    <>
      <Heading title="Budgets" />
      {data.budgets.length === 0 ? (
        <Empty>No budget has been used yet. Put llm::Budget around the calls that may cost money.</Empty>
      ) : (
        <>
          <p class="legend">
            <span class="swatch spent" aria-hidden="true" /> spent
            <span class="swatch reserved" aria-hidden="true" /> reserved
            <span class="swatch left" aria-hidden="true" /> left
          </p>
          <Table
            caption="Budgets"
            rows={data.budgets}
            rowKey={({ name, owner }) => `${name}\n${owner ?? ""}`}
            columns={[
              { title: "Budget", cell: ({ name }) => <Text>{name}</Text> },
              { title: "For", cell: ({ scope, owner }) => (owner === null ? scope : <Text>{`${scope} ${owner}`}</Text>) },
              { title: "Use", cell: (budget) => <Use budget={budget} /> },
              { title: "Limit", number: true, cell: (budget) => <Money nanos={budget.limit_nano_usd} /> },
              { title: "Spent", number: true, cell: (budget) => <Money nanos={budget.spent_nano_usd} /> },
              {
                title: "Estimated",
                number: true,
                hint: "Spent since start on estimates, because the cost of a call is not known, by all that the budget is for",
                cell: (budget) => <Money nanos={budget.estimated_nano_usd} />,
              },
              { title: "Reserved", number: true, cell: (budget) => <Money nanos={budget.reserved_nano_usd} /> },
              { title: "Refused calls", number: true, hint: "Since start, of all that the budget is for", cell: (budget) => count(budget.refused_calls) },
              {
                title: "Period ends in",
                number: true,
                cell: ({ period_left_seconds: left }) => (left === null ? <Dash /> : seconds(left)),
              },
              {
                title: "Used up in",
                number: true,
                hint: "At the rate of the last 5 minutes; empty if the period ends before",
                cell: ({ used_up_in_seconds: left }) => (left === null ? <Dash /> : left === 0 ? "used up" : seconds(left)),
              },
            ]}
          />
          {data.left_out > 0 && <p class="note">{count(data.left_out)} more have a larger share left.</p>}
        </>
      )}
    </>
  );
}

function Use({ budget }: { budget: Budget }) {
  const limit = dollars(budget.limit_nano_usd);
  const share = (nanos: string) => (limit === 0 ? 0 : dollars(nanos) / limit);
  const spent = share(budget.spent_nano_usd);
  const reserved = share(budget.reserved_nano_usd);
  return (
    <Bar
      label={`${percent(spent)} spent, ${percent(reserved)} reserved`}
      parts={[
        { share: spent, kind: "spent" },
        { share: Math.min(reserved, Math.max(0, 1 - spent)), kind: "reserved" },
      ]}
    />
  );
}
