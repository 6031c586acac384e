/** A provider of which only so many calls are open at the same time; others wait in the order in which they came. Results depend on no order. */
import { ModelError, type ModelProvider } from '../model.js';

/** @param most calls open at the same time, at least 1. */
export function limitParallel(provider: ModelProvider, most: number): ModelProvider {
  let open = 0;
  const waiting: (() => void)[] = [];
  const { heard } = provider;
  return {
    ...(heard === undefined ? {} : { heard }),
    async ask(request, signal) {
      if (open < most) open++;
      // Whoever ends hands its place on, so that nobody who comes later is first.
      else await turn(waiting, signal);
      try {
        return await provider.ask(request, signal);
      } finally {
        const next = waiting.shift();
        if (next === undefined) open--;
        else next();
      }
    },
  };
}

function turn(waiting: (() => void)[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      waiting.splice(waiting.indexOf(enter), 1);
      reject(new ModelError('late', 'The call was given up before its turn came.'));
    };
    const enter = () => {
      signal.removeEventListener('abort', leave);
      resolve();
    };
    if (signal.aborted) return reject(new ModelError('late', 'The call was given up before its turn came.'));
    waiting.push(enter);
    signal.addEventListener('abort', leave, { once: true });
  });
}
