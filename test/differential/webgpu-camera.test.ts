/**
 * Pictures and lidar of the GPU against those of the CPU, byte for byte: by night and by day, in fog and water, with agents and mobs in view.
 * The states come from the engine `cpu`, so that only the camera's kernels are compiled; one scenario runs the engine `webgpu` itself, with resets.
 */
import { existsSync } from 'node:fs';
import { createBatchEnvSync, loadScenario } from '@kinovox/env';
import {
  type CameraSpec,
  createCpuEngine,
  createImages,
  createLidar,
  createPictureBuffers,
  createRayCamera,
  createWebGpuEngine,
  findGpu,
  GpuTracer,
  hashBatch,
  renderAgentInto,
} from '@kinovox/physics';
import { ACTION_FIELDS, CAMERA_CHANNELS, mix32, type ScenarioInput, toAngle } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { randomWords } from '../physics/fixture.js';

const LAVAPIPE = '/usr/share/vulkan/icd.d/lvp_icd.json';
if (process.env.VK_ICD_FILENAMES === undefined && existsSync(LAVAPIPE)) process.env.VK_ICD_FILENAMES = LAVAPIPE;
const adapter = await findGpu();

/** Ticks to play before a picture is taken: night-watch and the village are dark by then, or at dusk. */
const SCENARIOS: [string, number][] = [
  ['water-crossing-v1', 40],
  ['plates-and-door-v1', 10],
  ['night-watch-v1', 200],
];
/** Odd sizes: pictures that share a group of rays, and words. The short range brings fog. */
const SPEC: CameraSpec = { width: 45, height: 27, fovDeg: 90, farM: 24, channels: CAMERA_CHANNELS };
const LIDAR = { beams: 33, ringsDeg: [0, -15, 20], farM: 64 };
const WORLDS = 2;

function played(id: string, ticks: number, numWorlds = WORLDS) {
  const env = createBatchEnvSync({
    scenario: new URL(`../../scenarios/${id}.scenario.json`, import.meta.url).pathname,
    numWorlds,
    seed: 5,
  });
  env.reset();
  const actions = new Float32Array(env.actionLength);
  for (let tick = 0; tick < ticks; tick++) {
    for (let k = 0; k < actions.length; k++) actions[k] = ((mix32(tick * 65536 + k) % 9) - 4) / 4;
    env.stepSync(actions);
  }
  // Everyone looks a little down, and at the next agent or mob.
  const { state, program } = env.engine;
  const { numAgents } = program;
  const numMobs = program.survival?.mobs?.numMobs ?? 0;
  state.pitch.fill(-200_000_000);
  for (let i = 0; i < numWorlds * numAgents; i++) {
    const w = Math.floor(i / numAgents);
    const next = w * numAgents + ((i + 1) % numAgents);
    const [x, z] = numMobs > 0 ? [state.mobPosX[w * numMobs], state.mobPosZ[w * numMobs]] : [state.posX[next], state.posZ[next]];
    state.yaw[i] = toAngle(Math.atan2(state.posX[i] - x, state.posZ[i] - z));
  }
  return env;
}

