/**
 * The motion of a walker as one gpu.js kernel: turn, medium, jump and input, push, sweep, fall and lava damage; the stages `accelerate`, `push`, `sweep`
 * and `damage`, line by line. A thread is an agent (x), its world (y) and a quad of results (z); it reads the state at the start of the tick only, so
 * four threads work the same motion out and each returns its part.
 * Source of each rule: `stages/accelerate.ts`, `push.ts`, `sweep.ts`, `move-axis.ts`, `solidity.ts`, `health.ts`.
 */
import { AGENT_FLAG } from '@kinovox/world';
import * as walker from '../../bodies/walker.js';
import { bitOfFlag, functionsOf, half } from './exact.js';
import { LevelText, levelFloats, type MotionShape, readsCells } from './level-text.js';
import { AGENT, AGENT_COLUMNS, BLOCK, BODY, BODY_COLUMNS, MOTION_QUADS, SLOTS_PER_FLOAT, TABLE, WORLD, WORLD_COLUMNS } from './pack.js';
import { sweepText } from './sweep-text.js';

export interface KernelSource {
  /** Names of the array arguments, in order. */
  inputs: readonly string[];
  source: string;
  functions: string[];
}

export function motionKernel(shape: MotionShape): KernelSource {
  const inputs = ['agents', 'worlds', 'tables', 'solid', ...(readsCells(shape) ? ['cells'] : [])];
  const source = new MotionText(new LevelText(shape)).text(inputs);
  return { inputs, source, functions: functionsOf(source) };
}

const WIDTH = 2 * walker.HALF_WIDTH_Q16;
/** Box of a body that counts as in water: to the sides, and its top above the feet. */
const WATER_SIDE = walker.HALF_WIDTH_Q16 - walker.WATER_INSET_XZ_Q16;
const WATER_TOP = walker.HEIGHT_Q16 - walker.WATER_INSET_Y_Q16 - 1;
const { onGround, inWater, sneaking, sprinting, inLava } = AGENT_FLAG;

/** The kernel's text. Macros give statements that declare their result; a serial number keeps names apart. */
class MotionText {
  readonly #level: LevelText;

  constructor(level: LevelText) {
    this.#level = level;
  }

  text(inputs: readonly string[]): string {
    return `function(${inputs.join(', ')}) {
${this.#read()}
${this.#turn()}
${this.#medium()}
${this.#accelerate()}
${this.#push()}
${sweepText(this.#level)}
${this.#damage()}
${giveBack('fall', 'newFlags', 'cooldown', 'fallen', 'fallDamage', 'lavaDamage', 'health')}
}`;
  }

  #read(): string {
    const { numAgents } = this.#level.shape;
    const levels = levelFloats(this.#level.shape);
    return `
  const slot = this.thread.x;
  const world = this.thread.y;
  const at = (world * ${numAgents} + slot) * ${AGENT_COLUMNS};
  const act = at + ${AGENT.action};
  const body = ${TABLE.bodies} + slot * ${BODY_COLUMNS};
  const level = worlds[world * ${WORLD_COLUMNS} + ${WORLD.level}];
  const solidBase = level * ${levels.solid};
  const cellBase = level * ${levels.cells};
  let x = agents[at + ${AGENT.x}];
  let y = agents[at + ${AGENT.y}];
  let z = agents[at + ${AGENT.z}];
  let vx = agents[at + ${AGENT.velX}];
  let vy = agents[at + ${AGENT.velY}];
  let vz = agents[at + ${AGENT.velZ}];
  let yawHigh = agents[at + ${AGENT.yawHigh}];
  let yawLow = agents[at + ${AGENT.yawLow}];
  let pitchHigh = agents[at + ${AGENT.pitchHigh}];
  let pitchLow = agents[at + ${AGENT.pitchLow}];
  const flags = agents[at + ${AGENT.flags}];
  let fall = agents[at + ${AGENT.fall}];
  let cooldown = agents[at + ${AGENT.jumpCooldown}];
  let health = agents[at + ${AGENT.health}];
${this.#contacts()}
  // Who is dead stays as it is.
  if (bitOf(flags, 1) === 0) {
${giveBack('fall', 'flags', 'cooldown', '0', '0', '0', 'health')}
  }`;
  }

