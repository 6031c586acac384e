/** A small world and one agent whose skills are called in it, one after the other, as a model would call them. */
import {
  AgentView,
  type Answer,
  Controls,
  createSkillBody,
  LevelCache,
  type Refusal,
  SKILLS,
  type SkillBody,
  type SkillBodyOptions,
  type SkillRun,
} from '@kinovox/agents';
import { type BatchEnv, createBatchEnv, createBatchEnvSync, loadScenario } from '@kinovox/env';
import { ACTION_FIELDS, type AgentPlan, type ScenarioInput } from '@kinovox/world';
import { expect } from 'vitest';
import { type SmallWorld, smallScenario } from '../small-worlds.js';

export interface Outcome {
  answer?: Answer;
  refusal?: Refusal;
  ticks: number;
}

export class Stage {
  readonly env: BatchEnv;
  readonly view: AgentView;
  readonly body: SkillBody;
  readonly actions: Float32Array;
  /** What the others do: writes their rows before each tick. */
  others: (actions: Float32Array, tick: number) => void = () => {};
  plans: AgentPlan[] = [];

  /** @param seed of the episode that begins; null: it goes on. */
  constructor(env: BatchEnv, slot = 0, seed: number | null = 0, options: SkillBodyOptions = {}) {
    this.env = env;
    if (seed !== null) env.reset({ seed });
    this.view = new AgentView(env, new LevelCache(env), 0, slot);
    this.body = createSkillBody(this.view, { say: (text) => env.say(0, slot, text) > 0, sharedPlans: () => this.plans, ...options });
    this.body.reset();
    this.actions = new Float32Array(env.numAgents * ACTION_FIELDS);
  }

  /** Lets time pass in which the agent does nothing. */
  idle(ticks: number): void {
    for (let t = 0; t < ticks; t++) {
      this.actions.fill(0);
      this.others(this.actions, this.view.tick);
      this.env.stepSync(this.actions);
    }
  }

  /** Calls a skill and steps it to its end. */
  call(name: string, args: object = {}, most = 2000): Outcome {
    const skill = SKILLS.find((one) => one.name === name)!;
    const begun = skill.begin(this.body, skill.parameters.parse(args));
    if (!('step' in begun)) return this.checked(skill.refusals, { ...begun, ticks: 0 });
    const outcome = this.run(begun, most);
    if (outcome === undefined) throw new Error(`${name} has not ended after ${this.view.tick} ticks: ${begun.doing}`);
    return this.checked(skill.refusals, outcome);
  }

  /** Steps a run to its end; undefined where it has none within so many ticks, or the episode ends. */
  run(run: SkillRun, most: number): Outcome | undefined {
    const { slot } = this.view;
    const row = this.actions.subarray(slot * ACTION_FIELDS, (slot + 1) * ACTION_FIELDS);
    for (let ticks = 0; ticks < most; ticks++) {
      this.actions.fill(0);
      const step = run.step(new Controls(this.view, row));
      expect(run.progress).toBeGreaterThanOrEqual(0);
      expect(run.progress).toBeLessThanOrEqual(1);
      expect(run.doing).not.toBe('');
      if (step.status === 'done') return { answer: step.answer, ticks };
      if (step.status === 'refused') return { refusal: step.refusal, ticks };
      this.others(this.actions, this.view.tick);
      if (this.env.stepSync(this.actions).ended[0] === 1) return undefined;
    }
    return undefined;
  }

  /** As `call`, where it must be refused. */
  refused(name: string, args: object, code: string): Refusal {
    const { refusal, answer } = this.call(name, args);
    expect(refusal?.code, answer?.sentence ?? refusal?.sentence).toBe(code);
    return refusal!;
  }

  /** As `call`, where it must succeed. */
  done(name: string, args: object = {}, most?: number): Answer {
    const { answer, refusal } = this.call(name, args, most);
    expect(refusal?.sentence).toBeUndefined();
    return answer!;
  }

  /** Every refusal is one that the skill declares, and every outcome a sentence. */
  private checked(refusals: Readonly<Record<string, string>>, outcome: Outcome): Outcome {
    if (outcome.refusal !== undefined) expect(Object.keys(refusals)).toContain(outcome.refusal.code);
    const sentence = outcome.refusal?.sentence ?? outcome.answer!.sentence;
    expect(sentence).toMatch(/^\S.*[.!?]$/);
    expect(sentence).not.toMatch(/undefined|NaN|\[object/);
    return outcome;
  }
}

export function smallStage(world: Omit<SmallWorld, 'task'> & { task?: SmallWorld['task'] }, slot = 0): Stage {
  const scenario = smallScenario({ task: { elapsed: { ticks: 100_000 } }, maxTicks: 20_000, ...world });
  return new Stage(createBatchEnvSync({ scenario: loadScenario(scenario), autoreset: 'disabled' }), slot);
}

/** Worlds of the rigid tier take their time to load. */
export async function rigidStage(scenario: string | ScenarioInput, slot = 0, seed = 0): Promise<Stage> {
  return new Stage(await createBatchEnv({ scenario: loadScenario(scenario), autoreset: 'disabled', observe: false }), slot, seed);
}

/** A plain of stone, so wide and deep, one block thick, under air. */
export function plain(sizeX: number, sizeZ: number): string[][] {
  return [Array.from({ length: sizeZ }, () => '#'.repeat(sizeX))];
}
