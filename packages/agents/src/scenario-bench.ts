/**
 * How policies fare in a scenario: success over seeds of a split for scripted, greedy and random, with any one agent idle, and without messages.
 * Every seed is one episode of one world; the same seeds, so the same levels, for every line.
 */
import { type CompiledScenario, createBatchEnv, loadScenario, type ScenarioSource } from '@kinovox/env';
import { ACTION_FIELDS, ACTION_WORD, type Split } from '@kinovox/world';
import { createPolicy } from './create-policy.js';
import { bodyKind } from './policies/squad-kind.js';
import { type PolicyAssignment, policyProfile, runPolicies } from './run-policies.js';

export interface ScenarioBenchOptions {
  /** Episodes per line: seeds firstSeed, firstSeed + 1, ...; default 100. */
  seeds?: number;
  /** Default 0. */
  firstSeed?: number;
  /** Default `test`. */
  split?: Split;
  /** Lines to run; default `benchLines`; `moreLines` are others that it has. */
  lines?: readonly string[];
  /** Called after every episode. */
  onProgress?: (progress: { line: string; episode: number; episodes: number }) => void;
}

/** One way of playing: a policy by name, `idle:<agent>` (that one idle, the others by the solver) or `silent` (the solver without messages). */
export interface BenchLine {
  line: string;
  episodes: number;
  successes: number;
  /** 0..1 */
  successRate: number;
  meanTicks: number;
  meanReturn: number;
  /** Crafter's score of the task's achievements, percent; absent where it has none. */
  achievementScore?: number;
}

export interface ScenarioBenchReport {
  scenario: string;
  title: string;
  split: Split;
  agents: number;
  /** The line that shows that it can be solved; `lines` has it if it was asked for. */
  solver: string;
  lines: BenchLine[];
}

/** Teams above this size get one idle line per team and not one per agent. */
const MOST_IDLE_LINES = 6;
/** Tag of scenarios in which nobody may meet: they need one plan for all. */
const PLAN = 'plan';

/** The policy that shows that a scenario can be solved: `planner:lacam` where the tag is "plan", else `scripted`. */
export function solverOf({ scenario }: CompiledScenario): string {
  return scenario.tags.includes(PLAN) ? 'planner:lacam' : 'scripted';
}

/** Lines of a scenario: its solver first; an idle line per agent where several have one task; `silent` where messages are enabled. */
export function benchLines(compiled: CompiledScenario): string[] {
  const { base, scenario } = compiled;
  const isTeam = base.agents.length > 1 && !('perTeam' in scenario.task);
  const isCrowd = base.agents.length > MOST_IDLE_LINES;
  const idlers = base.agents.filter(({ team }, i) => !isCrowd || base.agents.findIndex((one) => one.team === team) === i);
  return [
    ...new Set([solverOf(compiled), 'scripted']),
    'greedy',
    'random',
    ...(isTeam ? idlers.map(({ id }) => `idle:${id}`) : []),
    ...(scenario.messages.enabled ? ['silent'] : []),
  ];
}

/** Ways of playing that are run only where they are asked for: `planner:pibt` where all agents are vehicles that it moves. */
export function moreLines({ base }: CompiledScenario): string[] {
  return base.agents.every((agent) => ['rover', 'quadcopter'].includes(bodyKind(agent))) ? ['planner:pibt'] : [];
}

/** @throws UsageError or ScenarioError for what cannot be loaded. */
export async function benchScenario(source: ScenarioSource, options: ScenarioBenchOptions = {}): Promise<ScenarioBenchReport> {
  const { seeds = 100, firstSeed = 0, split = 'test' } = options;
  const compiled = loadScenario(source);
  const lines: BenchLine[] = [];
  for (const line of options.lines ?? benchLines(compiled))
    lines.push(await runLine(compiled, line, { seeds, firstSeed, split, onProgress: options.onProgress }));
  return {
    scenario: compiled.scenario.id,
    title: compiled.scenario.title,
    split,
    agents: compiled.base.agents.length,
    solver: solverOf(compiled),
    lines,
  };
}

async function runLine(
  compiled: CompiledScenario,
  line: string,
  {
    seeds,
    firstSeed,
    split,
    onProgress,
  }: Required<Pick<ScenarioBenchOptions, 'seeds' | 'firstSeed' | 'split'>> & Pick<ScenarioBenchOptions, 'onProgress'>,
): Promise<BenchLine> {
  const assignment = assignmentOf(line, solverOf(compiled));
  const env = await createBatchEnv({
    scenario: compiled,
    split,
    seed: firstSeed,
    autoreset: 'disabled',
    observe: false,
    // Words are silenced in native rows.
    actionProfile: line === 'silent' ? 'native' : policyProfile(compiled, assignment),
  });
  const run = runPolicies(env, assignment);
  for (let episode = 0; episode < seeds; episode++) {
    env.reset({ seed: firstSeed + episode });
    for (;;) {
      await run.think();
      const actions = run.act();
      if (line === 'silent') for (let at = ACTION_WORD.message; at < actions.length; at += ACTION_FIELDS) actions[at] = 0;
      if ((await env.step(actions)).ended[0] === 1) break;
    }
    onProgress?.({ line, episode: episode + 1, episodes: seeds });
  }
  const { count, successes, successRate, meanTicks, meanReturn, achievements, achievementScore } = env.episodes;
  env.close();
  const score = achievements.length === 0 ? {} : { achievementScore };
  return { line, episodes: count, successes, successRate, meanTicks, meanReturn, ...score };
}

function assignmentOf(line: string, solver: string): PolicyAssignment {
  if (line === 'silent') return createPolicy(solver);
  if (line.startsWith('idle:')) return { default: createPolicy(solver), [line.slice('idle:'.length)]: createPolicy('idle') };
  return createPolicy(line);
}
