// Budgets: limit, reserved, spent, and when each is used up.

import type { Budget, Budgets as BudgetsData } from "../api";
import { count, percent, seconds } from "../format";
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
            rowKey={({ name, owner }, index) => `${name}\n${owner ?? ""}\n${index}`}
            columns={[
              { title: "Budget", cell: (budget) => <Name budget={budget} /> },
              { title: "For", cell: ({ scope, owner }) => (owner === null ? scope : <Text>{`${scope} ${owner}`}</Text>) },
              { title: "Use", cell: (budget) => <Use budget={budget} /> },
              { title: "Limit", number: true, cell: (budget) => <Amount budget={budget} amount={budget.limit} /> },
              { title: "Spent", number: true, cell: (budget) => <Amount budget={budget} amount={budget.spent} /> },
              {
                title: "Estimated",
                number: true,
                hint: "Spent since start on estimates, because the cost of a call is not known, by all that the budget is for",
                cell: (budget) => <Amount budget={budget} amount={budget.estimated} />,
              },
              { title: "Reserved", number: true, cell: (budget) => <Amount budget={budget} amount={budget.reserved} /> },
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

function Name({ budget: { name, shared } }: { budget: Budget }) {
  return (
    <>
      <Text>{name}</Text>
      {shared && (
        <span class="chip" title="Other processes spend from it, too. The amounts are those of all, as far as this one knows.">
          shared
        </span>
      )}
    </>
  );
}

function Amount({ budget, amount }: { budget: Budget; amount: string | null }) {
  if (amount === null) return <Dash />;
  return budget.unit === "nano_usd" ? <Money nanos={amount} /> : <>{`${count(amount)} ${budget.unit}`}</>;
}

function Use({ budget }: { budget: Budget }) {
  const limit = Number(budget.limit);
  const share = (amount: string) => (limit === 0 ? 0 : Number(amount) / limit);
  const spent = share(budget.spent);
  const reserved = share(budget.reserved);
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
