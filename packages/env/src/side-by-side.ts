/**
 * Both tiers side by side: a scenario on `cpu` and on `rigid`, with the same levels, seeds and actions, compared after every tick by the parts of the state hash.
 * A scenario without props has props that nobody can reach on the rigid side; one with props is played without them on the batch side.
 * A row whose episode ends on either side is reset on both, so that both always play the same episode.
 */
import { HASH_PARTS, type HashPart, hashPartsInto, hasMovingProp, leastPropDistance } from '@kinovox/physics';
import { type Split, UsageError } from '@kinovox/world';
import type { ActionProfile } from './actions/profile.js';
import { type BatchEnv, createBatchEnv } from './batch-env.js';
import type { ObservationChoice } from './observation-choice.js';
import { withoutProps, withPropsOutOfReach } from './prop-twins.js';
import { loadScenario, type ScenarioSource } from './scenario-source.js';

export interface SideBySideOptions {
  scenario: ScenarioSource;
  /** Ticks of every row, whatever number of episodes they are. */
  ticks: number;
  /** Row r plays seed + r; default 0. */
  seed?: number | undefined;
  /** Default 1. */
  numWorlds?: number | undefined;
  /** Default `train`. */
  split?: Split | undefined;
  /** Default: what the scenario says. */
  actionProfile?: ActionProfile | undefined;
  /** What the side that is decided on shows; the other one shows nothing. */
  observation?: ObservationChoice | undefined;
  /** Given the side that is decided on: the batch side, or the rigid one where the scenario has props. @returns what gives the actions of the tick to come. */
  decide(env: BatchEnv): () => Float32Array;
  /** Called after every tick. */
  onTick?: ((done: number) => void) | undefined;
}

/** Where both sides were not the same for the first time. */
export interface Divergence {
  /** Ticks that the rows had taken; 0 is before the first. */
  tick: number;
  row: number;
  /** Of that row, and the ticks of this episode. */
  episode: number;
  episodeTick: number;
  /** What differed, props left out. */
  parts: HashPart[];
}

export interface SideBySide {
  scenario: string;
  /** What the rigid side has that the batch side has not: props that nobody can reach, or the scenario's own. */
  props: 'out-of-reach' | 'own';
  numProps: number;
  ticks: number;
  worlds: number;
  /** Ended on the rigid side. */
  episodes: number;
  /** Where agents, voxels, monitors or the rest differed first; null where they never did. */
  firstDivergence: Divergence | null;
  /** By part, the tick after which it differed first; null for never. */
  firstTickByPart: Record<Exclude<HashPart, 'props'>, number | null>;
  /** Largest distance between the places of one agent on the two sides, in blocks. */
  maxPositionError: number;
  /** Least distance between an agent and a prop, box to box, in blocks; null without any. */
  leastPropDistance: number | null;
  /** Share of the row-ticks in which a prop was awake and had a speed. */
  movingShare: number;
  /** Worlds that failed, on both sides together. */
  crashes: number;
}

/** Steps both sides. @throws UsageError for a scenario with vehicles, which the batch tier does not have; UsageError, ShapeError or ScenarioError as `createBatchEnv`. */
export async function stepSideBySide(options: SideBySideOptions): Promise<SideBySide> {
  const { ticks, seed = 0, numWorlds = 1, split = 'train', actionProfile, observation, decide, onTick } = options;
  const compiled = loadScenario(options.scenario);
  if (compiled.program.vehicles !== undefined)
    throw new UsageError(
      'compare-vehicles',
      `A scenario that is compared must have agents that both tiers can move; got vehicles in ${compiled.program.id}. Compare one whose agents walk.`,
    );
  const hasOwn = compiled.program.numProps > 0;
  const settings = { seed, numWorlds, split, actionProfile, autoreset: 'disabled' } as const;
  const shown = { observation, observe: true };
  const hidden = { observe: false };
  const batch = await createBatchEnv({
    ...settings,
    ...(hasOwn ? hidden : shown),
    scenario: hasOwn ? withoutProps(compiled) : compiled,
    engine: 'cpu',
  });
  try {
    const scenario = hasOwn ? compiled : withPropsOutOfReach(compiled);
    const rigid = await createBatchEnv({ ...settings, ...(hasOwn ? shown : hidden), scenario, engine: 'rigid' });
    try {
      const sides = new Comparison(batch, rigid);
      const act = decide(hasOwn ? rigid : batch);
      batch.reset();
      rigid.reset();
      sides.compare(0);
      for (let t = 1; t <= ticks; t++) {
        const actions = act();
        batch.stepSync(actions);
        rigid.stepSync(actions);
        sides.compare(t);
        sides.countMoving();
        sides.resetEnded(t);
        onTick?.(t);
      }
      return { scenario: compiled.program.id, props: hasOwn ? 'own' : 'out-of-reach', ticks, ...sides.result(ticks) };
    } finally {
      rigid.close();
    }
  } finally {
    batch.close();
  }
}

