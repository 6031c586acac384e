/**
 * The voxels as meshes: keeps a mesh per chunk up to date with the model, meshing in Web Workers, nearest chunks first.
 * Limits: a few jobs at once per worker, so that an edit near the camera never waits behind a whole world.
 */
import * as THREE from 'three';
import { CHUNK, copyPadded, type VoxelField } from '../meshing/chunk.js';
import { DirtyChunks } from '../meshing/dirty-chunks.js';
import { createLooks } from '../meshing/looks.js';
import type { MeshData } from '../meshing/mesh-buffers.js';
import type { MeshReply, MeshRequest } from '../meshing/mesh-worker.js';
import type { LampLight } from './lamp-light.js';
import { createTileMaterial, createTileTexture } from './tile-material.js';

const JOBS_PER_WORKER = 4;
/** Most workers; meshing a chunk takes about a millisecond. */
const MAX_WORKERS = 2;

interface ChunkPair {
  opaque: THREE.Mesh | undefined;
  translucent: THREE.Mesh | undefined;
}

export class ChunkMeshes {
  readonly group = new THREE.Group();
  readonly #workers: Worker[];
  readonly #lamps: LampLight;
  #materials: [THREE.Material, THREE.Material] | undefined;
  #texture: THREE.DataArrayTexture | undefined;
  #field: VoxelField | undefined;
  #dirty = new DirtyChunks([1, 1, 1]);
  #chunks = new Map<number, ChunkPair>();
  /** Chunks being meshed, and the generation of each job: replies of an older world are dropped. */
  #inFlight = new Set<number>();
  #generation = 0;
  #nextWorker = 0;
  #numMeshed = 0;

  constructor(lamps: LampLight) {
    this.#lamps = lamps;
    const numWorkers = Math.max(1, Math.min(MAX_WORKERS, (navigator.hardwareConcurrency ?? 2) - 1));
    this.#workers = Array.from({ length: numWorkers }, () => {
      const worker = new Worker(new URL('../meshing/mesh-worker.ts', import.meta.url), { type: 'module' });
      worker.onmessage = ({ data }: MessageEvent<MeshReply>) => this.#receive(data);
      return worker;
    });
  }

  /** Chunks meshed since the page loaded; an edit adds only those that it touches. */
  get numMeshed(): number {
    return this.#numMeshed;
  }

  /** Whether every chunk shows the model's voxels. */
  get settled(): boolean {
    return this.#dirty.numDirty === 0 && this.#inFlight.size === 0;
  }

  /** Sets the blocks that palette indices stand for, as registry ids. */
  setPalette(registryIds: readonly number[]): void {
    const looks = createLooks(registryIds);
    this.#texture?.dispose();
    for (const material of this.#materials ?? []) material.dispose();
    this.#texture = createTileTexture(looks.tiles);
    this.#materials = [createTileMaterial(this.#texture, false, this.#lamps), createTileMaterial(this.#texture, true, this.#lamps)];
    for (const worker of this.#workers) worker.postMessage({ kind: 'looks', table: looks.table } satisfies MeshRequest);
    this.#clear();
  }

  /** Shows a world; `changed` are the cells that differ from the one shown, undefined for all. */
  setField(field: VoxelField, changed: readonly number[] | undefined): void {
    this.#field = field;
    if (changed !== undefined && this.#chunks.size > 0) {
      this.markCells(changed);
      return;
    }
    this.#clear();
    this.#dirty = new DirtyChunks(field.size);
    this.#dirty.markAll();
  }

  markCells(cells: readonly number[]): void {
    for (const cell of cells) this.#dirty.markCell(cell);
  }

  /** Hands dirty chunks to the workers, those nearest to `near` first. Call once per picture. */
  update(near: THREE.Vector3): void {
    if (this.#field === undefined || this.#materials === undefined) return;
    while (this.#inFlight.size < JOBS_PER_WORKER * this.#workers.length) {
      const chunk = this.#dirty.takeNearest(near.x, near.y, near.z, this.#inFlight);
      if (chunk < 0) return;
      const padded = copyPadded(this.#field, ...this.#dirty.positionOf(chunk));
      this.#inFlight.add(chunk);
      this.#nextWorker = (this.#nextWorker + 1) % this.#workers.length;
      this.#workers[this.#nextWorker].postMessage({ kind: 'chunk', job: this.#generation, chunk, padded } satisfies MeshRequest, [
        padded.buffer as ArrayBuffer,
      ]);
    }
  }

  #receive({ job, chunk, mesh }: MeshReply): void {
    if (job !== this.#generation) return;
    this.#inFlight.delete(chunk);
    this.#numMeshed++;
    const pair = this.#chunks.get(chunk) ?? { opaque: undefined, translucent: undefined };
    this.#chunks.set(chunk, pair);
    pair.opaque = this.#replace(pair.opaque, chunk, mesh.opaque, false);
    pair.translucent = this.#replace(pair.translucent, chunk, mesh.translucent, true);
  }

  #replace(old: THREE.Mesh | undefined, chunk: number, data: MeshData, translucent: boolean): THREE.Mesh | undefined {
    old?.geometry.dispose();
    if (data.indices.length === 0) {
      if (old !== undefined) this.group.remove(old);
      return undefined;
    }
    const mesh = old ?? new THREE.Mesh();
    mesh.geometry = createGeometry(data);
    mesh.material = this.#materials![translucent ? 1 : 0];
    mesh.castShadow = !translucent;
    mesh.receiveShadow = true;
    const [cx, cy, cz] = this.#dirty.positionOf(chunk);
    mesh.position.set(cx * CHUNK, cy * CHUNK, cz * CHUNK);
    mesh.matrixAutoUpdate = false;
    mesh.updateMatrix();
    if (old === undefined) this.group.add(mesh);
    return mesh;
  }

  #clear(): void {
    for (const { opaque, translucent } of this.#chunks.values()) {
      opaque?.geometry.dispose();
      translucent?.geometry.dispose();
    }
    this.group.clear();
    this.#chunks.clear();
    this.#inFlight.clear();
    this.#generation++;
  }
}

function createGeometry(data: MeshData): THREE.BufferGeometry {
  const geometry = new THREE.BufferGeometry();
  geometry.setAttribute('position', new THREE.BufferAttribute(data.positions, 3));
  geometry.setAttribute('normal', new THREE.BufferAttribute(data.normals, 4, true));
  geometry.setAttribute('tileUv', new THREE.BufferAttribute(data.uvs, 2));
  geometry.setAttribute('tile', new THREE.BufferAttribute(data.tiles, 3));
  geometry.setIndex(new THREE.BufferAttribute(data.indices, 1));
  geometry.boundingSphere = new THREE.Sphere(new THREE.Vector3(CHUNK / 2, CHUNK / 2, CHUNK / 2), (CHUNK / 2) * Math.sqrt(3));
  return geometry;
}
