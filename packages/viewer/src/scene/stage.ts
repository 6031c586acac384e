/** Renderer, lights, sky and fog: everything of the picture that is not the world. */
import * as THREE from 'three';
import { dayLook } from '../day-light.js';
import { createSky, setColor } from './sky.js';

export interface Stage {
  renderer: THREE.WebGLRenderer;
  scene: THREE.Scene;
  camera: THREE.PerspectiveCamera;
  /** Fits fog, shadows and clipping to a world of that size in blocks. */
  fit(size: readonly [number, number, number]): void;
  /** Draws; the sun's shadows follow `focus`. */
  render(focus: THREE.Vector3): void;
  setShadows(on: boolean): void;
  /** Sets the time of day as a share of it from sunrise, undefined for the noon of worlds without days. @returns how dark it is, 0..1. */
  setDay(share: number | undefined): number;
}

/** Half the edge of the square around the focus that has shadows, in blocks, at most. */
const SHADOW_REACH = 56;
const SHADOW_PIXELS = 2048;

/** @param antialias whether edges are smooth, which takes a good part of the time where a processor draws. @returns undefined when the browser offers no WebGL 2. */
export function tryCreateStage(canvas: HTMLCanvasElement, antialias: boolean): Stage | undefined {
  let renderer: THREE.WebGLRenderer;
  try {
    renderer = new THREE.WebGLRenderer({ canvas, antialias, powerPreference: 'high-performance' });
  } catch {
    return undefined;
  }
  renderer.shadowMap.enabled = true;
  renderer.shadowMap.type = THREE.PCFShadowMap;
  renderer.setPixelRatio(Math.min(window.devicePixelRatio, 2));
  const scene = new THREE.Scene();
  const fog = new THREE.Fog(0, 100, 400);
  scene.fog = fog;
  const camera = new THREE.PerspectiveCamera(55, 1, 0.08, 1200);
  const sky = createSky();
  const sun = createSun();
  const ambient = new THREE.HemisphereLight();
  scene.add(sky.dome, sky.haze, ambient, sun, sun.target);
  let reach = SHADOW_REACH;
  const toLight = new THREE.Vector3();
  const setDay = (share: number | undefined): number => {
    const look = dayLook(share);
    sky.show(look, share !== undefined);
    setColor(fog.color, look.fog);
    setColor(sun.color, look.lightColor);
    sun.intensity = look.lightIntensity;
    setColor(ambient.color, look.aboveColor);
    setColor(ambient.groundColor, look.belowColor);
    ambient.intensity = look.ambientIntensity;
    toLight.set(...look.direction);
    return 1 - look.day;
  };
  setDay(undefined);

  return {
    renderer,
    scene,
    camera,
    fit(size) {
      const span = Math.hypot(size[0], size[1], size[2]);
      fog.near = span * 1.6;
      fog.far = span * 5 + 120;
      sky.place(size);
      reach = Math.min(SHADOW_REACH, span * 0.62);
      const shadowCamera = sun.shadow.camera;
      shadowCamera.left = shadowCamera.bottom = -reach;
      shadowCamera.right = shadowCamera.top = reach;
      shadowCamera.near = 1;
      shadowCamera.far = span * 2 + 80;
      shadowCamera.updateProjectionMatrix();
      sun.userData.distance = span + 40;
    },
    render(focus) {
      // Whole texels only: a shadow map that slides with the focus makes edges crawl.
      const texel = (2 * reach) / SHADOW_PIXELS;
      sun.target.position.set(...(focus.toArray().map((c) => Math.round(c / (texel * 16)) * texel * 16) as [number, number, number]));
      sun.position.copy(sun.target.position).addScaledVector(toLight, sun.userData.distance ?? 100);
      sky.dome.position.copy(camera.position);
      renderer.render(scene, camera);
    },
    setShadows(on) {
      sun.castShadow = on;
    },
    setDay,
  };
}

function createSun(): THREE.DirectionalLight {
  const sun = new THREE.DirectionalLight();
  sun.castShadow = true;
  sun.shadow.mapSize.set(SHADOW_PIXELS, SHADOW_PIXELS);
  sun.shadow.bias = -0.0006;
  sun.shadow.normalBias = 0.03;
  sun.shadow.radius = 2.5;
  return sun;
}
