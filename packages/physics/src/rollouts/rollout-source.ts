/**
 * The rules of `rollout.ts` written out as a gpu.js kernel: one thread per sequence. gpu.js takes no arrays into functions, so the sweep along each
 * axis is text that is repeated; its loops have bounds from the parameters, or drivers unroll them and compile for seconds.
 */
import type { GridSize } from '../fields/grid.js';
import { CONTROLS_OF, type RolloutBodyKind } from './bodies.js';
import { ANGLES_PER_TURN, middleOf, ONE, PARAM, WALK } from './numbers.js';

/** What a kernel returns: the cost, or half of the final state. */
export type RolloutOutput = 'cost' | 'place' | 'motion';

/** Scalar functions that the kernel calls. Arguments and results are integers in f32. */
export const ROLLOUT_FUNCTIONS: readonly string[] = [
  `function roundedOdd(p, divisor) {
  const magnitude = Math.floor((Math.abs(p) + divisor * 0.5) / divisor);
  return Math.sign(p) * magnitude;
}`,
  `function scaledQ14(v, k) {
  const m = Math.abs(v);
  const upperPart = Math.floor(m / 256);
  const upper = upperPart * k;
  const whole = Math.floor(upper / 64);
  const magnitude = whole + Math.floor(((upper - 64 * whole) * 256 + (m - 256 * upperPart) * k + 8192) / 16384);
  return Math.sign(v) * magnitude;
}`,
  `function productQ14(v, s) {
  const m = Math.abs(v);
  const k = Math.abs(s);
  const upper = Math.floor(m / 256);
  const magnitude = Math.floor((upper * k) / 64) + Math.floor(((m - 256 * upper) * k) / 16384);
  return Math.sign(v) * Math.sign(s) * magnitude;
}`,
  'function between(x, low, high) { return Math.min(Math.max(x, low), high); }',
];

export function rolloutSource(kind: RolloutBodyKind, padded: GridSize, guided: boolean, output: RolloutOutput): string {
  const width = CONTROLS_OF[kind];
  const motion = kind === 'flyer' ? fly(padded) : kind === 'rover' ? drive(padded) : walk(padded);
  return `function rollout_${kind}_${output}(distance, guide, controls, sines, p) {
  let atX = ${param('x')};
  let atY = ${param('y')};
  let atZ = ${param('z')};
  let vX = ${param('velocityX')};
  let vY = ${param('velocityY')};
  let vZ = ${param('velocityZ')};
  let yaw = ${param('yaw')};
  let yawRate = ${param('yawRate')};
  let grounded = ${param('grounded')};
  const halfWidth = ${param('halfWidth')};
  const height = ${param('height')};
  const cellsHigh = ${param('cellsHigh')};
  const cellsWide = ${param('cellsWide')};
  const numTicks = ${param('numTicks')};
  let stopped = 0.5;
  let hit = 0.5;
  let face = 0.5;
  let other = 0.5;
  let along = 0.5;
  let cost = 0.5;
  cost = 0;
  for (let t = 0; t < numTicks; t++) {
    const c = (this.thread.x * numTicks + t) * ${width};
    stopped = 0;
${motion}
${output === 'cost' ? tickCost(padded, width, guided) : ''}
  }
  ${output === 'cost' ? `return cost + ${param('terminalWeight')} * ${goalDistance()}${guided ? ` + ${param('terminalGuideWeight')} * ${wayLeft(padded)}` : ''};` : ''}
  ${output === 'place' ? 'return [atX, atY, atZ, yaw];' : ''}
  ${output === 'motion' ? 'return [vX, vY, vZ, yawRate];' : ''}
}`;
}

function param(name: keyof typeof PARAM): string {
  return `p[${PARAM[name]}]`;
}

const AXES = ['X', 'Y', 'Z'] as const;

/** Cell along an axis of a Q16 expression. */
function cell(padded: GridSize, axis: number, q16: string): string {
  return `(Math.floor((${q16}) / ${ONE}) + ${middleOf(padded)[axis]})`;
}

function low(axis: number): string {
  return axis === 1 ? 'atY' : `at${AXES[axis]} - halfWidth`;
}

