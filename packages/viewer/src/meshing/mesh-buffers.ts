/** Growing vertex buffers of one mesh, as transferable typed arrays when finished. Four vertices and six indices a quad. */

/** Vertex data; V vertices. */
export interface MeshData {
  /** `[V, 3]` blocks from the chunk's corner. */
  positions: Float32Array;
  /** `[V, 4]` unit normal times 127, and padding. */
  normals: Int8Array;
  /** `[V, 2]` texture coordinates, one block = one tile. */
  uvs: Float32Array;
  /** `[V, 3]` texture layer, light left by ambient occlusion 0..1, glow 0..1. */
  tiles: Float32Array;
  indices: Uint32Array;
}

export class MeshBuffers {
  #quads = 0;
  #positions = new Float32Array(12 * 64);
  #normals = new Int8Array(16 * 64);
  #uvs = new Float32Array(8 * 64);
  #tiles = new Float32Array(12 * 64);
  #indices = new Uint32Array(6 * 64);

  get numQuads(): number {
    return this.#quads;
  }

  /**
   * Adds a quad.
   * @param corners 12 numbers: four corners counter-clockwise as seen from outside.
   * @param uvs 8 numbers.
   * @param occlusion light left at each corner, 0..3.
   */
  quad(
    corners: ArrayLike<number>,
    normal: readonly [number, number, number],
    uvs: ArrayLike<number>,
    layer: number,
    occlusion: ArrayLike<number>,
    glow: number,
  ): void {
    const q = this.#quads++;
    if (q * 12 === this.#positions.length) this.#grow();
    this.#positions.set(corners, q * 12);
    this.#uvs.set(uvs, q * 8);
    for (let i = 0; i < 4; i++) {
      this.#normals.set([normal[0] * 127, normal[1] * 127, normal[2] * 127], (q * 4 + i) * 4);
      this.#tiles.set([layer, occlusion[i] / 3, glow], (q * 4 + i) * 3);
    }
    // The diagonal joins the brighter corners, or a single dark corner would smear over both triangles.
    const first = occlusion[0] + occlusion[2] >= occlusion[1] + occlusion[3] ? 0 : 1;
    const at = (i: number) => q * 4 + ((first + i) & 3);
    this.#indices.set([at(0), at(1), at(2), at(0), at(2), at(3)], q * 6);
  }

  finish(): MeshData {
    const q = this.#quads;
    return {
      positions: this.#positions.slice(0, q * 12),
      normals: this.#normals.slice(0, q * 16),
      uvs: this.#uvs.slice(0, q * 8),
      tiles: this.#tiles.slice(0, q * 12),
      indices: this.#indices.slice(0, q * 6),
    };
  }

  #grow(): void {
    this.#positions = copyInto(new Float32Array(this.#positions.length * 2), this.#positions);
    this.#normals = copyInto(new Int8Array(this.#normals.length * 2), this.#normals);
    this.#uvs = copyInto(new Float32Array(this.#uvs.length * 2), this.#uvs);
    this.#tiles = copyInto(new Float32Array(this.#tiles.length * 2), this.#tiles);
    this.#indices = copyInto(new Uint32Array(this.#indices.length * 2), this.#indices);
  }
}

function copyInto<T extends Float32Array | Int8Array | Uint32Array>(target: T, source: T): T {
  target.set(source);
  return target;
}
