/** Language agents of a run: the policy from a profile's file, and the log of what was asked, answered and done, in an order that no latency changes. */
import { dirname, resolve } from 'node:path';
import {
  createLanguageFactory,
  type LanguageEntry,
  type LanguageReport,
  LanguageTally,
  type PolicyFactory,
  type Profile,
  parseProfileText,
} from '@kinovox/agents';
import { formatCount } from '../cli/print.js';
import { readText } from '../cli/read-text.js';
import { openMemoryFolder } from './memory-folder.js';

/** Before the path of a language agent's profile. */
export const LANGUAGE = 'llm:';

/** Whether a policy, or one of several, behind a safety filter or not, asks a language model. */
export function asksModel(policy: string): boolean {
  return new RegExp(`(^|[:=])${LANGUAGE}`).test(policy);
}

/** @param onEntry told what happens, in the order in which replies come. @throws UsageError for a profile that cannot be read or used. */
export function loadLanguagePolicy(path: string, onEntry?: (entry: LanguageEntry) => void): PolicyFactory {
  const profile = withPaths(parseProfileText(readText(path), path), path);
  const memory = profile.memory === undefined ? undefined : openMemoryFolder(profile.memory.folder, path);
  return createLanguageFactory(profile, { environment: process.env, readText, onEntry, ...(memory === undefined ? {} : { memory }) });
}

/** Files that a profile names are looked for beside it. */
function withPaths(profile: Profile, path: string): Profile {
  const { provider, model, adapter } = profile;
  if (model === undefined || (provider !== 'llama' && provider !== 'replay')) return profile;
  const from = dirname(path);
  return { ...profile, model: resolve(from, model), ...(adapter === undefined ? {} : { adapter: resolve(from, adapter) }) };
}

/** Entries of a run, tick by tick. */
export class LanguageLog {
  readonly #tally = new LanguageTally();
  #entries: LanguageEntry[] = [];

  add(entry: LanguageEntry): void {
    this.#entries.push(entry);
    this.#tally.add(entry);
  }

  /** Those of the tick that has passed, by world and agent. */
  take(): LanguageEntry[] {
    const entries = this.#entries;
    this.#entries = [];
    return entries.sort((a, b) => a.row - b.row || a.slot - b.slot);
  }

  report(): LanguageReport {
    return this.#tally.report();
  }
}

/** What a run spent on models, in words. */
export function describeLanguage(report: LanguageReport): string {
  const {
    calls,
    promptTokens,
    completionTokens,
    cachedTokens,
    cost,
    invalid,
    refused,
    failed,
    late,
    spent,
    useless,
    stuck,
    stuckTicks,
    failure,
  } = report;
  const some = (count: number, words: string) => (count === 0 ? [] : [`${formatCount(count)} ${words}`]);
  return [
    `${formatCount(calls)} calls`,
    `${formatCount(promptTokens)} prompt tokens${cachedTokens === 0 ? '' : ` (${formatCount(cachedTokens)} cached)`} and ${formatCount(completionTokens)} of replies`,
    ...(cost === 0 ? [] : [`cost ${cost.toFixed(4)}`]),
    `${formatCount(invalid)} replies invalid`,
    `${formatCount(refused)} actions refused`,
    ...some(spent, spent === 1 ? 'budget spent' : 'budgets spent'),
    ...some(useless, useless === 1 ? 'agent with useless replies alone' : 'agents with useless replies alone'),
    ...(stuck === 0 ? [] : [`stuck ${formatCount(stuck)} times (${formatCount(stuckTicks / 20)} s)`]),
    ...some(late, 'deadlines passed: time-limited, a rerun may differ'),
    ...some(failed, `calls failed, the last: ${failure}`),
  ].join(', ');
}
