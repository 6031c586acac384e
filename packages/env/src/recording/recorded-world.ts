/** The one world of a recording: its scenario compiled again, an engine, and keyframes put into it. */
import { type Engine, RULES_VERSION, type WorldSnapshot } from '@kinovox/physics';
import { ACTION_WORDS, AIR_INDEX, ProtocolError, parseScenario, type Split } from '@kinovox/world';
import { type CompiledScenario, compileScenario } from '../compile-scenario.js';
import { createEngine, ENGINE_NAMES, type EngineName } from '../engine-choice.js';
import type { KeyframeEntry, TickEntry } from './format.js';
import type { Recording } from './reader.js';

export interface RecordedWorld {
  compiled: CompiledScenario;
  /** One world, autoreset off. */
  engine: Engine;
  /** Whether the same rules run here as when it was recorded; only then can states be compared. */
  sameRules: boolean;
  /** Puts a keyframe into the world. `base` is the full keyframe that a sparse one refers to. */
  restore(frame: KeyframeEntry, base: KeyframeEntry): void;
  /** Recorded actions are differences, which begin at zero after every keyframe. */
  clearActions(): void;
  /** Steps one tick with the recorded actions. */
  step(tick: TickEntry): void;
}

/** @throws ProtocolError or ScenarioError when the recording's scenario cannot be built here. */
export async function createRecordedWorld(
  recording: Recording,
  { rulesVersion = RULES_VERSION, observe = false }: { rulesVersion?: number; observe?: boolean } = {},
): Promise<RecordedWorld> {
  const { header, where } = recording;
  const scenario = parseScenario(header.scenario, `the scenario in ${where}`);
  const compiled = compileScenario(scenario, { readFile: (path) => fileOf(recording, path) });
  const sameRules = header.rulesVersion === rulesVersion;
  if (sameRules && compiled.program.scenarioHash !== header.scenarioHash) {
    throw new ProtocolError(
      'recording-scenario',
      `A recording's scenario must have the hash ${header.scenarioHash} of its header; got ${compiled.program.scenarioHash} in ${where}. The file was put together from parts; take another copy.`,
    );
  }
  const name = (ENGINE_NAMES as readonly string[]).includes(header.engine) ? (header.engine as EngineName) : 'auto';
  const engine = await createEngine(name, compiled, {
    numWorlds: 1,
    seed: 0,
    split: header.split as Split,
    autoreset: false,
    observe,
  });
  const toWords = wordMap(recording, engine);
  const toPalette = paletteMap(recording, compiled);
  const words = new Int32Array(compiled.program.numAgents * ACTION_WORDS);
  return {
    compiled,
    engine,
    sameRules,
    restore(frame, base) {
      words.fill(0);
      engine.restore(0, snapshotOf(frame, base, toWords, toPalette, recording));
    },
    clearActions() {
      words.fill(0);
    },
    step(tick) {
      for (let i = 0; i < tick.changes.length; i += 2) words[tick.changes[i]] = tick.changes[i + 1];
      engine.buffers.actionWords.set(words);
      engine.step();
    },
  };
}

function snapshotOf(
  frame: KeyframeEntry,
  base: KeyframeEntry,
  toWords: (words: Int32Array) => Int32Array,
  toPalette: Uint8Array,
  recording: Recording,
): WorldSnapshot {
  const recorded = base.voxels;
  if (recorded === undefined)
    throw new ProtocolError(
      'recording-keyframe',
      `A sparse keyframe must follow a full one of its episode; got none before tick ${frame.tick} of ${recording.where}. The file was put together from parts; take another copy.`,
    );
  const voxels = (frame.voxels ?? recorded).slice();
  const cells = frame.cells ?? new Int32Array(0);
  for (let i = 0; i < cells.length; i += 2) voxels[cells[i]] = cells[i + 1];
  for (let cell = 0; cell < voxels.length; cell++) voxels[cell] = toPalette[voxels[cell]];
  return { words: toWords(frame.words), voxels, variant: frame.variant, ...(frame.rigid.length === 0 ? {} : { rigid: frame.rigid }) };
}

/** Recorded words in this engine's layout, by field id: fields that this version adds stand at their default. */
function wordMap(recording: Recording, engine: Engine): (words: Int32Array) => Int32Array {
  const offsets = new Map<number, { offset: number; words: number }>();
  let offset = 0;
  for (const field of recording.header.layout) {
    offsets.set(field.id, { offset, words: field.words });
    offset += field.words;
  }
  const total = offset;
  return (words) => {
    if (words.length !== total)
      throw new ProtocolError(
        'recording-keyframe',
        `A keyframe of ${recording.where} must hold ${total} words; got ${words.length}. The file is damaged; take another copy.`,
      );
    const { fields } = engine.state.layout;
    const mapped = new Int32Array(fields.reduce((sum, field) => sum + field.wordsPerWorld, 0));
    let at = 0;
    for (const field of fields) {
      const from = offsets.get(field.id);
      mapped.fill(field.defaultValue, at, at + field.wordsPerWorld);
      if (from !== undefined) mapped.set(words.subarray(from.offset, from.offset + Math.min(from.words, field.wordsPerWorld)), at);
      at += field.wordsPerWorld;
    }
    return mapped;
  };
}

/** This build's palette index of each recorded one, by block name; blocks that are gone become air. */
function paletteMap(recording: Recording, compiled: CompiledScenario): Uint8Array {
  const map = new Uint8Array(256);
  recording.header.palette.forEach((name, index) => {
    const own = compiled.palette.names.indexOf(name);
    map[index] = own < 0 ? AIR_INDEX : own;
  });
  return map;
}

function fileOf(recording: Recording, path: string): Uint8Array {
  const base64 = recording.header.files[path];
  if (base64 === undefined)
    throw new ProtocolError(
      'recording-file',
      `A recording must carry the structure files of its scenario; got none named "${path}" in ${recording.where}. The file was put together from parts; take another copy.`,
    );
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
