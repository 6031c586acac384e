/** The policy of a run: one by name for every agent; it fills the batch's actions, tick after tick. */
import { createPolicy, POLICY_DESCRIPTIONS, POLICY_NAMES, type PolicyRun, runPolicies } from '@kinovox/agents';
import type { BatchEnv } from '@kinovox/env';

/** Fills actions for the state as it stands; they are borrowed until the next call. */
export type PolicyDriver = Pick<PolicyRun, 'act'>;

/** @throws UsageError for an unknown policy, or one that cannot play the scenario. */
export function createPolicyDriver(env: BatchEnv, name: string): PolicyDriver {
  return runPolicies(env, createPolicy(name));
}

export function policyNames(): readonly string[] {
  return POLICY_NAMES;
}

/** For help texts: each policy on a line of its own. */
export function describePolicies(): string {
  return POLICY_NAMES.map((name) => `  ${name.padEnd(10)}${POLICY_DESCRIPTIONS[name]}`).join('\n');
}
