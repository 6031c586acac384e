/** Sky gradient, and a soft disc of haze on which the world seems to lie. */
import * as THREE from 'three';

const ZENITH = new THREE.Color(0x4f93d6);
const MIDDLE = new THREE.Color(0x8fc1ea);
const HORIZON = new THREE.Color(0xd3e7f6);
const BELOW = new THREE.Color(0x86b1d6);

export interface Sky {
  dome: THREE.Mesh;
  haze: THREE.Mesh;
  /** Puts the haze under a world of that size in blocks. */
  place(size: readonly [number, number, number]): void;
}

export function createSky(): Sky {
  const dome = new THREE.Mesh(new THREE.SphereGeometry(1000, 32, 24), skyMaterial());
  dome.frustumCulled = false;
  dome.renderOrder = -2;
  const haze = new THREE.Mesh(new THREE.PlaneGeometry(1, 1), hazeMaterial());
  haze.rotation.x = -Math.PI / 2;
  haze.renderOrder = -1;
  return {
    dome,
    haze,
    place(size) {
      const span = Math.max(size[0], size[2]);
      haze.position.set(size[0] / 2, -0.05, size[2] / 2);
      haze.scale.set(size[0] + span * 0.5, size[2] + span * 0.5, 1);
    },
  };
}

function skyMaterial(): THREE.ShaderMaterial {
  return new THREE.ShaderMaterial({
    side: THREE.BackSide,
    depthWrite: false,
    depthTest: false,
    fog: false,
    uniforms: { zenith: { value: ZENITH }, middle: { value: MIDDLE }, horizon: { value: HORIZON }, below: { value: BELOW } },
    vertexShader: `
      varying vec3 vDirection;
      void main() {
        vDirection = position;
        gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
      }`,
    fragmentShader: `
      uniform vec3 zenith;
      uniform vec3 middle;
      uniform vec3 horizon;
      uniform vec3 below;
      varying vec3 vDirection;
      void main() {
        float h = normalize(vDirection).y;
        vec3 up = mix(mix(horizon, middle, smoothstep(0.0, 0.28, h)), zenith, smoothstep(0.2, 0.85, h));
        gl_FragColor = vec4(mix(up, below, smoothstep(0.05, -0.75, h)), 1.0);
        #include <colorspace_fragment>
      }`,
  });
}

/** A shadow that is dark under the world's edge and fades outward. */
function hazeMaterial(): THREE.ShaderMaterial {
  return new THREE.ShaderMaterial({
    transparent: true,
    depthWrite: false,
    vertexShader: `
      varying vec2 vAt;
      void main() {
        vAt = uv * 2.0 - 1.0;
        gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
      }`,
    fragmentShader: `
      varying vec2 vAt;
      void main() {
        vec2 outside = max(abs(vAt) - 0.6, 0.0) / 0.4;
        float fade = 1.0 - smoothstep(0.0, 1.0, length(outside));
        gl_FragColor = vec4(0.16, 0.22, 0.29, 0.34 * fade * fade);
        #include <colorspace_fragment>
      }`,
  });
}
