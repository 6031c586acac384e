/**
 * An integer network as a source: i8 weights, i32 sums, a power-of-two shift per layer. No float enters a sum, so every engine gives the same actions.
 * Data flow: observation vector -> i16 inputs, `clamp(floor(x * 2^bits + 0.5)) - centre` -> layers, `clamp(relu((W x + b) >> shift))`, or a table of the
 * shifted sum -> heads -> action columns. With `repeat` an action is held: the row of the tick before stays as it is.
 * Bounds: |weight| <= 128 and |input| <= 2^15, so 256 products stay below 2^30; biases below 2^30: a sum never leaves i32.
 */
import { ACTION_FIELDS, ACTION_SPEC, AGENT_FLAG, DISCRETE_ACTIONS, ShapeError, UsageError } from '@kinovox/world';
import { observationGroups, observationSize } from '../observe/observation.js';
import type { ScenarioProgram } from '../program.js';
import type { ActionSource, DeviceSource, SourceHost } from './action-source.js';
import { discreteRows } from './random.js';

/** Most values of a layer. */
export const MLP_MAX_WIDTH = 256;
const LEAST = -32768;
const MOST = 32767;

export interface MlpLayer {
  /** `[outputs, inputs]` row-major. */
  weights: Int8Array;
  /** `[outputs]`, below 2^30 in magnitude. */
  biases: Int32Array;
  /** Sums are shifted right by this, 0..30. */
  shift: number;
  /** Negative values become 0; the last layer has none. */
  relu: boolean;
  /** `[n]` i16: what stands for shifted sums -n/2 to n/2 - 1, those beyond being held within; in place of `relu`. */
  lookup?: Int32Array | undefined;
}

/** What outputs mean. Heads take outputs in order. */
export type MlpHead =
  /** One output: `clamp(output, min, max of the column) ` at `2^-bits` per unit. */
  | { kind: 'axis'; column: string; bits: number }
  /** One output: pressed above 0. */
  | { kind: 'button'; column: string }
  /** As many outputs as values: the value of the largest, of equals the first. */
  | { kind: 'choice'; column: string; values: readonly number[] }
  /** An output per row: the columns of the largest, of equals the first. */
  | { kind: 'rows'; rows: readonly (readonly number[])[] }
  /** An output per DISCRETE_ACTIONS: the columns of the largest. */
  | { kind: 'discrete' };

export interface Mlp {
  /** For messages: the file, or what else names it. */
  name: string;
  /** `[inputs]` which component of the observation vector each input is, and its scale as a power of two, -16..24. */
  components: Int32Array;
  bits: Int32Array;
  /** `[inputs]` bounds of the scaled inputs, default those of i16, and what is taken away then, default 0; what is left is an i16. */
  least?: Int32Array | undefined;
  most?: Int32Array | undefined;
  centre?: Int32Array | undefined;
  /** Ticks for which an action is held, counted from the start of the episode; default 1. */
  repeat?: number | undefined;
  /** Size of the vector that it was made for. */
  observationSize: number;
  layers: readonly MlpLayer[];
  heads: readonly MlpHead[];
}

/** @throws ShapeError when sizes do not fit each other. */
export function createMlpSource(mlp: Mlp): ActionSource {
  assertMlp(mlp);
  return {
    name: `mlp:${mlp.name}`,
    check(program, observing) {
      if (!observing)
        throw new UsageError(
          'mlp-blind',
          `The network ${mlp.name} reads observations; got observe: false for ${program.id}. Leave observations on.`,
        );
      const size = observationSize(observationGroups(program.observation));
      if (size !== mlp.observationSize)
        throw new UsageError(
          'mlp-observation',
          `The network ${mlp.name} was made for observations of ${mlp.observationSize} components; got ${size} in ${program.id}. Play the scenario that it was trained on, or export it anew.`,
        );
    },
    fill: createFill(mlp),
    device: (program) => deviceOf(mlp, program),
  };
}

/** Inputs of a network from one agent's vector, whose components are numbers (observations hold no NaN). */
export function mlpInputsInto(
  { components, bits, least, most, centre }: Pick<Mlp, 'components' | 'bits' | 'least' | 'most' | 'centre'>,
  vector: Float32Array,
  at: number,
  out: Int32Array,
): void {
  for (let k = 0; k < components.length; k++) {
    // A power of two scales exactly; the sum with 0.5 rounds to f32, as on a device.
    const scaled = Math.fround(Math.fround(vector[at + components[k]] * 2 ** bits[k]) + 0.5);
    const low = least?.[k] ?? LEAST;
    const high = most?.[k] ?? MOST;
    out[k] = Math.floor(scaled < low ? low : scaled > high ? high : scaled) - (centre?.[k] ?? 0);
  }
}

