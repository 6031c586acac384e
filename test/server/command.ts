/** Runs the built `kinovox` command in a process of its own, as a user does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const BIN = fileURLToPath(new URL('../../packages/server/bin/kinovox.js', import.meta.url));
export const DIGGERS = fileURLToPath(new URL('./fixtures/diggers-v1.scenario.json', import.meta.url));

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  ended: Promise<Outcome>;
  /** What stdout and stderr hold so far. */
  output(): { stdout: string; stderr: string };
}

/** Starts it without a terminal. */
export function startKinovox(args: readonly string[], options: { cwd?: string; env?: Record<string, string> } = {}): Running {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: options.cwd,
    env: { ...process.env, CI: 'true', NO_COLOR: '1', FORCE_COLOR: undefined, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended, output: () => ({ stdout, stderr }) };
}

export function kinovox(...args: string[]): Promise<Outcome> {
  return startKinovox(args).ended;
}

/** A new empty folder for results. */
export function freshFolder(): string {
  return mkdtempSync(join(tmpdir(), 'kinovox-test-'));
}

/** Polls until `check` gives a value; throws with `what` after `timeoutMs`. */
export async function eventually<T>(what: string, check: () => T | undefined | false, timeoutMs = 20_000): Promise<T> {
  for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += 20) {
    const value = check();
    if (value !== undefined && value !== false) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Not within ${timeoutMs} ms: ${what}.`);
}
