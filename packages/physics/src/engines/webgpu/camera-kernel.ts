/**
 * The kernels of one camera or lidar: WGSL with its numbers, and where the arrays of its scene lie. `place` takes a world as it stands, one thread per
 * world; `rays` traces, one thread per ray, and packs 64 neighbouring pixels at a time into the very bytes that the host's pictures have.
 */
import { invariant, SINE_Q14 } from '@kinovox/world';
import type { RayCamera } from '../../camera/camera.js';
import type { CameraChannel } from '../../camera/optics.js';
import { CAMERA_KERNEL } from './camera-kernel.generated.js';
import { type Known, parseFunctions, pruneFunctions } from './prune.js';

type Words = Int32Array | Uint32Array | Uint8Array | Uint16Array;

/** Rays of a workgroup: whole words of every channel. */
export const RAYS_PER_GROUP = 64;
/** Worlds of a workgroup that places them. */
export const WORLDS_PER_GROUP = 64;
/** Bytes of a pixel, and the function that gives its value. */
export const CHANNELS = {
  depth: { bytes: 2, entry: 'depthOf(s)' },
  block: { bytes: 2, entry: 'blockOf(s)' },
  face: { bytes: 1, entry: 'faceOf(s)' },
  body: { bytes: 2, entry: 'bodyOf(s)' },
  rgb: { bytes: 3, entry: 'colorOf(s, w)' },
} as const satisfies Record<CameraChannel, unknown>;
/** Words of the uniform: first world, rays, place of `ended` in the data + 1 (0: every row), then the first word of each channel. */
export const PICTURE_WORDS = { firstWorld: 0, rays: 1, ended: 2, worlds: 3, channels: 4 } as const;
export const PICTURE_MODE_WORDS = 12;

export interface CameraKernel {
  place: string;
  rays: string;
  tables: Int32Array;
  /** Words per world, and those of a world that no picture was taken of yet. */
  sceneWords: number;
  freshScene: Int32Array;
}

