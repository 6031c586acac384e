import { type BatchEnv, createBatchEnvSync } from '@kinovox/env';
import {
  type CameraSpec,
  createImages,
  createLidar,
  createRayCamera,
  FIRST_BODY_ID,
  type FreeEye,
  type ImageBuffers,
  renderAgentInto,
  renderFreeInto,
  SKY_DEPTH_MM,
} from '@kinovox/physics';
import { BLOCKS, CAMERA_CHANNELS, mix32 } from '@kinovox/world';
import { findScenario } from 'kinovox';
import { describe, expect, it } from 'vitest';

const SPEC: CameraSpec = { width: 40, height: 30, fovDeg: 90, farM: 48, channels: CAMERA_CHANNELS };
/** Worlds with water, lava, plants, bars, doors, mobs, walls near the eye, and night. */
const SCENARIOS = ['water-crossing-v1', 'farm-v1', 'night-watch-v1', 'survival-team-v1', 'plates-and-door-v1', 'parkour-v1'];

function open(scenario: string, numWorlds = 1): BatchEnv {
  const env = createBatchEnvSync({ scenario: findScenario(scenario), numWorlds, seed: 3 });
  env.reset();
  return env;
}

/** An arena with a pillar two blocks north of the agent at (8, 1, 8), and another agent east of it. */
function arena(): BatchEnv {
  const env = createBatchEnvSync({
    scenario: {
      version: 1,
      id: 'camera-arena-v1',
      title: 'Arena',
      world: {
        size: [16, 8, 16],
        terrain: { generator: 'flat', ground: 1 },
        edits: [
          { fill: 'bricks', from: [8, 1, 5], size: [1, 4, 1] },
          { fill: 'glass', from: [3, 1, 8], size: [1, 3, 1] },
          { fill: 'stone', from: [1, 1, 8], size: [1, 3, 1] },
        ],
      },
      agents: [
        { id: 'eye', body: 'walker', spawn: { at: [8, 1, 8] } },
        { id: 'other', body: 'walker', spawn: { at: [12, 1, 8] } },
      ],
      task: {
        reach: {
          agents: 'eye',
          region: [
            [0, 1, 0],
            [1, 3, 1],
          ],
        },
      },
      episode: { maxTicks: 100 },
    },
    numWorlds: 2,
    seed: 0,
  });
  env.reset();
  return env;
}

function freeEye(n: number, size: readonly number[]): FreeEye {
  const draw = (k: number, range: number) => Math.floor((mix32(n * 64 + k) / 4294967296) * range);
  return {
    xQ16: draw(0, size[0] * 65536),
    yQ16: draw(1, size[1] * 65536),
    zQ16: draw(2, size[2] * 65536),
    yaw: draw(3, 4294967296) | 0,
    pitch: (draw(4, 1 << 30) - (1 << 29)) | 0,
  };
}

const idOf = (name: string) => BLOCKS.find((block) => block.name === name)!.id;
const middle = (spec: CameraSpec) => (spec.height >> 1) * spec.width + (spec.width >> 1);

