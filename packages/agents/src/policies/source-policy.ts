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
  const mlp = mlpOf(file, name);
  return {
    ...createSourcePolicy(() => createMlpSource(mlp)),
    ...(file.observation === undefined ? {} : { observation: file.observation }),
  };
}

/** The network of a file. */
export function mlpOf(file: IntegerPolicy, name: string): Mlp {
  return {
    name,
    components: Int32Array.from(file.inputs, ({ component }) => component),
    bits: Int32Array.from(file.inputs, ({ bits }) => bits),
    least: Int32Array.from(file.inputs, ({ least = -32768 }) => least),
    most: Int32Array.from(file.inputs, ({ most = 32767 }) => most),
    centre: Int32Array.from(file.inputs, ({ centre = 0 }) => centre),
    repeat: file.repeat,
    observationSize: file.observationSize,
    layers: file.layers.map(({ weights, biases, shift, relu, lookup }) => ({
      weights: Int8Array.from(weights.flat()),
      biases: Int32Array.from(biases),
      shift,
      relu,
      lookup: lookup === undefined ? undefined : Int32Array.from(lookup),
    })),
    heads: file.heads,
  };
}

/** @param create makes a source; each batch has one of its own. */
export function createSourcePolicy(create: () => ActionSource): PolicyFactory {
  const source = create();
  const held = new WeakMap<object, Float32Array>();
  return {
    name: source.name,
    source: (profile) => (profile === 'native' ? create() : undefined),
    batch: {
      check({ engine }: PolicyHost) {
        source.check(engine.program, engine.observations.vector.length > 0);
      },
      fill({ engine }: PolicyHost, slots: readonly number[], out: Float32Array) {
        const { program, numWorlds } = engine;
        // Kept between ticks: a source that holds an action leaves its row as it is.
        let rows = held.get(engine);
        if (rows === undefined || rows.length !== out.length) held.set(engine, (rows = new Float32Array(out.length)));
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