function high(axis: number): string {
  return axis === 1 ? 'atY + height - 1' : `at${AXES[axis]} + halfWidth - 1`;
}

/** Moves along an axis by the expression; afterwards `hit` is 1 where a solid cell stopped it, else 0. */
function sweep(padded: GridSize, axis: 0 | 1 | 2, by: string): string {
  const [a, b] = axis === 0 ? [1, 2] : axis === 1 ? [0, 2] : [0, 1];
  const counts = ['cellsWide', 'cellsHigh', 'cellsWide'];
  const names = ['', '', ''];
  names[axis] = 'face';
  names[a] = 'other';
  names[b] = 'along';
  const at = `at${AXES[axis]}`;
  const extentUp = axis === 1 ? 'height' : 'halfWidth';
  const extentDown = axis === 1 ? '0' : 'halfWidth';
  return `
    hit = 0;
    face = ${cell(padded, axis, `${low(axis)} + ${by}`)};
    if (${by} > 0) { face = ${cell(padded, axis, `${high(axis)} + ${by}`)}; }
    if (Math.abs(${by}) > 0.5) {
      for (let j = 0; j < ${counts[a]}; j++) {
        other = Math.min(${cell(padded, a, low(a))} + j, ${cell(padded, a, high(a))});
        for (let k = 0; k < ${counts[b]}; k++) {
          along = Math.min(${cell(padded, b, low(b))} + k, ${cell(padded, b, high(b))});
          if (distance[(${names[1]} * ${padded[2]} + ${names[2]}) * ${padded[0]} + ${names[0]}] < 0.5) { hit = 1; }
        }
      }
    }
    if (hit < 0.5) { ${at} = ${at} + ${by}; }
    else if (${by} > 0) { ${at} = (face - ${middleOf(padded)[axis]}) * ${ONE} - ${extentUp}; }
    else { ${at} = (face - ${middleOf(padded)[axis]} + 1) * ${ONE} + ${extentDown}; }`;
}

function fly(padded: GridSize): string {
  const speed = AXES.map(
    (name, axis) => `
    v${name} = between(v${name} + roundedOdd(controls[c + ${axis}] * ${param('acceleration')}, 1024), 0 - ${param('maxSpeed')}, ${param('maxSpeed')});`,
  );
  const moves = ([1, 0, 2] as const).map(
    (axis) => `${sweep(padded, axis, `v${AXES[axis]}`)}
    if (hit > 0.5) { v${AXES[axis]} = 0; stopped = 1; }`,
  );
  return [...speed, ...moves].join('');
}

function drive(padded: GridSize): string {
  const sine = (name: string, angle: string) => `
    const ${name}Angle = ${angle} - ${ANGLES_PER_TURN} * Math.floor((${angle}) / ${ANGLES_PER_TURN});
    const ${name}Index = Math.floor(${name}Angle / 256);
    const ${name}From = sines[${name}Index];
    const ${name} = ${name}From + Math.floor(((sines[${name}Index + 1] - ${name}From) * (${name}Angle - 256 * ${name}Index) + 128) / 256);`;
  return `
    vX = between(vX + roundedOdd(controls[c] * ${param('acceleration')}, 1024), 0 - ${param('maxReverse')}, ${param('maxSpeed')});
    yawRate = between(yawRate + roundedOdd(controls[c + 1] * ${param('yawAcceleration')}, 1024), 0 - ${param('maxYawRate')}, ${param('maxYawRate')});
    yaw = yaw + yawRate;
    yaw = yaw - ${ANGLES_PER_TURN} * Math.floor(yaw / ${ANGLES_PER_TURN});${sine('sin', 'yaw')}${sine('cos', `(yaw + ${ANGLES_PER_TURN / 4})`)}
    const byX = 0 - productQ14(vX, sin);
    const byZ = 0 - productQ14(vX, cos);${sweep(padded, 0, 'byX')}
    if (hit > 0.5) { stopped = 1; }${sweep(padded, 2, 'byZ')}
    if (hit > 0.5) { stopped = 1; }
    if (stopped > 0.5) { vX = 0; }`;
}

