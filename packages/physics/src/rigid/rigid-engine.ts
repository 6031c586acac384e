/**
 * The `rigid` engine: the stages of `cpu`, with one Rapier world per environment for its props.
 * Data flow of a tick: quantised poses -> accelerate, push -> `contacts` (casts, impulses) -> sweep -> `carry` where props can be carried ... mechanisms -> `rigid` (edits into the terrain
 * collider, one tick of Rapier, poses quantised) -> monitors, score -> `unstable`. Stages other than these read quantised poses only.
 * Limits: props neither float nor feel ice; walkers do not ride on props that move. Over several threads: `pool/rigid-pool.ts`.
 */
import { PROP_WORDS, ShapeError } from '@kinovox/world';
import { MAX_EDITS_PER_TICK } from '../batch-state.js';
import type { Crash, Engine, EngineOptions } from '../engine.js';
import { type CpuEngineParts, createCpuEngine } from '../engines/cpu.js';
import { CrashList } from '../engines/crash-list.js';
import { notePropStarts } from '../monitor/prop-predicates.js';
import type { PropSpawn, ScenarioProgram } from '../program.js';
import { enterWorld, type TickContext } from '../stages/context.js';
import { STAGES, type Stage } from '../tick.js';
import { Hands } from './carry.js';
import { Casts } from './casts.js';
import { propHull } from './prop-shapes.js';
import { drawPropCentres } from './prop-spawns.js';
import { loadRapier, type Rapier } from './rapier.js';
import { RigidWorld, UNSTABLE } from './rigid-world.js';
import { Separation } from './separate.js';
import type { SolidRows } from './terrain-shell.js';
import { endUnstable } from './unstable.js';
import { startVehicles, writeDrivers } from './vehicles/fleet.js';
import { chassisSpawns, placeVehicles } from './vehicles/vehicle-spawns.js';
import { VehicleStages } from './vehicles/vehicle-stages.js';
import { walks } from './vehicles/walks.js';
import { BOUND_WORDS, WALKER_BOXES, WalkerContacts } from './walker-contacts.js';

/**
 * Loads Rapier and creates the engine. A scenario without props runs as on `cpu` and loads nothing.
 * @throws ScenarioError when a level puts a prop outside the world.
 */
export async function createRigidEngine(options: EngineOptions): Promise<Engine> {
  if (options.program.numProps === 0) return createCpuEngine(options, { name: 'rigid' });
  const tier = new RigidTier(await loadRapier(), options);
  try {
    return createCpuEngine(options, tier);
  } catch (error) {
    tier.dispose();
    throw error;
  }
}

/** Looks at what a stage does with Rapier, for those who can do better than to cut a world short; see `pool/trap-guard.ts`. */
export interface RigidGuard {
  /** Before Rapier is entered for world w. @returns false to pass over it. @throws for a world that shall be cut short here. */
  enter(w: number, part: string): boolean;
  /** @returns whether what was thrown is dealt with; otherwise the world is cut short. */
  caught(w: number, part: string, error: unknown): boolean;
}

/** What the rigid tier adds to the plain tick. */
export class RigidTier implements CpuEngineParts {
  readonly name = 'rigid';
  readonly stages: readonly Stage[];
  readonly #rapier: Rapier;
  readonly #casts: Casts;
  readonly #contacts: WalkerContacts;
  /** Undefined where props cannot be carried. */
  readonly #hands: Hands | undefined;
  readonly #separation: Separation;
  readonly #crashes = new CrashList();
  readonly #vehicles: VehicleStages | undefined;
  /** `[B]` undefined until the row's first episode. */
  readonly #worlds: (RigidWorld | undefined)[];

