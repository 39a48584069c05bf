// A fresh Chromium, and pages that report what must not happen.

import { type Browser, chromium, type Page } from "playwright-core";

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-quic", "--disable-background-networking"],
  });
}

export interface Options {
  width?: number;
  height?: number;
  dark?: boolean;
}

/** A page in a profile of its own, with everything that went wrong on it. */
export interface Watched {
  page: Page;
  /** Errors on the console, exceptions, violations of the policy. */
  faults: string[];
  close(): Promise<void>;
}

export async function open(browser: Browser, address: string, { width = 1_280, height = 800, dark = false }: Options = {}): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? "dark" : "light" });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") faults.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`exception: ${error.message}`));
  await page.goto(address);
  return { page, faults, close: () => context.close() };
}
