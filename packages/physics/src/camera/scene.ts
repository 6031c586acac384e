/**
 * What rays meet in one world at one tick: its voxels, the boxes of bodies, lamps, sky and light. Filled per world (`placeWorld`) and per eye
 * (`placeEye`), read by every ray of a picture. Written in the subset that kernels are translated from (docs/decisions/translated-kernels.md).
 * Limits: lamps beyond the first 64 in cell order give no light; a body turned on its side is the box around it.
 */
import { AGENT_FLAG, cosQ14, MOB_KINDS, PROP_WORDS, sinQ14 } from '@kinovox/world';
import type { BatchState } from '../batch-state.js';
import { EYE_Q16, EYE_SNEAKING_Q16, HALF_WIDTH_Q16, HEIGHT_Q16 } from '../bodies/walker.js';
import { BODY_WORD, BODY_WORDS, type ScenarioProgram } from '../program.js';
import { halfReach, POSE } from '../rigid/prop-bounds.js';
import { timeOfDay } from '../stages/survival/daylight.js';
import { createBlockTextures } from './block-textures.js';
import { createDaySky, DAY, type DaySky, writeDaySky } from './day.js';
import { type BlockLooks, createBlockLooks } from './looks.js';
import { BASIS_WORDS, writeBasis } from './optics.js';

/** Columns of `Scene.bodies`: the box in Q16, then who it is and how it looks. */
export const BODY = { box: 0, id: 6, color: 7, front: 8, kind: 9 } as const;
export const BODY_COLUMNS = 10;
export const BODY_KIND = { walker: 0, mob: 1, prop: 2 } as const;
/** Values of the channel `body`: 0 nobody, then agents, mobs and props by slot. */
export const FIRST_BODY_ID = { agent: 1, mob: 257, prop: 513 } as const;
const MAX_LAMPS = 64;
/** Columns of `Scene.lamps`, Q8: the middle x y z of the lamp's cell in blocks, and its light 0..15. */
export const LAMP_COLUMNS = 4;

/** Teams in order, and what belongs to none: told apart with any of the common colour blindnesses (Okabe and Ito, 2008). */
const TEAM_COLORS: readonly number[] = [0x0072b2, 0xe69f00, 0x009e73, 0xcc79a7, 0x56b4e9, 0xd55e00, 0xf0e442, 0x8a8a8a];
const STRANGER_COLOR = 0x9a9a9a;
/** In place of the colour of an agent that has no walker's body. */
const VEHICLE = -1;
const PROP_COLOR = 0xf0e442;

/** What a camera asks of its scene. */
export interface Lens {
  /** Width of a pixel at a distance of one block, Q16 block. */
  spreadQ16: number;
  /** Farthest surface seen, Q16 block. */
  rangeQ16: number;
  /** Whether rays are shaded: without, neither sky nor lamps are looked at. */
  wantsColor: boolean;
  /** Whether eyes keep to the horizon, as a lidar does. */
  keepsLevel: boolean;
}

export interface Scene extends Readonly<Lens> {
  readonly program: ScenarioProgram;
  readonly state: BatchState;
  readonly sizeX: number;
  readonly sizeY: number;
  readonly sizeZ: number;
  readonly looks: BlockLooks;
  /** `[P, 3, 341]` */
  readonly textures: Int32Array;
  readonly hasLamps: boolean;
  /** `[A]`, `[M]` colours; VEHICLE for agents whose chassis stands among the props. */
  readonly agentColors: Int32Array;
  readonly mobColors: Int32Array;
  /** Of the world: */
  readonly day: DaySky;
  /** `[N, BODY_COLUMNS]` */
  readonly bodies: Int32Array;
  /** `[64, LAMP_COLUMNS]` */
  readonly lamps: Int32Array;
  /** COUNT words. */
  readonly counts: Int32Array;
  /** Of the eye, EYE words: its place Q16, and what matters about it. */
  readonly eye: Int32Array;
  readonly basis: Int32Array;
  /** Of the ray: its direction in the world, Q14, and its result, HIT words. */
  readonly aim: Int32Array;
  readonly hit: Int32Array;
  /** Scratch: time and face of the last box met. */
  readonly met: Int32Array;
  /** Scratch of the packet tracer: free cells per octant and axis, columns and rows of each body on the picture, bodies of a row. */
  readonly free: Int32Array;
  readonly spans: Int32Array;
  readonly rowBodies: Int32Array;
}
export const COUNT = { bodies: 0, lamps: 1 } as const;
/** `palette`: entry of the cell around the eye; `self`: body id that it does not see, 0 for none. */
export const EYE = { x: 0, y: 1, z: 2, palette: 3, self: 4 } as const;