/** One layer: the reference that every engine equals. */
export function mlpLayerInto(
  { weights, biases, shift, relu, lookup }: MlpLayer,
  inputs: Int32Array,
  numInputs: number,
  out: Int32Array,
): void {
  for (let o = 0; o < biases.length; o++) {
    let sum = biases[o];
    for (let k = 0, at = o * numInputs; k < numInputs; k++, at++) sum = (sum + Math.imul(weights[at], inputs[k])) | 0;
    sum >>= shift;
    if (lookup !== undefined) {
      const half = lookup.length >> 1;
      out[o] = lookup[(sum < -half ? -half : sum >= half ? half - 1 : sum) + half];
      continue;
    }
    out[o] = sum > MOST ? MOST : relu && sum < 0 ? 0 : sum < LEAST ? LEAST : sum;
  }
}

const COLUMNS: readonly string[] = ACTION_SPEC.map(({ name }) => name);
const ROWS = discreteRows();

function outputsOf(head: MlpHead): number {
  if (head.kind === 'rows') return head.rows.length;
  return head.kind === 'discrete' ? DISCRETE_ACTIONS.length : head.kind === 'choice' ? head.values.length : 1;
}

function assertMlp({ name, components, bits, least, most, centre, repeat = 1, layers, heads, observationSize: size }: Mlp): void {
  const fail = (what: string): never => {
    throw new ShapeError('mlp-shape', `The network ${name} must fit together: ${what}. Export it anew.`);
  };
  if (layers.length === 0) fail('it has no layer');
  if (components.length !== bits.length) fail(`${components.length} inputs have ${bits.length} scales`);
  for (let k = 0; k < components.length; k++) {
    const [low, high, middle] = [least?.[k] ?? LEAST, most?.[k] ?? MOST, centre?.[k] ?? 0];
    if (low > high) fail(`input ${k} has its bounds the wrong way round`);
    if (low - middle < LEAST || high - middle > MOST) fail(`input ${k} goes from ${low - middle} to ${high - middle}, beyond 16 bits`);
  }
  if (repeat < 1) fail(`it holds actions for ${repeat} ticks`);
  if (components.some((k) => k < 0 || k >= size)) fail(`an input lies outside the ${size} components of the observation`);
  let width = components.length;
  layers.forEach(({ weights, biases, shift, lookup }, l) => {
    if (width < 1 || width > MLP_MAX_WIDTH || biases.length < 1 || biases.length > MLP_MAX_WIDTH)
      fail(`layer ${l} goes from ${width} to ${biases.length} values, and a layer may have 1..${MLP_MAX_WIDTH}`);
    if (weights.length !== width * biases.length) fail(`layer ${l} needs ${width} x ${biases.length} weights; got ${weights.length}`);
    if (shift < 0 || shift > 30) fail(`layer ${l} shifts by ${shift}, and a shift is 0..30`);
    if (lookup !== undefined && lookup.length % 2 !== 0)
      fail(`layer ${l} has a table of ${lookup.length} values, and a table has an even number`);
    if (biases.some((bias) => Math.abs(bias) >= 2 ** 30)) fail(`layer ${l} has a bias of 2^30 or more`);
    width = biases.length;
  });
  const wanted = heads.reduce((sum, head) => sum + outputsOf(head), 0);
  if (wanted !== width) fail(`its heads take ${wanted} outputs; the last layer has ${width}`);
  for (const head of heads)
    if (head.kind === 'rows') {
      if (head.rows.some((row) => row.length !== ACTION_FIELDS)) fail(`a row of actions must have ${ACTION_FIELDS} columns`);
    } else if (head.kind !== 'discrete' && !COLUMNS.includes(head.column)) fail(`there is no action column "${head.column}"`);
}

function createFill(mlp: Mlp): ActionSource['fill'] {
  let now = new Int32Array(MLP_MAX_WIDTH);
  let next = new Int32Array(MLP_MAX_WIDTH);
  const { repeat = 1 } = mlp;
  return ({ program, numWorlds, state, observations }: SourceHost, out: Float32Array) => {
    for (let i = 0; i < numWorlds * program.numAgents; i++) {
      const alive = (state.flags[i] & AGENT_FLAG.alive) !== 0;
      if (alive && state.tick[Math.floor(i / program.numAgents)] % repeat !== 0) continue;
      out.fill(0, i * ACTION_FIELDS, (i + 1) * ACTION_FIELDS);
      if (!alive) continue;
      mlpInputsInto(mlp, observations.vector, i * observations.size, now);
      let width = mlp.components.length;
      for (const layer of mlp.layers) {
        mlpLayerInto(layer, now, width, next);
        width = layer.biases.length;
        [now, next] = [next, now];
      }
      writeHeads(mlp.heads, now, out, i * ACTION_FIELDS);
    }
  };
}

function writeHeads(heads: readonly MlpHead[], outputs: Int32Array, out: Float32Array, at: number): void {
  let first = 0;
  for (const head of heads) {
    const count = outputsOf(head);
    if (head.kind === 'axis') out[at + COLUMNS.indexOf(head.column)] = outputs[first] * 2 ** -head.bits;
    else if (head.kind === 'button') out[at + COLUMNS.indexOf(head.column)] = outputs[first] > 0 ? 1 : 0;
    else {
      let best = 0;
      for (let k = 1; k < count; k++) if (outputs[first + k] > outputs[first + best]) best = k;
      if (head.kind === 'choice') out[at + COLUMNS.indexOf(head.column)] = head.values[best];
      else if (head.kind === 'rows') out.set(head.rows[best], at);
      else out.set(ROWS.subarray(best * ACTION_FIELDS, (best + 1) * ACTION_FIELDS), at);
    }
    first += count;
  }
}

