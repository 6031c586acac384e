/**
 * Play that makes things happen, from a seed: in even worlds bold random keys that are held for a while, in odd worlds agents that go for what
 * the scenario has to press or pull; where there is nothing, or now and then, some of them walk straight ahead and dig. Reads the state of the reference engine; every engine gets the same actions.
 */
import { BODY_WORD, BODY_WORDS, type Engine, MECHANISM_INPUT_COLUMNS } from '@kinovox/physics';
import { ACTION_SPEC, INTERACT } from '@kinovox/world';
import { randomWords } from '../physics/fixture.js';

const FIELDS = ACTION_SPEC.length;
const FIELD = Object.fromEntries(ACTION_SPEC.map(({ name }, k) => [name, k])) as Record<(typeof ACTION_SPEC)[number]['name'], number>;
const EYE_METRES = 1.62;
const LEVER = 1;

/** @returns a function that gives the `[B, A, F]` actions of the next tick. */
export function busyPlay(reference: Engine, seed: number): () => Float32Array {
  const { program, numWorlds, state } = reference;
  const { numAgents } = program;
  const next = randomWords(seed);
  const unit = () => (next() >>> 0) / 2 ** 32;
  const actions = new Float32Array(numWorlds * numAgents * FIELDS);
  const courses = new Int32Array(numWorlds * numAgents);

  /** A target that keeps for about two seconds: the cell of a plate or a lever of the level that the world plays. */
  const targetOf = (w: number, i: number) => {
    const { inputs } = program.mechanisms;
    const own = Array.from({ length: inputs.length / MECHANISM_INPUT_COLUMNS }, (_, k) => k * MECHANISM_INPUT_COLUMNS).filter(
      (at) => inputs[at] <= LEVER,
    );
    if (own.length === 0) return undefined;
    const at = own[courses[i] % own.length];
    const { constants } = state.variants[w];
    return { isLever: inputs[at] === LEVER, cell: [0, 1, 2].map((axis) => constants[inputs[at + 1] + axis]) };
  };

  const wander = (at: number) => {
    if (unit() > 0.2) return;
    ACTION_SPEC.forEach((field, k) => {
      let value =
        unit() < 0.4 ? 0 : field.kind === 'axis' ? field.min + unit() * (field.max - field.min) : Math.floor(unit() * (field.max + 1));
      if (k === FIELD.forward && unit() < 0.5) value = 1;
      if (k === FIELD.turn || k === FIELD.look) value *= unit() < 0.1 ? 1 : 0.1;
      actions[at + k] = unit() < 0.001 ? Number.NaN : value;
    });
    // Hands that work: most of what one looks at is dug or built upon.
    const work = unit();
    if (work < 0.35) actions[at + FIELD.interact] = INTERACT.dig;
    else if (work < 0.55) actions[at + FIELD.interact] = INTERACT.place;
    else if (work < 0.65) actions[at + FIELD.interact] = INTERACT.use;
  };

  const seek = (at: number, i: number, target: { isLever: boolean; cell: number[] }) => {
    const [x, y, z] = target.cell;
    const dx = x + 0.5 - state.posX[i] / 65536;
    const dy = y + (target.isLever ? 0.5 : 0) - EYE_METRES - state.posY[i] / 65536;
    const dz = z + 0.5 - state.posZ[i] / 65536;
    const far = Math.hypot(dx, dz);
    const turnTo = (wanted: number, is: number) => {
      const rest = wanted - (is / 2 ** 31) * Math.PI;
      return Math.atan2(Math.sin(rest), Math.cos(rest));
    };
    actions.fill(0, at, at + FIELDS);
    actions[at + FIELD.turn] = turnTo(Math.atan2(-dx, -dz), state.yaw[i]);
    actions[at + FIELD.look] = turnTo(Math.atan2(dy, far), state.pitch[i]);
    actions[at + FIELD.forward] = far > (target.isLever ? 1.5 : 0.2) ? 1 : 0;
    actions[at + FIELD.jump] = unit() < 0.3 ? 1 : 0;
    actions[at + FIELD.interact] = target.isLever && far < 4 ? INTERACT.use : unit() < 0.5 ? INTERACT.dig : 0;
  };

  /** Goes straight ahead and digs at what is in the way, for as long as that takes. */
  const mine = (at: number) => {
    actions.fill(0, at, at + FIELDS);
    if (unit() < 0.004) actions[at + FIELD.turn] = (unit() - 0.5) * 2;
    actions[at + FIELD.forward] = 1;
    actions[at + FIELD.interact] = INTERACT.dig;
  };

  /** Stands and digs at the ground before its feet. */
  const dig = (at: number, i: number) => {
    actions.fill(0, at, at + FIELDS);
    actions[at + FIELD.look] = -1.1 - (state.pitch[i] / 2 ** 31) * Math.PI;
    actions[at + FIELD.interact] = INTERACT.dig;
  };

  return () => {
    for (let w = 0; w < numWorlds; w++) {
      for (let a = 0; a < numAgents; a++) {
        const i = w * numAgents + a;
        if (unit() < 0.02) courses[i] = next() >>> 1;
        const target = (w & 1) === 1 && unit() < 0.8 ? targetOf(w, i) : undefined;
        if (target !== undefined) seek(i * FIELDS, i, target);
        else if ((w & 3) === 3 || (w & 7) === 5) mine(i * FIELDS);
        else if ((w & 7) === 4 && (courses[i] & 1) === 1) dig(i * FIELDS, i);
        else wander(i * FIELDS);
      }
    }
    return actions;
  };
}

/** Of what a comparison wants to see, why a program's agents and mechanisms cannot bring it about, whoever plays; undefined where they can. */
export function obstacles({ program }: Pick<Engine, 'program'>): { edits: string | undefined; mechanisms: string | undefined } {
  const { blocks, bodies, numAgents, placedByItem, startCounts, startItems } = program;
  const can = (word: number) => Array.from({ length: numAgents }, (_, a) => bodies[a * BODY_WORDS + word]).some((flag) => flag === 1);
  const hasMechanisms = program.mechanisms.numMechanisms > 0;
  const digs = can(BODY_WORD.canDig) && blocks.digTicks.some((ticks) => ticks >= 0);
  const holdsBlocks = startItems.some((item, k) => startCounts[k] > 0 && placedByItem[item] > 0);
  const builds = can(BODY_WORD.canPlace) && (digs || holdsBlocks);
  const uses = can(BODY_WORD.canUse) && blocks.usable.some((kind) => kind !== 0);
  return {
    edits: hasMechanisms || digs || builds || uses ? undefined : 'nobody may dig, place or use anything',
    mechanisms: hasMechanisms ? undefined : 'it has no mechanism',
  };
}