/** @param agentColors 0xRRGGBB per agent; absent: a colour per team. */
export function createScene(program: ScenarioProgram, state: BatchState, lens: Lens, agentColors?: readonly number[]): Scene {
  const { numAgents, numProps, blocks, bodies, survival } = program;
  const numMobs = survival?.mobs?.numMobs ?? 0;
  const numBodies = numAgents + numMobs + numProps;
  const looks = createBlockLooks(blocks.registryId);
  return {
    ...lens,
    program,
    state,
    sizeX: program.size[0],
    sizeY: program.size[1],
    sizeZ: program.size[2],
    looks,
    textures: createBlockTextures(blocks.registryId),
    hasLamps: looks.light.some((light) => light > 0),
    agentColors: Int32Array.from({ length: numAgents }, (_, a) =>
      (program.vehicles?.ofAgent[a] ?? -1) >= 0
        ? VEHICLE
        : (agentColors?.[a] ?? TEAM_COLORS[bodies[a * BODY_WORDS + BODY_WORD.team] % TEAM_COLORS.length] ?? STRANGER_COLOR),
    ),
    mobColors: Int32Array.from({ length: numMobs }, (_, m) => mobColor(survival!.mobs!.kindNames[survival!.mobs!.kindOf[m]])),
    day: createDaySky(),
    bodies: new Int32Array(numBodies * BODY_COLUMNS),
    lamps: new Int32Array(MAX_LAMPS * LAMP_COLUMNS),
    counts: new Int32Array(2),
    eye: new Int32Array(5),
    basis: new Int32Array(BASIS_WORDS),
    aim: new Int32Array(3),
    hit: new Int32Array(16),
    met: new Int32Array(2),
    free: new Int32Array(24),
    spans: new Int32Array(4 * numBodies),
    rowBodies: new Int32Array(numBodies),
  };
}

function mobColor(kind: string): number {
  return Object.hasOwn(MOB_KINDS, kind) ? MOB_KINDS[kind as keyof typeof MOB_KINDS].color : STRANGER_COLOR;
}

/** Takes world w as it stands: its bodies, and, where rays are shaded, its sky and lamps. */
export function placeWorld(s: Scene, w: number): void {
  listBodies(s, w);
  s.counts[COUNT.lamps] = 0;
  if (!s.wantsColor) return;
  writeTime(s, w);
  if (s.hasLamps && s.day.numbers[DAY.daylight] < 256) listLamps(s, w);
}

/** Puts the eye of slot a of world w where its body has it. */
export function placeEyeOf(s: Scene, w: number, a: number): void {
  const { state } = s;
  const i = w * s.program.numAgents + a;
  const eye = (state.flags[i] & AGENT_FLAG.sneaking) !== 0 ? EYE_SNEAKING_Q16 : EYE_Q16;
  const pitch = s.keepsLevel ? 0 : state.pitch[i];
  placeEye(s, w, state.posX[i], state.posY[i] + eye, state.posZ[i], state.yaw[i], pitch, FIRST_BODY_ID.agent + a);
}

/** Puts a free eye into world w: position Q16, angles 2^32 per turn. @param self id of the body that is not seen; 0 none. */
export function placeEye(s: Scene, w: number, x: number, y: number, z: number, yaw: number, pitch: number, self: number): void {
  s.eye[EYE.x] = x;
  s.eye[EYE.y] = y;
  s.eye[EYE.z] = z;
  s.eye[EYE.palette] = paletteAt(s, w, x >> 16, y >> 16, z >> 16);
  s.eye[EYE.self] = self;
  writeBasis(s.basis, yaw, pitch);
}

function paletteAt(s: Scene, w: number, x: number, y: number, z: number): number {
  if (x < 0 || y < 0 || z < 0 || x >= s.sizeX || y >= s.sizeY || z >= s.sizeZ) return 0;
  return s.state.voxels[w * s.state.cellsPerWorld + (y * s.sizeZ + z) * s.sizeX + x];
}

function writeTime(s: Scene, w: number): void {
  const { survival } = s.program;
  if (survival === undefined || survival.dayTicks === 0) writeDaySky(s.day, 0, false);
  // Days are at most 2^20 ticks: 2^14 parts of a day keep the product below 2^31 for those above 2^17 too.
  else writeDaySky(s.day, shareOfDay(timeOfDay(s, survival, w), survival.dayTicks), true);
}

