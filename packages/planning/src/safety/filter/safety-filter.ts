/**
 * A filter between whoever decides and the body: an action passes when the state one tick later is safe (its value is above the margin), otherwise the
 * safest action is taken. Data flow: native row of the tick -> value after it, by rolling out the tick's own motion, or a model of it for vehicles -> row, decision.
 * Modes: `off` looks at nothing, `monitor` tells what it would have done, `enforce` does it.
 * What it does not foresee: pushes of other bodies, what others dig away, monsters, props, actions that arrive late (refused).
 * @source (least-restrictive filters) Wabersich et al., "Data-driven safety filters", IEEE CSM 43 (2023).
 */
import type { Engine, ScenarioProgram } from '@kinovox/physics';
import { ACTION_FIELDS, ACTION_WORD, AGENT_FLAG, didYouMean, UsageError } from '@kinovox/world';
import { bodyKey, createStateValue, type HarmKind, type StateValue } from './state-value.js';
import { type SafetySlice, sliceValue } from './value-slice.js';
import type { WalkerHarm } from './walker-value.js';

export const SAFETY_MODES = ['off', 'monitor', 'enforce'] as const;
export type SafetyMode = (typeof SAFETY_MODES)[number];

export interface SafetyOptions {
  readonly mode: SafetyMode;
  /** Blocks that a walker may fall, in [1, 16]: what falls just so far passes. Default 3, which costs no health. */
  readonly maxFall?: number;
  /** Metres; values up to this do not pass. In [0, 0.5], default 0.05. */
  readonly margin?: number;
  /** Ticks in which a braking body must rest, in [40, 400]; default 100. */
  readonly horizonTicks?: number;
  /** Agents that it will be asked about; default all. Their value functions are made at once. */
  readonly slots?: readonly number[];
  /** Told of every action that did not pass, raw and applied; in `monitor` of those that would not have passed, and what would have been applied. The object and its arrays are reused. */
  onIntervention?(intervention: SafetyIntervention): void;
}

export interface SafetyIntervention {
  row: number;
  slot: number;
  tick: number;
  /** Metres, one tick after the raw action and after the applied one. */
  value: number;
  appliedValue: number;
  /** What the raw action leads to; `blocks`: a fall, when blocks that mechanisms move go or come. */
  reason: HarmKind;
  /** Ticks until then. */
  inTicks: number;
  /** `[ACTION_FIELDS]` */
  raw: Float32Array;
  applied: Float32Array;
  sentence: string;
}

export interface SafetyFilter {
  readonly mode: SafetyMode;
  /** Values up to this do not pass, metres. */
  readonly margin: number;
  /**
   * The value around an agent, for people: with the body moved on its level and all else as it is. Costs a `valueOf` per node.
   * @param nodes along each side, odd. @param spacing metres between them, a power of two.
   */
  sliceOf(row: number, slot: number, nodes: number, spacing: number): SafetySlice;
  /** Metres: how far agent `slot` of world `row` keeps from harm by braking from now on. Safe above the margin. */
  valueOf(row: number, slot: number): number;
  /**
   * Looks at the native rows `[B, A, F]` of a tick; in `enforce` it overwrites those that do not pass.
   * @param slots whose; default those of the options. @param passedOver as in `BatchEnv.beforeTick`.
   */
  filter(native: Float32Array, passedOver?: Uint8Array, slots?: readonly number[]): void;
  /** Actions looked at, and those that did not pass, or in `monitor` would not have passed. */
  readonly seen: number;
  readonly intervened: number;
}

/** Blocks by which a fall of `maxFall` keeps above the margin. */
const FALL_SLACK = 1 / 64;

const SENTENCES: Readonly<Record<HarmKind, string>> = {
  none: 'it comes too near to harm',
  fall: 'it leads to a fall',
  lava: 'it leads into lava',
  blocks: 'it leads to a fall when moving blocks go or come',
  unsettled: 'it leads to a fall whose end is not in sight',
  contact: 'it leads into a block, or out of the world,',
  appears: 'it leads to where a block may appear',
  speed: 'it is faster than its brakes are known for,',
  tipped: 'it has tipped over,',
};

/**
 * @param measure what says how safe a state of agent `slot` is, asked for once per kind of body; default: walkers by rolling out their brake, rovers and
 *   quadcopters by Hamilton-Jacobi grids of theirs.
 * @throws UsageError for options out of range, agents whose bodies have no value function, and scenarios whose actions may be late.
 */
