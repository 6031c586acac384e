/** Worlds to take pictures of, frame after frame: a recording through its player, or a scenario that is played now. One frame is one tick. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { openRecording } from '@kinovox/env';
import type { BatchState, ScenarioProgram } from '@kinovox/physics';
import { didYouMean, SCENARIO_SUFFIX, type Scenario, UsageError } from '@kinovox/world';
import { findScenario, shippedIds } from '../catalog.js';
import { recordingsOf } from './run-output.js';
import { createRunSession } from './run-session.js';

export interface PictureSource {
  scenario: Scenario;
  program: ScenarioProgram;
  state: BatchState;
  agentIds: readonly string[];
  /** Frames there are; Infinity for a scenario that is played now. */
  numFrames: number;
  /** Shows a frame; frames are asked for in ascending order. */
  seek(frame: number): void | Promise<void>;
  close(): void;
}

export interface PictureSourceOptions {
  /** Recorded row; the first when left out. */
  row?: number | undefined;
  /** For a scenario: who acts, and which levels. */
  policy: string;
  seed: number;
}

/** @param from a recording, a run folder, or a scenario by id or path. @throws UsageError when it is none of those. */
export async function openPictureSource(from: string, options: PictureSourceOptions): Promise<PictureSource> {
  if (existsSync(from) && !from.endsWith('.json')) return openRecorded(from, options.row);
  if (/[/\\]|\.kvr$/.test(from) && !existsSync(from) && !existsSync(`${from}${SCENARIO_SUFFIX}`))
    throw new UsageError(
      'no-source',
      `What is rendered must be a recording, a run folder, or a scenario by id or path; got "${from}", which is not there.${didYouMean(from, shippedIds())} Record one with "kinovox run --out ${/\.kvr$/.test(from) ? 'folder' : from}".`,
    );
  return openScenario(from, options);
}

async function openRecorded(from: string, row: number | undefined): Promise<PictureSource> {
  const paths = recordingsOf(from);
  const path = row === undefined ? paths[0] : paths.find((file) => basename(file) === `row-${row}.kvr`);
  if (path === undefined)
    throw new UsageError(
      'no-row',
      `--row must name a recorded row; got ${row} for "${from}". Recorded: ${paths.map((file) => basename(file)).join(', ')}.`,
    );
  const player = await openRecording(path);
  const { compiled, engine } = player;
  return {
    scenario: compiled.scenario,
    program: compiled.program,
    state: engine.state,
    agentIds: compiled.program.agentIds,
    numFrames: player.numFrames,
    seek: (frame) => void player.seek(frame),
    close: () => player.close(),
  };
}

async function openScenario(from: string, { policy, seed }: PictureSourceOptions): Promise<PictureSource> {
  const session = await createRunSession({
    scenarioPath: findScenario(from, 'A scenario to picture'),
    numWorlds: 1,
    seed,
    split: 'train',
    policy,
    engine: 'auto',
    out: undefined,
    recordRows: [],
    command: ['kinovox', 'render'],
  });
  const { compiled, engine } = session.env;
  return {
    scenario: compiled.scenario,
    program: compiled.program,
    state: engine.state,
    agentIds: compiled.program.agentIds,
    numFrames: Number.POSITIVE_INFINITY,
    async seek(frame) {
      while (!(await session.stepSlice(frame, Number.POSITIVE_INFINITY)));
    },
    close: () => session.env.close(),
  };
}
