/**
 * The C twin: the rules of the CPU engine, translated to C and built for this machine, in a process of its own that steps on command.
 * Same layout, same passes, same actions; equal hashes say that it is the same game. It is a yardstick for benchmarks and nothing else.
 * Needs a checkout with built packages, the `typescript` package, and a C compiler.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { hashBatch } from '../../../packages/physics/dist/index.js';
import * as world from '../../../packages/world/dist/index.js';
import { MAX_LEVELS, programText } from './program-text.js';
import { translateToC } from './translation.js';

export const COMPILER = 'cc';
export const FLAGS = ['-std=gnu11', '-O3', '-march=native', '-fwrapv', '-ffp-contract=off', '-w'];
/** Bytes of all arrays: beyond, the small code model of the compiler does not reach. */
const MAX_BYTES = 1.8e9;

/** First line of the compiler's version, or undefined without one. */
export function compilerVersion(compiler = COMPILER) {
  try {
    return execFileSync(compiler, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n')[0];
  } catch {
    return undefined;
  }
}

/**
 * Builds and starts a twin.
 * @param input program, variants, numWorlds, seed, ring: `[ticks]` of `[B, A, F]` f32 actions, played round from the first
 * @param flags of the compiler; `FLAGS` for anything that is timed
 * @returns `{ twin }`, or `{ reason }`: a sentence why there is none
 */
export function createTwin(input, compiler = COMPILER, flags = FLAGS) {
  const { program, numWorlds } = input;
  if (compilerVersion(compiler) === undefined) return { reason: `no C compiler: "${compiler} --version" does not run` };
  if (program.numProps > 0) return { reason: `${program.id} has props, which the twin does not know` };
  if (program.numVariants > MAX_LEVELS)
    return { reason: `${program.id} draws from ${program.numVariants} levels; the twin holds at most ${MAX_LEVELS}` };
  const folder = mkdtempSync(join(tmpdir(), 'kinovox-c-twin-'));
  try {
    const text = programText(translateToC(world), input);
    const bytes = [...text.before.matchAll(/^static (\w+) \w+\[(\d+)\]/gm)].reduce(
      (sum, [, type, length]) => sum + SIZES[type] * length,
      0,
    );
    if (bytes > MAX_BYTES)
      throw new TooLarge(`${numWorlds} worlds of ${program.id} take ${bytes} bytes; the twin holds at most ${MAX_BYTES}`);
    const own = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');
    const source = [own('prelude.c'), text.before, own('level.c'), ...text.functions, text.after, own('main.c')].join('\n\n');
    writeFileSync(join(folder, 'twin.c'), source);
    writeFileSync(join(folder, 'data.bin'), Buffer.concat(text.data));
    compile(compiler, flags, folder);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    if (error instanceof TooLarge) return { reason: error.message };
    throw error;
  }
  return { twin: startTwin(folder) };
}

function compile(compiler, flags, folder) {
  try {
    execFileSync(compiler, [...flags, '-o', join(folder, 'twin'), join(folder, 'twin.c'), '-lm'], {
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  } catch (error) {
    throw new Error(
      `The C twin must compile with ${compiler} ${flags.join(' ')}; got ${error.stderr?.split('\n').slice(0, 8).join('\n')}`,
      { cause: error },
    );
  }
}

class TooLarge extends Error {}
const SIZES = { int32_t: 4, uint8_t: 1, uint16_t: 2, int16_t: 2, float: 4 };

function startTwin(folder) {
  const child = spawn(join(folder, 'twin'), [join(folder, 'data.bin')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = [];
  let ended;
  const end = (why) => {
    ended ??= new Error(`The C twin must answer every command; it ended: ${why}.`);
    for (const { reject } of waiting.splice(0)) reject(ended);
  };
  child.on('error', (error) => end(error.message));
  child.on('exit', (code, signal) => end(signal ?? `exit code ${code}`));
  child.stdin.on('error', (error) => end(error.message));
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(line.split(' ')));
  const ask = (command) =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) {
        reject(ended);
        return;
      }
      waiting.push({ resolve, reject });
      child.stdin.write(`${command}\n`);
    });
  return {
    /** Steps; the actions go on in the ring. @returns seconds of processor time that it took. */
    step: async (ticks) => Number((await ask(`s ${ticks}`))[0]),
    /** @returns the hash of the batch, and the checksum of `checksumOf`. */
    async hash() {
      const [hash, checksum] = await ask('h');
      return { hash, checksum: Number(checksum) };
    },
    /** Seconds of processor time for 2^28 dependent rounds of `mix32`: figures of two machines compare by it. */
    calibrate: async () => Number((await ask('c'))[0]),
    close() {
      child.stdin.end();
      child.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What `hash` of a twin must be, of an engine. */
export function hashOf(engine) {
  return { hash: hashBatch(engine.state), checksum: checksumOf(engine) };
}

/** Of cells, solidity, observations and outputs, in the order of `checksum` in main.c. */
function checksumOf({ state, observations, outputs }) {
  const parts = [state.voxels, state.rows, observations.vector, observations.finalVector, observations.crop];
  return [...parts, outputs.rewards, outputs.terminated, outputs.truncated, outputs.endHash].reduce(sumBytes, 2166136261) >>> 0;
}

function sumBytes(sum, { buffer, byteOffset, byteLength }) {
  const words = new Int32Array(buffer, byteOffset, byteLength >> 2);
  const rest = new Uint8Array(buffer, byteOffset + 4 * words.length, byteLength & 3);
  let to = sum;
  for (let k = 0; k < words.length; k++) to = Math.imul(to ^ words[k], 16777619);
  for (let k = 0; k < rest.length; k++) to = Math.imul(to ^ rest[k], 16777619);
  return to;
}
