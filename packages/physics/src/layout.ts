/**
 * Where every state word of a batch lies: one i32 arena, field-major. Word k of agent field f, world w, slot a is at
 * `base[f] + (w * A + a) * width[f] + k`; of a world field at `base[f] + w * width[f] + k`. Derived from STATE_SPEC; fields start at multiples of 16 words.
 */
import {
  INVENTORY_SLOTS,
  invariant,
  MAX_TRADES,
  MECHANISM_WORDS,
  MESSAGE_RING,
  MESSAGE_WORDS,
  PILE_WORDS,
  PROP_WORDS,
  STATE_SPEC,
  type StateFieldName,
  VEHICLE_WORDS,
} from '@kinovox/world';

export interface LayoutField {
  id: number;
  name: StateFieldName;
  scope: 'agent' | 'world';
  /** Words per agent or per world. */
  width: number;
  /** First word in the arena. */
  base: number;
  /** Words of one world. */
  wordsPerWorld: number;
  defaultValue: number;
}

export interface Layout {
  numWorlds: number;
  numAgents: number;
  fields: LayoutField[];
  /** First word of each field. */
  base: Record<StateFieldName, number>;
  width: Record<StateFieldName, number>;
  /** Words of the arena. */
  length: number;
}

export interface LayoutSizes {
  numAgents: number;
  numMechanisms: number;
  numRegisters: number;
  numProps: number;
  /** Vehicles, whose chassis are among the props. */
  numVehicles: number;
  /** Piles of items that can lie in a world; 0 without survival. */
  numPiles: number;
  /** Slots for mobs; 0 without any. */
  numMobs: number;
  /** 1 where agents can carry props, otherwise 0. */
  numHands: number;
}

const ALIGN_WORDS = 16;
/**
 * Batches have round sizes, so without gaps the fields of an agent would lie a power of two apart, in the same few lines of every cache.
 * Five lines of 64 bytes, an odd number, after each field of a kilobyte and more spread them over all.
 */
const LARGE_WORDS = 256;
const GAP_WORDS = 5 * ALIGN_WORDS;

export function createLayout(numWorlds: number, sizes: LayoutSizes): Layout {
  const { numAgents } = sizes;
  invariant(
    numWorlds >= 1 && numAgents >= 1 && numAgents <= 256,
    `A layout needs worlds and 1 to 256 agents; got ${numWorlds} x ${numAgents}.`,
  );
  const widths = {
    slots: INVENTORY_SLOTS,
    ring: MESSAGE_RING * MESSAGE_WORDS,
    contacts: (numAgents + 31) >> 5,
    mechanisms: sizes.numMechanisms * MECHANISM_WORDS,
    registers: sizes.numRegisters,
    props: sizes.numProps * PROP_WORDS,
    vehicles: sizes.numVehicles * VEHICLE_WORDS,
    piles: sizes.numPiles * PILE_WORDS,
    mobs: sizes.numMobs,
    trades: sizes.numMobs * MAX_TRADES,
    hands: sizes.numHands,
    grip: 2 * sizes.numHands,
  };
  const base = {} as Record<StateFieldName, number>;
  const width = {} as Record<StateFieldName, number>;
  let next = 0;
  const fields = STATE_SPEC.map((field): LayoutField => {
    const words = typeof field.width === 'number' ? field.width : widths[field.width];
    const wordsPerWorld = field.scope === 'agent' ? numAgents * words : words;
    base[field.name] = next;
    width[field.name] = words;
    const placed = {
      id: field.id,
      name: field.name,
      scope: field.scope,
      width: words,
      base: next,
      wordsPerWorld,
      defaultValue: field.defaultValue,
    };
    const length = Math.ceil((wordsPerWorld * numWorlds) / ALIGN_WORDS) * ALIGN_WORDS;
    next += length < LARGE_WORDS ? length : length + GAP_WORDS;
    return placed;
  });
  return { numWorlds, numAgents, fields, base, width, length: next };
}
