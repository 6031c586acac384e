/**
 * What one agent may know when it decides: itself, the others, the voxels, its goals, its messages, and the rules of the scenario.
 * A window onto the engine's arrays that copies nothing; it always shows the present tick.
 * Hidden goals stay hidden: an agent that is not shown all of its task has no `level`; it knows the scenario as published, with those parameters drawn that stand in what it is shown.
 * Units: metres and blocks (1 block = 1 m), metres per tick, radians; Q16 where the name says so.
 */
import {
  BODY_WORD,
  BODY_WORDS,
  type CompiledScenario,
  createAgentCamera,
  createTextFrame,
  type EventRecord,
  NODE_COLUMN,
  NODE_COLUMNS,
  nameGroups,
  type PictureSpec,
  readEvents,
  storedEvents,
  type TextFrame,
  type TextMoment,
  viewObservation,
} from '@kinovox/env';
import {
  AGENT_FLAG,
  type AgentPlan,
  cosQ14,
  fromAngle,
  INVENTORY_SLOTS,
  knownParameters,
  MAX_PILES,
  MAX_TRADES,
  MECHANISM_WORDS,
  MESSAGE_RING,
  MESSAGE_WORDS,
  type ParameterValue,
  PILE_WORD,
  PILE_WORDS,
  PROP_WORDS,
  type ResolvedScenario,
  type Scenario,
  type Split,
  type StateFieldName,
  sinQ14,
  UsageError,
} from '@kinovox/world';
import type { PolicyHost } from './policy.js';

const Q16 = 65536;

/** A message that can be read now. */
export interface Heard {
  sender: number;
  tick: number;
  symbol: string;
}

/** Where a goal is: a place, another agent, or a prop, as in the goal vector. */
export interface VisibleGoal {
  kind: 'place' | 'agent' | 'prop';
  /** Metres; the feet of an agent, the centre of a prop. */
  x: number;
  y: number;
  z: number;
  done: boolean;
}

/** Most resolved levels that are kept. */
const MAX_LEVELS = 4096;

/** Resolved levels by variant, shared by the agents of a batch; the oldest are dropped, and made again when asked for. */
export class LevelCache {
  readonly #levels = new Map<number, ResolvedScenario>();
  readonly #host: PolicyHost;

  constructor(host: PolicyHost) {
    this.#host = host;
  }

  get(variant: number): ResolvedScenario {
    let level = this.#levels.get(variant);
    if (level === undefined) {
      level = this.#host.compiled.resolve(this.#host.split, variant);
      for (const oldest of this.#levels.keys()) {
        if (this.#levels.size < MAX_LEVELS) break;
        this.#levels.delete(oldest);
      }
      this.#levels.set(variant, level);
    }
    return level;
  }
}

export class AgentView {
  readonly row: number;
  readonly slot: number;
  readonly numAgents: number;
  /** Size of the world in blocks. */
  readonly sizeX: number;
  readonly sizeY: number;
  readonly sizeZ: number;
  /** Palette indices of this world, cell = (y * sizeZ + z) * sizeX + x. Read only. */
  readonly voxels: Uint8Array;
  /** Rules per palette index. */
  readonly blocks: CompiledScenario['program']['blocks'];
  readonly palette: CompiledScenario['palette'];
  /** Rules of survival; undefined where there are none. */
  readonly survival: CompiledScenario['program']['survival'];
  /** The scenario as published: every agent knows it. */
  readonly rules: Scenario;
  /** All agents in slot order: id, team, role, abilities, body, start inventory. Spawns are not those of this level. */
  readonly roster: ResolvedScenario['agents'];
  readonly #host: PolicyHost;
  readonly #levels: LevelCache;
  readonly #index: number;
  readonly #teamPlans: (view: AgentView) => readonly AgentPlan[];

