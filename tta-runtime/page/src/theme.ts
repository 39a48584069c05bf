// Dark, light, or as the system says.

import { Store } from "./store";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const KEY = "tta.theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

function stored(): Theme {
  const value = localStorage.getItem(KEY);
  return THEMES.find((theme) => theme === value) ?? "system";
}

export const theme = new Store<Theme>(stored());
/** True while the page is dark, whoever says so. */
export const isDark = new Store(false);

function apply(): void {
  isDark.value = theme.value === "system" ? dark.matches : theme.value === "dark";
  document.documentElement.dataset["theme"] = isDark.value ? "dark" : "light";
}

theme.subscribe(() => {
  localStorage.setItem(KEY, theme.value);
  apply();
});
dark.addEventListener("change", apply);
apply();
