/** Batches that each break one fact of the conformance kit, on whatever engine the good ones run. */
import type { CheckedBatch } from '@kinovox/env';
import type { Split } from '@kinovox/world';

export interface BatchOptions {
  numWorlds: number;
  seed: number;
  split: Split;
}
type Make = (options: BatchOptions) => Promise<CheckedBatch>;

/** The environment with some of its members replaced. */
export function plant<T extends object>(env: T, changes: Partial<T>): T {
  return new Proxy(env, {
    get(target, name) {
      if (name in changes) return changes[name as keyof T];
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/**
 * The beginning of a fact's name, and a maker of batches that break it.
 * @param make of good batches of `bridge`, two agents of native actions.
 */
export function plantedBatches(make: Make): [fact: string, broken: Make][] {
  const acting =
    (change: (actions: Float32Array, t: number, numWorlds: number) => void): Make =>
    async (options) => {
      const env = await make(options);
      let t = 0;
      return plant<CheckedBatch>(env, {
        stepSync: (actions) => {
          const changed = actions.slice();
          change(changed, t++, options.numWorlds);
          return env.stepSync(changed);
        },
      });
    };
  let numMade = 0;
  return [
    [
      'results have the declared shapes',
      async (options) => {
        const env = await make(options);
        return plant<CheckedBatch>(env, {
          stepSync: async (actions) => ({ ...(await env.stepSync(actions)), rewards: new Float32Array(3) }),
        });
      },
    ],
    [
      'the same seed and actions give the same hashes',
      // Strays late, in every second batch.
      async (options) => {
        const odd = numMade++ % 2 === 1;
        return acting((actions, t) => {
          if (odd && t > 5) actions[0] = 0;
        })(options);
      },
    ],
    ['other actions and other seeds give other hashes', acting((actions) => actions.fill(0))],
    [
      'a row does as it would alone',
      acting((actions, _, numWorlds) => {
        if (numWorlds === 1) actions[0] = -actions[0];
      }),
    ],
    // A leak: row 2 walks as row 3 does.
    [
      'a row does the same whatever its neighbours do',
      acting((actions, t, numWorlds) => {
        if (numWorlds === 4 && t > 5) actions[(actions.length / 4) * 2] = actions[(actions.length / 4) * 3];
      }),
    ],
    [
      'an ended row stands at the start',
      async (options) => {
        const env = await make(options);
        return plant<CheckedBatch>(env, {
          stepSync: async (actions) => {
            const result = await env.stepSync(actions);
            return { ...result, finalObservations: result.observations.vector };
          },
        });
      },
    ],
    ['a restored row continues', async (options) => plant<CheckedBatch>(await make(options), { restore: () => {} })],
    [
      'members of a group start alike',
      async (options) => {
        const env = await make(options);
        return plant<CheckedBatch>(env, { reset: () => env.reset() });
      },
    ],
    ['splits play different levels', (options) => make({ ...options, split: 'test' })],
  ];
}
