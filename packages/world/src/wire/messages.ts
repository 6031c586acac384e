/**
 * JSON messages in both directions, as zod schemas; types are inferred. Binary messages are in the `*-codec.ts` files.
 * Whoever receives a message parses it with `parseMessage` and drops what does not parse.
 */
import { z } from 'zod';
import { ProtocolError } from '../errors.js';
import { MAX_MOBS } from '../spec/state.js';
import { MAX_SIZE_X, MAX_SIZE_Y, MAX_SIZE_Z } from '../voxels/grid.js';
import { describeIssue } from './issue-sentence.js';

const u32 = z.int().min(0).max(0xffffffff);
const color = z.int().min(0).max(0xffffff);
const name = z.string().max(200);
const sentence = z.string().max(2000);
const token = z.string().max(200).describe('Secret that the host printed; control needs it.');
const slots = z.array(z.int().min(0).max(255)).max(256);
const cell = z.tuple([z.int(), z.int(), z.int()]);

export const WorldSizeSchema = z
  .tuple([z.int().min(1).max(MAX_SIZE_X), z.int().min(1).max(MAX_SIZE_Y), z.int().min(1).max(MAX_SIZE_Z)])
  .describe('Blocks along x, y, z.');

export const GoalRegionSchema = z.strictObject({
  region: z.tuple([cell, cell]).describe('Inclusive block cells, lesser corner first.'),
  label: name.describe('What is to be done there, a few words.'),
  color: color.describe('0xRRGGBB.'),
});
export type GoalRegion = z.output<typeof GoalRegionSchema>;

const metres = z.number().min(0).max(256);
export const PropInfoSchema = z.strictObject({
  id: name,
  shape: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('box'), size: z.tuple([metres, metres, metres]) }),
    z.strictObject({ kind: z.literal('ball'), radius: metres }),
    z.strictObject({ kind: z.literal('capsule'), radius: metres, height: metres }),
    z.strictObject({ kind: z.literal('container'), size: z.tuple([metres, metres, metres]), wall: metres }),
    z.strictObject({ kind: z.literal('ramp'), size: z.tuple([metres, metres, metres]).describe('A wedge that rises toward +x.') }),
  ]),
  color,
});
export type PropInfo = z.output<typeof PropInfoSchema>;

/** What a watcher sends. Each is acknowledged: `hello` by a HelloReply, the others by a Reply. */
export const HelloSchema = z.strictObject({
  protocol: z.int().min(0).max(255).describe('WIRE_PROTOCOL of the watcher.'),
  token: token.optional(),
});
export type Hello = z.output<typeof HelloSchema>;

/** Begins to send the frames, edits and events of a world, with a level first; ends an earlier watch of this watcher. */
export const WatchSchema = z.strictObject({ world: u32 });
export type Watch = z.output<typeof WatchSchema>;

/** Ends the watch. */
export const UnwatchSchema = z.strictObject({});
export type Unwatch = z.output<typeof UnwatchSchema>;

/** Asks for a fresh level after a gap. */
export const ResyncSchema = z.strictObject({ world: u32 });
export type Resync = z.output<typeof ResyncSchema>;

const commands = { world: u32, token: token.optional() };
/**
 * Pausing, slowing, stepping or playing a row of a running batch first forks it into a real-time host of its own; `release` ends
 * the fork and goes back to the batch's row. `seek` is for recordings: a tick counted from their beginning.
 */
export const ControlSchema = z.discriminatedUnion('command', [
  z.strictObject({ ...commands, command: z.enum(['fork', 'pause', 'play', 'release']) }),
  z.strictObject({ ...commands, command: z.literal('step'), value: z.int().min(1).max(10000).default(1).describe('Ticks.') }),
  z.strictObject({
    ...commands,
    command: z.literal('speed'),
    value: z.number().min(0.05).max(64).describe('Times real time, 20 ticks/s.'),
  }),
  z.strictObject({ ...commands, command: z.literal('seek'), value: u32.describe('Tick counted from the beginning of the recording.') }),
]);
export type Control = z.output<typeof ControlSchema>;
export type ControlInput = z.input<typeof ControlSchema>;

export const ReplySchema = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true) }),
  z.strictObject({ ok: z.literal(false), sentence }),
]);
export type Reply = z.output<typeof ReplySchema>;

const signedMetres = z.number().min(-256).max(256);
const VehicleInfoSchema = z.strictObject({
  kind: z.enum(['car', 'rover', 'quadcopter']),
  size: z.tuple([metres, metres, metres]).describe('Chassis, metres.'),
  parts: z
    .array(z.tuple([signedMetres, signedMetres, signedMetres]))
    .max(8)
    .describe('Wheels or rotors, from the middle of the chassis, metres.'),
  partRadius: metres,
  wheelbase: metres.describe('Distance of the axles of what steers; else 0.'),
});
const AgentInfoSchema = z.strictObject({
  id: name,
  team: name,
  color,
  role: name.optional(),
  vehicle: VehicleInfoSchema.optional().describe(
    'Present where the agent is a vehicle; its chassis is in frames after the props of the level, in the order of slots.',
  ),
});
export type AgentInfo = z.output<typeof AgentInfoSchema>;

