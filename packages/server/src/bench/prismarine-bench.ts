/**
 * The engine `cpu` beside prismarine-physics, the JavaScript physics of Minecraft that bots run on: players on the same levels with the same keys, in turns.
 * The packages are no dependency: `test/bench/prismarine` installs them into a scratch folder, only when asked to.
 */
import { existsSync } from 'node:fs';
import type { CompiledScenario } from '@kinovox/env';
import { createCpuSubject } from './bench-load.js';
import { compareInTurns } from './turns.js';

export interface PrismarineOptions {
  compiled: CompiledScenario;
  worlds: number;
  rounds: number;
  /** Install the packages where they are missing: 440 MB in the folder for temporary files. */
  install: boolean;
  onProgress?(done: number): void;
}

export type PrismarineResult =
  | {
      status: 'measured';
      /** Agent-steps of `cpu` by player-ticks, over prismarine-world and over a stub. */
      vsWorld: number;
      vsStub: number;
      figures: { world: number; stub: number; cpu: number };
      note: string;
    }
  | { status: 'absent'; reason: string };

interface Players {
  step(ticks: number): number;
}
interface PlayersModule {
  isInstalled(): boolean;
  createPlayers(input: object): Players;
}

const MODULE = new URL('../../../../test/bench/prismarine/players.js', import.meta.url);
const PLAYERS = 8;
/** Ticks of a turn: about 20 ms each. */
const TURN_TICKS = { cpu: 4, world: 50, stub: 300 };
const TURNS_PER_ROUND = 5;
const WARM_UP_ROUNDS = 3;

export async function benchAgainstPrismarine(options: PrismarineOptions): Promise<PrismarineResult> {
  const { compiled, worlds, rounds, install, onProgress } = options;
  if (!existsSync(MODULE))
    return { status: 'absent', reason: 'the comparison is not here: it stands in test/bench/prismarine of a checkout' };
  const module: PlayersModule = await import(MODULE.href);
  if (!install && !module.isInstalled())
    return {
      status: 'absent',
      reason: 'prismarine-physics is not installed; --prismarine installs it into the folder for temporary files (440 MB)',
    };
  let players: Record<'world' | 'stub', Players>;
  const subject = createCpuSubject(compiled, worlds);
  try {
    const levels = compiled.playableLevels('train');
    const input = { program: compiled.program, levels: Array.from({ length: PLAYERS }, (_, v) => levels.get(v)), ring: subject.ring };
    players = { world: module.createPlayers({ ...input, kind: 'world' }), stub: module.createPlayers({ ...input, kind: 'stub' }) };
  } catch (error) {
    return { status: 'absent', reason: `prismarine-physics could not be loaded: ${(error as Error).message.split('\n')[0]}` };
  }
  const result = compareInTurns(
    [
      { turn: () => subject.play(TURN_TICKS.cpu) },
      { turn: () => players.world.step(TURN_TICKS.world) },
      { turn: () => players.stub.step(TURN_TICKS.stub) },
    ],
    { rounds, turnsPerRound: TURNS_PER_ROUND, warmUpRounds: WARM_UP_ROUNDS, onRound: (done) => onProgress?.(done) },
  );
  subject.engine.dispose();
  return {
    status: 'measured',
    vsWorld: result.ratio(0, 1),
    vsStub: result.ratio(0, 2),
    figures: { cpu: result.rate(0), world: result.rate(1), stub: result.rate(2) },
    note: 'prismarine: prismarine-physics 1.11.1 for Minecraft 1.20.1, players on the same levels with the same keys. vsPrismarine has it over prismarine-world and prismarine-chunk, as mineflayer runs it; vsPrismarineStub over a flat list of cells that knows stone and air alone. Its rules have more: blocks that are no full cubes, steps of half a block, lava, cobwebs, honey, bubble columns, soul sand, elytra, effects, enchantments and attributes. Ours have more: digging, placing, items, walkers that push each other, a task with rewards, observations, resets, and a hash of every edit.',
  };
}
