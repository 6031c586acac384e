/**
 * Actions for the survival benchmark: each agent follows a pursuit for a while (walk, dig, build, craft, fight, eat, drop, give, sleep), drawn by tick and slot,
 * and aims by what it knows: a fighter faces its rival, a crafter takes a recipe that it can make. Written before the clock starts.
 */
import type { Engine } from '@kinovox/physics';
import { ACTION_FIELDS, ACTION_SPEC, INTERACT, randomU32 } from '@kinovox/world';
import { BENCH_SLOT } from './survival-scenario.js';

/** Ticks an agent keeps its pursuit. */
const HOLD_TICKS = 24;
/** Ticks of a fight, which both agents of a world begin together, and the share of time that they fight. */
const FIGHT_TICKS = 48;
const FIGHT_SHARE = 0.2;
/** Most a fighter turns in a tick, radians. */
const TURN = 0.6;
const TURN_OF_YAW = Math.PI / 2 ** 31;

const COLUMN = Object.fromEntries(ACTION_SPEC.map(({ name }, k) => [name, k])) as Record<(typeof ACTION_SPEC)[number]['name'], number>;

/** Shares of time of what agents do with their hands while they do not fight; the rest of it they only walk. */
const PURSUITS = [
  { share: 0.25, interact: INTERACT.dig, slot: BENCH_SLOT.shovel },
  { share: 0.2, interact: INTERACT.place, slot: BENCH_SLOT.dirt },
  { share: 0.05, interact: INTERACT.craft, slot: 0 },
  { share: 0.05, interact: INTERACT.eat, slot: BENCH_SLOT.bread },
  { share: 0.03, interact: INTERACT.drop, slot: BENCH_SLOT.log },
  { share: 0.03, interact: INTERACT.give, slot: BENCH_SLOT.log },
  { share: 0.03, interact: INTERACT.sleep, slot: 0 },
];

/** Writes the actions of all agents of the engine for the tick numbered `tick` into `[B, A, F]`. The same draws for every engine. */
export function writePursuits(engine: Engine, actions: Float32Array, tick: number, seed: number): void {
  const { numWorlds, program } = engine;
  const { numAgents } = program;
  for (let i = 0; i < numWorlds * numAgents; i++) {
    const w = Math.floor(i / numAgents);
    const at = i * ACTION_FIELDS;
    const held = Math.floor((tick + (i % HOLD_TICKS)) / HOLD_TICKS);
    const draw = (k: number) => randomU32(seed, 0, held, i, 6, k) / 2 ** 32;
    actions[at + COLUMN.forward] = draw(0) < 0.8 ? 1 : -0.5;
    actions[at + COLUMN.strafe] = draw(1) < 0.25 ? draw(2) * 2 - 1 : 0;
    actions[at + COLUMN.jump] = randomU32(seed, 0, tick, i, 6, 3) / 2 ** 32 < 0.3 ? 1 : 0;
    actions[at + COLUMN.sprint] = draw(4) < 0.5 ? 1 : 0;
    actions[at + COLUMN.turn] = (draw(5) - 0.5) * 0.2;
    actions[at + COLUMN.look] = (draw(6) - 0.5) * 0.1;
    const fights = randomU32(seed, 0, Math.floor((tick + w) / FIGHT_TICKS), w, 6, 8) / 2 ** 32 < FIGHT_SHARE;
    if (fights) fight(engine, actions, w, i);
    else pursue(engine, actions, i, draw(7), held);
  }
}

function pursue(engine: Engine, actions: Float32Array, i: number, draw: number, held: number): void {
  const at = i * ACTION_FIELDS;
  let rest = draw;
  let interact: number = INTERACT.none;
  let slot = 0;
  for (const pursuit of PURSUITS) {
    if (rest < pursuit.share) {
      ({ interact, slot } = pursuit);
      break;
    }
    rest -= pursuit.share;
  }
  actions[at + COLUMN.interact] = interact;
  actions[at + COLUMN.slot] = slot;
  actions[at + COLUMN.argument] = interact === INTERACT.craft ? craftable(engine, i, held) : 0;
}

/** Number of a recipe that agent i can make now, or 1. */
function craftable({ observations, program }: Engine, i: number, held: number): number {
  const group = observations.groups.find(({ name }) => name === 'craftable');
  const numRecipes = program.survival?.numRecipes ?? 0;
  if (group === undefined) return 1;
  const at = i * observations.size + group.offset;
  for (let k = 0; k < numRecipes; k++) {
    const recipe = (held * 7 + k) % numRecipes;
    if (observations.vector[at + recipe] === 1) return recipe + 1;
  }
  return 1;
}

/** Turns to the next slot of the world and walks at it, weapon in hand. */
function fight({ state, program }: Engine, actions: Float32Array, w: number, i: number): void {
  const { numAgents } = program;
  const j = w * numAgents + ((i - w * numAgents + 1) % numAgents);
  const at = i * ACTION_FIELDS;
  const dx = state.posX[j] - state.posX[i];
  const dy = state.posY[j] - state.posY[i];
  const dz = state.posZ[j] - state.posZ[i];
  const yaw = Math.atan2(-dx, -dz) - state.yaw[i] * TURN_OF_YAW;
  const pitch = Math.atan2(dy - 0.7 * 65536, Math.hypot(dx, dz)) - state.pitch[i] * TURN_OF_YAW;
  actions[at + COLUMN.forward] = Math.hypot(dx, dz) > 1.5 * 65536 ? 1 : 0;
  actions[at + COLUMN.turn] = Math.max(-TURN, Math.min(TURN, Math.atan2(Math.sin(yaw), Math.cos(yaw))));
  actions[at + COLUMN.look] = Math.max(-TURN, Math.min(TURN, pitch));
  actions[at + COLUMN.interact] = INTERACT.attack;
  actions[at + COLUMN.slot] = BENCH_SLOT.sword;
  actions[at + COLUMN.argument] = 0;
}
