/**
 * What agents mean to do, drawn over the world: a band along each way in the agent's colour, with a dot for each second; boxes on cells that are kept for
 * it, now or soon; lines along ways that were tried; a red mark where two would meet; and a plane of the followed agent's safety value.
 * Built anew with each message, at most four times a second.
 */
import type { AgentInfo, Plans } from '@kinovox/world';
import * as THREE from 'three';
import { bandsOf, dotsOf, linesOf, sliceOf } from './plan-shapes.js';

/** Cells that are kept later than this are not drawn, ticks. */
const SOON_TICKS = 40;
/** Height of the boxes of those who stay on the ground, metres, and the gap around a box. */
const GROUND_HEIGHT = 0.22;
const GAP = 0.03;
const WALKER_BAND = 0.2;
const VEHICLE_BAND = 0.34;
const CONFLICT_COLOR = 0xff2d2d;
const DOT_RADIUS = 0.11;
const MARK_METRES = 0.9;
/** Above the point where two would meet. */
const MARK_LIFT = 1.1;

/** What is drawn now, for tests. */
export interface PlanCounts {
  ways: number;
  dots: number;
  held: number;
  soon: number;
  rollouts: number;
  conflicts: number;
  /** Squares of the slice. */
  squares: number;
}

const NOTHING: PlanCounts = Object.freeze({ ways: 0, dots: 0, held: 0, soon: 0, rollouts: 0, conflicts: 0, squares: 0 });

export class PlanOverlay {
  readonly group = new THREE.Group();
  #counts: PlanCounts = NOTHING;
  #agents: readonly AgentInfo[] = [];
  #mark: THREE.Texture | undefined;

  get counts(): PlanCounts {
    return this.#counts;
  }

  setAgents(agents: readonly AgentInfo[]): void {
    this.#agents = agents;
  }

  clear(): void {
    for (const child of this.group.children) {
      if (child instanceof THREE.InstancedMesh) child.dispose();
      if (child instanceof THREE.Mesh || child instanceof THREE.LineSegments) child.geometry.dispose();
      (child as THREE.Mesh<THREE.BufferGeometry, THREE.Material>).material.dispose();
    }
    this.group.clear();
    this.#counts = NOTHING;
  }

  /** @param slot the followed agent, whose slice is drawn. */
  show({ tick, agents, conflicts, slices }: Plans, slot: number): void {
    this.clear();
    const ways = agents.filter(({ path }) => path.length > 1);
    const slice = slices.find((one) => one.slot === slot);
    const squares = slice === undefined ? 0 : this.#addSlice(sliceOf(slice));
    const bands = ways.map(({ slot: whose, path }) => ({
      path,
      color: this.#colorOf(whose),
      width: this.#agents[whose]?.vehicle === undefined ? WALKER_BAND : VEHICLE_BAND,
    }));
    if (bands.length > 0) this.#addBands(bandsOf(bands, tick));
    const dots = ways.flatMap(({ path }) => dotsOf(path, tick));
    this.#addDots(dots);
    const tried = agents.flatMap(({ slot: whose, rollouts }) => rollouts.map((points) => ({ points, color: this.#colorOf(whose) })));
    if (tried.length > 0) this.#addLines(linesOf(tried));
    const cells = agents.flatMap(({ slot: whose, cells: kept }) => kept.map((cell) => ({ ...cell, slot: whose })));
    const held = cells.filter((cell) => cell.held);
    const soon = cells.filter((cell) => !cell.held && cell.from - tick <= SOON_TICKS);
    this.#addCells(held, 0.34);
    this.#addCells(soon, 0.12);
    for (const { at } of conflicts) this.#addMark(at);
    this.#counts = {
      ways: bands.length,
      dots: dots.length,
      held: held.length,
      soon: soon.length,
      rollouts: tried.length,
      conflicts: conflicts.length,
      squares,
    };
  }

  #colorOf(slot: number): THREE.Color {
    return new THREE.Color(this.#agents[slot]?.color ?? 0xffffff);
  }

  /** Faint where blocks are before it. */
  #addBands(geometry: THREE.BufferGeometry): void {
    for (const hidden of [true, false]) {
      const band = new THREE.Mesh(
        geometry,
        new THREE.MeshBasicMaterial({
          vertexColors: true,
          transparent: true,
          opacity: hidden ? 0.22 : 1,
          depthTest: !hidden,
          depthWrite: false,
          side: THREE.DoubleSide,
          toneMapped: false,
          fog: false,
        }),
      );
      band.renderOrder = hidden ? 3 : 4;
      this.group.add(band);
    }
  }

  #addDots(dots: readonly THREE.Vector3[]): void {
    if (dots.length === 0) return;
    const disc = new THREE.CircleGeometry(DOT_RADIUS, 12).rotateX(-Math.PI / 2);
    const material = new THREE.MeshBasicMaterial({
      color: 0xffffff,
      transparent: true,
      opacity: 0.9,
      depthWrite: false,
      toneMapped: false,
    });
    const mesh = new THREE.InstancedMesh(disc, material, dots.length);
    const matrix = new THREE.Matrix4();
    dots.forEach((dot, i) => {
      mesh.setMatrixAt(i, matrix.makeTranslation(dot));
    });
    mesh.renderOrder = 5;
    this.#addInstances(mesh);
  }

  #addLines(geometry: THREE.BufferGeometry): void {
    const lines = new THREE.LineSegments(
      geometry,
      new THREE.LineBasicMaterial({ vertexColors: true, transparent: true, depthWrite: false, toneMapped: false }),
    );
    lines.renderOrder = 3;
    this.group.add(lines);
  }

