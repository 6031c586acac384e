/** The policy of a run: one by name or from a file, for every agent; it fills the batch's actions, tick after tick. */
import { readFileSync } from 'node:fs';
import {
  createHumanFactory,
  createLearnedPolicy,
  createMlpPolicy,
  createPolicy,
  createReplayPolicy,
  createSafePolicy,
  type HandsSource,
  HUMAN,
  type LanguageEntry,
  observationFor,
  PLANNER_DESCRIPTIONS,
  PLANNER_POLICIES,
  PLANNER_PREFIX,
  POLICY_DESCRIPTIONS,
  POLICY_NAMES,
  type PolicyAssignment,
  type PolicyFactory,
  type PolicyOptions,
  type PolicyRun,
  parseSafeName,
  policyProfile,
  runPolicies,
  SAFE_PREFIX,
} from '@kinovox/agents';
import { type BatchEnv, type BatchEnvOptions, type CompiledScenario, readRecording } from '@kinovox/env';
import { didYouMean, parseIntegerPolicy, parseLearnedPolicy, UsageError } from '@kinovox/world';
import { LANGUAGE, loadLanguagePolicy } from './language-agents.js';
import { recordingsOf } from './run-output.js';

/** Fills actions for the state as it stands; they are borrowed until the next call. */
export type PolicyDriver = Pick<PolicyRun, 'act' | 'think' | 'thinks' | 'listeners' | 'played' | 'interventions' | 'plans'>;

/** Before the path of a file that training wrote. */
const LEARNED = 'learned:';
/** Before the path of an integer network. */
const MLP = 'mlp:';
/** Before the path of a run folder or a recording. */
const REPLAY = 'replay:';
/** Larger files are no policies of this kind. */
const MAX_POLICY_BYTES = 64 * 2 ** 20;

/** What policies use of the process. */
export interface HostOptions extends PolicyOptions {
  /** Where people play; without it the policy `human` cannot. */
  readonly hands?: HandsSource | undefined;
  /** Told what language agents ask, hear and do, in the order in which replies come. */
  readonly onLanguage?: ((entry: LanguageEntry) => void) | undefined;
}

/** @throws UsageError for an unknown policy, or one that cannot play the scenario. */
export function createPolicyDriver(env: BatchEnv, name: string, options?: HostOptions): PolicyDriver {
  return runPolicies(env, loadAssignment(name, options));
}

/** What an environment must be made with for the policy to play in it. */
export function optionsForPolicy(
  compiled: CompiledScenario,
  name: string,
): Pick<BatchEnvOptions, 'scenario' | 'actionProfile' | 'observation'> {
  const policy = loadAssignment(name);
  return { scenario: compiled, actionProfile: profileOf(compiled, policy), observation: observationFor(compiled, policy) };
}

/** The scenario's own profile where the policy plays it, otherwise the native one. */
export function profileOf(compiled: CompiledScenario, policy: PolicyAssignment): 'native' | 'discrete' {
  return policyProfile(compiled, policy);
}

/** `NAME=POLICY,NAME=POLICY`: names are ids, roles or teams, or `default` for the rest. */
const TEAM = /^[A-Za-z][\w-]*=/;

/** Whether a policy's name gives several, by agent. */
export function isTeam(name: string): boolean {
  return TEAM.test(name);
}

/** The `NAME=POLICY` of a team. */
export function teamParts(name: string): string[] {
  return name.split(/,(?=[A-Za-z][\w-]*=)/);
}

/** A policy for everybody, or one by agent: `ada=llm:FILE,default=scripted`. @throws UsageError as `loadPolicy`, and for a name given twice. */
export function loadAssignment(name: string, options?: HostOptions): PolicyAssignment {
  if (!isTeam(name)) return loadPolicy(name, options);
  const byName: Record<string, PolicyFactory> = {};
  for (const part of teamParts(name)) {
    const equals = part.indexOf('=');
    const who = part.slice(0, equals);
    if (Object.hasOwn(byName, who))
      throw new UsageError('policy-twice', `Policies by agent must name everybody once; got "${who}" twice in "${name}". Leave one out.`);
    byName[who] = loadPolicy(part.slice(equals + 1), options);
  }
  return byName;
}

/** Whether a policy plays a recording, which decides for all agents or none. */
export function isReplay(policy: string): boolean {
  return policy.startsWith(REPLAY);
}

