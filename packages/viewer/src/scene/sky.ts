/** Sky gradient with sun, moon and stars where there are days, and a soft disc of haze on which the world seems to lie. */
import * as THREE from 'three';
import type { DayLook, Rgb } from '../day-light.js';

export interface Sky {
  dome: THREE.Mesh;
  haze: THREE.Mesh;
  /** Puts the haze under a world of that size in blocks. */
  place(size: readonly [number, number, number]): void;
  /** @param hasDays whether sun, moon and stars are drawn. */
  show(look: DayLook, hasDays: boolean): void;
}

export function createSky(): Sky {
  const material = skyMaterial();
  const { uniforms } = material;
  const dome = new THREE.Mesh(new THREE.SphereGeometry(1000, 32, 24), material);
  dome.frustumCulled = false;
  dome.renderOrder = -2;
  const shade = hazeMaterial();
  const haze = new THREE.Mesh(new THREE.PlaneGeometry(1, 1), shade);
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
    show(look, hasDays) {
      for (const name of ['zenith', 'middle', 'horizon', 'below'] as const) setColor(uniforms[name].value, look[name]);
      shade.uniforms.day.value = look.day;
      uniforms.sun.value.set(...look.sun);
      uniforms.night.value = hasDays ? 1 - look.day : 0;
      uniforms.discs.value = hasDays ? 1 : 0;
    },
  };
}

/** Sets a colour from sRGB shares 0..255. */
export function setColor(color: THREE.Color, [red, green, blue]: Rgb): void {
  color.setRGB(red / 255, green / 255, blue / 255, THREE.SRGBColorSpace);
}

function skyMaterial(): THREE.ShaderMaterial {
  return new THREE.ShaderMaterial({
    side: THREE.BackSide,
    depthWrite: false,
    depthTest: false,
    fog: false,
    uniforms: {
      zenith: { value: new THREE.Color() },
      middle: { value: new THREE.Color() },
      horizon: { value: new THREE.Color() },
      below: { value: new THREE.Color() },
      sun: { value: new THREE.Vector3(0, 1, 0) },
      night: { value: 0 },
      discs: { value: 0 },
    },
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
      uniform vec3 sun;
      uniform float night;
      uniform float discs;
      varying vec3 vDirection;
      // Stars: one in some hundred cells of a grid over the sky, each as bright as it happens to be.
      float starAt(vec3 direction) {
        vec3 cell = floor(direction * 90.0);
        float chance = fract(sin(dot(cell, vec3(12.9898, 78.233, 37.719))) * 43758.5453);
        vec3 from = fract(direction * 90.0) - 0.5;
        return step(0.992, chance) * smoothstep(0.32, 0.0, length(from)) * fract(chance * 91.7);
      }
      void main() {
        vec3 direction = normalize(vDirection);
        float h = direction.y;
        vec3 up = mix(mix(horizon, middle, smoothstep(0.0, 0.28, h)), zenith, smoothstep(0.2, 0.85, h));
        vec3 sky = mix(up, below, smoothstep(0.05, -0.75, h));
        if (discs > 0.0) {
          float toSun = dot(direction, sun);
          sky += vec3(1.0, 0.9, 0.7) * (smoothstep(0.9975, 0.9985, toSun) + 0.25 * pow(max(toSun, 0.0), 90.0)) * (1.0 - night);
          sky += vec3(0.75, 0.8, 0.95) * smoothstep(0.9984, 0.999, -toSun) * night;
          sky += vec3(1.4) * starAt(direction) * night * smoothstep(-0.05, 0.25, h);
        }
        gl_FragColor = vec4(sky, 1.0);
        #include <colorspace_fragment>
      }`,
  });
}

/** A shadow that is dark under the world's edge and fades outward. */
function hazeMaterial(): THREE.ShaderMaterial {
  return new THREE.ShaderMaterial({
    transparent: true,
    depthWrite: false,
    uniforms: { day: { value: 1 } },
    vertexShader: `
      varying vec2 vAt;
      void main() {
        vAt = uv * 2.0 - 1.0;
        gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
      }`,
    fragmentShader: `
      uniform float day;
      varying vec2 vAt;
      void main() {
        vec2 outside = max(abs(vAt) - 0.6, 0.0) / 0.4;
        float fade = 1.0 - smoothstep(0.0, 1.0, length(outside));
        gl_FragColor = vec4(vec3(0.16, 0.22, 0.29) * day, 0.34 * fade * fade);
        #include <colorspace_fragment>
      }`,
  });
}
