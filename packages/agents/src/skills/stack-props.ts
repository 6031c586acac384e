/** Stacking: the prop with the others nearest to it is the base; the others are taken one by one and put on top. */
import type { AgentView } from '../agent-view.js';
import type { Navigator } from '../navigation/navigator.js';
import { putOver, sizeOf, takeProp } from './carry-prop.js';
import type { Controls } from './controls.js';

/** Centres of props that rest on each other are level within this, metres. */
const ON_TOP = 0.45;

export class Stacking {
  /** Props in the order of the stack where the task gives one; otherwise chosen when the work begins. */
  #base = -1;

  reset(): void {
    this.#base = -1;
  }

  /** @param order the props, lowest first; any order where `isGiven` is false. */
  step(c: Controls, navigator: Navigator, order: readonly number[], isGiven: boolean): void {
    const { view } = c;
    if (this.#base < 0 || !order.includes(this.#base)) this.#base = isGiven ? order[0] : nearestToAll(view, order);
    const held = view.carried();
    const stack = stackOn(view, this.#base, order);
    const top = stack[stack.length - 1];
    if (held >= 0) {
      const { x, y, z } = view.prop(top);
      putOver(c, navigator, { x, y: y + sizeOf(view, top)[1] / 2, z });
      return;
    }
    const rest = order.filter((prop) => !stack.includes(prop));
    if (rest.length === 0) {
      c.displace(0, 0, false);
      return;
    }
    takeProp(
      c,
      navigator,
      isGiven ? rest[0] : rest.reduce((best, prop) => (distanceTo(view, prop) < distanceTo(view, best) ? prop : best)),
    );
  }
}

/** The base and what rests on it, in order. */
function stackOn(view: AgentView, base: number, order: readonly number[]): number[] {
  const stack = [base];
  for (;;) {
    const below = view.prop(stack[stack.length - 1]);
    const next = order.find((prop) => {
      if (stack.includes(prop) || prop === view.carried()) return false;
      const { x, y, z } = view.prop(prop);
      const rise = y - below.y;
      return (
        Math.hypot(x - below.x, z - below.z) < ON_TOP &&
        rise > 0.1 &&
        rise < (sizeOf(view, prop)[1] + sizeOf(view, stack[stack.length - 1])[1]) / 2 + 0.1
      );
    });
    if (next === undefined) return stack;
    stack.push(next);
  }
}

function nearestToAll(view: AgentView, props: readonly number[]): number {
  const sum = (a: number) =>
    props.reduce((total, b) => total + Math.hypot(view.prop(a).x - view.prop(b).x, view.prop(a).z - view.prop(b).z), 0);
  return props.reduce((best, prop) => (sum(prop) < sum(best) ? prop : best));
}

function distanceTo(view: AgentView, prop: number): number {
  const { x, z } = view.prop(prop);
  return Math.hypot(x - view.x(), z - view.z());
}
