/** Policies that are action sources: they decide for a whole batch at once, in memory as here, or on a device. */
import { type ActionSource, createChaseSource, createMlpSource, type Mlp } from '@kinovox/env';
import { ACTION_FIELDS, type IntegerPolicy } from '@kinovox/world';
import type { PolicyFactory, PolicyHost } from '../policy.js';

/** The policy `chase`: after the nearest of another team, or to the nearest open goal. */
export function createChasePolicy(): PolicyFactory {
  return createSourcePolicy(createChaseSource);
}

/** A network as a policy. @param name for messages: its file. @throws ShapeError when its parts do not fit together. */
export function createMlpPolicy(file: IntegerPolicy, name: string): PolicyFactory {
  const mlp: Mlp = {
    name,
    components: Int32Array.from(file.inputs, ({ component }) => component),
    bits: Int32Array.from(file.inputs, ({ bits }) => bits),
    observationSize: file.observationSize,
    layers: file.layers.map(({ weights, biases, shift, relu }) => ({
      weights: Int8Array.from(weights.flat()),
      biases: Int32Array.from(biases),
      shift,
      relu,
    })),
    heads: file.heads,
  };
  return createSourcePolicy(() => createMlpSource(mlp));
}

/** @param create makes a source; each batch has one of its own. */
export function createSourcePolicy(create: () => ActionSource): PolicyFactory {
  const source = create();
  let rows = new Float32Array(0);
  return {
    name: source.name,
    source: (profile) => (profile === 'native' ? create() : undefined),
    batch: {
      check({ engine }: PolicyHost) {
        source.check(engine.program, engine.observations.vector.length > 0);
      },
      fill({ engine }: PolicyHost, slots: readonly number[], out: Float32Array) {
        const { program, numWorlds } = engine;
        if (slots.length === program.numAgents) {
          source.fill(engine, out);
          return;
        }
        if (rows.length !== out.length) rows = new Float32Array(out.length);
        source.fill(engine, rows);
        for (let w = 0; w < numWorlds; w++)
          for (const slot of slots) {
            const at = (w * program.numAgents + slot) * ACTION_FIELDS;
            out.set(rows.subarray(at, at + ACTION_FIELDS), at);
          }
      },
    },
  };
}