export function createSafetyFilter(
  engine: Pick<Engine, 'program' | 'numWorlds' | 'state'>,
  options: SafetyOptions,
  measure: (program: ScenarioProgram, harm: WalkerHarm, slot: number) => StateValue = createStateValue,
): SafetyFilter {
  const { program, state, numWorlds } = engine;
  const { mode, maxFall = 3, margin = 0.05, horizonTicks = 100, slots: asked, onIntervention } = options;
  if (!SAFETY_MODES.includes(mode))
    throw new UsageError(
      'safety-mode',
      `The mode of a safety filter must be one of ${SAFETY_MODES.join(', ')}; got "${mode}".${didYouMean(mode, SAFETY_MODES)}`,
    );
  assertRange('maxFall', maxFall, 1, 16);
  assertRange('margin', margin, 0, 0.5);
  assertRange('horizonTicks', horizonTicks, 40, 400);
  if (mode !== 'off' && program.randomisation !== undefined && program.randomisation.delayLow + program.randomisation.delaySpan > 1)
    throw new UsageError(
      'safety-delay',
      `A safety filter must have actions that are carried out at once; got delays in ${program.id}. Take actionDelayTicks out of its randomisation.`,
    );
  const byBody = new Map<string, StateValue>();
  /** The value function of an agent's body, made when it is first asked for. */
  function valueFor(slot: number): StateValue {
    const key = bodyKey(program, slot);
    let value = byBody.get(key);
    if (value === undefined) {
      // Measured a margin further down, so that a fall of `maxFall` itself passes.
      value = measure(program, { maxFall: maxFall + margin + FALL_SLACK, horizonTicks }, slot);
      byBody.set(key, value);
    }
    return value;
  }
  const trial = new Float32Array(ACTION_FIELDS);
  const intervention: SafetyIntervention = {
    row: 0,
    slot: 0,
    tick: 0,
    value: 0,
    appliedValue: 0,
    reason: 'none',
    inTicks: 0,
    raw: new Float32Array(ACTION_FIELDS),
    applied: new Float32Array(ACTION_FIELDS),
    sentence: '',
  };
  let seen = 0;
  let intervened = 0;
  const everyone = asked ?? Array.from({ length: program.numAgents }, (_, slot) => slot);
  if (mode !== 'off') for (const slot of everyone) valueFor(slot);

  /** The safest of the brake and what else the body may try into `intervention.applied`. @returns its value. */
  function safest(value: StateValue, raw: Float32Array): number {
    const { applied } = intervention;
    applied.set(raw);
    value.valueAfter();
    value.brakeInto(applied);
    let best = value.valueAfter(applied);
    if (best > margin) return best;
    const tryInto = value.tryInto ?? stepInto;
    for (let k = 0; ; k++) {
      trial.set(raw);
      if (!tryInto(trial, k)) break;
      const reached = value.valueAfter(trial);
      if (reached <= best) continue;
      best = reached;
      applied.set(trial);
    }
    return best;
  }

  return {
    mode,
    get seen() {
      return seen;
    },
    get intervened() {
      return intervened;
    },
    margin,
    sliceOf: (row, slot, nodes, spacing) => sliceValue(valueFor(slot), engine, row, slot, nodes, spacing),
    valueOf(row, slot) {
      const value = valueFor(slot);
      value.take(state, row, slot);
      return value.valueAfter();
    },
    filter(native, passedOver, slots = everyone) {
      if (mode === 'off') return;
      for (let row = 0; row < numWorlds; row++) {
        if (passedOver !== undefined && passedOver[row] !== 0) continue;
        for (const slot of slots) {
          const i = row * program.numAgents + slot;
          if ((state.flags[i] & AGENT_FLAG.alive) === 0) continue;
          const raw = native.subarray(i * ACTION_FIELDS, (i + 1) * ACTION_FIELDS);
          const value = valueFor(slot);
          value.take(state, row, slot);
          seen++;
          const reached = value.valueAfter(raw);
          if (reached > margin) continue;
          intervened++;
          intervention.reason = value.harm.kind;
          intervention.inTicks = value.harm.ticks;
          intervention.row = row;
          intervention.slot = slot;
          intervention.tick = state.tick[row];
          intervention.value = reached;
          intervention.raw.set(raw);
          intervention.appliedValue = safest(value, raw);
          if (intervention.appliedValue <= reached) {
            // Nothing is safer than what was asked for.
            intervention.applied.set(raw);
            intervention.appliedValue = reached;
          }
          intervention.sentence = `The action of agent ${slot} ${mode === 'enforce' ? 'does' : 'would'} not pass: ${SENTENCES[intervention.reason]} within ${intervention.inTicks} ticks.`;
          if (mode === 'enforce') raw.set(intervention.applied);
          onIntervention?.(intervention);
        }
      }
    },
  };
}

/** What a walker tries: steps in eight directions, then leaps. */
function stepInto(out: Float32Array, k: number): boolean {
  if (k >= 16) return false;
  out[ACTION_WORD.forward] = Math.cos(((k & 7) * Math.PI) / 4);
  out[ACTION_WORD.strafe] = Math.sin(((k & 7) * Math.PI) / 4);
  out[ACTION_WORD.jump] = k >> 3;
  out[ACTION_WORD.sprint] = 0;
  out[ACTION_WORD.sneak] = 0;
  return true;
}

function assertRange(name: string, value: number, low: number, high: number): void {
  if (value >= low && value <= high) return;
  throw new UsageError('safety-option', `${name} of a safety filter must be in ${low}..${high}; got ${value}.`);
}
