/** Items on the ground: small cubes of blocks and pictures of the rest, which turn and bob; up to three of them show that a pile is large. */
import { FRAME_PILE, FRAME_PILE_WORDS, MAX_PILES } from '@kinovox/world';
import * as THREE from 'three';
import type { FrameSample } from '../frame-timeline.js';
import { cubeBlockOf } from '../textures/paint-item.js';
import { ItemSprites } from './item-sprites.js';
import type { LampLight } from './lamp-light.js';

const MOST_SHOWN = 3;
const CUBE_EDGE = 0.24;
const PICTURE_EDGE = 0.42;
/** Radians per tick, and ticks per bob. */
const TURN = 0.09;
const BOB_TICKS = 9;

export class Piles {
  readonly group = new THREE.Group();
  readonly #cubes: THREE.InstancedMesh;
  readonly #pictures: ItemSprites;

  constructor(lamps: LampLight) {
    const most = MAX_PILES * MOST_SHOWN;
    this.#cubes = new THREE.InstancedMesh(new THREE.BoxGeometry(CUBE_EDGE, CUBE_EDGE, CUBE_EDGE), lamps.material(), most);
    this.#cubes.castShadow = true;
    this.#cubes.frustumCulled = false;
    this.#cubes.setColorAt(0, color.set(0xffffff));
    this.#cubes.count = 0;
    this.#pictures = new ItemSprites(most, lamps);
    this.group.add(this.#cubes, this.#pictures.mesh);
  }

  /** @param size blocks of the world along x, y, z. */
  update({ after, tick }: FrameSample, size: readonly [number, number, number]): void {
    const piles = after.survival?.piles;
    this.group.visible = piles !== undefined && piles.length > 0;
    this.#cubes.count = 0;
    this.#pictures.begin();
    if (piles === undefined) return;
    for (let at = 0; at < piles.length; at += FRAME_PILE_WORDS) {
      const cell = piles[at + FRAME_PILE.cell];
      const x = (cell % size[0]) + 0.5;
      const z = (Math.floor(cell / size[0]) % size[2]) + 0.5;
      const y = Math.floor(cell / (size[0] * size[2])) + 0.26 + 0.06 * Math.sin(tick / BOB_TICKS + cell);
      const count = piles[at + FRAME_PILE.count];
      const shown = count >= 8 ? MOST_SHOWN : count > 1 ? 2 : 1;
      for (let i = 0; i < shown; i++) this.#add(piles[at + FRAME_PILE.item], x, y, z, tick * TURN + cell, i);
    }
    this.#cubes.instanceMatrix.needsUpdate = true;
    this.#cubes.instanceColor!.needsUpdate = true;
    this.#pictures.end();
  }

  #add(item: number, x: number, y: number, z: number, yaw: number, i: number): void {
    const spread = i * 0.11;
    matrix.makeRotationY(yaw);
    const block = cubeBlockOf(item);
    if (block === undefined) {
      matrix.scale(scale.setScalar(PICTURE_EDGE)).setPosition(x + spread * 0.5, y + spread * 0.6, z - spread);
      this.#pictures.add(item, matrix);
      return;
    }
    this.#cubes.setMatrixAt(this.#cubes.count, matrix.setPosition(x + spread, y + spread * 0.8, z - spread));
    this.#cubes.setColorAt(this.#cubes.count++, color.set(block.colorSide));
  }
}

const matrix = new THREE.Matrix4();
const scale = new THREE.Vector3();
const color = new THREE.Color();
