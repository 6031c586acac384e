/**
 * Questions about a level, as macros for the text of a kernel: is a cell solid, what block is where; `stages/solidity.ts`, line by line.
 * A macro gives statements that declare their result; a serial number keeps names apart. They read `solid`, `cells`, `tables`, `solidBase`, `cellBase`.
 */
import * as walker from '../../bodies/walker.js';
import { half } from './exact.js';
import { BLOCK, BLOCK_COLUMNS, BODY_COLUMNS, CELLS_PER_FLOAT, TABLE } from './pack.js';

/** What of a program is written into the kernel. */
export interface MotionShape {
  numAgents: number;
  sizeX: number;
  sizeY: number;
  sizeZ: number;
  hasLiquid: boolean;
  hasClimbable: boolean;
  hasGround: boolean;
}

/** Floats of one level's solidity and cells in their pools. */
export function levelFloats({ sizeX, sizeY, sizeZ }: MotionShape): { solid: number; cells: number } {
  return { solid: sizeY * sizeZ * Math.ceil(sizeX / CELLS_PER_FLOAT), cells: Math.ceil((sizeX * sizeY * sizeZ) / 2) };
}

/** Whether motion asks what block is where, beside whether it is solid. */
export function readsCells({ hasLiquid, hasClimbable, hasGround }: MotionShape): boolean {
  return hasLiquid || hasClimbable || hasGround;
}

export class LevelText {
  readonly shape: MotionShape;
  #serial = 0;
  readonly #rowFloats: number;

  constructor(shape: MotionShape) {
    this.shape = shape;
    this.#rowFloats = Math.ceil(shape.sizeX / CELLS_PER_FLOAT);
  }

  /** Cells of the box of a body at (x, y, z): name + X0, X1, Y0, Y1, Z0, Z1. */
  box(name: string, x: string, y: string, z: string): string {
    return `
  const ${name}X0 = Math.floor((${x} - ${walker.HALF_WIDTH_Q16}) * ${half(16)});
  const ${name}X1 = Math.floor((${x} + ${walker.HALF_WIDTH_Q16 - 1}) * ${half(16)});
  const ${name}Y0 = Math.floor(${y} * ${half(16)});
  const ${name}Y1 = Math.floor((${y} + ${walker.HEIGHT_Q16 - 1}) * ${half(16)});
  const ${name}Z0 = Math.floor((${z} - ${walker.HALF_WIDTH_Q16}) * ${half(16)});
  const ${name}Z1 = Math.floor((${z} + ${walker.HALF_WIDTH_Q16 - 1}) * ${half(16)});`;
  }

  /** A column of the block whose palette index an expression gives. */
  block(index: string, column: number): string {
    return `tables[${TABLE.bodies + this.shape.numAgents * BODY_COLUMNS + column} + ${index} * ${BLOCK_COLUMNS}]`;
  }

  /** `boxSolid`: 1 when a cell of the inclusive box is solid; outside solid at the sides and below, empty above. */
  anySolid(out: string, x0: string, x1: string, y0: string, y1: string, z0: string, z1: string): string {
    const { sizeX, sizeY, sizeZ } = this.shape;
    const k = this.#serial++;
    return `
  let ${out} = 0;
  if (${x0} < 0 || ${z0} < 0 || ${y0} < 0 || ${x1} > ${sizeX - 1} || ${z1} > ${sizeZ - 1}) {
    ${out} = 1;
  } else {
    const top${k} = Math.min(${y1}, ${sizeY - 1});
    for (let sy${k} = ${y0}; sy${k} <= top${k} && ${out} === 0; sy${k} = sy${k} + 1) {
      for (let sz${k} = ${z0}; sz${k} <= ${z1} && ${out} === 0; sz${k} = sz${k} + 1) {
        for (let sx${k} = ${x0}; sx${k} <= ${x1} && ${out} === 0; sx${k} = sx${k} + 1) {
          const float${k} = wordOf(sx${k});
          const row${k} = solidBase + (sy${k} * ${sizeZ} + sz${k}) * ${this.#rowFloats} + float${k};
          ${out} = bitOf(solid[row${k}], tables[${TABLE.halves} + sx${k} - float${k} * ${CELLS_PER_FLOAT}]);
        }
      }
    }
  }`;
  }