/** Weights lie four to a word, each layer from a word of its own on. */
function deviceOf(mlp: Mlp, _program: ScenarioProgram): DeviceSource {
  const words: number[] = [];
  const place = (values: ArrayLike<number>): number => {
    const at = words.length;
    for (let k = 0; k < values.length; k++) words.push(values[k]);
    return at;
  };
  const floats = (values: readonly number[]) => new Int32Array(Float32Array.from(values).buffer);
  const components = place(mlp.components);
  const scales = place(floats(Array.from(mlp.bits, (bits) => 2 ** bits)));
  const least = place(floats(Array.from(mlp.bits, (_, k) => mlp.least?.[k] ?? LEAST)));
  const centre = place(Array.from(mlp.bits, (_, k) => mlp.centre?.[k] ?? 0));
  const most = place(floats(Array.from(mlp.bits, (_, k) => mlp.most?.[k] ?? MOST)));
  let width = mlp.components.length;
  const layers = mlp.layers.map(({ weights, biases, shift, relu, lookup }, l) => {
    const padded = new Int8Array(Math.ceil(weights.length / 4) * 4);
    padded.set(weights);
    const weightsAt = place(new Int32Array(padded.buffer));
    const biasesAt = place(biases);
    const [from, to] = l % 2 === 0 ? ['even', 'odd'] : ['odd', 'even'];
    const numInputs = width;
    width = biases.length;
    const half = (lookup?.length ?? 0) >> 1;
    const activation =
      lookup === undefined
        ? `clamp(sum, ${relu ? 0 : LEAST}, ${MOST})`
        : `table[${place(lookup) + half} + clamp(sum, ${-half}, ${half - 1})]`;
    return /* wgsl */ `
  for (var o = 0; o < ${biases.length}; o++) {
    var sum = table[${biasesAt} + o];
    for (var k = 0; k < ${numInputs}; k++) { sum = sum + weight(${weightsAt}, o * ${numInputs} + k) * ${from}[k]; }
    sum = sum >> ${shift}u;
    ${to}[o] = ${activation};
  }`;
  });
  const last = mlp.layers.length % 2 === 0 ? 'even' : 'odd';
  const rows = mlp.heads.some(({ kind }) => kind === 'discrete') ? place(new Int32Array(ROWS.slice().buffer)) : 0;
  let first = 0;
  const heads = mlp.heads.map((head) => {
    const at = first;
    const count = outputsOf(head);
    first += count;
    if (head.kind === 'axis') return `  put(i, ${COLUMNS.indexOf(head.column)}, f32(${last}[${at}]) * ${floatText(2 ** -head.bits)});`;
    if (head.kind === 'button') return `  put(i, ${COLUMNS.indexOf(head.column)}, select(0.0, 1.0, ${last}[${at}] > 0));`;
    const best = `
  best = 0;
  for (var k = 1; k < ${count}; k++) { if (${last}[${at} + k] > ${last}[${at} + best]) { best = k; } }`;
    const play = (row: string) =>
      `${best}\n  for (var column = 0; column < ${ACTION_FIELDS}; column++) { put_bits(i, column, table[${row} + best * ${ACTION_FIELDS} + column]); }`;
    if (head.kind === 'rows') return play(`${place(floats(head.rows.flat()))}`);
    if (head.kind === 'choice')
      return `${best}\n  put_bits(i, ${COLUMNS.indexOf(head.column)}, table[${place(floats(head.values))} + best]);`;
    return play(`${rows}`);
  });
  return {
    table: Int32Array.from(words),
    ...(mlp.repeat === undefined ? {} : { repeat: mlp.repeat }),
    code: /* wgsl */ `
var<private> even: array<i32, ${MLP_MAX_WIDTH}>;
var<private> odd: array<i32, ${MLP_MAX_WIDTH}>;
fn weight(at: i32, k: i32) -> i32 { return (table[at + (k >> 2u)] << (24u - u32(k & 3) * 8u)) >> 24u; }
fn decide(w: i32, a: i32, i: i32) {
  for (var k = 0; k < ${mlp.components.length}; k++) {
    let bits = data[OBSERVATION + i * OBSERVATION_SIZE + table[${components} + k]];
    let scaled = bitcast<f32>(bits) * bitcast<f32>(table[${scales} + k]) + 0.5;
    even[k] = i32(floor(clamp(scaled, bitcast<f32>(table[${least} + k]), bitcast<f32>(table[${most} + k])))) - table[${centre} + k];
  }
${layers.join('\n')}
  var best = 0;
${heads.join('\n')}
}
`,
  };
}

function floatText(value: number): string {
  // Powers of two down to 2^-16 have finite decimals.
  const text = value.toString();
  return text.includes('.') || text.includes('e') ? text : `${text}.0`;
}
