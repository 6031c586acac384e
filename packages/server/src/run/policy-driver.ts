/** The policy of a run: one by name or from a file, for every agent; it fills the batch's actions, tick after tick. */
import { readFileSync } from 'node:fs';
import {
  createLearnedPolicy,
  createPolicy,
  observationFor,
  POLICY_DESCRIPTIONS,
  POLICY_NAMES,
  type PolicyFactory,
  type PolicyRun,
  policyProfile,
  runPolicies,
} from '@kinovox/agents';
import type { BatchEnv, BatchEnvOptions, CompiledScenario } from '@kinovox/env';
import { parseLearnedPolicy, UsageError } from '@kinovox/world';

/** Fills actions for the state as it stands; they are borrowed until the next call. */
export type PolicyDriver = Pick<PolicyRun, 'act'>;

/** Before the path of a file that training wrote. */
const LEARNED = 'learned:';
/** Larger files are no policies of this kind. */
const MAX_POLICY_BYTES = 64 * 2 ** 20;

/** @throws UsageError for an unknown policy, or one that cannot play the scenario. */
export function createPolicyDriver(env: BatchEnv, name: string): PolicyDriver {
  return runPolicies(env, loadPolicy(name));
}

/** What an environment must be made with for the policy to play in it. */
export function optionsForPolicy(
  compiled: CompiledScenario,
  name: string,
): Pick<BatchEnvOptions, 'scenario' | 'actionProfile' | 'observation'> {
  return { scenario: compiled, actionProfile: policyProfile(compiled), observation: observationFor(compiled, loadPolicy(name)) };
}

/** A policy by name, or `learned:FILE`. @throws UsageError for another name, and for a file that is none. */
export function loadPolicy(name: string): PolicyFactory {
  if (!name.startsWith(LEARNED)) return createPolicy(name);
  const path = name.slice(LEARNED.length);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UsageError(
      'policy-file',
      `The file of a policy must be readable; got "${path}" (${(cause as Error).message}). Check the path.`,
      { cause },
    );
  }
  if (text.length > MAX_POLICY_BYTES)
    throw new UsageError(
      'policy-file',
      `The file of a policy must hold at most ${MAX_POLICY_BYTES} characters; got ${text.length} in "${path}".`,
    );
  return createLearnedPolicy(parseLearnedPolicy(text, path));
}

export function policyNames(): readonly string[] {
  return [...POLICY_NAMES, `${LEARNED}FILE`];
}

/** For the option `--policy`: the name, once it is known that there is such a policy. @throws UsageError as `loadPolicy`. */
export function policyValue(name: string): string {
  loadPolicy(name);
  return name;
}

/** For help texts: each policy on a line of its own. */
export function describePolicies(): string {
  return [
    ...POLICY_NAMES.map((name) => `  ${name.padEnd(14)}${POLICY_DESCRIPTIONS[name]}`),
    `  ${`${LEARNED}FILE`.padEnd(14)}Runs a network that was trained, from its file; see docs/python.md.`,
  ].join('\n');
}