  /** Palette index at a cell into a variable that is declared; -1 outside. */
  cell(out: string, x: string, y: string, z: string): string {
    const { sizeX, sizeY, sizeZ } = this.shape;
    const k = this.#serial++;
    return `
  ${out} = -1;
  if (${x} >= 0 && ${y} >= 0 && ${z} >= 0 && ${x} < ${sizeX} && ${y} < ${sizeY} && ${z} < ${sizeZ}) {
    const cell${k} = (${y} * ${sizeZ} + ${z}) * ${sizeX} + ${x};
    const pair${k} = Math.floor(cell${k} * 0.5);
    const both${k} = cells[cellBase + pair${k}];
    const upper${k} = Math.floor(both${k} * ${half(8)});
    ${out} = cell${k} === pair${k} * 2 ? both${k} - upper${k} * 256 : upper${k};
  }`;
  }

  /** `boxHolds` of the liquids: 1 when a cell of the box holds liquid number `kind`. */
  anyLiquid(out: string, kind: string, x0: string, x1: string, y0: string, y1: string, z0: string, z1: string): string {
    const k = this.#serial++;
    return `
  let ${out} = 0;
  for (let ly${k} = ${y0}; ly${k} <= ${y1} && ${out} === 0; ly${k} = ly${k} + 1) {
    for (let lz${k} = ${z0}; lz${k} <= ${z1} && ${out} === 0; lz${k} = lz${k} + 1) {
      for (let lx${k} = ${x0}; lx${k} <= ${x1} && ${out} === 0; lx${k} = lx${k} + 1) {
        let wet${k} = -1;
${this.cell(`wet${k}`, `lx${k}`, `ly${k}`, `lz${k}`)}
        if (wet${k} >= 0) {
          if (${this.block(`wet${k}`, BLOCK.liquid)} === ${kind}) ${out} = 1;
        }
      }
    }
  }`;
  }

  /** 1 when liquid `kind` is in the box that reaches `side` to the sides of (x, z) and from `bottom` to `top` above y. */
  wetBox(out: string, x: string, y: string, z: string, side: string, bottom: string, top: string, kind: string): string {
    const k = this.#serial++;
    return `
  const wx0${k} = Math.floor((${x} - ${side}) * ${half(16)});
  const wx1${k} = Math.floor((${x} + ${side} - 1) * ${half(16)});
  const wy0${k} = Math.floor((${y} + ${bottom}) * ${half(16)});
  const wy1${k} = Math.floor((${y} + ${top}) * ${half(16)});
  const wz0${k} = Math.floor((${z} - ${side}) * ${half(16)});
  const wz1${k} = Math.floor((${z} + ${side} - 1) * ${half(16)});
${this.anyLiquid(out, kind, `wx0${k}`, `wx1${k}`, `wy0${k}`, `wy1${k}`, `wz0${k}`, `wz1${k}`)}`;
  }

  /** `blockAtPoint`: of the cells that the point (x, z), Q16, touches in layer y, the palette index with the highest value in a column; -1 outside. */
  blockAt(out: string, column: number, x: string, y: string, z: string): string {
    const k = this.#serial++;
    // The cell of the point comes first, then those it touches besides; the first of the highest is kept.
    return `
  const bx${k} = Math.floor(${x} * ${half(16)});
  const bz${k} = Math.floor(${z} * ${half(16)});
  const by${k} = ${y};
  let fx${k} = bx${k};
  let fz${k} = bz${k};
  if (bx${k} * 65536 === ${x}) fx${k} = bx${k} - 1;
  if (bz${k} * 65536 === ${z}) fz${k} = bz${k} - 1;
  let ${out} = -1;
  for (let nz${k} = bz${k}; nz${k} >= fz${k}; nz${k} = nz${k} - 1) {
    for (let nx${k} = bx${k}; nx${k} >= fx${k}; nx${k} = nx${k} - 1) {
      let near${k} = -1;
${this.cell(`near${k}`, `nx${k}`, `by${k}`, `nz${k}`)}
      if (near${k} >= 0) {
        let better${k} = 1;
        if (${out} >= 0) {
          if (${this.block(`near${k}`, column)} <= ${this.block(out, column)}) better${k} = 0;
        }
        if (better${k} === 1) ${out} = near${k};
      }
    }
  }`;
  }
}