  #addCells(cells: readonly { slot: number; at: readonly [number, number, number]; edge: number }[], opacity: number): void {
    if (cells.length === 0) return;
    const material = new THREE.MeshBasicMaterial({ transparent: true, opacity, depthWrite: false, toneMapped: false });
    const mesh = new THREE.InstancedMesh(new THREE.BoxGeometry(1, 1, 1), material, cells.length);
    const matrix = new THREE.Matrix4();
    cells.forEach(({ slot, at, edge }, i) => {
      const flies = this.#agents[slot]?.vehicle?.kind === 'quadcopter';
      const wide = edge - 2 * GAP;
      const high = flies ? wide : GROUND_HEIGHT;
      matrix.makeScale(wide, high, wide).setPosition(at[0] + edge / 2, at[1] + GAP + high / 2, at[2] + edge / 2);
      mesh.setMatrixAt(i, matrix);
      mesh.setColorAt(i, this.#colorOf(slot));
    });
    mesh.renderOrder = 2;
    this.#addInstances(mesh);
  }

  /** Their bounds are not kept: there are few, and they are anywhere. */
  #addInstances(mesh: THREE.InstancedMesh): void {
    mesh.frustumCulled = false;
    this.group.add(mesh);
  }

  #addMark([x, y, z]: readonly [number, number, number]): void {
    this.#mark ??= warningSign();
    const sprite = new THREE.Sprite(
      new THREE.SpriteMaterial({ map: this.#mark, transparent: true, depthTest: false, depthWrite: false, toneMapped: false, fog: false }),
    );
    sprite.position.set(x, y + MARK_LIFT, z);
    sprite.scale.setScalar(MARK_METRES);
    sprite.renderOrder = 6;
    this.group.add(sprite);
  }

  /** @returns how many squares it has. */
  #addSlice(geometry: THREE.BufferGeometry): number {
    const plane = new THREE.Mesh(
      geometry,
      new THREE.MeshBasicMaterial({
        vertexColors: true,
        transparent: true,
        depthWrite: false,
        side: THREE.DoubleSide,
        toneMapped: false,
        fog: false,
      }),
    );
    plane.renderOrder = 1;
    this.group.add(plane);
    return (geometry.index?.count ?? 0) / 6;
  }
}

/** A red disc with an exclamation mark. */
function warningSign(): THREE.Texture {
  const edge = 96;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = edge;
  const context = canvas.getContext('2d')!;
  context.fillStyle = `#${CONFLICT_COLOR.toString(16)}`;
  context.strokeStyle = '#ffffff';
  context.lineWidth = 7;
  context.beginPath();
  context.arc(edge / 2, edge / 2, edge / 2 - 6, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
  context.fillStyle = '#ffffff';
  context.fillRect(edge / 2 - 5, 22, 10, 34);
  context.fillRect(edge / 2 - 5, 64, 10, 10);
  const texture = new THREE.CanvasTexture(canvas);
  texture.colorSpace = THREE.SRGBColorSpace;
  return texture;
}
