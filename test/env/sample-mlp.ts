/** Networks with drawn weights for a scenario: no policy worth playing, but every path of the arithmetic is taken. */
import { loadScenario, type Mlp, type ScenarioSource } from '@kinovox/env';
import { observationGroups, observationSize } from '@kinovox/physics';
import { DISCRETE_ACTIONS, randomU32 } from '@kinovox/world';

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
