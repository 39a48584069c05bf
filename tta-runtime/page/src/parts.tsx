// Small pieces that several views share.

import type { ComponentChildren } from "preact";

import type { Outcome } from "./api";
import { exactMoney, money } from "./format";

/** A sign for each outcome, so that colour is not needed to tell them apart. */
const SIGNS: Record<Outcome, string> = {
  success: "M2 6.5 5 9.5 10 3",
  failure: "M2.5 2.5 9.5 9.5 M9.5 2.5 2.5 9.5",
  timeout: "M6 1.5 A4.5 4.5 0 1 0 6.01 1.5 M6 3.5 V6 L8 7.5",
  cancelled: "M6 1.5 A4.5 4.5 0 1 0 6.01 1.5 M3 9 9 3",
  panicked: "M6 1.5 11 10.5 1 10.5Z M6 5 V7.5 M6 9 V9.1",
};

export function Sign({ outcome }: { outcome: Outcome }) {
  return (
    <svg class={`sign ${outcome}`} viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      <path d={SIGNS[outcome]} />
    </svg>
  );
}

export function OutcomeLabel({ outcome }: { outcome: Outcome | null }) {
  if (outcome === null) return <span class="quiet">none</span>;
  return (
    <span class="outcome">
      <Sign outcome={outcome} />
      {outcome}
    </span>
  );
}

/** An amount, with every digit in its tooltip. */
export function Money({ nanos }: { nanos: string | bigint | null }) {
  if (nanos === null) return <Dash />;
  return <span title={exactMoney(nanos)}>{money(nanos)}</span>;
}

/** Stands where there is no number. */
export function Dash() {
  return (
    <span class="quiet" title="no value">
      –
    </span>
  );
}

/** Text from the program: isolated, so that marks of direction in it move nothing else, and never interpreted. */
export function Text({ children, title }: { children: string; title?: string }) {
  return <bdi title={title ?? (children.length > 40 ? children.slice(0, 1_000) : undefined)}>{children}</bdi>;
}

export function Type({ name }: { name: string | null }) {
  return name === null ? null : <span class="type">{name}</span>;
}

/** A share of a whole as a bar; `value` and `rest` run from 0 to 1. */
export function Bar({ parts, label }: { parts: { share: number; kind: string }[]; label: string }) {
  return (
    <div class="bar" role="img" aria-label={label}>
      {parts.map(({ share, kind }) => (
        <span key={kind} class={kind} style={{ width: `${Math.max(0, Math.min(1, share)) * 100}%` }} />
      ))}
    </div>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

/** What a view shows while it has no data: that it waits, or the reason why there is none. */
export function Waiting({ error }: { error: string | undefined }) {
  return error === undefined ? (
    <Empty>Loading…</Empty>
  ) : (
    <p class="empty" role="alert">
      {error}
    </p>
  );
}

export function Heading({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <header class="heading">
      <h1>{title}</h1>
      {children}
    </header>
  );
}
