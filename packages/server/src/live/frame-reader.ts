/** Reads the moving part of one row out of an engine's state, as the wire's frame. Shapes as in the wire: A agents, R tasks, N shown nodes. */
import { type Engine, NODE_STATUS, nodeProgress, nodeStatus } from '@kinovox/physics';
import {
  FRAME_AGENT_WORD,
  FRAME_AGENT_WORDS,
  FRAME_NODE_WORDS,
  type Frame,
  INVENTORY_SLOTS,
  type NodeInfo,
  PROP_WORDS,
  type StreamPosition,
} from '@kinovox/world';
import type { RowTotals } from './reward-totals.js';
import { readSurvivalPart } from './survival-reader.js';

const W = FRAME_AGENT_WORD;
/** Bits of the share of a dig that is done. */
const SHARE_BITS = 8;
/** Progress of what is done. */
const WHOLE_Q14 = 16384;

export function readFrame(engine: Engine, row: number, position: StreamPosition, totals: RowTotals, nodes: readonly NodeInfo[]): Frame {
  const { state, program } = engine;
  const { monitor, numProps } = program;
  return {
    ...position,
    status: state.status[row],
    agents: readAgents(engine, row),
    returns: Float32Array.from(totals.returns),
    rewardTerms: Float32Array.from(totals.terms),
    roots: readNodes(engine, row, Array.from(monitor.roots.subarray(0, monitor.numTasks))),
    nodes: readShownNodes(engine, row, nodes, totals.reached),
    props: state.prop.slice(row * numProps * PROP_WORDS, (row + 1) * numProps * PROP_WORDS),
    survival: program.survival === undefined ? undefined : readSurvivalPart(engine, program.survival, row),
  };
}

function readAgents(engine: Engine, row: number): Int32Array {
  const { state, program } = engine;
  const words = new Int32Array(program.numAgents * FRAME_AGENT_WORDS);
  for (let a = 0; a < program.numAgents; a++) {
    const i = row * program.numAgents + a;
    const at = a * FRAME_AGENT_WORDS;
    words[at + W.posX] = state.posX[i];
    words[at + W.posY] = state.posY[i];
    words[at + W.posZ] = state.posZ[i];
    words[at + W.velX] = state.velX[i];
    words[at + W.velY] = state.velY[i];
    words[at + W.velZ] = state.velZ[i];
    words[at + W.yaw] = state.yaw[i];
    words[at + W.pitch] = state.pitch[i];
    words[at + W.flags] = state.flags[i];
    words[at + W.health] = state.health[i];
    const slot = i * INVENTORY_SLOTS + state.heldSlot[i];
    words[at + W.heldItem] = state.inventoryCount[slot] > 0 ? state.inventoryItem[slot] : 0;
    words[at + W.digCell] = state.digCell[i];
    words[at + W.digShare] = digShare(engine, row, i);
  }
  return words;
}

/** Share of the running dig that is done, Q8. */
function digShare(engine: Engine, row: number, i: number): number {
  const { state, program } = engine;
  const cell = state.digCell[i] - 1;
  if (cell < 0) return 0;
  const block = state.voxels[row * state.cellsPerWorld + cell];
  const { survival } = program;
  const held = state.inventoryItem[i * INVENTORY_SLOTS + state.heldSlot[i]];
  const ticks =
    survival === undefined ? program.blocks.digTicks[block] : survival.digTicks[block * survival.numToolRows + survival.toolRow[held]];
  return ticks <= 0 ? 0 : Math.min(1 << SHARE_BITS, Math.floor((state.digProgress[i] << SHARE_BITS) / ticks));
}

function readNodes(engine: Engine, row: number, nodes: readonly number[]): Int32Array {
  const words = new Int32Array(nodes.length * FRAME_NODE_WORDS);
  nodes.forEach((node, n) => {
    words[n * FRAME_NODE_WORDS] = nodeStatus(engine.state, engine.program.monitor, row, node);
    words[n * FRAME_NODE_WORDS + 1] = nodeProgress(engine.state, engine.program.monitor, row, node);
  });
  return words;
}

/** Status and progress of the shown nodes. An achievement that was reached stays so, also where what it asked for is gone again. */
function readShownNodes(engine: Engine, row: number, nodes: readonly NodeInfo[], reached: Uint8Array): Int32Array {
  const words = readNodes(
    engine,
    row,
    nodes.map((info) => info.node),
  );
  const { achievements } = engine.program.monitor;
  nodes.forEach(({ node, goal }, n) => {
    if (goal === undefined || reached[achievements.indexOf(node)] !== 1) return;
    words[n * FRAME_NODE_WORDS] = NODE_STATUS.satisfied;
    words[n * FRAME_NODE_WORDS + 1] = WHOLE_Q14;
  });
  return words;
}
