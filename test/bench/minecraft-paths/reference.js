/**
 * The other side of the comparison: prismarine-physics with Minecraft 1.20.1 data. It is no dependency of the project: this file installs it into a folder
 * of the system's temporary directory (about 440 MB, nearly all of it block data of other versions) and uses what is there the next time.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SIZE } from './problems.js';

export const REFERENCE = { 'prismarine-physics': '1.11.1', 'minecraft-data': '3.117.0', vec3: '0.2.0' };
export const MINECRAFT_VERSION = '1.20.1';
const FOLDER = join(tmpdir(), 'kinovox-minecraft-paths');

/** Loads the packages, installing them first where they are missing. */
export function loadReference() {
  const require = installPackages(REFERENCE);
  return { Physics: require('prismarine-physics').Physics, data: require('minecraft-data')(MINECRAFT_VERSION), Vec3: require('vec3').Vec3 };
}

/** Whether packages, versions by name, lie in the scratch folder. */
export function arePackagesInstalled(packages, folder = FOLDER) {
  return Object.keys(packages).every((name) => existsSync(join(folder, 'node_modules', name, 'package.json')));
}

/**
 * Installs packages into a scratch folder where they are missing.
 * @param packages versions by name
 * @returns the folder's `require`. @throws Error when the folder holds another version, and when npm cannot install them.
 */
export function installPackages(packages, folder = FOLDER, size = '440 MB') {
  const manifest = join(folder, 'package.json');
  if (!arePackagesInstalled(packages, folder)) {
    mkdirSync(folder, { recursive: true });
    if (!existsSync(manifest)) writeFileSync(manifest, JSON.stringify({ private: true }));
    const wanted = Object.entries(packages).map(([name, version]) => `${name}@${version}`);
    process.stderr.write(`Installing ${wanted.join(', ')} into ${folder} (${size})\n`);
    try {
      execFileSync('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', ...wanted], {
        stdio: ['ignore', 'ignore', 'pipe'],
        shell: process.platform === 'win32',
      });
    } catch (error) {
      const [, code] = /^npm error code (.+)$/m.exec(String(error.stderr)) ?? [undefined, error.code ?? error.message];
      throw new Error(
        `npm must install ${wanted.join(' and ')} into ${folder}, which takes its registry; got ${code}. Go online and run again.`,
      );
    }
  }
  const require = createRequire(manifest);
  for (const [name, version] of Object.entries(packages)) {
    const found = JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version;
    if (found !== version)
      throw new Error(`The comparison needs ${name} ${version}; ${folder} holds ${found}. Delete that folder and run again.`);
  }
  return require;
}

/**
 * Path of a problem: feet x, y, z, and whether on the ground, after each tick.
 * Outside the terrain lies stone at the sides and below, and air above, as the rules of Kinovox have it.
 */
export function referencePath({ Physics, data, Vec3 }, problem) {
  const world = { getBlock: (position) => blockAt(problem.blocks, data, position.floored()) };
  const physics = Physics(data, world);
  const player = createPlayer(new Vec3(...problem.start), new Vec3(0, 0, 0));
  return problem.keys.map((keys) => {
    Object.assign(player.control, keys);
    player.yaw = (keys.yaw4096 / 4096) * 2 * Math.PI;
    physics.simulatePlayer(player, world);
    return [player.pos.x, player.pos.y, player.pos.z, player.onGround ? 1 : 0];
  });
}

const FULL_CUBE = [[0, 0, 0, 1, 1, 1]];
const NO_SHAPE = [];

function blockAt(blocks, data, position) {
  const [sizeX, sizeY, sizeZ] = SIZE;
  const { x, y, z } = position;
  const outside = x < 0 || z < 0 || y < 0 || x >= sizeX || z >= sizeZ;
  const name = outside ? 'stone' : y >= sizeY ? 'air' : (blocks[(y * sizeZ + z) * sizeX + x] ?? 'air');
  const solid = name !== 'air' && name !== 'water';
  // metadata 0 is a source block: full, still water.
  return {
    type: data.blocksByName[name].id,
    position,
    metadata: 0,
    shapes: solid ? FULL_CUBE : NO_SHAPE,
    boundingBox: solid ? 'block' : 'empty',
  };
}

/** A player without effects, enchantments or attributes, as PlayerState of the package lays it out. */
export function createPlayer(pos, vel) {
  return {
    pos,
    vel,
    onGround: false,
    isInWater: false,
    isInLava: false,
    isInWeb: false,
    isCollidedHorizontally: false,
    isCollidedVertically: false,
    elytraFlying: false,
    elytraEquipped: false,
    jumpTicks: 0,
    jumpQueued: false,
    fireworkRocketDuration: 0,
    attributes: {},
    yaw: 0,
    pitch: 0,
    control: { forward: false, back: false, left: false, right: false, jump: false, sprint: false, sneak: false },
    jumpBoost: 0,
    speed: 0,
    slowness: 0,
    dolphinsGrace: 0,
    slowFalling: 0,
    levitation: 0,
    depthStrider: 0,
  };
}
