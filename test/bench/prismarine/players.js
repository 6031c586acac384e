/**
 * prismarine-physics as a yardstick of speed: players of Minecraft 1.20.1 on the very levels of a scenario, with the keys of our agents, one world each.
 * Two worlds below the same physics: `world` is prismarine-world with prismarine-chunk, as mineflayer runs it; `stub` looks cells up in a flat list of names,
 * which is less than any user of the package gets away with. No dependency of the project: see `minecraft-paths/reference.js`, whose folder it shares.
 */
import { ACTION_FIELDS, ACTION_SPEC } from '../../../packages/world/dist/index.js';
import { arePackagesInstalled, createPlayer, installPackages, MINECRAFT_VERSION, REFERENCE } from '../minecraft-paths/reference.js';

export const PACKAGES = { ...REFERENCE, 'prismarine-world': '3.7.0', 'prismarine-chunk': '1.41.0' };
export const isInstalled = () => arePackagesInstalled(PACKAGES);

const COLUMN = Object.fromEntries(ACTION_SPEC.map(({ name }, k) => [name, k]));
/** Ticks after which a player stands at its spawn again. */
const EPISODE_TICKS = 256;
const Q16 = 65536;
/** Columns of stone around a level, for its walls: players cannot leave the world of Kinovox. */
const MARGIN = 16;

/**
 * Players with their worlds; loads the packages, installing them where they are missing.
 * @param levels `VariantData` of the scenario, one player on each
 * @param ring `[ticks]` of `[agents, F]` f32 actions; player k plays row k
 * @param kind `world` or `stub`
 * @returns `step(ticks)`: plays on and returns player-ticks; `positions()` of the players now
 */
export function createPlayers({ program, levels, ring, kind }) {
  const require = installPackages(PACKAGES);
  const data = require('minecraft-data')(MINECRAFT_VERSION);
  const { Vec3 } = require('vec3');
  const { Physics } = require('prismarine-physics');
  const worldOf = kind === 'world' ? chunkWorlds(require, data, Vec3) : stubWorld(data);
  const players = levels.map((level, k) => {
    const world = worldOf(program, level);
    return { k, level, world, physics: Physics(data, world), state: undefined };
  });
  let tick = 0;
  const spawn = ({ level }) => {
    const [x, y, z] = level.spawnPoints;
    return createPlayer(new Vec3(x / Q16, y / Q16, z / Q16), new Vec3(0, 0, 0));
  };
  const play = (player) => {
    if ((tick + 37 * player.k) % EPISODE_TICKS === 0 || player.state === undefined) player.state = spawn(player);
    const { state } = player;
    press(state, ring[tick % ring.length], player.k * ACTION_FIELDS);
    player.physics.simulatePlayer(state, player.world);
  };
  return {
    step(ticks) {
      for (const end = tick + ticks; tick < end; tick++) for (const player of players) play(player);
      return ticks * players.length;
    },
    positions: () => players.map(({ state }) => [state.pos.x, state.pos.y, state.pos.z]),
  };
}

/** Analogue axes become keys. */
function press(state, actions, at) {
  const { control } = state;
  const forward = actions[at + COLUMN.forward];
  const strafe = actions[at + COLUMN.strafe];
  control.forward = forward > 0;
  control.back = forward < 0;
  control.right = strafe > 0;
  control.left = strafe < 0;
  control.jump = actions[at + COLUMN.jump] > 0;
  control.sprint = actions[at + COLUMN.sprint] > 0;
  control.sneak = actions[at + COLUMN.sneak] > 0;
  state.yaw += actions[at + COLUMN.turn];
}

const isSolid = (program, level, x, y, z) => {
  const [sizeX, sizeY, sizeZ] = program.size;
  if (y >= sizeY) return false;
  if (x < 0 || z < 0 || y < 0 || x >= sizeX || z >= sizeZ) return true;
  return program.blocks.solid[level.voxels[(y * sizeZ + z) * sizeX + x]] === 1;
};

const FULL_CUBE = [[0, 0, 0, 1, 1, 1]];
const NO_SHAPE = [];

function stubWorld(data) {
  const stone = data.blocksByName.stone.id;
  const air = data.blocksByName.air.id;
  return (program, level) => ({
    getBlock(at) {
      const position = at.floored();
      const solid = isSolid(program, level, position.x, position.y, position.z);
      return {
        type: solid ? stone : air,
        position,
        metadata: 0,
        shapes: solid ? FULL_CUBE : NO_SHAPE,
        boundingBox: solid ? 'block' : 'empty',
      };
    },
  });
}

function chunkWorlds(require, data, Vec3) {
  const Chunk = require('prismarine-chunk')(MINECRAFT_VERSION);
  const World = require('prismarine-world')(MINECRAFT_VERSION);
  const stone = data.blocksByName.stone.defaultState;
  return (program, level) => {
    const [sizeX, sizeY, sizeZ] = program.size;
    const world = new World(null, null, 0).sync;
    const edge = (size) => Math.ceil((size + MARGIN) / 16);
    for (let chunkX = -1; chunkX < edge(sizeX); chunkX++) {
      for (let chunkZ = -1; chunkZ < edge(sizeZ); chunkZ++) {
        const chunk = new Chunk({ minY: -64, worldHeight: 384 });
        for (let y = -1; y < sizeY; y++)
          for (let z = 0; z < 16; z++)
            for (let x = 0; x < 16; x++)
              if (isSolid(program, level, 16 * chunkX + x, y, 16 * chunkZ + z)) chunk.setBlockStateId(new Vec3(x, y, z), stone);
        world.setColumn(chunkX, chunkZ, chunk);
      }
    }
    return world;
  };
}
