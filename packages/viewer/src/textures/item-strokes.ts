/** What items that are no cubes look like: strokes on a grid of 16 x 16, y down, later ones over earlier ones. */

/** `line` x0 y0 x1 y1, two pixels wide; `disc` and `rhomb` centre and half axes; `box` corner and size; then 0xRRGGBB. */
export type Stroke = readonly [kind: 'line' | 'disc' | 'rhomb' | 'box', a: number, b: number, c: number, d: number, color: number];

const WOOD = 0x8a5f36;
const METAL: Readonly<Record<string, number>> = { wooden: 0xa9804f, stone: 0x9a9a9a, iron: 0xe4e4e4, diamond: 0x4fe0d2 };

/** Handle first, then the head in the tier's colour. */
const TOOLS: Readonly<Record<string, (metal: number) => readonly Stroke[]>> = {
  pickaxe: (metal) => [
    ['line', 2, 13, 10, 5, WOOD],
    ['line', 4, 2, 9, 2, metal],
    ['line', 9, 3, 12, 5, metal],
    ['line', 12, 6, 13, 11, metal],
  ],
  axe: (metal) => [
    ['line', 3, 13, 11, 4, WOOD],
    ['box', 6, 2, 5, 3, metal],
    ['box', 5, 3, 4, 5, metal],
  ],
  shovel: (metal) => [
    ['line', 2, 13, 9, 6, WOOD],
    ['disc', 11.5, 4.5, 3, 3, metal],
  ],
  sword: (metal) => [
    ['line', 5, 10, 12, 2, metal],
    ['line', 6, 10, 13, 2, metal],
    ['line', 3, 8, 7, 12, WOOD],
    ['line', 1, 14, 3, 11, WOOD],
  ],
  hoe: (metal) => [
    ['line', 3, 13, 11, 4, WOOD],
    ['line', 6, 2, 11, 2, metal],
    ['line', 11, 3, 12, 4, metal],
  ],
};

const lump = (color: number): readonly Stroke[] => [
  ['disc', 8, 9.5, 5, 3.5, color],
  ['disc', 6, 7, 2.6, 2.6, color],
  ['disc', 10, 7, 3.2, 3, color],
];
const speckled = (color: number, speck: number): readonly Stroke[] => [
  ...lump(color),
  ['box', 6, 7, 2, 2, speck],
  ['box', 9, 9, 2, 1, speck],
  ['box', 10, 6, 1, 1, speck],
];
const ingot = (color: number): readonly Stroke[] => [
  ['box', 3, 8, 11, 4, color],
  ['box', 4, 6, 9, 3, color],
];
const gem = (color: number): readonly Stroke[] => [['rhomb', 8, 8, 6, 6.5, color]];
const meat = (color: number, fat: number): readonly Stroke[] => [
  ['disc', 8, 8, 6, 5, color],
  ['disc', 6, 9, 2.4, 2, fat],
];
const plate = (color: number): readonly Stroke[] => [['box', 2, 8, 12, 3, color]];

const ITEMS: Readonly<Record<string, readonly Stroke[]>> = {
  coal: lump(0x33343a),
  charcoal: lump(0x4a3d33),
  raw_iron: speckled(0xb99a82, 0xe3c7ae),
  raw_gold: speckled(0xc9952c, 0xf6dd6a),
  diamond: gem(0x4fe0d2),
  emerald: gem(0x2fc85c),
  clay_ball: [['disc', 8, 8, 5, 5, 0x9fa6b4]],
  stick: [['line', 3, 13, 11, 3, WOOD]],
  iron_ingot: ingot(0xd8d8d8),
  gold_ingot: ingot(0xf2cf4a),
  brick: ingot(0xa5523f),
  apple: [
    ['disc', 8, 9, 5, 5, 0xd23b30],
    ['line', 7, 4, 8, 2, WOOD],
    ['box', 10, 2, 3, 2, 0x4f9a3a],
  ],
  bread: [
    ['disc', 8, 9, 6.5, 4, 0xb97f3a],
    ['line', 4, 8, 5, 10, 0xe4bd7c],
    ['line', 7, 7, 8, 10, 0xe4bd7c],
    ['line', 10, 7, 11, 10, 0xe4bd7c],
  ],
  wheat: [
    ['line', 4, 14, 7, 7, 0x9a8a35],
    ['line', 8, 14, 8, 6, 0x9a8a35],
    ['line', 11, 14, 9, 7, 0x9a8a35],
    ['box', 4, 3, 3, 5, 0xdcb84e],
    ['box', 7, 2, 3, 5, 0xe8c860],
    ['box', 10, 3, 3, 5, 0xdcb84e],
  ],
  wheat_seeds: [
    ['disc', 5, 6, 1.6, 1.6, 0x6f9a3a],
    ['disc', 10, 5, 1.6, 1.6, 0x86b24a],
    ['disc', 8, 10, 1.6, 1.6, 0x6f9a3a],
    ['disc', 12, 10, 1.6, 1.6, 0x86b24a],
    ['disc', 4, 11, 1.6, 1.6, 0x86b24a],
  ],
  raw_beef: meat(0xc8423c, 0xf0c9c0),
  cooked_beef: meat(0x7d4a2c, 0xb98a5a),
  raw_porkchop: meat(0xeb9a94, 0xf8dcd6),
  cooked_porkchop: meat(0xb57f4f, 0xe4c08c),
  rotten_flesh: meat(0x8a5a3a, 0x7f8f4a),
  leather: [
    ['box', 3, 4, 10, 9, 0x9a5a33],
    ['box', 2, 5, 12, 3, 0x9a5a33],
    ['box', 2, 10, 12, 2, 0x9a5a33],
  ],
  bone: [
    ['line', 4, 11, 10, 5, 0xe8e4d4],
    ['disc', 4, 11, 2, 2, 0xe8e4d4],
    ['disc', 5, 13, 1.8, 1.8, 0xe8e4d4],
    ['disc', 11, 4, 1.8, 1.8, 0xe8e4d4],
    ['disc', 13, 5, 1.8, 1.8, 0xe8e4d4],
  ],
  string: [
    ['line', 3, 12, 6, 4, 0xe6e6e6],
    ['line', 6, 4, 8, 11, 0xe6e6e6],
    ['line', 8, 11, 12, 3, 0xe6e6e6],
  ],
  torch: [
    ['box', 7, 6, 2, 9, WOOD],
    ['box', 6, 3, 4, 4, 0xf6a534],
    ['box', 7, 3, 2, 2, 0xfff0a0],
  ],
  lever: [
    ['line', 7, 9, 11, 3, WOOD],
    ['box', 4, 10, 8, 4, 0x8a8a8a],
  ],
  stone_button: [['box', 5, 7, 6, 3, 0x8f8f8f]],
  stone_pressure_plate: plate(0x8f8f8f),
  oak_pressure_plate: plate(0xb08d57),
};

const TOOL_NAME = /^(wooden|stone|iron|diamond)_(pickaxe|axe|shovel|sword|hoe)$/;

/** Strokes of an item by name; undefined for those that have none. */
export function strokesOf(name: string): readonly Stroke[] | undefined {
  const tool = TOOL_NAME.exec(name);
  if (tool !== null) return TOOLS[tool[2]](METAL[tool[1]]);
  return Object.hasOwn(ITEMS, name) ? ITEMS[name] : undefined;
}
