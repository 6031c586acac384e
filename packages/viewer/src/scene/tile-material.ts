/** Materials of chunks: a Lambert material that takes its colour from a texture array, with occlusion and glow per vertex. */
import * as THREE from 'three';
import type { TileSpec } from '../meshing/looks.js';
import { paintTiles, TILE_PIXELS } from '../textures/paint-tile.js';
import type { LampLight } from './lamp-light.js';

export function createTileTexture(tiles: readonly TileSpec[]): THREE.DataArrayTexture {
  const texture = new THREE.DataArrayTexture(paintTiles(tiles), TILE_PIXELS, TILE_PIXELS, Math.max(1, tiles.length));
  texture.format = THREE.RGBAFormat;
  texture.colorSpace = THREE.SRGBColorSpace;
  texture.wrapS = texture.wrapT = THREE.RepeatWrapping;
  texture.magFilter = THREE.NearestFilter;
  texture.minFilter = THREE.NearestMipmapLinearFilter;
  texture.generateMipmaps = true;
  texture.needsUpdate = true;
  return texture;
}

export function createTileMaterial(texture: THREE.DataArrayTexture, translucent: boolean, lamps: LampLight): THREE.MeshLambertMaterial {
  const material = new THREE.MeshLambertMaterial({ transparent: translucent, depthWrite: !translucent, alphaTest: translucent ? 0 : 0.5 });
  material.onBeforeCompile = (shader) => {
    lamps.patch(shader);
    shader.uniforms.tileArray = { value: texture };
    shader.vertexShader = `attribute vec3 tile;\nattribute vec2 tileUv;\nvarying vec3 vTile;\nvarying vec2 vTileUv;\n${shader.vertexShader.replace(
      '#include <begin_vertex>',
      '#include <begin_vertex>\nvTile = tile;\nvTileUv = tileUv;',
    )}`;
    shader.fragmentShader = `uniform highp sampler2DArray tileArray;\nvarying vec3 vTile;\nvarying vec2 vTileUv;\n${shader.fragmentShader
      .replace('#include <map_fragment>', MAP_FRAGMENT)
      .replace('#include <emissivemap_fragment>', 'totalEmissiveRadiance += diffuseColor.rgb * vTile.z;')}`;
  };
  return material;
}

/** A closed corner keeps 0.52 of its light: darker looks dirty, brighter looks flat. */
const MAP_FRAGMENT = `
  diffuseColor *= texture(tileArray, vec3(vTileUv, floor(vTile.x + 0.5)));
  diffuseColor.rgb *= mix(0.52, 1.0, vTile.y);
`;