function walk(padded: GridSize): string {
  const settle = AXES.map(
    (name) => `
    if (Math.abs(v${name}) < ${WALK.negligibleQ16 + 0.5}) { v${name} = 0; }`,
  );
  return `${settle.join('')}
    if (controls[c + 2] > 512 && grounded > 0.5) { vY = ${WALK.jumpQ16}; }
    let acceleration = ${param('airAcceleration')};
    let drag = ${WALK.airDragQ14 + 0.5};
    drag = ${WALK.airDragQ14};
    if (grounded > 0.5) { acceleration = ${param('acceleration')}; drag = ${WALK.groundDragQ14}; }
    vX = between(vX + roundedOdd(controls[c] * acceleration, 2048), 0 - ${param('maxSpeed')}, ${param('maxSpeed')});
    vZ = between(vZ + roundedOdd(controls[c + 1] * acceleration, 2048), 0 - ${param('maxSpeed')}, ${param('maxSpeed')});${sweep(padded, 1, 'vY')}
    grounded = 0;
    if (hit > 0.5) {
      if (vY < 0.5) { grounded = 1; }
      vY = 0;
    }${sweep(padded, 0, 'vX')}
    if (hit > 0.5) { vX = 0; stopped = 1; }${sweep(padded, 2, 'vZ')}
    if (hit > 0.5) { vZ = 0; stopped = 1; }
    vY = Math.max(0 - ${param('maxSpeed')}, scaledQ14(vY - ${WALK.gravityQ16}, ${WALK.airDragYQ14}));
    vX = scaledQ14(vX, drag);
    vZ = scaledQ14(vZ, drag);`;
}

function goalDistance(): string {
  const square = (axis: string) =>
    `((at${axis} - ${param(`goal${axis}` as 'goalX')}) / ${ONE}) * ((at${axis} - ${param(`goal${axis}` as 'goalX')}) / ${ONE})`;
  return `Math.sqrt(${square('X')} + ${square('Y')} + ${square('Z')})`;
}

function wayLeft(padded: GridSize): string {
  return `guide[(${cell(padded, 1, 'atY')} * ${padded[2]} + ${cell(padded, 2, 'atZ')}) * ${padded[0]} + ${cell(padded, 0, 'atX')}]`;
}

function tickCost(padded: GridSize, width: number, guided: boolean): string {
  const [sizeX, , sizeZ] = padded;
  const middle = middleOf(padded);
  const spot = (name: string, q16: string, axis: number) => `
    const spot${name} = (${q16}) / ${ONE} + ${middle[axis] - 0.5}${axis === 1 ? ` + 0.5 * ${param('level')}` : ''};
    const base${name} = Math.floor(spot${name});
    const share${name} = ${axis === 1 ? `(1 - ${param('level')}) * ` : ''}(spot${name} - base${name});`;
  const line = (dy: number, dz: number) => {
    const from = `((baseY + ${dy}) * ${sizeZ} + baseZ + ${dz}) * ${sizeX} + baseX`;
    return `(distance[${from}] * (1 - shareX) + distance[${from} + 1] * shareX)`;
  };
  const efforts = Array.from({ length: width }, (_, k) => `(controls[c + ${k}] / 1024) * (controls[c + ${k}] / 1024)`);
  return `${spot('X', 'atX', 0)}${spot('Y', 'atY + Math.floor(height / 2)', 1)}${spot('Z', 'atZ', 2)}
    const lower = ${line(0, 0)} * (1 - shareZ) + ${line(0, 1)} * shareZ;
    const upper = ${line(1, 0)} * (1 - shareZ) + ${line(1, 1)} * shareZ;
    const close = Math.max(0, ${param('clearance')} - (lower * (1 - shareY) + upper * shareY));
    cost = cost + ${param('goalWeight')} * ${goalDistance()} + ${param('obstacleWeight')} * close * close;
    cost = cost + ${param('effortWeight')} * (${efforts.join(' + ')}) + ${param('collisionWeight')} * stopped;
    ${guided ? `cost = cost + ${param('guideWeight')} * ${wayLeft(padded)};` : ''}`;
}