  /** Quads from MOTION_QUADS on: whom the agent touches, four times 16 slots as bits. */
  #contacts(): string {
    const { numAgents } = this.#level.shape;
    if (numAgents < 2) return '';
    const REACH_XZ = WIDTH + walker.TOUCH_MARGIN_Q16;
    return `
  if (this.thread.z >= ${MOTION_QUADS}) {
    let bits0 = 0;
    let bits1 = 0;
    let bits2 = 0;
    let bits3 = 0;
    if (bitOf(flags, 1) === 1) {
      let weight = 1;
      const firstSlot = (this.thread.z - ${MOTION_QUADS}) * ${4 * SLOTS_PER_FLOAT};
      for (let k = 0; k < ${4 * SLOTS_PER_FLOAT}; k = k + 1) {
        const other = firstSlot + k;
        if (other < ${numAgents} && other !== slot) {
          const from = (world * ${numAgents} + other) * ${AGENT_COLUMNS};
          const near = Math.max(Math.abs(x - agents[from + ${AGENT.x}]), Math.abs(z - agents[from + ${AGENT.z}]));
          const tall = Math.abs(y - agents[from + ${AGENT.y}]);
          if (near <= ${REACH_XZ} && tall <= ${walker.HEIGHT_Q16 + walker.TOUCH_MARGIN_Q16} && bitOf(agents[from + ${AGENT.flags}], 1) === 1) {
            if (k < 16) bits0 = bits0 + weight;
            else if (k < 32) bits1 = bits1 + weight;
            else if (k < 48) bits2 = bits2 + weight;
            else bits3 = bits3 + weight;
          }
        }
        weight = weight * 2;
        if (weight === 65536) weight = 1;
      }
    }
    return [bits0, bits1, bits2, bits3];
  }`;
  }

  /** Yaw wraps; pitch stops at a quarter turn. */
  #turn(): string {
    return `
${this.#angle('turn', 5)}
  const yawSum = yawLow + turnLow;
  const yawCarry = Math.floor(yawSum * ${half(16)});
  yawLow = yawSum - yawCarry * 65536;
  yawHigh = wrapHigh(yawHigh + turnHigh + yawCarry);
${this.#angle('look', 6)}
  if (look !== 0) {
    // Halves of both, so that the sum stays a pair.
    const pitchHalf = Math.floor(pitchHigh * 0.5);
    const pitchHalfLow = (pitchHigh - pitchHalf * 2) * 32768 + Math.floor(pitchLow * 0.5);
    const lookHalf = Math.floor(lookHigh * 0.5);
    const lookHalfLow = (lookHigh - lookHalf * 2) * 32768 + Math.floor(lookLow * 0.5);
    const halfSum = pitchHalfLow + lookHalfLow;
    const halfCarry = Math.floor(halfSum * ${half(16)});
    const halfLow = halfSum - halfCarry * 65536;
    const halfHigh = pitchHalf + lookHalf + halfCarry;
    if (halfHigh > 8192 || (halfHigh === 8192 && halfLow > 0)) {
      pitchHigh = 16384;
      pitchLow = 0;
    } else if (halfHigh < -8192) {
      pitchHigh = -16384;
      pitchLow = 0;
    } else {
      const doubled = halfLow * 2;
      const doubledCarry = Math.floor(doubled * ${half(16)});
      pitchHigh = halfHigh * 2 + doubledCarry;
      pitchLow = doubled - doubledCarry * 65536;
    }
  }`;
  }

  /** A column of the action, and its angle as the pair name + High, Low. */
  #angle(name: string, column: number): string {
    return `
  const ${name} = agents[act + ${column}];
  let ${name}High = angleHigh(Math.abs(${name}));
  let ${name}Low = angleLow(Math.abs(${name}));
  if (${name} < 0) {
${negatePair(`${name}High`, `${name}Low`)}
  }`;
  }

  /** Flags of this tick: what was, without what the medium and the keys say anew. */
  #medium(): string {
    return `
  const jump = agents[act + 2];
  const sprint = agents[act + 3];
  const sneak = agents[act + 4];
  const grounded = ${bitOfFlag('flags', onGround)};
  let water = 0;
  let lava = 0;
${this.#level.shape.hasLiquid ? this.#liquids() : ''}
  const inLiquid = Math.max(water, lava);
  const kept = flags - ${[inWater, inLava, sneaking, sprinting].map((flag) => `${bitOfFlag('flags', flag)} * ${flag}`).join(' - ')};
  let newFlags = kept + water * ${inWater} + lava * ${inLava};
  if (sneak !== 0) newFlags = newFlags + ${sneaking};
  if (sprint !== 0) newFlags = newFlags + ${sprinting};`;
  }

  /** `liquidFlags` where the body is: one loop over both liquids, whose boxes differ. */
  #liquids(): string {
    return `
  for (let kind = 1; kind < 3; kind = kind + 1) {
    let sideIn = ${WATER_SIDE};
    let bottomIn = ${walker.WATER_INSET_Y_Q16};
    let topIn = ${WATER_TOP};
    if (kind === 2) {
      sideIn = ${walker.HALF_WIDTH_Q16 - walker.LAVA_INSET_XZ_Q16};
      bottomIn = ${walker.LAVA_INSET_Y_Q16};
      topIn = ${walker.HEIGHT_Q16 - walker.LAVA_INSET_Y_Q16};
    }
${this.#level.wetBox('soaked', 'x', 'y', 'z', 'sideIn', 'bottomIn', 'topIn', 'kind')}
    if (kind === 1) water = soaked;
    else lava = soaked;
  }`;
  }

  #accelerate(): string {
    const { hasGround } = this.#level.shape;
    const under = hasGround
      ? `
  // What one stands on decides grip and drag: the block with the highest drag of those under the feet.
  let grip = 16384;
  let groundDrag = ${walker.GROUND_DRAG_Q14};
  if (grounded === 1) {
${this.#level.blockAt('under', BLOCK.drag, 'x', `(Math.floor(y * ${half(16)}) - 1)`, 'z')}
    if (under >= 0) {
      grip = ${this.#level.block('under', BLOCK.grip)};
      groundDrag = ${this.#level.block('under', BLOCK.drag)};
    }
  }`
      : `
  const groundDrag = ${walker.GROUND_DRAG_Q14};`;
    return `
  if (Math.abs(vx) <= ${walker.NEGLIGIBLE_Q16}) vx = 0;
  if (Math.abs(vy) <= ${walker.NEGLIGIBLE_Q16}) vy = 0;
  if (Math.abs(vz) <= ${walker.NEGLIGIBLE_Q16}) vz = 0;
${under}
  const forward = agents[act];
  const strafe = agents[act + 1];
${this.#heading()}
  if (jump !== 0) {
    if (cooldown > 0) cooldown = cooldown - 1;
    if (inLiquid === 1) {
      vy = vy + ${walker.SWIM_UP_Q16};
    } else if (grounded === 1 && cooldown === 0 && tables[body + ${BODY.canJump}] !== 0) {
      vy = ${walker.JUMP_Q16};
      if (sprint !== 0) {
        vx = vx - scale14(${walker.SPRINT_JUMP_Q16}, sin);
        vz = vz - scale14(${walker.SPRINT_JUMP_Q16}, cos);
      }
      cooldown = ${walker.JUMP_COOLDOWN_TICKS};
    }
  } else {
    cooldown = 0;
  }
  if (forward !== 0 || strafe !== 0) {
    let column = ${BODY.air};
    if (grounded === 1) column = ${BODY.walk};
    if (sprint !== 0) column = column + 1;
    let acceleration = tables[body + column];
${hasGround ? '    if (grounded === 1) acceleration = scale14(acceleration, grip);' : ''}
    if (inLiquid === 1) acceleration = ${walker.LIQUID_ACCELERATION_Q18};
    let f = forward;
    let s = strafe;
    const length = lengthOf(f, s);
    if (sneak === 0 && length > ${walker.FULL_INPUT_Q12}) {
      const fq = quotient(Math.abs(f) * 4096, length);
      const sq = quotient(Math.abs(s) * 4096, length);
      f = f < 0 ? 0 - fq : fq;
      s = s < 0 ? 0 - sq : sq;
    } else {
      let share = ${walker.INPUT_Q14};
      if (sneak !== 0) share = ${walker.SNEAK_INPUT_Q14};
      f = scale14(f, share);
      s = scale14(s, share);
    }
    if (Math.abs(f) > ${walker.LEAST_INPUT_Q12} || Math.abs(s) > ${walker.LEAST_INPUT_Q12}) {
      vx = vx + scale16(acceleration, turned(s, cos, f, sin));
      vz = vz + scale16(acceleration, turned(0 - f, cos, s, sin));
    }
  }`;
  }

  /** `sinQ14`, `cosQ14` of the yaw: sine of its magnitude, and of that less a quarter turn. Each folds at a quarter turn, then reads the table. */
  #heading(): string {
    return `
  let sin = 0;
  let cos = 0;
  let mHigh = yawHigh;
  let mLow = yawLow;
  if (yawHigh < 0) {
${negatePair('mHigh', 'mLow')}
  }
  for (let part = 0; part < 2; part = part + 1) {
    let fHigh = mHigh;
    let fLow = mLow;
    let below = 0;
    if (part === 1) {
      fHigh = mHigh - 16384;
      if (fHigh < 0) {
        below = 1;
${negatePair('fHigh', 'fLow')}
      }
    }
    if (fHigh > 16384 || (fHigh === 16384 && fLow > 0)) {
      fHigh = fHigh - 32768;
${negatePair('fHigh', 'fLow')}
    }
    const entry = Math.floor(fHigh * ${half(4)});
    const a = tables[${TABLE.sine} + entry];
    const value = between(a, tables[${TABLE.sine} + entry + 1] - a, (fHigh - entry * 16) * 256 + Math.floor(fLow * ${half(8)}));
    if (part === 0) sin = yawHigh < 0 ? 0 - value : value;
    else cos = below === 1 ? value : 0 - value;
  }`;
  }

  /** Pushes of the others, from where they stood when the tick began. Each adds a truncated share, so their order does not matter. */
  #push(): string {
    const { numAgents } = this.#level.shape;
    if (numAgents < 2) return '';
    return `
  const pushQ16 = tables[body + ${BODY.push}];
  for (let other = 0; other < ${numAgents}; other = other + 1) {
    const from = (world * ${numAgents} + other) * ${AGENT_COLUMNS};
    if (other !== slot && bitOf(agents[from + ${AGENT.flags}], 1) === 1) {
      const px = x - agents[from + ${AGENT.x}];
      const py = y - agents[from + ${AGENT.y}];
      const pz = z - agents[from + ${AGENT.z}];
      const far = Math.max(Math.abs(px), Math.abs(pz));
      if (far < ${WIDTH} && Math.abs(py) < ${walker.HEIGHT_Q16} && far >= ${walker.PUSH_LEAST_Q16}) {
        const root = rootOf(far);
        vx = vx + pushAlong(pushQ16, px, root);
        vz = vz + pushAlong(pushQ16, pz, root);
      }
    }
  }`;
  }

  /** Landing and lava; who has no health left is dead. */
  #damage(): string {
    const { hasLiquid } = this.#level.shape;
    return `
  let fallen = 0;
  let fallDamage = 0;
  let lavaDamage = 0;
  if (onGroundNow === 1 && fall !== 0) {
    let soft = springy;
    if (fall <= ${walker.SAFE_FALL_Q16}) soft = 1;
${hasLiquid ? `    if (soft === 0) {\n${this.#level.wetBox('splash', 'x', 'y', 'z', String(WATER_SIDE), String(walker.WATER_INSET_Y_Q16), String(WATER_TOP), '1')}\n      soft = splash;\n    }` : ''}
    if (soft === 0) {
      fallen = fall;
      fallDamage = Math.floor((fall - ${walker.SAFE_FALL_Q16 - 65535}) * ${half(16)});
    }
    fall = 0;
  }
  if (lava === 1 && worlds[world * ${WORLD_COLUMNS} + ${WORLD.burns}] === 1) lavaDamage = ${walker.LAVA_DAMAGE};
  if (fallDamage + lavaDamage > 0) {
    health = Math.max(0, health - fallDamage - lavaDamage);
    if (health === 0) newFlags = newFlags - 1;
  }`;
  }
}

/** Statements that negate the pair in two variables. */
function negatePair(high: string, low: string): string {
  return `
    ${high} = 0 - ${high};
    if (${low} > 0) {
      ${high} = ${high} - 1;
      ${low} = 65536 - ${low};
    }`;
}

/** Returns the thread's quad; the order is that of `MOTION`. */
function giveBack(
  fall: string,
  flags: string,
  cooldown: string,
  fallen: string,
  fallDamage: string,
  lavaDamage: string,
  health: string,
): string {
  return `
    if (this.thread.z === 0) return [x, y, z, ${fall}];
    if (this.thread.z === 1) return [vx, vy, vz, ${flags} * 16 + ${cooldown}];
    if (this.thread.z === 2) return [yawHigh, yawLow, pitchHigh, pitchLow];
    return [${fallen}, ${fallDamage}, ${lavaDamage}, ${health}];`;
}