  /** @param teamPlans ways that others of its team let it know, as `sharedPlans` gives them; default none. */
  constructor(
    host: PolicyHost,
    levels: LevelCache,
    row: number,
    slot: number,
    teamPlans: (view: AgentView) => readonly AgentPlan[] = () => [],
  ) {
    const { engine, compiled } = host;
    this.#host = host;
    this.#levels = levels;
    this.row = row;
    this.slot = slot;
    this.numAgents = engine.program.numAgents;
    [this.sizeX, this.sizeY, this.sizeZ] = engine.program.size;
    const { cellsPerWorld } = engine.state;
    this.voxels = engine.state.voxels.subarray(row * cellsPerWorld, (row + 1) * cellsPerWorld);
    this.blocks = engine.program.blocks;
    this.palette = compiled.palette;
    this.survival = engine.program.survival;
    this.rules = compiled.scenario;
    this.roster = compiled.base.agents;
    this.#index = row * this.numAgents + slot;
    this.#teamPlans = teamPlans;
  }

  /**
   * The ways that others of its team meant to go when they last acted, where their policies plan any and the scenario lets the team know (`teamPlans`).
   * They are the same whoever has decided already in this tick.
   */
  sharedPlans(): readonly AgentPlan[] {
    return this.#teamPlans(this);
  }

  /** What can be built by name: every agent knows it. */
  get blueprints(): CompiledScenario['blueprints'] {
    return this.#host.compiled.blueprints;
  }

  /** Number of this agent's team, by first appearance in the roster. */
  get team(): number {
    return this.#host.engine.program.bodies[this.slot * BODY_WORDS + BODY_WORD.team];
  }

  /** Ticks since the episode began. */
  get tick(): number {
    return this.#host.engine.state.tick[this.row];
  }

  /** Number of the level in its split: by it a place is known again. */
  get levelNumber(): number {
    return this.#host.engine.state.variant[this.row];
  }

  /** Parameters of this level that the agent knows from the beginning: all where it is shown its whole task. */
  get knownParameters(): Record<string, ParameterValue> {
    const { compiled, split, engine } = this.#host;
    return knownParameters(this.rules, this.roster[this.slot], compiled.parametersOf(split, engine.state.variant[this.row]));
  }

  /** The scenario with the parameters of this level; undefined for an agent that is not shown all goals of its task. */
  get level(): ResolvedScenario | undefined {
    return this.roster[this.slot].goals !== 'visible' ? undefined : this.#levels.get(this.#host.engine.state.variant[this.row]);
  }

  /** Split from which this level is drawn. */
  get split(): Split {
    return this.#host.split;
  }

  /** Seed words of the episode, for policies that draw. */
  get seed(): readonly [number, number] {
    const { state } = this.#host.engine;
    return [state.seedLow[this.row], state.seedHigh[this.row]];
  }

  /** Feet, metres. */
  x(slot = this.slot): number {
    return this.#host.engine.state.posX[this.#of(slot)] / Q16;
  }
  y(slot = this.slot): number {
    return this.#host.engine.state.posY[this.#of(slot)] / Q16;
  }
  z(slot = this.slot): number {
    return this.#host.engine.state.posZ[this.#of(slot)] / Q16;
  }

  /** Velocity, metres per tick, as carried into the next tick. */
  vx(slot = this.slot): number {
    return this.#host.engine.state.velX[this.#of(slot)] / Q16;
  }
  vy(slot = this.slot): number {
    return this.#host.engine.state.velY[this.#of(slot)] / Q16;
  }
  vz(slot = this.slot): number {
    return this.#host.engine.state.velZ[this.#of(slot)] / Q16;
  }

  /** Q16 words of position and velocity, exactly as the rules have them. */
  q16(slot = this.slot): { x: number; y: number; z: number; vx: number; vy: number; vz: number } {
    const { state } = this.#host.engine;
    const i = this.#of(slot);
    return { x: state.posX[i], y: state.posY[i], z: state.posZ[i], vx: state.velX[i], vy: state.velY[i], vz: state.velZ[i] };
  }