/** Keeps what is found while both sides go on. */
class Comparison {
  readonly #batch: BatchEnv;
  readonly #rigid: BatchEnv;
  readonly #mine = new Uint32Array(2 * HASH_PARTS.length);
  readonly #theirs = new Uint32Array(2 * HASH_PARTS.length);
  readonly #ended: Uint8Array;
  readonly #firstTick = new Map<HashPart, number>();
  #first: Divergence | null = null;
  #squareError = 0;
  #leastDistance = Infinity;
  #moving = 0;
  #episodes = 0;
  #crashes = 0;

  constructor(batch: BatchEnv, rigid: BatchEnv) {
    this.#batch = batch;
    this.#rigid = rigid;
    this.#ended = new Uint8Array(rigid.numWorlds);
  }

  compare(tick: number): void {
    const [mine, theirs] = [this.#batch.engine.state, this.#rigid.engine.state];
    const { program } = this.#rigid.engine;
    for (let w = 0; w < this.#rigid.numWorlds; w++) {
      hashPartsInto(this.#mine, mine, w);
      hashPartsInto(this.#theirs, theirs, w);
      const parts = HASH_PARTS.filter((part, k) => part !== 'props' && this.#differs(2 * k));
      for (const part of parts) if (!this.#firstTick.has(part)) this.#firstTick.set(part, tick);
      if (parts.length > 0) this.#first ??= { tick, row: w, episode: theirs.episode[w], episodeTick: theirs.tick[w], parts };
      for (let i = w * program.numAgents; i < (w + 1) * program.numAgents; i++) {
        const dx = mine.posX[i] - theirs.posX[i];
        const dy = mine.posY[i] - theirs.posY[i];
        const dz = mine.posZ[i] - theirs.posZ[i];
        this.#squareError = Math.max(this.#squareError, dx * dx + dy * dy + dz * dz);
      }
      this.#leastDistance = Math.min(this.#leastDistance, leastPropDistance(theirs, program, w));
    }
  }

  /** After a tick of both, before any reset. */
  countMoving(): void {
    const { state, program } = this.#rigid.engine;
    for (let w = 0; w < this.#rigid.numWorlds; w++) if (hasMovingProp(state, program, w)) this.#moving++;
  }

  resetEnded(tick: number): void {
    const [mine, theirs] = [this.#batch.stepResult.ended, this.#rigid.stepResult.ended];
    for (let w = 0; w < this.#ended.length; w++) {
      this.#ended[w] = mine[w] | theirs[w];
      this.#episodes += theirs[w];
    }
    this.#crashes += this.#batch.takeCrashes().length + this.#rigid.takeCrashes().length;
    if (!this.#ended.includes(1)) return;
    this.#batch.reset({ mask: this.#ended });
    this.#rigid.reset({ mask: this.#ended });
    this.compare(tick);
  }

  result(ticks: number): Omit<SideBySide, 'scenario' | 'props' | 'ticks'> {
    const first = (part: HashPart) => this.#firstTick.get(part) ?? null;
    return {
      numProps: this.#rigid.engine.program.numProps,
      worlds: this.#rigid.numWorlds,
      episodes: this.#episodes,
      firstDivergence: this.#first,
      firstTickByPart: { agents: first('agents'), voxels: first('voxels'), monitors: first('monitors'), rest: first('rest') },
      maxPositionError: Math.sqrt(this.#squareError) / 65536,
      leastPropDistance: Number.isFinite(this.#leastDistance) ? this.#leastDistance : null,
      movingShare: this.#moving / (ticks * this.#rigid.numWorlds),
      crashes: this.#crashes,
    };
  }

  #differs(lane: number): boolean {
    return this.#mine[lane] !== this.#theirs[lane] || this.#mine[lane + 1] !== this.#theirs[lane + 1];
  }
}
