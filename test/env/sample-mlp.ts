/** Networks with drawn weights for a scenario: no policy worth playing, but every path of the arithmetic is taken. */
import { loadScenario, type Mlp, type ScenarioSource } from '@kinovox/env';
import { observationGroups, observationSize } from '@kinovox/physics';
import { ACTION_FIELDS, DISCRETE_ACTIONS, randomU32 } from '@kinovox/world';

export function sampleMlp(scenario: ScenarioSource, heads: 'native' | 'discrete'): Mlp {
  const size = observationSize(observationGroups(loadScenario(scenario).program.observation));
  const inputs = Math.min(size, 40);
  const widths = [inputs, 24, 16, heads === 'discrete' ? DISCRETE_ACTIONS.length : 8];
  const draw = (k: number, l: number) => randomU32(5, l, k, 1, 2, 3);
  return {
    name: `sample-${heads}`,
    components: Int32Array.from({ length: inputs }, (_, k) => k),
    bits: Int32Array.from({ length: inputs }, (_, k) => (k % 3) + 4),
    observationSize: size,
    layers: widths.slice(1).map((outputs, l) => ({
      weights: Int8Array.from({ length: widths[l] * outputs }, (_, k) => (draw(k, l) & 255) - 128),
      biases: Int32Array.from({ length: outputs }, (_, k) => (draw(k, l + 10) & 0xffff) - 0x8000),
      shift: 8,
      relu: l < 2,
    })),
    heads:
      heads === 'discrete'
        ? [{ kind: 'discrete' }]
        : [
            { kind: 'axis', column: 'forward', bits: 8 },
            { kind: 'axis', column: 'turn', bits: 10 },
            { kind: 'button', column: 'jump' },
            { kind: 'choice', column: 'interact', values: [0, 1, 2, 3] },
            { kind: 'button', column: 'sprint' },
          ],
  };
}

/** As a trained policy becomes one: inputs with bounds, tables for activations, a row per output, and actions that are held. */
export function sampleHoldingMlp(scenario: ScenarioSource): Mlp {
  const mlp = sampleMlp(scenario, 'native');
  const lookup = Int32Array.from({ length: 512 }, (_, k) => Math.round(16384 * Math.tanh((k - 256) / 64)));
  const bound = (sign: number) => mlp.components.map((k) => sign * (20 + 7 * k));
  const row = (k: number) =>
    Array.from({ length: ACTION_FIELDS }, (_, column) => (column < 5 ? ((k >> column) & 1) - (column < 2 ? 0.5 : 0) : 0));
  return {
    ...mlp,
    name: 'sample-holding',
    least: bound(-1),
    most: bound(1),
    centre: mlp.components.map((k) => k - 9),
    layers: mlp.layers.map((layer, l) => (l < 2 ? { ...layer, relu: false, lookup } : layer)),
    heads: [{ kind: 'rows', rows: Array.from({ length: 8 }, (_, k) => row(k)) }],
    repeat: 3,
  };
}
