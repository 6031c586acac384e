/** Everything of a watched world that is drawn: voxels, agents, mobs, props, goals, piles, and the light of its hour. */
import { BLOCK_BY_ID, type LevelMessage, type ScenarioInfo, type Welcome } from '@kinovox/world';
import type { AgentPose } from '../agent-pose.js';
import { dayShare } from '../day-light.js';
import type { FrameSample } from '../frame-timeline.js';
import { AgentFigures } from './agents.js';
import { ChunkMeshes } from './chunk-meshes.js';
import { Colliders } from './colliders.js';
import { ContactFlashes } from './contact-flashes.js';
import { DigMarks } from './dig-marks.js';
import { Goals } from './goals.js';
import { LampLight } from './lamp-light.js';
import { Mobs } from './mobs.js';
import { Piles } from './piles.js';
import { PlanOverlay } from './plan-overlay.js';
import { Props } from './props.js';
import type { Stage } from './stage.js';
import { Vehicles } from './vehicles.js';

export class WorldScene {
  readonly chunks: ChunkMeshes;
  readonly figures: AgentFigures;
  readonly goals = new Goals();
  readonly colliders = new Colliders();
  readonly plans = new PlanOverlay();
  readonly flashes = new ContactFlashes();
  readonly mobs: Mobs;
  readonly #stage: Stage;
  readonly #lamps = new LampLight();
  readonly #props = new Props();
  readonly #vehicles = new Vehicles();
  readonly #digs = new DigMarks();
  readonly #piles: Piles;
  #size: readonly [number, number, number] = [1, 1, 1];
  /** By palette index: hides what is behind it. */
  #opaque: boolean[] = [];
  #level: LevelMessage | undefined;
  #dayShare: number | undefined;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.chunks = new ChunkMeshes(this.#lamps);
    this.figures = new AgentFigures(this.#lamps);
    this.mobs = new Mobs(this.#lamps);
    this.#piles = new Piles(this.#lamps);
    const parts = [
      this.chunks,
      this.figures,
      this.mobs,
      this.#props,
      this.#vehicles,
      this.goals,
      this.#digs,
      this.#piles,
      this.flashes,
      this.colliders,
      this.plans,
    ];
    stage.scene.add(...parts.map(({ group }) => group));
  }

  /** Time of day that is drawn, as a share from sunrise; undefined where it is always noon. */
  get dayShare(): number | undefined {
    return this.#dayShare;
  }

  /** Whether the picture changes though time may stand still. */
  get isChanging(): boolean {
    return !this.chunks.settled || this.flashes.numShown > 0;
  }

  setScenario(scenario: ScenarioInfo, palette: Welcome['palette']): void {
    const ids = palette.map(({ id }) => id);
    this.#opaque = ids.map((id) => BLOCK_BY_ID.get(id)?.opaque ?? true);
    this.#lamps.setPalette(ids);
    this.chunks.setPalette(ids);
    this.figures.setAgents(scenario.agents);
    this.#vehicles.setAgents(scenario.agents);
    this.colliders.setAgents(scenario.agents);
    this.plans.setAgents(scenario.agents);
    this.mobs.setKinds(scenario.survival);
  }

  /** Shows a level; `changed` are the cells that differ from the one shown, undefined for all. */
  setLevel(level: LevelMessage, changed: readonly number[] | undefined): void {
    const { size, goalRegions, props } = level.info;
    const field = { size, voxels: level.voxels };
    this.#size = size;
    this.#level = level;
    this.goals.setGoals(goalRegions);
    this.#props.setProps(props);
    this.#vehicles.setLevel(props.length);
    this.colliders.setProps(props);
    this.flashes.reset();
    this.mobs.reset();
    this.#lamps.setField(field);
    this.chunks.setField(field, changed);
  }

  markCells(cells: readonly number[]): void {
    this.chunks.markCells(cells);
    this.#lamps.markCells(cells);
  }

  /** Puts everything to the moment of the sample. @param nowMs for what fades. */
  update(sample: FrameSample | undefined, nowMs: number): void {
    if (sample === undefined) return;
    const { camera } = this.#stage;
    this.#dayShare = dayShare(sample.before.survival?.dayTime, sample.after.survival?.dayTime, sample.mix);
    this.#lamps.update(this.#stage.setDay(this.#dayShare));
    this.figures.update(sample, camera);
    this.mobs.update(sample, camera);
    this.#props.update(sample);
    this.#vehicles.update(sample);
    this.flashes.update(sample, this.figures.poses, nowMs);
    this.colliders.update(sample, this.figures.poses);
    this.#piles.update(sample, this.#size);
    this.#digs.update(this.figures.poses, this.#size);
  }

  poseOf(slot: number): AgentPose | undefined {
    return this.figures.poses[slot];
  }

  /** Whether a point in metres lies in an opaque block. */
  isHidden(x: number, y: number, z: number): boolean {
    if (this.#level === undefined) return false;
    const [sizeX, sizeY, sizeZ] = this.#size;
    const [cx, cy, cz] = [Math.floor(x), Math.floor(y), Math.floor(z)];
    if (cx < 0 || cx >= sizeX || cz < 0 || cz >= sizeZ || cy >= sizeY) return false;
    return cy < 0 || this.#opaque[this.#level.voxels[(cy * sizeZ + cz) * sizeX + cx]] === true;
  }
}
