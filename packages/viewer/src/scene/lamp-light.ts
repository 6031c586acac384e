/**
 * The shine of lamps by night: a texture of light by cell that every material of the world reads, so that any number of lamps costs one look-up.
 * By day, and where there are no days, it adds nothing and reads nothing.
 */
import { BLOCK_BY_ID } from '@kinovox/world';
import * as THREE from 'three';
import { lampField } from '../lamp-field.js';
import type { VoxelField } from '../meshing/chunk.js';

const FULL_LIGHT = 15;

export class LampLight {
  readonly #uniforms = {
    lampField: { value: createTexture(new Uint8Array(1), [1, 1, 1]) },
    lampSize: { value: new THREE.Vector3(1, 1, 1) },
    lampStrength: { value: 0 },
  };
  #light = new Uint8Array(256);
  #field: VoxelField | undefined;
  /** Palette index of each cell when the texture was made, where it shone. */
  #lamps = new Set<number>();
  #isStale = false;

  setPalette(registryIds: readonly number[]): void {
    this.#light = Uint8Array.from({ length: 256 }, (_, i) => BLOCK_BY_ID.get(registryIds[i] ?? 0)?.light ?? 0);
    this.#isStale = true;
  }

  setField(field: VoxelField): void {
    this.#field = field;
    this.#isStale = true;
  }

  /** Cells that changed: only those that shone or shine matter. */
  markCells(cells: readonly number[]): void {
    const voxels = this.#field?.voxels;
    if (voxels === undefined) return;
    for (const cell of cells) if (this.#light[voxels[cell]] > 0 || this.#lamps.has(cell)) this.#isStale = true;
  }

  /** @param strength 0 by day .. 1 by night. */
  update(strength: number): void {
    this.#uniforms.lampStrength.value = strength;
    if (strength === 0 || !this.#isStale || this.#field === undefined) return;
    this.#isStale = false;
    const { size, voxels } = this.#field;
    this.#lamps = new Set();
    for (let cell = 0; cell < voxels.length; cell++) if (this.#light[voxels[cell]] > 0) this.#lamps.add(cell);
    const bytes = lampField(size, voxels, this.#light);
    for (let cell = 0; cell < bytes.length; cell++) bytes[cell] *= 255 / FULL_LIGHT;
    this.#uniforms.lampField.value.dispose();
    this.#uniforms.lampField.value = createTexture(bytes, size);
    this.#uniforms.lampSize.value.set(...size);
  }

  /** Adds the shine to the shader of a Lambert material; call in its `onBeforeCompile`. */
  patch(shader: THREE.WebGLProgramParametersWithUniforms): void {
    Object.assign(shader.uniforms, this.#uniforms);
    shader.vertexShader = `varying vec3 vLampAt;\n${shader.vertexShader.replace('#include <begin_vertex>', VERTEX)}`;
    shader.fragmentShader = `uniform highp sampler3D lampField;\nuniform vec3 lampSize;\nuniform float lampStrength;\nvarying vec3 vLampAt;\n${shader.fragmentShader.replace(
      '#include <emissivemap_fragment>',
      FRAGMENT,
    )}`;
  }

  /** A plain Lambert material that lamps light up. */
  material(parameters: THREE.MeshLambertMaterialParameters = {}): THREE.MeshLambertMaterial {
    const material = new THREE.MeshLambertMaterial(parameters);
    material.onBeforeCompile = (shader) => this.patch(shader);
    return material;
  }
}

/** Half a block off the face, so that it shows the light of the cell before it. */
const VERTEX = `#include <begin_vertex>
  vec4 lampPosition = vec4(transformed, 1.0);
  #ifdef USE_INSTANCING
    lampPosition = instanceMatrix * lampPosition;
  #endif
  vLampAt = (modelMatrix * lampPosition).xyz + 0.5 * objectNormal;
`;
/** Squared: eyes see the near half of a lamp's reach much brighter than the far one. */
const FRAGMENT = `#include <emissivemap_fragment>
  if (lampStrength > 0.0) {
    float lamp = texture(lampField, (vLampAt / lampSize).xzy).r;
    totalEmissiveRadiance += diffuseColor.rgb * vec3(1.0, 0.76, 0.46) * (lampStrength * 1.05 * lamp * lamp);
  }
`;

function createTexture(bytes: Uint8Array, [x, y, z]: readonly [number, number, number]): THREE.Data3DTexture {
  // The field runs x, z, y, so the texture's second axis is z and its third is y.
  const texture = new THREE.Data3DTexture(bytes as Uint8Array<ArrayBuffer>, x, z, y);
  texture.format = THREE.RedFormat;
  texture.minFilter = texture.magFilter = THREE.LinearFilter;
  texture.unpackAlignment = 1;
  texture.needsUpdate = true;
  return texture;
}
