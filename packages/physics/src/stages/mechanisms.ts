/**
 * Mechanisms: plates, levers, clocks and other mechanisms switch linked sets of blocks. Inputs are read from the state at the start of the stage;
 * a mechanism that reads another sees its state of the tick before. A switch whose new solid blocks would enclose a body waits.
 */
import { EVENT, EVENT_WORDS, MAX_EVENTS_PER_TICK, MECHANISM_WORDS } from '@kinovox/world';
import { MECHANISM_CLOCK, MECHANISM_COLUMN, MECHANISM_COLUMNS, MECHANISM_EFFECT_COLUMNS, MECHANISM_INPUT_COLUMNS } from '../program.js';
import { propStandsIn } from '../rigid/prop-bounds.js';
import { ALIVE, enterWorld, type TickContext } from './context.js';
import { eventThisTick, pushEvent } from './events.js';
import { cellOccupied } from './interact.js';
import { cellIndex, setCell } from './voxel-edits.js';

/** Word of a mechanism's state: blocks are switched on; condition true (bit 0) and wanted state (bit 1); ticks waited; last event id + 1. */
const ACTIVE = 0;
const INPUT = 1;
const TIMER = 2;
const CAUSE = 3;
const HOLD = 0;
const LATCH = 1;
const PLATE = 0;
const LEVER = 1;

/** Mechanisms of worlds [w0, w1). */
export function runMechanisms(c: TickContext, w0: number, w1: number): void {
  if (c.program.mechanisms.numMechanisms === 0) return;
  for (let w = w0; w < w1; w++) {
    enterWorld(c, w);
    // All conditions first, so that none sees a switch of this tick.
    readConditions(c, w);
    switchAll(c, w);
  }
}

function readConditions(c: TickContext, w: number): void {
  for (let m = 0; m < c.program.mechanisms.numMechanisms; m++) readCondition(c, w, m);
}

function switchAll(c: TickContext, w: number): void {
  for (let m = 0; m < c.program.mechanisms.numMechanisms; m++) switchBlocks(c, w, m);
}

function readCondition(c: TickContext, w: number, m: number): void {
  const { state, buffers } = c;
  const { mechanisms, numMechanisms } = c.program.mechanisms;
  const at = m * MECHANISM_COLUMNS;
  const words = (w * numMechanisms + m) * MECHANISM_WORDS;
  const first = mechanisms[at + MECHANISM_COLUMN.firstInput];
  const count = mechanisms[at + MECHANISM_COLUMN.numInputs];
  const any = mechanisms[at + MECHANISM_COLUMN.anyInput] === 1;
  let condition = any ? 0 : 1;
  for (let k = first; k < first + count; k++) {
    const on = inputOn(c, w, k);
    condition = any ? condition | on : condition & on;
  }
  const before = state.mechanism[words + INPUT];
  const was = before & 1;
  const wanted = before >> 1;
  const mode = mechanisms[at + MECHANISM_COLUMN.mode];
  const rising = condition === 1 && was === 0;
  const next = mode === HOLD ? condition : mode === LATCH ? wanted | condition : rising ? wanted ^ 1 : wanted;
  if (condition !== was) {
    const use = condition === 1 ? leverUse(c, w, first, count) : -1;
    const actor =
      use >= 0
        ? buffers.events[(w * MAX_EVENTS_PER_TICK + use) * EVENT_WORDS + 1]
        : condition === 1
          ? bodyOnPlates(c, w, first, count)
          : -1;
    const cause = use < 0 ? 0 : state.numEvents[w] - buffers.eventCount[w] + use + 1;
    state.mechanism[words + CAUSE] = pushEvent(state, buffers, w, condition === 1 ? EVENT.pressed : EVENT.released, actor, m, 0, cause);
  }
  state.mechanism[words + INPUT] = condition | (next << 1);
}

