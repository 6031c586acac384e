/** The numbers that say how a cell is drawn. Apart from the registry, so that the meshing worker stays small. */

/** Ways to draw a cell. Cubes come first; from `ladder` on, thin shapes that hide nothing. */
export const SHAPE = {
  none: 0,
  /** Hides what is behind it. */
  opaque: 1,
  /** A cube whose texture has holes. */
  cutout: 2,
  translucent: 3,
  /** Translucent, its surface an eighth lower. */
  liquid: 4,
  ladder: 5,
  vine: 6,
  plate: 7,
  pressedPlate: 8,
  lever: 9,
  leverOn: 10,
  button: 11,
  torch: 12,
  openDoor: 13,
  /** A plant: two upright planes that cross. */
  cross: 14,
} as const;

/** The first shape that is not a cube. */
export const FIRST_THIN: number = SHAPE.ladder;

/** Columns of a look table. */
export const LOOK = { shape: 0, top: 1, side: 2, bottom: 3, glow: 4 } as const;
export const LOOK_COLUMNS = 5;
