/** Batches of crates with and without threads, side by side, for the tests of the rigid pool. */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileScenario } from '@kinovox/env';
import { createRigidEngine, createRigidPoolEngine, type Engine, hashBatch, type RigidCrew } from '@kinovox/physics';
import { MAX_EVENTS_PER_TICK, parseScenario, type ScenarioInput } from '@kinovox/world';
import { launchRigidCrew } from '../../packages/env/src/rigid-crew.js';
import { arena, crateAt, patternActions, walkerAt } from './rigid-worlds.js';

/** Two walkers among crates; an episode takes 45 ticks, so that rows begin anew while they are watched. */
export function shortEpisodes(): ScenarioInput {
  const crates = [
    crateAt(10.5, 4.5, 16.5),
    crateAt(10.5, 5.5, 16.5, { id: 'upper' }),
    crateAt(13.5, 6.5, 17.5, { id: 'third', massKg: 8 }),
  ];
  return arena(crates, [walkerAt(8.5, 16.5), walkerAt(8.5, 17.5, -80, 'bob')], {
    world: { size: [20, 12, 32], terrain: { generator: 'flat', ground: 4 } },
    episode: { maxTicks: 45, variants: 2 },
  });
}

export const WORLDS = 5;

export interface PlantOptions {
  row: number;
  tick: number;
  part: string;
  times: number;
  kind: 'trap' | 'throw' | 'refuse' | 'long' | 'end';
}

export interface Pool {
  engine: Engine;
  crew: RigidCrew;
  /** How often each of the plants came up. */
  fired(): number[];
}

export async function reference(scenario = shortEpisodes(), numWorlds = WORLDS): Promise<Engine> {
  return createRigidEngine(optionsOf(scenario, numWorlds).options);
}

export function pool(threads: number, plants: readonly PlantOptions[] = [], scenario = shortEpisodes(), numWorlds = WORLDS): Pool {
  const { compiled, options } = optionsOf(scenario, numWorlds);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rigid-plant-'));
  const address = pathToFileURL(path.resolve(import.meta.dirname, 'rigid-plant.js'));
  address.searchParams.set('folder', folder);
  address.searchParams.set('plants', JSON.stringify(plants));
  let crew: RigidCrew | undefined;
  const engine = createRigidPoolEngine({
    ...options,
    threads,
    launch(control) {
      crew = launchRigidCrew(compiled, 'train', control, plants.length === 0 ? undefined : address.href);
      return crew;
    },
  });
  const countOf = (file: string) => (fs.existsSync(file) ? fs.statSync(file).size : 0);
  return { engine, crew: crew!, fired: () => plants.map((_, n) => countOf(path.join(folder, String(n)))) };
}

function optionsOf(scenario: ScenarioInput, numWorlds: number) {
  const compiled = compileScenario(parseScenario(scenario, scenario.id));
  const options = { program: compiled.program, variants: compiled.playableLevels('train'), numWorlds, seed: 31 };
  return { compiled, options };
}

/** One tick of a walk that turns, stops and jumps. */
export function tick(engine: Engine, t: number): void {
  patternActions(engine, t);
  engine.step();
}

/** All that a step gives, by name, each array as a digest. */
export function resultsOf({ outputs, observations, buffers, state }: Engine): Record<string, string> {
  const { vector, finalVector } = observations;
  const { events, eventCount, editCount, pushedProps } = buffers;
  const told = createHash('sha1');
  const perWorld = events.length / eventCount.length;
  // Events beyond the count are those of earlier ticks.
  eventCount.forEach((count, w) => {
    told.update(bytesOf(events.slice(w * perWorld, w * perWorld + (count * perWorld) / MAX_EVENTS_PER_TICK)));
  });
  const arrays = { ...outputs, vector, finalVector, eventCount, editCount, pushedProps };
  const digests = Object.entries(arrays).map(([name, array]) => [name, createHash('sha1').update(bytesOf(array)).digest('hex')]);
  return { ...Object.fromEntries(digests), events: told.digest('hex'), state: hashBatch(state) };
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}
