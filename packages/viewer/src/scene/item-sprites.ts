/** Items that are no cubes, as pictures in the scene: one instanced plane, the picture of each instance a layer of one texture. */
import { ITEM_BY_ID } from '@kinovox/world';
import * as THREE from 'three';
import { ICON_PIXELS, paintItem } from '../textures/paint-item.js';
import type { LampLight } from './lamp-light.js';

/** Layer of each item that has been shown. */
const MOST_LAYERS = 64;

export class ItemSprites {
  readonly mesh: THREE.InstancedMesh;
  readonly #layers: THREE.InstancedBufferAttribute;
  readonly #texture: THREE.DataArrayTexture;
  readonly #layerByItem = new Map<number, number>();

  /** @param most instances at once. */
  constructor(most: number, lamps: LampLight) {
    const geometry = new THREE.PlaneGeometry(1, 1);
    this.#layers = new THREE.InstancedBufferAttribute(new Float32Array(most), 1);
    geometry.setAttribute('layer', this.#layers);
    this.#texture = new THREE.DataArrayTexture(
      new Uint8Array(ICON_PIXELS * ICON_PIXELS * 4 * MOST_LAYERS),
      ICON_PIXELS,
      ICON_PIXELS,
      MOST_LAYERS,
    );
    this.#texture.colorSpace = THREE.SRGBColorSpace;
    this.#texture.magFilter = THREE.NearestFilter;
    this.#texture.minFilter = THREE.LinearFilter;
    this.#texture.needsUpdate = true;
    this.mesh = new THREE.InstancedMesh(geometry, createMaterial(this.#texture, lamps), most);
    this.mesh.instanceMatrix.setUsage(THREE.DynamicDrawUsage);
    this.mesh.frustumCulled = false;
    this.mesh.count = 0;
  }

  begin(): void {
    this.mesh.count = 0;
  }

  add(item: number, matrix: THREE.Matrix4): void {
    this.#layers.setX(this.mesh.count, this.#layerOf(item));
    this.mesh.setMatrixAt(this.mesh.count++, matrix);
  }

  end(): void {
    this.#layers.needsUpdate = true;
    this.mesh.instanceMatrix.needsUpdate = true;
  }

  dispose(): void {
    this.mesh.geometry.dispose();
    this.mesh.dispose();
    this.#texture.dispose();
  }

  #layerOf(item: number): number {
    const known = this.#layerByItem.get(item);
    if (known !== undefined) return known;
    // More kinds of item than layers share the last one; a world holds a few dozen.
    const layer = Math.min(this.#layerByItem.size, MOST_LAYERS - 1);
    this.#layerByItem.set(item, layer);
    (this.#texture.image.data as Uint8Array).set(paintItem(ITEM_BY_ID.has(item) ? item : 0), layer * ICON_PIXELS * ICON_PIXELS * 4);
    this.#texture.needsUpdate = true;
    return layer;
  }
}

function createMaterial(texture: THREE.DataArrayTexture, lamps: LampLight): THREE.MeshLambertMaterial {
  const material = new THREE.MeshLambertMaterial({ alphaTest: 0.5, side: THREE.DoubleSide });
  material.onBeforeCompile = (shader) => {
    lamps.patch(shader);
    shader.uniforms.pictures = { value: texture };
    shader.vertexShader = `attribute float layer;\nvarying vec3 vPicture;\n${shader.vertexShader.replace(
      '#include <begin_vertex>',
      // Row 0 of a picture is its top.
      '#include <begin_vertex>\nvPicture = vec3(uv.x, 1.0 - uv.y, layer);',
    )}`;
    shader.fragmentShader = `uniform highp sampler2DArray pictures;\nvarying vec3 vPicture;\n${shader.fragmentShader.replace(
      '#include <map_fragment>',
      'diffuseColor *= texture(pictures, vec3(vPicture.xy, floor(vPicture.z + 0.5)));',
    )}`;
  };
  return material;
}