/** 1 when input k is on: a body or prop on a plate of the region, a lever that gives a signal, a clock at its time, or a mechanism whose blocks are switched on. */
function inputOn(c: TickContext, w: number, k: number): number {
  const { inputs, numMechanisms } = c.program.mechanisms;
  const kind = inputs[k * MECHANISM_INPUT_COLUMNS];
  const index = inputs[k * MECHANISM_INPUT_COLUMNS + 1];
  if (kind === PLATE) {
    const on = standingIn(c, w, index) >= 0 || propIn(c, w, index) ? 1 : 0;
    if (c.hasPlates) showPlates(c, w, index);
    return on;
  }
  if (kind === LEVER) {
    const constants = c.state.variants[w].constants;
    const cell = cellIndex(c, constants[index], constants[index + 1], constants[index + 2]);
    return c.program.blocks.signal[c.state.voxels[w * c.state.cellsPerWorld + cell]];
  }
  if (kind === MECHANISM_CLOCK) return clockOn(c, w, index);
  return c.state.mechanism[(w * numMechanisms + index) * MECHANISM_WORDS + ACTIVE];
}

/** 1 when the clock at constant `index` is on. Ticks of an episode and periods are below 2^31. */
function clockOn(c: TickContext, w: number, index: number): number {
  const { constants } = c.state.variants[w];
  const since = c.state.tick[w] - constants[index + 2];
  return since >= 0 && since % constants[index] < constants[index + 1] ? 1 : 0;
}

/** What input k shows, without touching anything: as `inputOn`, for observers. Links to other mechanisms show what those show. */
export function inputShows(c: TickContext, w: number, k: number): number {
  const { inputs } = c.program.mechanisms;
  if (inputs[k * MECHANISM_INPUT_COLUMNS] !== PLATE) return inputOn(c, w, k);
  const index = inputs[k * MECHANISM_INPUT_COLUMNS + 1];
  return standingIn(c, w, index) >= 0 || propIn(c, w, index) ? 1 : 0;
}

/** First living slot whose feet cell is in the region at constant `index`, or -1. */
function standingIn(c: TickContext, w: number, index: number): number {
  const { state, numAgents } = c;
  const k = state.variants[w].constants;
  for (let a = 0; a < numAgents; a++) {
    const i = w * numAgents + a;
    if ((state.flags[i] & ALIVE) === 0) continue;
    const x = state.posX[i] >> 16;
    const y = state.posY[i] >> 16;
    const z = state.posZ[i] >> 16;
    if (x >= k[index] && y >= k[index + 1] && z >= k[index + 2] && x <= k[index + 3] && y <= k[index + 4] && z <= k[index + 5]) return a;
  }
  return -1;
}

/** Whether a prop stands in the region at constant `index`. */
function propIn(c: TickContext, w: number, index: number): boolean {
  if (c.program.numProps === 0) return false;
  const k = c.state.variants[w].constants;
  return propStandsIn(c, w, k[index], k[index + 1], k[index + 2], k[index + 3], k[index + 4], k[index + 5]);
}

/** Shows each plate of the region pressed or not, as bodies and props stand on it. */
function showPlates(c: TickContext, w: number, index: number): void {
  const { state, numAgents } = c;
  const { plate, plateState, signal } = c.program.blocks;
  const k = state.variants[w].constants;
  for (let y = k[index + 1]; y <= k[index + 4]; y++) {
    for (let z = k[index + 2]; z <= k[index + 5]; z++) {
      for (let x = k[index]; x <= k[index + 3]; x++) {
        const cell = cellIndex(c, x, y, z);
        const block = state.voxels[w * state.cellsPerWorld + cell];
        if (plate[block] === 0) continue;
        let pressed = 0;
        for (let i = w * numAgents; i < (w + 1) * numAgents; i++) {
          if ((state.flags[i] & ALIVE) !== 0 && state.posX[i] >> 16 === x && state.posY[i] >> 16 === y && state.posZ[i] >> 16 === z)
            pressed = 1;
        }
        if (pressed === 0 && c.program.numProps > 0 && propStandsIn(c, w, x, y, z, x, y, z)) pressed = 1;
        if (signal[block] !== pressed) setCell(c, w, cell, plateState[block]);
      }
    }
  }
}