describe.skipIf(adapter === undefined)('pictures on the GPU', () => {
  it.each(SCENARIOS)('are those of the CPU in %s after %i ticks', async (id, ticks) => {
    const env = played(id, ticks);
    const { program } = env.compiled;
    const { state } = env.engine;
    const tracer = await GpuTracer.create({ program, state, camera: SPEC, lidar: LIDAR });
    const size = SPEC.width * SPEC.height;
    const eyes = WORLDS * program.numAgents;
    const got = { camera: createImages(SPEC.channels, eyes * size), lidar: createImages(['depth'], eyes * LIDAR.beams * 3) };
    const wanted = structuredClone(got);
    const camera = createRayCamera(program, state, SPEC);
    const lidar = createLidar(program, state, LIDAR);
    // Two ticks: what a world keeps from one picture to the next is renewed.
    for (let round = 0; round < 2; round++) {
      env.stepSync(new Float32Array(env.actionLength).map((_, k) => (k % ACTION_FIELDS === 0 ? 0.75 : 0)));
      tracer.upload();
      await tracer.trace();
      await tracer.pull(got);
      for (let i = 0; i < eyes; i++) {
        const [w, a] = [Math.floor(i / program.numAgents), i % program.numAgents];
        if ((state.flags[i] & 1) === 0) continue;
        renderAgentInto(camera, wanted.camera, i * size, w, a);
        renderAgentInto(lidar, wanted.lidar, i * lidar.size, w, a);
      }
      for (const channel of CAMERA_CHANNELS) expect(got.camera[channel], `${channel}, round ${round}`).toEqual(wanted.camera[channel]);
      expect(got.lidar.depth).toEqual(wanted.lidar.depth);
    }
    // A sky would be equal too.
    expect(wanted.camera.block.filter((block) => block > 0).length).toBeGreaterThan(size);
    expect(new Set(wanted.camera.rgb).size).toBeGreaterThan(20);
    if (id === 'plates-and-door-v1' || id === 'night-watch-v1') expect(wanted.camera.body.some((body) => body > 0)).toBe(true);
    if (id === 'night-watch-v1') expect(camera.scene.day.numbers[0]).toBeLessThan(256);
    // What differs in the state differs in the picture.
    state.posY[0] += 65536;
    renderAgentInto(camera, wanted.camera, 0, 0, 0);
    expect(got.camera.depth).not.toEqual(wanted.camera.depth);
    tracer.dispose();
    env.close();
  });

  it('are those of the CPU at the largest size', async () => {
    const env = played('bridge-gap-v1', 5, 1);
    const { program } = env.compiled;
    const camera: CameraSpec = { ...SPEC, width: 256, height: 256 };
    const tracer = await GpuTracer.create({ program, state: env.engine.state, camera });
    const got = { camera: createImages(CAMERA_CHANNELS, program.numAgents * 65536), lidar: createImages([], 0) };
    tracer.upload();
    await tracer.trace();
    await tracer.pull(got);
    const wanted = createImages(CAMERA_CHANNELS, 65536);
    renderAgentInto(createRayCamera(program, env.engine.state, camera), wanted, 0, 0, 1);
    for (const channel of CAMERA_CHANNELS)
      expect(got.camera[channel].subarray(got.camera[channel].length - wanted[channel].length)).toEqual(wanted[channel]);
    tracer.dispose();
    env.close();
  });

  it('follow the engine webgpu through ticks, resets and ends of episodes, in two shards', async () => {
    const { program, playableLevels } = loadScenario(ARENA);
    const options = { program, variants: playableLevels('train'), numWorlds: 5, seed: 3 };
    const cpu = createCpuEngine(options);
    const gpu = await createWebGpuEngine({ ...options, worldsPerShard: 3 });
    const size = 20 * 12;
    const expectEqual = (tick: number) => {
      const { pictures, finalPictures } = cpu.observations;
      expect(gpu.observations.pictures, `tick ${tick}`).toEqual(pictures);
      const ended = [...cpu.outputs.ended.keys()].filter((w) => cpu.outputs.ended[w] === 1);
      for (const w of ended) {
        const row = (buffers: typeof finalPictures) => buffers.camera.rgb.slice(w * 2 * size * 3, (w + 1) * 2 * size * 3);
        expect(row(gpu.observations.finalPictures), `end of row ${w} in tick ${tick}`).toEqual(row(finalPictures));
        expect(row(finalPictures)).not.toEqual(row(pictures));
      }
      return ended.length;
    };
    expectEqual(0);
    const next = randomWords(7);
    let numEnded = 0;
    const actions = new Float32Array(5 * program.numAgents * ACTION_FIELDS);
    for (let tick = 1; tick <= 24; tick++) {
      for (let k = 0; k < actions.length; k++) actions[k] = ((next() >>> 0) % 5) / 2 - 1;
      cpu.decode(actions);
      cpu.step();
      await gpu.step(actions);
      numEnded += expectEqual(tick);
    }
    expect(await gpu.hash()).toBe(hashBatch(cpu.state));
    expect(numEnded).toBeGreaterThan(5);
    gpu.dispose();
  });

  it('stay on the device until they are asked for', async () => {
    const { program, playableLevels } = loadScenario(ARENA);
    const options = { program, variants: playableLevels('train'), numWorlds: 2, seed: 3 };
    const gpu = await createWebGpuEngine({ ...options, readPictures: false });
    expect(gpu.observations.pictures).toEqual(createPictureBuffers(program, 2));
    await gpu.readPictures();
    expect(gpu.observations.pictures).toEqual(createCpuEngine(options).observations.pictures);
    gpu.dispose();
  });
});

describe('pictures on the GPU', () => {
  it('were compared where they had to be', () => {
    if (process.env.KINOVOX_REQUIRE_GPU === '1') expect(adapter, 'a Vulkan driver was installed, but gives no adapter').toBeDefined();
    if (adapter === undefined) console.warn('No GPU adapter: pictures on the GPU were NOT tested.');
  });
});

/** Two agents that see each other, in a world whose cells do not fill whole words; episodes are short. */
const ARENA: ScenarioInput = {
  version: 1,
  id: 'device-pictures-v1',
  title: 'Pictures on the device',
  world: {
    size: [9, 7, 9],
    terrain: { generator: 'flat', ground: 2 },
    edits: [
      { fill: 'bricks', from: [4, 2, 4], size: [1, 2, 1] },
      { fill: 'glass', from: [6, 2, 2], size: [1, 3, 1] },
    ],
  },
  agents: [
    {
      id: 'bot',
      count: 2,
      body: 'walker',
      spawn: {
        region: [
          [1, 2, 1],
          [7, 2, 7],
        ],
      },
    },
  ],
  observation: {
    camera: { width: 20, height: 12, channels: ['depth', 'block', 'face', 'body', 'rgb'] },
    lidar: { beams: 7, ringsDeg: [0, -20] },
  },
  task: {
    reach: {
      agents: 'all',
      region: [
        [0, 2, 0],
        [0, 3, 0],
      ],
    },
  },
  episode: { maxTicks: 9 },
};
