/** Web Worker that meshes chunks off the page's thread. First message: the look table; then one job per message, answered in order. */
import { type ChunkMesh, meshChunk } from './greedy-mesh.js';
import type { MeshData } from './mesh-buffers.js';

export type MeshRequest = { kind: 'looks'; table: Uint16Array } | { kind: 'chunk'; job: number; chunk: number; padded: Uint8Array };

export interface MeshReply {
  job: number;
  chunk: number;
  mesh: ChunkMesh;
}

let looks = new Uint16Array(0);

self.onmessage = ({ data }: MessageEvent<MeshRequest>) => {
  if (data.kind === 'looks') {
    looks = data.table as Uint16Array<ArrayBuffer>;
    return;
  }
  const mesh = meshChunk(data.padded, looks);
  const reply: MeshReply = { job: data.job, chunk: data.chunk, mesh };
  self.postMessage(reply, { transfer: [...buffersOf(mesh.opaque), ...buffersOf(mesh.translucent)] });
};

function buffersOf(mesh: MeshData): ArrayBuffer[] {
  return [mesh.positions, mesh.normals, mesh.uvs, mesh.tiles, mesh.indices].map((array) => array.buffer as ArrayBuffer);
}
