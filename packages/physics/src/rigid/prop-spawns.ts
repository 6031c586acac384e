/** Where the props of an episode start: the place their level gives, or a cell drawn from the episode's seed. */
import { PURPOSE, randomBelow, randomU32, ScenarioError } from '@kinovox/world';
import type { PropSpawn, ScenarioProgram } from '../program.js';
import type { TickContext } from '../stages/context.js';

/** Props draw as slots after the last that an agent can have, so that no prop shares its stream with an agent. */
const FIRST_PROP_SLOT = 256;
/** Attempts at a cell that no agent and no earlier prop took. */
const SPAWN_DRAWS = 16;
/** Half of a walker's width and its height, Q16, with room to spare. */
const WALKER_ROOM_Q16 = 32768;
const WALKER_HEIGHT_Q16 = 131072;

/**
 * Q16 centres of the props of row w, x y z triples.
 * @throws ScenarioError when a level puts the centre of a prop that does not float outside the world.
 */
export function drawPropCentres(c: TickContext, w: number): Int32Array {
  const { program, state } = c;
  const level = state.variants[w];
  const centres = new Int32Array(3 * program.numProps);
  for (let p = 0; p < program.numProps; p++) {
    const spawn = level.propSpawns[p];
    if (spawn.exact !== undefined) centres.set(spawn.exact, 3 * p);
    else drawCell(c, w, p, spawn, centres);
    if (spawn.drift === undefined) assertInside(program, level.variant, p, centres);
  }
  return centres;
}

function drawCell(c: TickContext, w: number, p: number, spawn: PropSpawn, centres: Int32Array): void {
  const { state, program } = c;
  const { cells } = spawn;
  const halfHeight = program.props.halfExtentsQ16[3 * p + 1];
  for (let draw = 0; draw < SPAWN_DRAWS; draw++) {
    const word = randomU32(state.seedLow[w], state.seedHigh[w], 0, FIRST_PROP_SLOT + p, PURPOSE.spawn, draw);
    const at = 3 * randomBelow(word, cells.length / 3);
    centres[3 * p] = (cells[at] << 16) + 32768;
    centres[3 * p + 1] = (cells[at + 1] << 16) + halfHeight;
    centres[3 * p + 2] = (cells[at + 2] << 16) + 32768;
    if (!meetsProp(program, p, centres) && !meetsAgent(c, w, p, centres)) return;
  }
}

/** Whether the box of prop p, as unturned, overlaps that of an earlier prop. */
function meetsProp({ props }: ScenarioProgram, p: number, centres: Int32Array): boolean {
  const half = props.halfExtentsQ16;
  for (let q = 0; q < p; q++) {
    let apart = false;
    for (let k = 0; k < 3; k++) apart ||= Math.abs(centres[3 * p + k] - centres[3 * q + k]) >= half[3 * p + k] + half[3 * q + k];
    if (!apart) return true;
  }
  return false;
}

function meetsAgent(c: TickContext, w: number, p: number, centres: Int32Array): boolean {
  const { state, numAgents, program } = c;
  const half = program.props.halfExtentsQ16;
  for (let i = w * numAgents; i < (w + 1) * numAgents; i++) {
    const beside =
      Math.abs(centres[3 * p] - state.posX[i]) >= half[3 * p] + WALKER_ROOM_Q16 ||
      Math.abs(centres[3 * p + 2] - state.posZ[i]) >= half[3 * p + 2] + WALKER_ROOM_Q16;
    const above = centres[3 * p + 1] - half[3 * p + 1] >= state.posY[i] + WALKER_HEIGHT_Q16;
    const below = centres[3 * p + 1] + half[3 * p + 1] <= state.posY[i];
    if (!beside && !above && !below) return true;
  }
  return false;
}

function assertInside(program: ScenarioProgram, variant: number, p: number, centres: Int32Array): void {
  const inside = program.size.every((edge, k) => centres[3 * p + k] >= 0 && centres[3 * p + k] <= edge << 16);
  if (inside) return;
  const metres = Array.from(centres.subarray(3 * p, 3 * p + 3), (word) => word / 65536);
  throw new ScenarioError(
    'prop-outside',
    `The centre of prop "${program.props.ids[p]}" must be inside the world of ${program.size.join(' x ')} blocks; got [${metres.join(', ')}] at props[${p}].spawn in variant ${variant} of ${program.id}. Move its spawn.`,
  );
}