  /** Heading in [-pi, pi): 0 looks to -z, positive counter-clockwise seen from above. */
  yaw(slot = this.slot): number {
    return fromAngle(this.#host.engine.state.yaw[this.#of(slot)]);
  }

  /** Elevation of the view, positive up. */
  get pitch(): number {
    return fromAngle(this.#host.engine.state.pitch[this.#index]);
  }

  /** Unit vector of the view. */
  lookVector(slot = this.slot): [number, number, number] {
    const { state } = this.#host.engine;
    const i = this.#of(slot);
    const level = cosQ14(state.pitch[i]) / 16384;
    return [(-sinQ14(state.yaw[i]) / 16384) * level, sinQ14(state.pitch[i]) / 16384, (-cosQ14(state.yaw[i]) / 16384) * level];
  }

  /** Feet cell. */
  cellOf(slot = this.slot): [number, number, number] {
    const { state } = this.#host.engine;
    const i = this.#of(slot);
    return [state.posX[i] >> 16, state.posY[i] >> 16, state.posZ[i] >> 16];
  }

  /** A camera in this agent's eyes. @returns what it sees at the time of the call, `[H, W, 3]` u8: a view that the next call overwrites. */
  createCamera(spec: PictureSpec): () => Uint8Array {
    const camera = createAgentCamera(this.#host.engine, spec);
    return () => camera.rgb(this.row, this.slot);
  }

  isAlive(slot = this.slot): boolean {
    return this.#hasFlag(AGENT_FLAG.alive, slot);
  }
  get onGround(): boolean {
    return this.#hasFlag(AGENT_FLAG.onGround, this.slot);
  }
  get inWater(): boolean {
    return this.#hasFlag(AGENT_FLAG.inWater, this.slot);
  }
  get onLadder(): boolean {
    return this.#hasFlag(AGENT_FLAG.onLadder, this.slot);
  }
  get isBlocked(): boolean {
    return this.#hasFlag(AGENT_FLAG.collidedHorizontally, this.slot);
  }

  /** Half hearts, 0..20. */
  get health(): number {
    return this.#host.engine.state.health[this.#index];
  }

  /** Half drumsticks, 0..20. */
  get food(): number {
    return this.#host.engine.state.food[this.#index];
  }

  /** Ticks of air left; below 0 the agent drowns. */
  get breath(): number {
    return this.#host.engine.state.breath[this.#index];
  }

  /** Ticks asleep so far; 0 is awake. */
  get sleeping(): number {
    return this.#host.engine.state.sleeping[this.#index];
  }

  /** Ticks until this agent can attack again. */
  get attackCooldown(): number {
    return this.#host.engine.state.attackCooldown[this.#index];
  }

  /** Ticks of fire left in the fuel that this agent burnt last. */
  get burnTicks(): number {
    return this.#host.engine.state.burnTicks[this.#index];
  }

  /** Ticks since sunrise, 0..dayTicks - 1; 0 where there are no days. */
  get timeOfDay(): number {
    const { state } = this.#host.engine;
    const { survival } = this;
    if (survival === undefined || survival.dayTicks === 0) return 0;
    return (state.tick[this.row] + survival.dayStartTick + state.skippedTicks[this.row]) % survival.dayTicks;
  }

  /** Whether beds take one in. */
  get isNight(): boolean {
    const { survival, timeOfDay } = this;
    return survival !== undefined && survival.dayTicks > 0 && timeOfDay >= survival.nightFrom && timeOfDay < survival.nightUntil;
  }

  /** Mob slots of the world; a slot belongs to one kind for ever, and holds nobody while `isMobAlive` is false. */
  get numMobs(): number {
    return this.survival?.mobs?.numMobs ?? 0;
  }
  isMobAlive(mob: number): boolean {
    return (this.#host.engine.state.mobFlags[this.row * this.numMobs + mob] & AGENT_FLAG.alive) !== 0;
  }
  /** Row of the kind in `survival.mobs`. */
  mobKind(mob: number): number {
    return this.survival!.mobs!.kindOf[mob];
  }
  /** Feet of a mob, metres, and its velocity, metres per tick. */
  mobX(mob: number): number {
    return this.#host.engine.state.mobPosX[this.row * this.numMobs + mob] / Q16;
  }
  mobY(mob: number): number {
    return this.#host.engine.state.mobPosY[this.row * this.numMobs + mob] / Q16;
  }
  mobZ(mob: number): number {
    return this.#host.engine.state.mobPosZ[this.row * this.numMobs + mob] / Q16;
  }
  mobVx(mob: number): number {
    return this.#host.engine.state.mobVelX[this.row * this.numMobs + mob] / Q16;
  }
  mobVz(mob: number): number {
    return this.#host.engine.state.mobVelZ[this.row * this.numMobs + mob] / Q16;
  }
  /** How often an offer of a trader was taken in this episode. */
  tradesUsed(mob: number, offer: number): number {
    return this.#host.engine.state.mobTradesUsed[(this.row * this.numMobs + mob) * MAX_TRADES + offer];
  }

  /** Piles of items on the ground: rows 0..MAX_PILES - 1; undefined where nothing lies. */
  pile(row: number): { x: number; y: number; z: number; item: number; count: number; ready: boolean } | undefined {
    const { pile } = this.#host.engine.state;
    const at = (this.row * MAX_PILES + row) * PILE_WORDS;
    if (this.survival === undefined || pile[at + PILE_WORD.cell] === 0) return undefined;
    const [x, y, z] = this.cellAt(pile[at + PILE_WORD.cell] - 1);
    return {
      x,
      y,
      z,
      item: pile[at + PILE_WORD.item],
      count: pile[at + PILE_WORD.count],
      ready: pile[at + PILE_WORD.readyTick] <= this.tick,
    };
  }

  /**
   * What an agent has done towards a counting predicate of the task (dug, crafted, killed, ...), up to the number that is asked for.
   * @param node of the monitor. @param k place of the agent in the predicate's list.
   */
  tally(node: number, k: number): number {
    const { state, program } = this.#host.engine;
    const memory = program.monitor.nodes[node * NODE_COLUMNS + NODE_COLUMN.memory];
    return state.register[this.row * program.monitor.numRegisters + memory + k];
  }

  /** Monitor node of the task formula of this agent's team; its parts come before it, in order. */
  get taskNode(): number {
    const { program } = this.#host.engine;
    return program.monitor.roots[program.taskOfAgent[this.slot]];
  }

  /** Whether this agent and another touched in the last tick. */
  touches(slot: number): boolean {
    const { contacts, layout } = this.#host.engine.state;
    return ((contacts[this.#index * layout.width.contacts + (slot >> 5)] >>> (slot & 31)) & 1) === 1;
  }

  /** Item in an inventory slot of this agent; 0 is empty. */
  itemAt(k: number): number {
    const { inventoryItem, inventoryCount } = this.#host.engine.state;
    const i = this.#index * INVENTORY_SLOTS + k;
    return inventoryCount[i] > 0 ? inventoryItem[i] : 0;
  }

  /** Items in an inventory slot of this agent. */
  countAt(k: number): number {
    return this.#host.engine.state.inventoryCount[this.#index * INVENTORY_SLOTS + k];
  }

  get heldSlot(): number {
    return this.#host.engine.state.heldSlot[this.#index];
  }

  /** Palette index that the item becomes when placed; 0 when it cannot be placed here. */
  blockOfItem(item: number): number {
    return this.#host.engine.program.placedByItem[item] ?? 0;
  }

  /** x, y, z of a cell index. */
  cellAt(cell: number): [number, number, number] {
    const x = cell % this.sizeX;
    const line = (cell - x) / this.sizeX;
    const z = line % this.sizeZ;
    return [x, (line - z) / this.sizeZ, z];
  }

  /** A number that changes whenever a block of the world does. */
  get mapVersion(): number {
    return this.#host.engine.state.voxelHash[2 * this.row];
  }

  /** Palette index of a cell; outside, bedrock at the sides and below, air above. */
  blockAt(x: number, y: number, z: number): number {
    if (x < 0 || z < 0 || y < 0 || x >= this.sizeX || z >= this.sizeZ) return 1;
    if (y >= this.sizeY) return 0;
    return this.voxels[(y * this.sizeZ + z) * this.sizeX + x];
  }

  solidAt(x: number, y: number, z: number): boolean {
    return this.blocks.solid[this.blockAt(x, y, z)] === 1;
  }

  /** Whether the level lets the cell be dug, as far as the place decides. */
  mayDigAt(x: number, y: number, z: number): boolean {
    return !this.#hasBit(this.#host.engine.state.variants[this.row].protectedCells, x, y, z);
  }

  /** Bits of the cells that the level protects from digging, and from building; undefined where it protects none. */
  get protectedCells(): Uint32Array | undefined {
    return this.#host.engine.state.variants[this.row].protectedCells;
  }
  get unbuildableCells(): Uint32Array | undefined {
    return this.#host.engine.state.variants[this.row].unbuildableCells;
  }

  /** The tables of the rules. */
  get program(): CompiledScenario['program'] {
    return this.#host.engine.program;
  }

  /** A word of this agent's own state, exactly as the rules have it. */
  ownWord(name: StateFieldName, k = 0): number {
    const { state } = this.#host.engine;
    return state[name][this.#index * state.layout.width[name] + k];
  }

  /** Whether the level lets a block be placed in the cell. */
  mayPlaceAt(x: number, y: number, z: number): boolean {
    return !this.#hasBit(this.#host.engine.state.variants[this.row].unbuildableCells, x, y, z);
  }

  /**
   * Says free text in this tick, which becomes a symbol of the scenario (see `BatchEnv.say`); it goes before what the action says.
   * @returns false where nothing will be said: no symbol in it, no messages here, or a host that takes no text.
   */
  say(text: string): boolean {
    if (!this.rules.messages.enabled || !this.roster[this.slot].can.message) return false;
    return (this.#host.say?.(this.row, this.slot, text) ?? 0) > 0;
  }

  /** Whether the blocks of a mechanism are switched on. */
  isActive(mechanism: number): boolean {
    return (
      (this.#host.engine.state.mechanism[(this.row * this.#host.engine.program.mechanisms.numMechanisms + mechanism) * MECHANISM_WORDS] &
        1) ===
      1
    );
  }

  /** Centre of a prop, metres, and its velocity per tick. */
  prop(index: number): { x: number; y: number; z: number; vx: number; vz: number } {
    const { prop } = this.#host.engine.state;
    const at = (this.row * this.#host.engine.program.numProps + index) * PROP_WORDS;
    return { x: prop[at] / Q16, y: prop[at + 1] / Q16, z: prop[at + 2] / Q16, vx: prop[at + 7] / Q16, vz: prop[at + 9] / Q16 };
  }

  /** Props of the scenario; the chassis of vehicles are none. */
  get numProps(): number {
    const { numProps, vehicles } = this.#host.engine.program;
    return vehicles?.firstProp ?? numProps;
  }

  /** Half of a prop's extents along x, y, z in metres, as it is made. */
  propHalf(index: number): readonly [number, number, number] {
    const { halfExtentsQ16 } = this.#host.engine.program.props;
    return [halfExtentsQ16[3 * index] / Q16, halfExtentsQ16[3 * index + 1] / Q16, halfExtentsQ16[3 * index + 2] / Q16];
  }

  /** Index of the prop that an agent carries; -1 for none, and where nothing can be carried. */
  carried(slot = this.slot): number {
    const { program, state } = this.#host.engine;
    return program.carrying === undefined ? -1 : state.carriedProp[this.#of(slot)] - 1;
  }

  /** The goals that this agent is shown, most urgent first. */
  goals(): VisibleGoal[] {
    const { state, program } = this.#host.engine;
    const { constants } = state.variants[this.row];
    return program.goals[this.slot].map(({ kind, index, node }) => {
      const done = (state.register[this.row * program.monitor.numRegisters + node] & 3) === 1;
      if (kind === 'place') return { kind, done, x: constants[index] / Q16, y: constants[index + 1] / Q16, z: constants[index + 2] / Q16 };
      if (kind === 'agent') return { kind, done, x: this.x(index), y: this.y(index), z: this.z(index) };
      const { x, y, z } = this.prop(index);
      return { kind, done, x, y, z };
    });
  }

  /** Number of messages received in this episode. */
  get numMessages(): number {
    return this.#host.engine.state.messageCount[this.#index];
  }

  /** Message number n of this episode, or undefined when it is no longer kept or cannot be read yet. */
  message(n: number): Heard | undefined {
    const { state } = this.#host.engine;
    if (n < 0 || n >= this.numMessages || n < this.numMessages - MESSAGE_RING) return undefined;
    const at = (this.#index * MESSAGE_RING + (n % MESSAGE_RING)) * MESSAGE_WORDS;
    const tick = state.messageRing[at + 1];
    if (tick > this.tick) return undefined;
    return { sender: state.messageRing[at] - 1, tick, symbol: this.rules.messages.symbols[state.messageRing[at + 2] - 1] };
  }

  /** What a message of `message` says beyond its symbol, where it was free text and is still kept. */
  messageText(n: number): string | undefined {
    const at = (this.#index * MESSAGE_RING + (n % MESSAGE_RING)) * MESSAGE_WORDS;
    return this.message(n) === undefined ? undefined : this.#host.texts?.get(this.#host.engine.state.messageRing[at + 4]);
  }

  /** The agent's observation as texts are made of it: every number under its name, and the block ids of the crop. @throws UsageError where the environment observes nothing. */
  observation(): Pick<TextMoment, 'observation' | 'crop'> {
    const { observations, program } = this.#host.engine;
    if (observations.vector.length === 0)
      throw new UsageError(
        'no-observation',
        `Agents that are told what they observe must have an environment that observes; got one with observe: false for ${program.id}. Leave that out.`,
      );
    const seen = viewObservation(observations, this.#index, program.observation.crop);
    return { observation: nameGroups(seen, observations.groups), crop: seen.crop };
  }

  /** What this agent did and met in the last tick, and what the world did; nothing in the first tick, or where the host keeps no events. */
  events(): EventRecord[] {
    const { buffers, state } = this.#host.engine;
    if (buffers === undefined || this.tick === 0) return [];
    const { count, stored } = storedEvents({ buffers }, this.row, false);
    return readEvents({ buffers }, this.row, stored, state.numEvents[this.row] - count).filter(
      ({ agent }) => agent === this.slot || agent < 0,
    );
  }

  /** Who the agent is, with whom, and its task in words, as far as the scenario lets it know. */
  textFrame(): TextFrame {
    const { compiled, split, engine } = this.#host;
    return createTextFrame(compiled, split, engine.state.variant[this.row], this.slot);
  }

  #of(slot: number): number {
    return this.#index + slot - this.slot;
  }

  #hasFlag(flag: number, slot: number): boolean {
    return (this.#host.engine.state.flags[this.#of(slot)] & flag) !== 0;
  }

  #hasBit(bits: Uint32Array | undefined, x: number, y: number, z: number): boolean {
    const cell = (y * this.sizeZ + z) * this.sizeX + x;
    return bits !== undefined && (bits[cell >> 5] & (1 << (cell & 31))) !== 0;
  }
}