/** Event of this tick, by its row, in which a lever among the inputs was used; -1 for none. */
function leverUse(c: TickContext, w: number, first: number, count: number): number {
  const { inputs } = c.program.mechanisms;
  const { constants } = c.state.variants[w];
  for (let k = first; k < first + count; k++) {
    if (inputs[k * MECHANISM_INPUT_COLUMNS] !== LEVER) continue;
    const index = inputs[k * MECHANISM_INPUT_COLUMNS + 1];
    const use = eventThisTick(c.buffers, w, EVENT.used, cellIndex(c, constants[index], constants[index + 1], constants[index + 2]));
    if (use >= 0) return use;
  }
  return -1;
}

/** First slot that stands on a plate among the inputs; -1 for none. */
function bodyOnPlates(c: TickContext, w: number, first: number, count: number): number {
  const { inputs } = c.program.mechanisms;
  for (let k = first; k < first + count; k++) {
    if (inputs[k * MECHANISM_INPUT_COLUMNS] !== PLATE) continue;
    const actor = standingIn(c, w, inputs[k * MECHANISM_INPUT_COLUMNS + 1]);
    if (actor >= 0) return actor;
  }
  return -1;
}

function switchBlocks(c: TickContext, w: number, m: number): void {
  const { state } = c;
  const { mechanisms, numMechanisms } = c.program.mechanisms;
  const at = m * MECHANISM_COLUMNS;
  const words = (w * numMechanisms + m) * MECHANISM_WORDS;
  const wanted = state.mechanism[words + INPUT] >> 1;
  if (wanted === state.mechanism[words + ACTIVE]) {
    state.mechanism[words + TIMER] = 0;
    return;
  }
  if (state.mechanism[words + TIMER] < mechanisms[at + MECHANISM_COLUMN.delayTicks]) {
    state.mechanism[words + TIMER]++;
    return;
  }
  const first = mechanisms[at + MECHANISM_COLUMN.firstEffect];
  const end = first + mechanisms[at + MECHANISM_COLUMN.numEffects];
  for (let e = first; e < end; e++) if (effectBlocked(c, w, e, wanted)) return;
  for (let e = first; e < end; e++) applyEffect(c, w, e, wanted);
  state.mechanism[words + ACTIVE] = wanted;
  state.mechanism[words + TIMER] = 0;
  state.mechanism[words + CAUSE] = pushEvent(state, c.buffers, w, EVENT.switched, -1, m, wanted, state.mechanism[words + CAUSE]);
}

/** Whether effect e would put a solid block where a body is. */
function effectBlocked(c: TickContext, w: number, e: number, wanted: number): boolean {
  const { effects } = c.program.mechanisms;
  const k = c.state.variants[w].constants;
  const index = effects[e * MECHANISM_EFFECT_COLUMNS];
  if (c.program.blocks.solid[effects[e * MECHANISM_EFFECT_COLUMNS + 2 - wanted]] === 0) return false;
  for (let y = k[index + 1]; y <= k[index + 4]; y++) {
    for (let z = k[index + 2]; z <= k[index + 5]; z++) {
      for (let x = k[index]; x <= k[index + 3]; x++) if (cellOccupied(c, w, x, y, z)) return true;
    }
  }
  return false;
}

function applyEffect(c: TickContext, w: number, e: number, wanted: number): void {
  const { effects } = c.program.mechanisms;
  const k = c.state.variants[w].constants;
  const index = effects[e * MECHANISM_EFFECT_COLUMNS];
  const block = effects[e * MECHANISM_EFFECT_COLUMNS + 2 - wanted];
  for (let y = k[index + 1]; y <= k[index + 4]; y++) {
    for (let z = k[index + 2]; z <= k[index + 5]; z++) {
      for (let x = k[index]; x <= k[index + 3]; x++) setCell(c, w, cellIndex(c, x, y, z), block);
    }
  }
}