describe('ray camera', () => {
  it.each(SCENARIOS)('gives the pictures of the plain loop by packets, in %s', (scenario) => {
    const env = open(scenario);
    const { program } = env.compiled;
    const camera = createRayCamera(program, env.engine.state, SPEC);
    const packet = createImages(SPEC.channels, camera.size);
    const plain = createImages(SPEC.channels, camera.size);
    let numHits = 0;
    let numJumps = 0;
    for (let n = 0; n < 24; n++) {
      if (n < program.numAgents) {
        renderAgentInto(camera, packet, 0, 0, n);
        numJumps += camera.scene.free.some((steps) => steps > 0) ? 1 : 0;
        renderAgentInto(camera, plain, 0, 0, n, 'plain');
      } else {
        const eye = freeEye(n, program.size);
        // On a boundary of cells too, where the cell behind it counts.
        if (n % 3 === 0) eye.xQ16 &= ~65535;
        if (n % 4 === 0) eye.yaw = 0x40000000 * (n & 3);
        renderFreeInto(camera, packet, 0, 0, eye);
        renderFreeInto(camera, plain, 0, 0, eye, 'plain');
      }
      expect(packet).toEqual(plain);
      numHits += plain.block.filter((id) => id > 0).length;
    }
    expect(numHits).toBeGreaterThan(1000);
    expect(numJumps).toBeGreaterThan(0);
  });

  it('gives the plain picture after edits and with many bodies in view', () => {
    const env = open('night-watch-v1');
    const camera = createRayCamera(env.compiled.program, env.engine.state, SPEC);
    const packet = createImages(SPEC.channels, camera.size);
    const plain = createImages(SPEC.channels, camera.size);
    const actions = new Float32Array(env.actionLength);
    let numBodies = 0;
    for (let tick = 0; tick < 120; tick++) {
      for (let k = 0; k < actions.length; k++) actions[k] = (mix32(tick * 4096 + k) % 5) - 2;
      env.stepSync(actions);
      if (tick % 10 !== 0) continue;
      renderAgentInto(camera, packet, 0, 0, 0);
      renderAgentInto(camera, plain, 0, 0, 0, 'plain');
      expect(packet).toEqual(plain);
      renderFreeInto(camera, packet, 0, 0, freeEye(tick, env.compiled.program.size));
      renderFreeInto(camera, plain, 0, 0, freeEye(tick, env.compiled.program.size), 'plain');
      expect(packet).toEqual(plain);
      numBodies += plain.body.filter((id) => id > 0).length;
    }
    expect(numBodies).toBeGreaterThan(0);
  });

  it('measures a pillar ahead: depth, block and face', () => {
    const env = arena();
    const spec = { ...SPEC, width: 41, height: 31 };
    const camera = createRayCamera(env.compiled.program, env.engine.state, spec);
    const out = createImages(spec.channels, camera.size);
    renderAgentInto(camera, out, 0, 0, 0);
    const at = middle(spec);
    // The eye stands at z = 8.5 and the pillar ends at z = 6.
    expect(out.depth[at]).toBeGreaterThanOrEqual(2498);
    expect(out.depth[at]).toBeLessThanOrEqual(2501);
    expect(out.block[at]).toBe(idOf('bricks'));
    expect(out.face[at]).toBe(6);
    expect(out.body[at]).toBe(0);
    expect(out.depth[3]).toBe(SKY_DEPTH_MM);
    expect(out.face[3]).toBe(0);
  });

  it('sees another agent as a body, not its own, and looks through glass', () => {
    const env = arena();
    const camera = createRayCamera(env.compiled.program, env.engine.state, { ...SPEC, width: 41, height: 31 });
    const out = createImages(SPEC.channels, camera.size);
    const at = middle({ ...SPEC, width: 41, height: 31 });
    const { posX, posY, posZ } = env.engine.state;
    const eye = { xQ16: posX[0], yQ16: posY[0] + 80000, zQ16: posZ[0], pitch: 0 };
    renderFreeInto(camera, out, 0, 0, { ...eye, yaw: -0x40000000 });
    expect(out.body[at]).toBe(FIRST_BODY_ID.agent + 1);
    // 4 blocks less half a body.
    expect(Math.abs(out.depth[at] - 3700)).toBeLessThanOrEqual(2);
    renderFreeInto(camera, out, 0, 0, { ...eye, yaw: 0x40000000 });
    expect(out.block[at]).toBe(idOf('stone'));
    expect(Math.abs(out.depth[at] - 6500)).toBeLessThanOrEqual(2);
    const through = out.rgb.slice(3 * at, 3 * at + 3);
    env.engine.state.voxels.fill(0, 0, env.engine.state.cellsPerWorld);
    renderFreeInto(camera, out, 0, 0, { ...eye, yaw: 0x40000000 });
    expect(out.depth[at]).toBe(SKY_DEPTH_MM);
    expect(out.rgb.slice(3 * at, 3 * at + 3)).not.toEqual(through);
  });

  it('gives the same pictures in every row', () => {
    const alone = createBatchEnvSync({ scenario: findScenario('survival-basics-v1'), numWorlds: 1, seed: 5 });
    const batch = createBatchEnvSync({ scenario: findScenario('survival-basics-v1'), numWorlds: 4, seed: 3 });
    alone.reset();
    batch.reset();
    const take = (env: BatchEnv, row: number) => {
      const camera = createRayCamera(env.compiled.program, env.engine.state, SPEC);
      const out = createImages(SPEC.channels, 3 * camera.size);
      renderAgentInto(camera, out, camera.size, row, 0);
      return { ...out, rgb: out.rgb.slice() };
    };
    expect(take(batch, 2)).toEqual(take(alone, 0));
    expect(take(batch, 1)).not.toEqual(take(alone, 0));
  });

  it.each(['x', 'z'] as const)('gives the mirrored picture in a world mirrored in %s', (axis) => {
    const env = open('plates-and-door-v1', 2);
    const { program } = env.compiled;
    const [sizeX, sizeY, sizeZ] = program.size;
    const { state } = env.engine;
    const sideOf = (x: number, y: number, z: number) => (y * sizeZ + z) * sizeX + x;
    for (let y = 0; y < sizeY; y++)
      for (let z = 0; z < sizeZ; z++)
        for (let x = 0; x < sizeX; x++)
          state.voxels[state.cellsPerWorld + (axis === 'x' ? sideOf(sizeX - 1 - x, y, z) : sideOf(x, y, sizeZ - 1 - z))] =
            state.voxels[sideOf(x, y, z)];
    for (let a = 0; a < program.numAgents; a++) {
      const i = program.numAgents + a;
      for (const name of ['posX', 'posY', 'posZ', 'flags', 'yaw', 'pitch'] as const) state[name][i] = state[name][a];
      if (axis === 'x') state.posX[i] = sizeX * 65536 - state.posX[a];
      else state.posZ[i] = sizeZ * 65536 - state.posZ[a];
    }
    const camera = createRayCamera(program, state, SPEC);
    const own = createImages(SPEC.channels, camera.size);
    const mirrored = createImages(SPEC.channels, camera.size);
    for (let n = 0; n < 12; n++) {
      const eye = freeEye(n + 100, program.size);
      renderFreeInto(camera, own, 0, 0, eye);
      const other =
        axis === 'x'
          ? { ...eye, xQ16: sizeX * 65536 - eye.xQ16, yaw: (0 - eye.yaw) | 0 }
          : { ...eye, zQ16: sizeZ * 65536 - eye.zQ16, yaw: (-0x80000000 - eye.yaw) | 0 };
      renderFreeInto(camera, mirrored, 0, 1, other);
      for (const channel of ['depth', 'block', 'body'] as const)
        expect(mirrored[channel], `${channel} of eye ${n}`).toEqual(flipped(own[channel]));
    }
  });

  it('turns by night dark, and shows the sky of the time', () => {
    const env = open('night-watch-v1');
    const camera = createRayCamera(env.compiled.program, env.engine.state, SPEC);
    const out = createImages(SPEC.channels, camera.size);
    const survival = env.compiled.program.survival!;
    const brightness = (share: number) => {
      env.engine.state.tick[0] = 0;
      env.engine.state.skippedTicks[0] =
        (Math.floor(survival.dayTicks * share) + survival.dayTicks - survival.dayStartTick) % survival.dayTicks;
      renderAgentInto(camera, out, 0, 0, 0);
      return out.rgb.reduce((sum, value) => sum + value, 0) / out.rgb.length;
    };
    const noon = brightness(0.25);
    const night = brightness(0.75);
    expect(night).toBeLessThan(noon / 2);
    expect(night).toBeGreaterThan(2);
  });

  it('spreads lidar beams over the circle, counter-clockwise from straight ahead, ring by ring', () => {
    const env = arena();
    const lidar = createLidar(env.compiled.program, env.engine.state, { beams: 8, ringsDeg: [0, -90], farM: 20 });
    const out = createImages(['depth'], lidar.size);
    renderAgentInto(lidar, out, 0, 0, 0);
    const plain = createImages(['depth'], lidar.size);
    renderAgentInto(lidar, plain, 0, 0, 0, 'plain');
    expect(out.depth).toEqual(plain.depth);
    // Beam 0 meets the pillar, beam 2 looks west, past the glass at the stone; the ring straight down meets the ground at eye height.
    expect(Math.abs(out.depth[0] - 2500)).toBeLessThanOrEqual(2);
    expect(Math.abs(out.depth[2] - 6500)).toBeLessThanOrEqual(2);
    expect(out.depth[6]).toBeLessThan(4000);
    for (let beam = 8; beam < 16; beam++) expect(Math.abs(out.depth[beam] - 1620)).toBeLessThanOrEqual(2);
  });
});

function flipped<T extends ImageBuffers['depth'] | ImageBuffers['face']>(picture: T): T {
  const out = picture.slice() as T;
  for (let row = 0; row < SPEC.height; row++)
    for (let column = 0; column < SPEC.width; column++)
      out[row * SPEC.width + column] = picture[row * SPEC.width + SPEC.width - 1 - column];
  return out;
}