/** A part of a task whose status and progress frames carry. */
const NodeInfoSchema = z.strictObject({
  name: sentence.describe('The clause in words.'),
  task: z.int().min(0).describe('Index in taskNames.'),
  depth: z.int().min(0).max(64).describe('How deep under its task, 0 = the task itself.'),
  goal: sentence.optional().describe('Present where the part is an achievement, to be ticked off: what must be done, in words.'),
  node: z.int().min(0).describe('Number that `progressed` and `violated` events give.'),
});
export type NodeInfo = z.output<typeof NodeInfoSchema>;

const SurvivalInfoSchema = z.strictObject({
  mostFood: z.int().min(0).max(20).describe('Food at the start, half drumsticks.'),
  hunger: z.boolean().describe('Whether food is lost with time.'),
  recipes: z.array(name).max(255).describe('Names, in the order in which frames count them.'),
  mobKinds: z
    .array(z.strictObject({ name, kind: name.describe('Key of MOB_KINDS, for its looks.'), health: z.int().min(1).max(1000) }))
    .max(64)
    .describe('What the scenario calls each entry of its mobs, and their health at the start.'),
  mobKindBySlot: z.array(z.int().min(0).max(63)).max(MAX_MOBS).describe('Index in mobKinds of each mob slot.'),
});
export type SurvivalInfo = z.output<typeof SurvivalInfoSchema>;

export const ScenarioInfoSchema = z.strictObject({
  id: name,
  title: sentence,
  description: sentence,
  size: WorldSizeSchema,
  maxTicks: z.int().min(1),
  teams: z.array(z.strictObject({ id: name, color })).max(256),
  agents: z.array(AgentInfoSchema).max(256).describe('In the order of their slots.'),
  taskNames: z.array(name).max(256),
  nodes: z.array(NodeInfoSchema).max(1024),
  nodeNames: z.array(sentence).max(65536).describe('By node number, for events.'),
  mechanismNames: z.array(name).max(64),
  symbols: z.array(name).max(256),
  rewardNames: z.array(name).max(64),
  survival: SurvivalInfoSchema.optional().describe('Present where the scenario has survival.'),
});
export type ScenarioInfo = z.output<typeof ScenarioInfoSchema>;

/** What the viewer draws for one palette entry; all fields as in the block registry. */
const BlockInfoSchema = z.strictObject({
  id: z.int().min(0).max(0xffff).describe('Registry id.'),
  name,
});
export type BlockInfo = z.output<typeof BlockInfoSchema>;

export const RecordingInfoSchema = z.strictObject({
  world: u32.describe('Row to watch.'),
  name,
  ticks: u32.describe('Recorded ticks, all episodes together.'),
  episodeStarts: z.array(u32).max(100000).describe('Tick at which each episode begins.'),
  note: sentence.describe('Whether it is complete and verified, in a sentence; empty when there is nothing to say.'),
});
export type RecordingInfo = z.output<typeof RecordingInfoSchema>;

export const WelcomeSchema = z.strictObject({
  protocol: z.int(),
  mode: z.enum(['batch', 'recording', 'finished']).describe('A running batch, recordings, or a batch that has ended and stands still.'),
  scenario: ScenarioInfoSchema,
  palette: z.array(BlockInfoSchema).max(256).describe('By palette index.'),
  numWorlds: z.int().min(1),
  engine: name,
  policy: name,
  canControl: z.boolean().describe('Whether this watcher gave the token.'),
  recordings: z.array(RecordingInfoSchema).max(100000),
  played: slots.describe('Agents for whom people decide; empty in recordings.'),
  listeners: slots.describe('Agents who hear what people say; empty in recordings.'),
});
export type Welcome = z.output<typeof WelcomeSchema>;

export const HelloReplySchema = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), welcome: WelcomeSchema }),
  z.strictObject({ ok: z.literal(false), sentence }),
]);
export type HelloReply = z.output<typeof HelloReplySchema>;

/** State of whatever drives the watched world; sent when it changes and after every watch. */
export const StatusSchema = z.strictObject({
  world: u32,
  stream: u32,
  playing: z.boolean(),
  speed: z.number().min(0).describe('Times real time; 0 = as fast as the batch goes.'),
  forked: z.boolean().describe('Whether it is a fork of the row, with a clock of its own.'),
  position: u32.describe('Recordings: tick counted from the beginning. Otherwise the tick of the episode.'),
  length: u32.describe('Recordings: ticks in all. Otherwise 0.'),
  ticksPerSecond: z.number().min(0).describe('Measured.'),
  taken: slots.describe('Agents that a person plays now.'),
});
export type Status = z.output<typeof StatusSchema>;

/** Something a person should read. */
export const NoticeSchema = z.strictObject({ sentence });
export type Notice = z.output<typeof NoticeSchema>;

/** @throws ProtocolError `wire-message` naming the message, the path and what must be there. */
export function parseMessage<S extends z.ZodType>(messageName: string, schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ProtocolError(
    'wire-message',
    `A ${messageName} message is not valid: ${describeIssue(parsed.error)} See packages/world/src/wire/messages.ts.`,
  );
}
