// The frame around the views: the way to each of them, what is wrong, pause, theme, keys.

import { useEffect, useRef, useState } from "preact/hooks";

import { connection } from "./client";
import { helpShown, KEYS } from "./keyboard";
import { hidden, paused } from "./poll";
import { href, route } from "./router";
import { useStore } from "./store";
import { THEMES, theme } from "./theme";
import { forgetToken, setToken } from "./token";
import { Blocks } from "./views/blocks";
import { Budgets } from "./views/budgets";
import { Library } from "./views/library";
import { MapView } from "./views/map";
import { Models } from "./views/models";
import { Objectives } from "./views/objectives";
import { Overview } from "./views/overview";
import { Savings } from "./views/savings";
import { TraceView } from "./views/trace";
import { Traces } from "./views/traces";
import { Empty } from "./parts";

const VIEWS = [
  { path: "overview", title: "Overview", View: Overview },
  { path: "map", title: "Service map", View: MapView },
  { path: "traces", title: "Traces", View: Traces },
  { path: "models", title: "Models", View: Models },
  { path: "budgets", title: "Budgets", View: Budgets },
  { path: "objectives", title: "Objectives", View: Objectives },
  { path: "savings", title: "Savings", View: Savings },
  { path: "blocks", title: "Blocks", View: Blocks },
  { path: "library", title: "Library", View: Library },
] as const;

export function Shell() {
  const { path } = useStore(route);
  const { tokenNeeded } = useStore(connection);
  const [name = "", id] = path;
  const view = VIEWS.find((view) => view.path === name);
  const title = view?.title ?? "Not found";
  useEffect(() => {
    document.title = `${title} – TTA`;
  }, [title]);
  return (
    <div class="shell">
      <Navigation current={name} />
      <main>
        <Notices />
        {tokenNeeded !== "no" ? (
          <TokenForm reason={tokenNeeded} />
        ) : name === "traces" && id !== undefined ? (
          <TraceView key={id} traceId={id} />
        ) : view === undefined ? (
          <Empty>There is no such view.</Empty>
        ) : (
          <view.View />
        )}
      </main>
      <Help />
    </div>
  );
}

function Navigation({ current }: { current: string }) {
  const isPaused = useStore(paused);
  const isHidden = useStore(hidden);
  const chosen = useStore(theme);
  return (
    <header class="side">
      <a class="brand" href={href(["overview"])}>
        TTA
      </a>
      <nav aria-label="Views">
        {VIEWS.map(({ path, title }) => (
          <a key={path} href={href([path])} aria-current={path === current ? "page" : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <div class="controls">
        <button type="button" aria-pressed={isPaused} onClick={() => (paused.value = !isPaused)}>
          {isPaused ? "Resume" : "Pause"}
        </button>
        <span class="note" role="status">
          {isPaused ? "paused" : isHidden ? "hidden" : "live"}
        </span>
        <label class="theme">
          Theme
          <select value={chosen} onChange={(event) => (theme.value = THEMES.find((name) => name === event.currentTarget.value) ?? "system")}>
            {THEMES.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <button type="button" class="plain" onClick={() => (helpShown.value = true)}>
          Keys <kbd>?</kbd>
        </button>
      </div>
    </header>
  );
}

function Notices() {
  const { reached, restarted } = useStore(connection);
  return (
    <div role="status" class="notices">
      {!reached && <p class="notice warning">The program does not answer. The numbers are the last known ones.</p>}
      {reached && restarted && (
        <p class="notice">
          The program has restarted. Numbers and traces from before are gone.
          <button type="button" class="plain" onClick={() => (connection.value = { ...connection.value, restarted: false })}>
            Close
          </button>
        </p>
      )}
    </div>
  );
}

function TokenForm({ reason }: { reason: "absent" | "wrong" }) {
  const [typed, setTyped] = useState("");
  return (
    <form
      class="token"
      onSubmit={(event) => {
        event.preventDefault();
        if (typed.trim() === "") forgetToken();
        else setToken(typed.trim());
        connection.value = { ...connection.value, tokenNeeded: "no" };
      }}
    >
      <h1>Bearer token</h1>
      <p>{reason === "absent" ? "The program asks for a bearer token." : "This bearer token is wrong."}</p>
      <label>
        Token
        <input type="password" autoComplete="off" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
      </label>
      <p class="note">It is kept for this tab only, and sent to this program alone.</p>
      <button type="submit">Continue</button>
    </form>
  );
}

function Help() {
  const isShown = useStore(helpShown);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (isShown) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isShown]);
  return (
    <dialog ref={dialog} aria-labelledby="keys-title" onClose={() => (helpShown.value = false)}>
      <h2 id="keys-title">Keys</h2>
      <dl class="keys">
        {KEYS.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <button type="button" onClick={() => (helpShown.value = false)}>
        Close
      </button>
    </dialog>
  );
}