/** @param specialise as in `AssembleOptions`: numbers in the text, or read from the head of the tables by a text that programs share. */
export function assembleCamera(camera: RayCamera, specialise: boolean): CameraKernel {
  const { scene, rays } = camera;
  const roots: Record<string, unknown> = { s: scene, rays, $: { SINE_Q14 } };
  const lookUp = (path: string) =>
    path
      .split('.')
      .reduce<unknown>((value, key, k) => (k === 0 ? roots[key] : (value as Record<string, unknown> | undefined)?.[key]), undefined);
  const known = new Map<string, Known>();
  const lines: string[] = [];
  const numbers = new Map<string, number>();
  const truth = (name: string, value: boolean) => {
    known.set(name, value);
    lines.push(`const ${name}: bool = ${value};`);
  };
  const constant = (name: string, value: number) => {
    numbers.set(name, value);
    if (specialise) known.set(name, value);
  };

  for (const { path, kind, name } of CAMERA_KERNEL.scalars) {
    const value = lookUp(kind === 'present' ? path.slice(1) : path);
    if (kind === 'present') truth(name, value !== undefined);
    else if (kind === 'boolean') truth(name, value === true);
    else constant(name, typeof value === 'number' ? value : 0);
  }
  const tables: number[] = [];
  const fresh: number[] = [];
  for (const { path, id, storage } of CAMERA_KERNEL.arrays) {
    const host = lookUp(path) as Words | undefined;
    if (storage === 'own') lines.push(`var<private> S_${id}: array<i32, ${(host as Words).length}>;`);
    else if (storage === 'world') {
      constant(`P_${id}`, fresh.length);
      for (const word of host as Words) fresh.push(word);
    } else if (storage === 'table') {
      constant(`T_${id}`, FIRST_TABLE + tables.length);
      for (const word of host ?? []) tables.push(word);
    } else if (storage === 'state') constant(`B_${id}`, arenaPlace(scene.state.arena, host, path));
  }
  constant('SCENE_WORDS', fresh.length);
  constant('NUM_RAYS', camera.size);
  invariant(numbers.size <= FIRST_TABLE, `A camera's kernel may read ${FIRST_TABLE} numbers; got ${numbers.size}.`);
  const packed = scene.state.cellsPerWorld % 4 === 0;
  const functions = parseFunctions([packed ? PACKED_VOXELS : PLAIN_VOXELS, ARITHMETIC, CAMERA_KERNEL.functions].join('\n'));
  const text = (access: 'read' | 'read_write', main: string, entries: readonly string[]) => {
    const body = pruneFunctions(functions, known, entries);
    if (specialise) {
      const constants = [...numbers].map(([name, value]) => `const ${name}: i32 = ${value};`);
      return [...header(access), ...lines, ...constants, body, main.replace('NUMBERS', '')].join('\n');
    }
    const used = new Set(`${body} ${main}`.match(/\b[A-Z]\w*/g));
    const read = [...numbers.keys()].flatMap((name, k) => (used.has(name) ? [{ name, k }] : []));
    const declared = read.map(({ name }) => `var<private> ${name}: i32;`);
    const own = lines.filter((line) => used.has(/^(?:const|var<private>) (\w+)/.exec(line)![1]));
    return [
      ...header(access),
      ...own,
      ...declared,
      body,
      main.replace('NUMBERS', read.map(({ name, k }) => `${name} = tables[${k}];`).join(' ')),
    ].join('\n');
  };
  const calls = Object.entries(CHANNELS).filter(([channel]) => camera.spec.channels.includes(channel as CameraChannel));
  const entryOf = (call: string) => CAMERA_KERNEL.entries[call.slice(0, call.indexOf('('))];
  return {
    place: text('read_write', PLACE.replace('PLACE_WORLD', CAMERA_KERNEL.entries.placeWorld), [CAMERA_KERNEL.entries.placeWorld]),
    rays: text('read', tracing(camera.spec.channels), [
      CAMERA_KERNEL.entries.isSeeing,
      CAMERA_KERNEL.entries.traceRayOf,
      ...calls.map(([, { entry }]) => entryOf(entry)),
    ]),
    tables: Int32Array.from([...numbers.values(), ...new Array<number>(FIRST_TABLE - numbers.size).fill(0), ...tables]),
    sceneWords: fresh.length,
    freshScene: Int32Array.from(fresh),
  };
}

/** Tables begin after the numbers of a shared text. */
const FIRST_TABLE = 64;

/** Fields of the state lie on the device as they do in the arena. */
function arenaPlace(arena: Int32Array, host: Words | undefined, path: string): number {
  if (host === undefined || host.length === 0) return 0;
  invariant(host.buffer === arena.buffer, `The camera may read fields of the state alone; got ${path}.`);
  return host.byteOffset / 4;
}

function header(scenes: 'read' | 'read_write'): string[] {
  return [
    '@group(0) @binding(0) var<storage, read> data: array<i32>;',
    '@group(0) @binding(1) var<storage, read> voxels: array<u32>;',
    '@group(0) @binding(2) var<storage, read> tables: array<i32>;',
    `@group(0) @binding(3) var<storage, ${scenes}> scenes: array<i32>;`,
    ...(scenes === 'read' ? ['@group(0) @binding(4) var<storage, read_write> pictures: array<u32>;'] : []),
    `@group(0) @binding(5) var<uniform> mode: array<vec4<u32>, ${PICTURE_MODE_WORDS / 4}>;`,
    'var<private> SCENE: i32;',
  ];
}

const PACKED_VOXELS = 'fn voxel_at(i: i32) -> i32 { return i32((voxels[u32(i) >> 2u] >> ((u32(i) & 3u) * 8u)) & 255u); }';
/** Cells that do not fill whole words lie one to a word. */
const PLAIN_VOXELS = 'fn voxel_at(i: i32) -> i32 { return i32(voxels[i]); }';
const ARITHMETIC = `fn divide(a: i32, b: i32) -> i32 { return a / b; }
fn remainder(a: i32, b: i32) -> i32 { return a % b; }`;

