/**
 * How far it is from every cell to the nearest present agent of another team: for each team a field over a walker's moves through the level as it is made.
 * Cells of the agents' feet -> fields that they are out of date in -> values, in tenths of a metre. What is kept between ticks is a memo and no state: a
 * field is made anew when the level or a cell of those it leads to is another than it was made from, so resets and restores need no call.
 * Limits: edits, doors and bodies in the way do not change it; a rival with no ground below its feet is led to by no way.
 * @source (algorithm) Moore, "The shortest path through a maze", 1959: breadth first, with a cell queued again when a shorter way to it is found.
 */
import { BODY_WORD, BODY_WORDS, type RivalTables } from '../program.js';
import { ALIVE, type TickContext } from './context.js';
import { NO_WAY, type RivalFields } from './rival-fields.js';
import { feetCell } from './ways.js';

/** Brings the fields of world w up to date. */
export function renewRivalFields(c: TickContext, rivals: RivalTables, fields: RivalFields, w: number): void {
  const { state, numAgents } = c;
  const { bodies } = c.program;
  const { madeOf } = fields;
  const first = w * (1 + numAgents);
  const level = ~state.variant[w];
  for (let team = 0; team < rivals.numTeams; team++) {
    let stale = madeOf[first] !== level;
    for (let a = 0; a < numAgents; a++) {
      if (bodies[a * BODY_WORDS + BODY_WORD.team] === team) continue;
      if (madeOf[first + 1 + a] !== standingCell(c, w, w * numAgents + a)) stale = true;
    }
    if (stale) makeField(c, rivals, fields, w, team);
  }
  madeOf[first] = level;
  for (let a = 0; a < numAgents; a++) madeOf[first + 1 + a] = standingCell(c, w, w * numAgents + a);
}

/** The cell that agent i of world w stands in, or above which it is in the air; -1 where there is none, and for one that has left. */
export function standingCell(c: TickContext, w: number, i: number): number {
  if (((c.state.flags[i] | c.acted[i]) & ALIVE) === 0) return -1;
  return levelWord(c.state.variants[w].footing, feetCell(c, i));
}

/** A level's `footing` or `arrivals` at a cell; 0 for a level without. */
export function levelWord(words: Int32Array | undefined, at: number): number {
  return words === undefined ? 0 : words[at];
}

function makeField(c: TickContext, rivals: RivalTables, fields: RivalFields, w: number, team: number): void {
  const { state, numAgents } = c;
  const { bodies } = c.program;
  const { offsets, costs } = rivals;
  const { left, queue } = fields;
  const { arrivals } = state.variants[w];
  const room = queue.length;
  const first = (w * rivals.numTeams + team) * state.cellsPerWorld;
  left.fill(NO_WAY, first, first + state.cellsPerWorld);
  let head = 0;
  let tail = 0;
  let waiting = 0;
  for (let a = 0; a < numAgents; a++) {
    if (bodies[a * BODY_WORDS + BODY_WORD.team] === team) continue;
    const cell = standingCell(c, w, w * numAgents + a);
    if (cell < 0 || left[first + cell] !== NO_WAY) continue;
    left[first + cell] = 1;
    queue[tail] = cell;
    tail = tail + 1 === room ? 0 : tail + 1;
    waiting++;
  }
  while (waiting > 0) {
    const cell = queue[head];
    head = head + 1 === room ? 0 : head + 1;
    waiting--;
    const here = left[first + cell] >> 1;
    left[first + cell] = here << 1;
    let bits = levelWord(arrivals, cell);
    for (let n = 0; bits !== 0; n++, bits >>= 1) {
      if ((bits & 1) === 0) continue;
      const from = cell - offsets[n];
      const known = left[first + from];
      const through = here + costs[n];
      if (known >= 0 && known >> 1 <= through) continue;
      left[first + from] = (through << 1) | 1;
      if (known >= 0 && (known & 1) === 1) continue;
      queue[tail] = from;
      tail = tail + 1 === room ? 0 : tail + 1;
      waiting++;
    }
  }
}
