/**
 * What engines do with the rows of a context: start episodes, step worlds [w0, w1), keep what is asked of episodes that end.
 * Nothing here reaches beyond its rows, so threads may do it side by side, each with a context of its own over the same arrays.
 */
import { splitSeed } from '@kinovox/world';
import { hashWorldInto } from '../batch-state.js';
import { SHOW, type Show } from '../engine.js';
import { observeWorlds } from '../observe/observe.js';
import { createPictureTracer } from '../observe/pictures.js';
import type { TickContext } from '../stages/context.js';
import { maskAbilities } from '../stages/decode.js';
import { startEpisode } from '../stages/reset.js';
import { runStages, STAGES, type Stage, WORLDS_PER_PASS } from '../tick.js';
import type { Containment } from './containment.js';
import { fetchAhead } from './fetch-ahead.js';

export interface RowOptions {
  /** Reset ended worlds inside the step that ends them. */
  autoreset: boolean;
  /** Compute observations each step. */
  observing: boolean;
  stages?: readonly Stage[] | undefined;
  /** Keeps what fails in one world from the others. */
  containment: Containment;
  /** Called after a row's episode began, before it is observed. */
  afterStart?: ((c: TickContext, w: number) => void) | undefined;
}

/** Gives row w a seed; its next start plays episode 0 of it. */
export function seedRow({ state }: TickContext, w: number, seed: number): void {
  const { low, high } = splitSeed(seed);
  state.rowSeedLow[w] = low;
  state.rowSeedHigh[w] = high;
  state.episode[w] = 0;
}

export function startRow(c: TickContext, w: number, { afterStart }: Pick<RowOptions, 'afterStart'>): void {
  startEpisode(c, w);
  afterStart?.(c, w);
}

/** `startRow`; once more, with the next episode, when it fails: a level or a world of bodies that cannot be made is one episode's. That none can be made is the batch's failure. */
export function startRowOrNext(c: TickContext, w: number, options: Pick<RowOptions, 'afterStart' | 'containment'>): void {
  try {
    startRow(c, w, options);
  } catch (error) {
    options.containment.tell(w, error);
    c.state.episode[w]++;
    startRow(c, w, options);
  }
}

/** What agents see of rows, into the current observations or into the last ones of an episode; with scratch of its own, for one thread. */
export interface RowObserver {
  /** @param pictures whether the pictures too (default true). */
  observe(w0: number, w1: number, pictures?: boolean): void;
  /** @param pictures whether the pictures too: without autoreset the current ones are the last. */
  observeEnd(w: number, pictures: boolean): void;
  /** Zeros in place of what row w's agents see now, or saw last. */
  blank(w: number, final: boolean): void;
}

export function createRowObserver(c: TickContext): RowObserver {
  const { observations } = c;
  const trace = createPictureTracer(c.program, c.state);
  return {
    observe(w0, w1, pictures = true) {
      observeWorlds(c, w0, w1, observations.vector, observations.crop);
      if (pictures) trace?.(w0, w1, observations.pictures);
    },
    observeEnd(w, pictures) {
      observeWorlds(c, w, w + 1, observations.finalVector, observations.finalCrop);
      if (pictures) trace?.(w, w + 1, observations.finalPictures);
    },
    blank(w, final) {
      const { numWorlds } = c.state.layout;
      for (const array of final ? [observations.finalVector, observations.finalCrop] : [observations.vector, observations.crop])
        array.fill(0, (w * array.length) / numWorlds, ((w + 1) * array.length) / numWorlds);
    },
  };
}

/** A function that steps those of the worlds [w0, w1) that are not held by one tick with the words in `buffers.actionWords`. */
export function createRowStep(c: TickContext, w0: number, w1: number, options: RowOptions): (show?: Show) => void {
  const { state, outputs, program, held } = c;
  const { autoreset, observing, containment } = options;
  const stages = containment.around(options.stages ?? STAGES);
  const { actionWords } = c.buffers;
  const lanes = new Uint32Array(2);
  const observer = createRowObserver(c);
  const observe = (from: number, to: number, pictures: boolean) => {
    try {
      observer.observe(from, to, pictures);
    } catch (error) {
      // An observation depends on nothing but its own world: what fails for all is shown for each, and one that fails again is blank.
      if (to - from > 1) for (let w = from; w < to; w++) observe(w, w + 1, pictures);
      else {
        containment.failNext(from, error);
        observer.blank(from, false);
      }
    }
  };
  const observeEnd = (w: number) => {
    try {
      observer.observeEnd(w, autoreset);
    } catch (error) {
      containment.tell(w, error);
      observer.blank(w, true);
    }
  };
  const endRow = (w: number) => {
    outputs.ended[w] = 1;
    outputs.endStatus[w] = state.status[w];
    outputs.endTicks[w] = state.tick[w];
    outputs.endProgress[w] = outputs.rootProgress[w * program.monitor.roots.length];
    hashWorldInto(lanes, state, w);
    outputs.endHash[2 * w] = lanes[0];
    outputs.endHash[2 * w + 1] = lanes[1];
    if (observing) observeEnd(w);
    c.ending[w] = 0;
    if (!autoreset) return;
    state.episode[w]++;
    startRowOrNext(c, w, options);
  };
  const tick = (from: number, to: number) => {
    fetchAhead(c, from, to);
    maskAbilities(program, actionWords, from, to);
    containment.beginPass(from, to);
    runStages(c, from, to, stages);
    containment.endFailed(c, from, to);
    for (let w = from; w < to; w++) if (c.ending[w] === 1) endRow(w);
  };
  return (show = SHOW.everything) => {
    outputs.ended.fill(0, w0, w1);
    outputs.endStatus.fill(0, w0, w1);
    // A pass of worlds goes through everything before the next one: what its stages wrote is still in cache when its agents are shown it.
    for (let from = w0; from < w1; from += WORLDS_PER_PASS) {
      const to = Math.min(w1, from + WORLDS_PER_PASS);
      // Stages take neighbouring worlds together; those that are held lie between.
      for (let w = from; w < to; w++) {
        if (held[w] !== 0) continue;
        const first = w;
        while (w < to && held[w] === 0) w++;
        tick(first, w);
      }
      if (observing && show !== SHOW.nothing) observe(from, to, show === SHOW.everything);
    }
  };
}