const PLACE = /* wgsl */ `
@compute @workgroup_size(${WORLDS_PER_GROUP}) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  NUMBERS
  if (id.x >= mode[0].w) { return; }
  let w = i32(mode[0].x + id.x);
  if (mode[0].z != 0u && data[i32(mode[0].z) - 1 + w] == 0) { return; }
  SCENE = w * SCENE_WORDS;
  PLACE_WORLD(w);
}`;

/** Traces a ray per thread; then each thread writes words that hold pixels of several. */
function tracing(channels: readonly CameraChannel[]): string {
  const { entries } = CAMERA_KERNEL;
  const lines: string[] = [];
  const names = Object.keys(CHANNELS).filter((name) => channels.includes(name as CameraChannel)) as CameraChannel[];
  const call = (name: CameraChannel) => {
    const entry = CHANNELS[name].entry;
    const open = entry.indexOf('(');
    return `${entries[entry.slice(0, open)]}(${name === 'rgb' ? 'w' : ''})`;
  };
  for (const name of names) lines.push(`var<workgroup> tile_${name}: array<u32, ${RAYS_PER_GROUP}>;`);
  lines.push(
    `@compute @workgroup_size(${RAYS_PER_GROUP}) fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {`,
    '  NUMBERS',
    '  let tile = group.y * groups.x + group.x;',
    `  let index = tile * ${RAYS_PER_GROUP}u + lane;`,
    ...names.map((name) => `  var ${name} = 0u;`),
    '  if (index < mode[0].y) {',
    '    let eye = i32(index) / NUM_RAYS;',
    '    let w = i32(mode[0].x) + eye / K_s_program_numAgents;',
    '    let a = eye % K_s_program_numAgents;',
    '    let wanted = mode[0].z == 0u || data[i32(mode[0].z) - 1 + w] != 0;',
    `    if (wanted && ${entries.isSeeing}(w, a)) {`,
    '      SCENE = w * SCENE_WORDS;',
    `      ${entries.traceRayOf}(w, a, i32(index) % NUM_RAYS);`,
    ...names.map((name) => `      ${name} = u32(${call(name)});`),
    '    }',
    '  }',
    ...names.map((name) => `  tile_${name}[lane] = ${name};`),
    '  workgroupBarrier();',
    // The last group of a grid of groups may lie behind the last ray.
    '  if (tile * 64u >= mode[0].y) { return; }',
  );
  names.forEach((name) => {
    const { bytes } = CHANNELS[name];
    const slot = PICTURE_WORDS.channels + Object.keys(CHANNELS).indexOf(name);
    const words = (RAYS_PER_GROUP * bytes) / 4;
    const at = `mode[${slot >> 2}][${slot & 3}] + tile * ${words}u + lane`;
    const shared = `tile_${name}`;
    lines.push(`  if (lane < ${words}u) {`);
    if (bytes === 2) lines.push(`    pictures[${at}] = ${shared}[2u * lane] | (${shared}[2u * lane + 1u] << 16u);`);
    else if (bytes === 1)
      lines.push(
        `    let k = 4u * lane;`,
        `    pictures[${at}] = ${shared}[k] | (${shared}[k + 1u] << 8u) | (${shared}[k + 2u] << 16u) | (${shared}[k + 3u] << 24u);`,
      );
    else
      lines.push(
        // Bytes 4 lane .. 4 lane + 3 of red, green, blue in turn; a pixel is 0xRRGGBB.
        '    var word = 0u;',
        '    for (var k = 0u; k < 4u; k++) {',
        '      let at = 4u * lane + k;',
        `      word = word | (((${shared}[at / 3u] >> (16u - 8u * (at % 3u))) & 255u) << (8u * k));`,
        '    }',
        `    pictures[${at}] = word;`,
      );
    lines.push('  }');
  });
  lines.push('}');
  return lines.join('\n');
}
