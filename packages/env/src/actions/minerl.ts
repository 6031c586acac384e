/**
 * The minerl profile: MineRL's action dictionary with its exact names, for policies and data made for it.
 * Buttons are pressed at >= 0.5; `camera` is [pitch, yaw] in degrees per tick, positive down and right, as there.
 * `attack` throws what is carried or strikes what stands in the aim, if anything can be struck, and digs otherwise. `use` does the first of these that is possible: trade or
 * give, eat, place the block in hand, use the block looked at (so a lever needs a hand without a block). ESC, inventory, pickItem and swapHands are
 * taken and do nothing.
 * @source MineRL v1.0 action space (BASALT and VPT), 20 ticks per second.
 */
import { ACTION_FIELDS, ACTION_WORD, INVENTORY_SLOTS, ShapeError } from '@kinovox/world';
import type { BoxSpace, DictSpace, DiscreteSpace } from '../spaces.js';
import { interactionOf } from './buttons.js';
import { fieldsOf, messageOf, writeIdle, writeNamed } from './native.js';
import type { ActionCodec, CodecHost } from './profile.js';

/** Columns of a batch's row; MineRL's keys in its own order, the camera as two. */
export const MINERL_COLUMNS = [
  'ESC',
  'attack',
  'back',
  'camera.pitch',
  'camera.yaw',
  'drop',
  'forward',
  ...Array.from({ length: INVENTORY_SLOTS }, (_, slot) => `hotbar.${slot + 1}` as const),
  'inventory',
  'jump',
  'left',
  'pickItem',
  'right',
  'sneak',
  'sprint',
  'swapHands',
  'use',
] as const;
export const MINERL_WIDTH = MINERL_COLUMNS.length;

export function createMinerlCodec(host: CodecHost): ActionCodec {
  const { program, numWorlds } = host;
  const numRows = numWorlds * program.numAgents;
  const native = new Float32Array(numRows * ACTION_FIELDS);
  return {
    profile: 'minerl',
    width: MINERL_WIDTH,
    space: minerlSpace(),
    row: minerlVector(),
    numInvalid: 0,
    expand(actions) {
      for (let i = 0; i < numRows; i++) expandRow(host, actions, i, native);
      return native;
    },
    writeIdle: (out) => void out.fill(0),
    write(out, index, action, agentId) {
      const { message, camera, ...buttons } = fieldsOf(action, 'minerl', "MineRL's names", '{ forward: 1, camera: [0, 15] }', agentId);
      const at = index * MINERL_WIDTH;
      out.fill(0, at, at + MINERL_WIDTH);
      writeNamed(out, at, MINERL_COLUMNS, buttons, "MineRL's action", agentId);
      if (camera !== undefined) [out[at + COLUMN['camera.pitch']], out[at + COLUMN['camera.yaw']]] = cameraOf(camera, agentId);
      return messageOf(message, agentId);
    },
  };
}

type Column = (typeof MINERL_COLUMNS)[number];
const COLUMN = Object.fromEntries(MINERL_COLUMNS.map((name, i) => [name, i])) as Record<Column, number>;
const RADIANS = Math.PI / 180;
const FIRST_SLOT = COLUMN['hotbar.1'];

function expandRow(host: CodecHost, actions: Float32Array, i: number, native: Float32Array): void {
  const from = i * MINERL_WIDTH;
  const at = i * ACTION_FIELDS;
  const pressed = (name: Column) => (actions[from + COLUMN[name]] >= 0.5 ? 1 : 0);
  writeIdle(native, at);
  native[at + ACTION_WORD.forward] = pressed('forward') - pressed('back');
  native[at + ACTION_WORD.strafe] = pressed('right') - pressed('left');
  native[at + ACTION_WORD.jump] = pressed('jump');
  native[at + ACTION_WORD.sprint] = pressed('sprint');
  native[at + ACTION_WORD.sneak] = pressed('sneak');
  // A product with NaN is NaN: the engine counts it as it does every other.
  native[at + ACTION_WORD.turn] = -actions[from + COLUMN['camera.yaw']] * RADIANS;
  native[at + ACTION_WORD.look] = -actions[from + COLUMN['camera.pitch']] * RADIANS;
  for (let slot = 0; slot < INVENTORY_SLOTS; slot++) if (actions[from + FIRST_SLOT + slot] >= 0.5) native[at + ACTION_WORD.slot] = slot + 1;
  const buttons = { attack: pressed('attack') === 1, use: pressed('use') === 1, drop: pressed('drop') === 1 };
  native[at + ACTION_WORD.interact] = interactionOf(host, Math.floor(i / host.program.numAgents), i % host.program.numAgents, buttons);
}

function minerlVector(): BoxSpace {
  const isAngle = (name: string) => name.startsWith('camera.');
  return {
    kind: 'box',
    dtype: 'float32',
    shape: [MINERL_WIDTH],
    low: MINERL_COLUMNS.map((name) => (isAngle(name) ? -180 : 0)),
    high: MINERL_COLUMNS.map((name) => (isAngle(name) ? 180 : 1)),
    names: [...MINERL_COLUMNS],
    units: MINERL_COLUMNS.map((name) => (isAngle(name) ? 'deg/tick' : '')),
  };
}

/** Exactly MineRL's keys. */
function minerlSpace(): DictSpace {
  const button: DiscreteSpace = { kind: 'discrete', n: 2, names: ['released', 'pressed'] };
  const camera: BoxSpace = {
    kind: 'box',
    dtype: 'float32',
    shape: [2],
    low: -180,
    high: 180,
    names: ['pitch', 'yaw'],
    units: ['deg/tick', 'deg/tick'],
  };
  const keys = MINERL_COLUMNS.map((name) => (name.startsWith('camera.') ? 'camera' : name));
  return { kind: 'dict', spaces: Object.fromEntries(keys.map((key) => [key, key === 'camera' ? camera : button])) };
}

function cameraOf(camera: unknown, agentId: string): [number, number] {
  const values = ArrayBuffer.isView(camera) ? Array.from(camera as Float32Array) : camera;
  if (Array.isArray(values) && values.length === 2 && values.every((value) => typeof value === 'number')) return [values[0], values[1]];
  throw new ShapeError(
    'action-camera',
    `camera must be [pitch, yaw] in degrees per tick; got ${JSON.stringify(camera)} for agent "${agentId}". Give for example [0, 15] to turn right.`,
  );
}
