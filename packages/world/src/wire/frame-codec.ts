/**
 * `frame`: the moving part of one world at the end of a tick. Volatile, up to once per tick.
 * Words are state words as in STATE_SPEC, so a host copies them. Shapes: A agents, W reward terms, R task roots, N shown nodes, P props.
 */
import { PROP_WORDS } from '../spec/state.js';
import { ByteReader, type WireBytes } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { WIRE_KIND } from './protocol.js';
import { POSITION_BYTES, readPosition, type StreamPosition, writePosition } from './stream-position.js';
import { type FrameSurvival, readSurvival, survivalBytes, writeSurvival } from './survival-frame.js';

/** Index of each word of an agent in a frame; units and ranges of the state fields of those names. */
export const FRAME_AGENT_WORD = {
  posX: 0,
  posY: 1,
  posZ: 2,
  velX: 3,
  velY: 4,
  velZ: 5,
  yaw: 6,
  pitch: 7,
  flags: 8,
  health: 9,
  /** Item id in the selected slot; 0 is none. */
  heldItem: 10,
  /** Cell index + 1 of the block being dug; 0 is none. */
  digCell: 11,
  /** Share of that dig done, Q8: 0..256. */
  digShare: 12,
} as const;
export const FRAME_AGENT_WORDS = 13;
/** Words of a node or root in a frame: NODE_STATUS (0 pending, 1 satisfied, 2 violated) and Q14 progress. */
export const FRAME_NODE_WORDS = 2;

export interface Frame extends StreamPosition {
  /** WORLD_STATUS. u8. */
  status: number;
  /** `[A, FRAME_AGENT_WORDS]` */
  agents: Int32Array;
  /** `[A]` reward so far in this episode. */
  returns: Float32Array;
  /** `[W]` reward of all agents by term so far in this episode, in the order of `welcome.scenario.rewardNames`. */
  rewardTerms: Float32Array;
  /** `[R, FRAME_NODE_WORDS]` in the order of `welcome.scenario.taskNames`. */
  roots: Int32Array;
  /** `[N, FRAME_NODE_WORDS]` in the order of `welcome.scenario.nodes`; may be empty. */
  nodes: Int32Array;
  /** `[P, PROP_WORDS]` */
  props: Int32Array;
  /** Undefined where the scenario has no survival; costs one byte then. */
  survival?: FrameSurvival | undefined;
}

const MOST = 4096;

export function encodeFrame(frame: Frame): Uint8Array {
  const { agents, returns, rewardTerms, roots, nodes, props, survival } = frame;
  const words = agents.length + returns.length + rewardTerms.length + roots.length + nodes.length + props.length;
  const writer = new ByteWriter(WIRE_KIND.frame, POSITION_BYTES + 1 + 5 * 4 + words * 4 + survivalBytes(survival));
  writePosition(writer, frame)
    .u8(frame.status)
    .u32(returns.length)
    .u32(rewardTerms.length)
    .u32(roots.length / FRAME_NODE_WORDS)
    .u32(nodes.length / FRAME_NODE_WORDS)
    .u32(props.length / PROP_WORDS)
    .words(agents)
    .f32s(returns)
    .f32s(rewardTerms)
    .words(roots)
    .words(nodes)
    .words(props);
  return writeSurvival(writer, survival).finish();
}

/** @throws ProtocolError when the bytes are not a whole frame. */
export function decodeFrame(bytes: WireBytes): Frame {
  const reader = new ByteReader(bytes, WIRE_KIND.frame);
  const position = readPosition(reader);
  const status = reader.u8();
  const numAgents = reader.count('agents', MOST, (FRAME_AGENT_WORDS + 1) * 4);
  const numTerms = reader.count('reward terms', MOST, 4);
  const numRoots = reader.count('tasks', MOST, FRAME_NODE_WORDS * 4);
  const numNodes = reader.count('task parts', MOST, FRAME_NODE_WORDS * 4);
  const numProps = reader.count('props', MOST, PROP_WORDS * 4);
  const frame: Frame = {
    ...position,
    status,
    agents: reader.i32s(numAgents * FRAME_AGENT_WORDS),
    returns: reader.f32s(numAgents),
    rewardTerms: reader.f32s(numTerms),
    roots: reader.i32s(numRoots * FRAME_NODE_WORDS),
    nodes: reader.i32s(numNodes * FRAME_NODE_WORDS),
    props: reader.i32s(numProps * PROP_WORDS),
    survival: readSurvival(reader, numAgents),
  };
  reader.end();
  return frame;
}
