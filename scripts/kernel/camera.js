/**
 * The ray camera as a kernel: writes packages/physics/src/engines/webgpu/camera-kernel.generated.ts from the plain tracer, one ray per call.
 * Entries: `placeWorld`, once per world; `traceRayOf`, once per ray, and then a function per channel. `s` is the scene, `rays` its ray table.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import * as world from '../../packages/world/dist/index.js';
import { given } from './tick.js';
import { Translator } from './translate.js';
import { createWgsl, ISQRT, id } from './wgsl.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CAMERA = `${ROOT}packages/physics/src/camera/`;

/** Of one ray: private to a thread. */
const OWN = /^s\.(eye|basis|aim|hit|met)$/;
/** Of one world: written by `placeWorld`, read by the rays. */
const OF_WORLD = /^s\.(bodies|lamps|counts|day\.(sky|sun|faceLight|numbers))$/;

/** Where an array lies: `own`, `world`, `voxels`, `state` (the arena of the batch), or `table`. */
function storageOf(path) {
  if (OWN.test(path)) return 'own';
  if (OF_WORLD.test(path)) return 'world';
  if (path === 's.state.voxels') return 'voxels';
  return path.startsWith('s.state.') ? 'state' : 'table';
}

function createCameraWgsl() {
  const place = {
    own: (name, index) => `S_${name}[${index}]`,
    world: (name, index) => `scenes[SCENE + P_${name} + ${index}]`,
    voxels: (_name, index) => `voxel_at(${index})`,
    state: (name, index) => `data[B_${name} + ${index}]`,
    table: (name, index) => `tables[T_${name} + ${index}]`,
  };
  return {
    ...createWgsl(),
    load: (path, _element, index) => place[storageOf(path)](id(path), index),
    store(path, _element, index, code) {
      const storage = storageOf(path);
      if (storage !== 'own' && storage !== 'world') throw new Error(`the camera writes ${path}`);
      return `${place[storage](id(path), index)} = ${code};`;
    },
  };
}

export function writeCameraKernel() {
  const target = createCameraWgsl();
  const { options } = ts.convertCompilerOptionsFromJson(
    ts.parseConfigFileTextToJson('tsconfig.base.json', ts.sys.readFile(`${ROOT}tsconfig.base.json`)).config.compilerOptions,
    ROOT,
  );
  const translator = new Translator({
    files: [`${CAMERA}pixel.ts`],
    options: {
      ...options,
      noEmit: true,
      composite: false,
      incremental: false,
      paths: { '@kinovox/world': [`${ROOT}packages/world/src/index.ts`] },
      ignoreDeprecations: '6.0',
    },
    target,
    // The engine has no props.
    overrides: new Map([
      ['halfReach', given(target, 'i32', true, () => ['return 0;'])],
      ['isqrt', given(target, ...ISQRT)],
    ]),
    constants: world,
    recursion: {},
    named: new Map(),
    specialised: {},
  });
  const entry = (file, name, args) => [name, translator.entry(CAMERA + file, name, args)];
  const entries = Object.fromEntries([
    entry('scene.ts', 'placeWorld', ['s', 0]),
    entry('pixel.ts', 'isSeeing', ['s', 0, 0]),
    entry('pixel.ts', 'traceRayOf', ['s', 'rays.directions', 0, 0, 0]),
    ...['depthOf', 'blockOf', 'faceOf', 'bodyOf'].map((name) => entry('pixel.ts', name, ['s'])),
    entry('pixel.ts', 'colorOf', ['s', 0]),
  ]);
  const kernel = {
    entries,
    scalars: [...translator.scalars].map(([path, kind]) => ({ path, kind, name: target.scalar(path) })),
    arrays: [...translator.arrays].map(([path]) => ({ path, id: id(path), storage: storageOf(path) })),
    functions: translator.functions.join('\n\n'),
  };
  writeFileSync(
    'packages/physics/src/engines/webgpu/camera-kernel.generated.ts',
    `/** Generated from the ray camera by scripts/kernel/camera.js. */\nimport type { CameraKernelText } from './kernel-text.js';\n\nexport const CAMERA_KERNEL: CameraKernelText = ${JSON.stringify(kernel)};\n`,
  );
}