/** A policy by name, `learned:FILE`, `mlp:FILE`, `llm:FILE` or `replay:FOLDER`. @throws UsageError for another name, and for a file that is none. */
export function loadPolicy(name: string, options?: HostOptions): PolicyFactory {
  if (name.startsWith(SAFE_PREFIX)) {
    const { mode, inner } = parseSafeName(name);
    return createSafePolicy(loadPolicy(inner, options), mode);
  }
  if (name === HUMAN) return createHumanFactory(options?.hands);
  if (name.startsWith(LANGUAGE)) return loadLanguagePolicy(name.slice(LANGUAGE.length), options?.onLanguage);
  if (isReplay(name)) return createReplayPolicy(recordingsOf(name.slice(REPLAY.length)).map((path) => readRecording(path)));
  const prefix = [LEARNED, MLP].find((one) => name.startsWith(one));
  if (prefix === undefined && name.includes(':') && !name.startsWith(PLANNER_PREFIX)) {
    const kind = name.slice(0, name.indexOf(':') + 1);
    throw new UsageError(
      'unknown-policy',
      `A policy from a file must begin with ${LEARNED}, ${MLP} or ${LANGUAGE}, recorded actions with ${REPLAY}, a planner with ${PLANNER_PREFIX}, and a safety filter with ${SAFE_PREFIX}; got "${name}".${didYouMean(kind, [LEARNED, MLP, LANGUAGE, REPLAY, PLANNER_PREFIX, SAFE_PREFIX])}`,
    );
  }
  if (prefix === undefined) return createPolicy(name, options);
  const path = name.slice(prefix.length);
  const text = readPolicyFile(path);
  return prefix === MLP ? createMlpPolicy(parseIntegerPolicy(text, path), path) : createLearnedPolicy(parseLearnedPolicy(text, path));
}

/** The text of a policy's file. @throws UsageError for one that cannot be read, or is too large. */
export function readPolicyFile(path: string): string {
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
  return text;
}

export function policyNames(): readonly string[] {
  return [
    ...POLICY_NAMES,
    ...PLANNER_POLICIES.map((name) => `${PLANNER_PREFIX}${name}`),
    `${MLP}FILE`,
    `${LEARNED}FILE`,
    `${LANGUAGE}FILE`,
    `${REPLAY}FOLDER`,
    `${SAFE_PREFIX}MODE:POLICY`,
    HUMAN,
  ];
}

/** For the option `--policy`: the name, once it is known that there is such a policy. @throws UsageError as `loadPolicy`. */
export function policyValue(name: string): string {
  loadAssignment(name);
  return name;
}

/** Of the longest name in help texts, and a gap. */
const NAME_WIDTH = 18;

/** For help texts: each policy on a line of its own. */
export function describePolicies(): string {
  return [
    ...POLICY_NAMES.map((name) => `  ${name.padEnd(NAME_WIDTH)}${POLICY_DESCRIPTIONS[name]}`),
    ...PLANNER_POLICIES.map((name) => `  ${`${PLANNER_PREFIX}${name}`.padEnd(NAME_WIDTH)}${PLANNER_DESCRIPTIONS[name]}`),
    `  ${`${MLP}FILE`.padEnd(NAME_WIDTH)}Runs an integer network from its file, on a GPU too; see docs/policies.md.`,
    `  ${`${SAFE_PREFIX}MODE:POLICY`.padEnd(NAME_WIDTH)}Any of them behind a safety filter, MODE off, monitor or enforce; see docs/safety-filter.md.`,
    `  ${`${LEARNED}FILE`.padEnd(NAME_WIDTH)}Runs a network that was trained, from its file; see docs/python.md.`,
    `  ${`${LANGUAGE}FILE`.padEnd(NAME_WIDTH)}Asks a language model, by a profile; see docs/language-agents.md.`,
    `  ${`${REPLAY}FOLDER`.padEnd(NAME_WIDTH)}Plays the recorded actions of a run folder or a .kvr file, on the seeds that it holds; see docs/evaluation.md.`,
    `  ${HUMAN.padEnd(NAME_WIDTH)}A person plays, in the viewer (kinovox view); see docs/viewer.md.`,
    '  NAME=POLICY,...   One for each agent, team or role, with default=POLICY for the rest.',
  ].join('\n');
}