/** `time / day` in 1/65536, rounded down; time < day <= 2^20. */
function shareOfDay(time: number, day: number): number {
  const high = Math.trunc((time << 8) / day);
  const rest = (time << 8) - Math.imul(high, day);
  return (high << 8) + Math.trunc((rest << 8) / day);
}

function listBodies(s: Scene, w: number): void {
  const { state, program, bodies } = s;
  const { numAgents, numProps, props } = program;
  const numMobs = s.mobColors.length;
  let n = 0;
  for (let a = 0; a < numAgents; a++) {
    const i = w * numAgents + a;
    if ((state.flags[i] & AGENT_FLAG.alive) === 0 || s.agentColors[a] === VEHICLE) continue;
    const height = (state.flags[i] & AGENT_FLAG.sneaking) !== 0 ? HEIGHT_Q16 - EYE_Q16 + EYE_SNEAKING_Q16 : HEIGHT_Q16;
    writeWalker(bodies, n, state.posX[i], state.posY[i], state.posZ[i], height);
    describeBody(bodies, n++, FIRST_BODY_ID.agent + a, s.agentColors[a], frontOf(state.yaw[i]), BODY_KIND.walker);
  }
  for (let m = 0; m < numMobs; m++) {
    const j = w * numMobs + m;
    if ((state.mobFlags[j] & AGENT_FLAG.alive) === 0) continue;
    writeWalker(bodies, n, state.mobPosX[j], state.mobPosY[j], state.mobPosZ[j], HEIGHT_Q16);
    describeBody(bodies, n++, FIRST_BODY_ID.mob + m, s.mobColors[m], frontOf(state.mobYaw[j]), BODY_KIND.mob);
  }
  for (let p = 0, at = w * numProps * PROP_WORDS; p < numProps; p++, at += PROP_WORDS) {
    for (let axis = 0; axis < 3; axis++) {
      const half = halfReach(props, state.prop, at, p, axis);
      bodies[n * BODY_COLUMNS + axis] = state.prop[at + POSE.x + axis] - half;
      bodies[n * BODY_COLUMNS + 3 + axis] = state.prop[at + POSE.x + axis] + half;
    }
    describeBody(bodies, n++, FIRST_BODY_ID.prop + p, props.color[p] < 0 ? PROP_COLOR : props.color[p], 0, BODY_KIND.prop);
  }
  s.counts[COUNT.bodies] = n;
}

function writeWalker(bodies: Int32Array, n: number, x: number, y: number, z: number, height: number): void {
  const at = n * BODY_COLUMNS;
  bodies[at] = x - HALF_WIDTH_Q16;
  bodies[at + 1] = y;
  bodies[at + 2] = z - HALF_WIDTH_Q16;
  bodies[at + 3] = x + HALF_WIDTH_Q16;
  bodies[at + 4] = y + height;
  bodies[at + 5] = z + HALF_WIDTH_Q16;
}

function describeBody(bodies: Int32Array, n: number, id: number, color: number, front: number, kind: number): void {
  const at = n * BODY_COLUMNS;
  bodies[at + BODY.id] = id;
  bodies[at + BODY.color] = color;
  bodies[at + BODY.front] = front;
  bodies[at + BODY.kind] = kind;
}

/** The side of the box that a heading points to, as a face number. */
function frontOf(yaw: number): number {
  const x = 0 - sinQ14(yaw);
  const z = 0 - cosQ14(yaw);
  const alongX = x < 0 ? 0 - x : x;
  const alongZ = z < 0 ? 0 - z : z;
  if (alongX > alongZ) return x > 0 ? 1 : 0;
  return z > 0 ? 5 : 4;
}

function listLamps(s: Scene, w: number): void {
  const { state, looks, lamps } = s;
  const base = w * state.cellsPerWorld;
  let n = 0;
  for (let cell = 0; cell < state.cellsPerWorld && n < MAX_LAMPS; cell++) {
    const light = looks.light[state.voxels[base + cell]];
    if (light === 0) continue;
    const line = Math.trunc(cell / s.sizeX);
    const layer = Math.trunc(line / s.sizeZ);
    const at = n++ * LAMP_COLUMNS;
    lamps[at] = ((cell - line * s.sizeX) << 8) + 128;
    lamps[at + 1] = (layer << 8) + 128;
    lamps[at + 2] = ((line - layer * s.sizeZ) << 8) + 128;
    lamps[at + 3] = light << 8;
  }
  s.counts[COUNT.lamps] = n;
}
