/** Colours of a safety value: red where braking does not avoid harm, white where it just does, blue where a metre or more is left. */
import * as THREE from 'three';

const HARM = new THREE.Color(0xd7263d);
const EDGE = new THREE.Color(0xf7f7f2);
const CLEAR = new THREE.Color(0x1f6fd6);
/** Values at which the ends are reached, metres. */
export const HARM_VALUE = -0.25;
export const CLEAR_VALUE = 1;

export function valueColor(value: number, out: THREE.Color): THREE.Color {
  return value < 0
    ? out.lerpColors(EDGE, HARM, Math.min(1, value / HARM_VALUE))
    : out.lerpColors(EDGE, CLEAR, Math.min(1, value / CLEAR_VALUE));
}

/** The same as a CSS gradient from harm to clear. */
export function valueGradient(): string {
  const zero = (100 * -HARM_VALUE) / (CLEAR_VALUE - HARM_VALUE);
  return `linear-gradient(90deg, #${HARM.getHexString()}, #${EDGE.getHexString()} ${zero}%, #${CLEAR.getHexString()})`;
}