  constructor(rapier: Rapier, { program, numWorlds }: Pick<EngineOptions, 'program' | 'numWorlds'>, guard?: RigidGuard) {
    this.#rapier = rapier;
    this.#casts = new Casts(rapier, WALKER_BOXES);
    this.#contacts = new WalkerContacts(this.#casts, program.props);
    const { props, carrying, numAgents } = program;
    this.#separation = new Separation(
      this.#casts,
      props.ids.map((_, p) => propHull(props, p)),
    );
    this.#hands = carrying === undefined ? undefined : new Hands(rapier, props, carrying, numWorlds, numAgents);
    this.#worlds = new Array<RigidWorld | undefined>(numWorlds).fill(undefined);
    this.#vehicles = program.vehicles && new VehicleStages(program.vehicles, program.numAgents, numWorlds);
    const eachWorld = (name: string, run: (c: TickContext, w: number, world: RigidWorld) => void): Stage => ({
      name,
      run: (c, w0, w1) => {
        for (let w = w0; w < w1; w++) {
          enterWorld(c, w);
          const world = this.#worlds[w]!;
          if (world.unstable === UNSTABLE.crashed) continue;
          try {
            if (guard === undefined || guard.enter(w, name)) run(c, w, world);
          } catch (error) {
            if (guard?.caught(w, name, error) === true) continue;
            // The library's, not the rules': its world is lost, the others are not. `unstable` ends the episode, and the reset builds a fresh world.
            world.unstable = UNSTABLE.crashed;
            this.#casts.renew();
            this.#crashes.note(w, error);
          }
        }
      },
    });
    const ending: Stage = {
      name: 'unstable',
      run: (c, w0, w1) => {
        for (let w = w0; w < w1; w++) {
          enterWorld(c, w);
          endUnstable(c, w, this.#worlds[w]!);
        }
      },
    };
    const own = STAGES.flatMap((stage): Stage[] => {
      if (stage.name === 'push') return [stage, eachWorld('contacts', (c, w, world) => this.#contacts.run(c, w, world))];
      if (stage.name === 'sweep' && this.#hands !== undefined) {
        const hands = this.#hands;
        return [stage, eachWorld('carry', (c, w, world) => hands.reach(c, w, world))];
      }
      if (stage.name === 'monitors') return [eachWorld('rigid', (c, w, world) => this.#step(c, w, world)), stage];
      return stage.name === 'score' ? [stage, ending] : [stage];
    });
    this.stages = this.#vehicles?.around(own) ?? own;
  }

  takeCrashes(): readonly Crash[] {
    return this.#crashes.take();
  }

  /** A fresh world for a fresh episode. */
  afterStart(c: TickContext, w: number): void {
    const { program, state } = c;
    makeBounds(c);
    if (program.vehicles !== undefined) placeVehicles(c, program.vehicles, w);
    const centres = drawPropCentres(c, w);
    const { vehicles } = program;
    let spawns: readonly Pick<PropSpawn, 'yaw' | 'drift'>[] = state.variants[w].propSpawns;
    if (vehicles !== undefined) spawns = chassisSpawns(c, vehicles, w, centres, spawns);
    const world = RigidWorld.build(this.#rapier, program, solidRows(c, w), centres, spawns);
    // After the new one was made: an episode whose bodies cannot be made leaves the row as it is for the next, which frees it, once.
    freeWorld(this.#worlds[w]);
    this.#worlds[w] = world;
    world.quantiseInto(state.prop, w * program.numProps * PROP_WORDS, solidRows(c, w));
    notePropStarts(state, program, w);
    if (program.vehicles !== undefined) startVehicles(c, program.vehicles, w);
  }

  /** Whether the bodies of row w are lost until its next episode. */
  hasCrashed(w: number): boolean {
    return this.#worlds[w]?.unstable === UNSTABLE.crashed;
  }

  /** Takes the bodies of row w for lost, as after a crash: for a row that is restored from a moment after one. */
  giveUp(w: number): void {
    this.#worlds[w]!.unstable = UNSTABLE.crashed;
  }

  saveRigid(_c: TickContext, w: number): Uint8Array {
    return this.#worlds[w]!.save();
  }

  restoreRigid(c: TickContext, w: number, bytes: Uint8Array | undefined): void {
    assertRigidPart(c.program, bytes);
    makeBounds(c);
    const world = RigidWorld.restore(this.#rapier, c.program, solidRows(c, w), bytes);
    freeWorld(this.#worlds[w]);
    this.#worlds[w] = world;
  }

  dispose(): void {
    for (const world of this.#worlds) freeWorld(world);
    this.#worlds.fill(undefined);
    this.#casts.free();
  }

  /** Terrain as this tick left it, one tick of Rapier, poses into state. */
  #step(c: TickContext, w: number, world: RigidWorld): void {
    const { state, buffers, program, numAgents } = c;
    const solid = solidRows(c, w);
    const numEdits = buffers.editCount[w];
    if (numEdits > MAX_EDITS_PER_TICK) world.rebuildTerrain(solid);
    else {
      for (let k = 0; k < numEdits; k++) {
        const cell = buffers.edits[(w * MAX_EDITS_PER_TICK + k) * 2];
        const line = Math.trunc(cell / c.sizeX);
        world.editTerrain(solid, cell % c.sizeX, Math.trunc(line / c.sizeZ), line % c.sizeZ, (prop) => this.#contacts.reach(prop));
      }
    }
    this.#hands?.steer(c, w, world);
    const first = w * numAgents;
    const { vehicles } = program;
    world.fleet?.begin(c, w);
    world.step(state.posX, state.posY, state.posZ, (a) => walks(c, first + a), first);
    this.#separation.run(c, w, world);
    world.quantiseInto(state.prop, w * program.numProps * PROP_WORDS, solid);
    if (vehicles === undefined) return;
    world.fleet?.end(c, w);
    writeDrivers(c, vehicles, w);
    this.#vehicles?.touch(c, w, world);
  }
}

/** Room for the motion that props leave, which only this tier has. */
export function makeBounds(c: TickContext): void {
  c.moveBounds ??= new Int32Array(c.state.layout.numWorlds * c.numAgents * BOUND_WORDS);
}

/** @throws ShapeError for a snapshot without rigid bodies. */
export function assertRigidPart(program: ScenarioProgram, bytes: Uint8Array | undefined): asserts bytes is Uint8Array {
  if (bytes !== undefined) return;
  throw new ShapeError(
    'rigid-snapshot',
    `A snapshot of ${program.id} must hold the state of its ${program.numProps} props; got none. Take it on the engine "rigid".`,
  );
}

/** A world that crashed may be in no state to be freed: its memory is then given up. */
function freeWorld(world: RigidWorld | undefined): void {
  try {
    world?.free();
  } catch (error) {
    // What was lost is in the library's memory, not in ours.
    if (world?.unstable !== UNSTABLE.crashed) throw error;
  }
}

function solidRows(c: TickContext, w: number): SolidRows {
  const { sizeX, sizeY, sizeZ, rowWords } = c;
  return { rows: c.state.rows, base: w * c.state.rowsPerWorld, sizeX, sizeY, sizeZ, rowWords };
}
