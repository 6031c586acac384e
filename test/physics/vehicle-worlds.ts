/** Small worlds with vehicles for the tests of the rigid tier, stepped on the engine itself. */
import type { Engine } from '@kinovox/physics';
import { ACTION_WORD, ACTION_WORDS, type ScenarioInput, VEHICLE_WORDS } from '@kinovox/world';
import { arena } from './rigid-worlds.js';

type AgentInput = ScenarioInput['agents'][number];
export type BodyInput = AgentInput['body'];

export const CAR: BodyInput = { type: 'rigid', vehicle: 'car' };
export const ROVER: BodyInput = { type: 'rigid', vehicle: 'rover' };
export const COPTER: BodyInput = { type: 'rigid', vehicle: 'quadcopter' };

/** An agent at the stick of a vehicle. @param feet metres. */
export function driver(body: BodyInput, feet: [number, number, number] = [16, 4, 16], yawDeg = 0, id = 'ada'): AgentInput {
  return { id, body, spawn: { atMetres: feet, yawDeg } };
}

/** A flat world of 64 x 16 x 64 with the floor at y = 4. */
export function field(agents: AgentInput[], rest: Partial<ScenarioInput> = {}): ScenarioInput {
  return arena([], agents, { world: { size: [64, 16, 64], terrain: { generator: 'flat', ground: 4 } }, ...rest });
}

/** Steps n ticks with one stick for all agents: words of the action, all others 0. */
export function drive(engine: Engine, n: number, stick: Partial<Record<keyof typeof ACTION_WORD, number>> = {}): void {
  for (let k = 0; k < n; k++) {
    const { actionWords } = engine.buffers;
    actionWords.fill(0);
    for (let at = 0; at < actionWords.length; at += ACTION_WORDS)
      for (const [name, value] of Object.entries(stick)) actionWords[at + ACTION_WORD[name as 'forward']] = value;
    engine.step();
  }
}

/** A stick at its end, in words. */
export const FULL = 4096;
/** The turn of one tick that is a stick to the left, in words. */
export const LEFT = 17157;

/** Where agent i of a batch is and how fast, in SI. */
export function motionOf(
  { state }: Engine,
  i = 0,
): { x: number; y: number; z: number; vx: number; vy: number; vz: number; speed: number; yaw: number } {
  const [x, y, z] = [state.posX[i], state.posY[i], state.posZ[i]].map((word) => word / 65536);
  const [vx, vy, vz] = [state.velX[i], state.velY[i], state.velZ[i]].map((word) => (word / 65536) * 20);
  return { x, y, z, vx, vy, vz, speed: Math.sqrt(vx * vx + vz * vz), yaw: (state.yaw[i] / 2 ** 32) * 2 * Math.PI };
}

/** Words of vehicle v of world 0. */
export function wordsOf({ state }: Engine, v = 0): number[] {
  return Array.from(state.vehicle.subarray(v * VEHICLE_WORDS, (v + 1) * VEHICLE_WORDS));
}
