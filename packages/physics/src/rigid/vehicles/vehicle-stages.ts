/**
 * Vehicles among the stages of a tick: the walkers' stages pass them by, and who touches whom is asked of Rapier once it has moved them.
 * Agents of vehicles are not alive between `hide vehicles` and `show vehicles`; both run within one tick, so nobody else sees it.
 */
import { EVENT } from '@kinovox/world';
import type { VehicleTables } from '../../program.js';
import { ALIVE, enterWorld, type TickContext } from '../../stages/context.js';
import { pushEvent } from '../../stages/events.js';
import type { Stage } from '../../tick.js';
import type { RigidWorld } from '../rigid-world.js';

export class VehicleStages {
  readonly #vehicles: VehicleTables;
  readonly #numAgents: number;
  /** `[B, V]` 1 = alive, and `[B, A, contact words]` contacts of the tick before. */
  readonly #alive: Uint8Array;
  readonly #contacts: Int32Array;
  /** Contact words of an agent. */
  readonly #words: number;
  /** `[A, contact words]` contacts of this tick. */
  readonly #touching: Int32Array;

  constructor(vehicles: VehicleTables, numAgents: number, numWorlds: number) {
    this.#vehicles = vehicles;
    this.#numAgents = numAgents;
    this.#words = (numAgents + 31) >> 5;
    this.#alive = new Uint8Array(numWorlds * vehicles.agents.length);
    this.#contacts = new Int32Array(numWorlds * numAgents * this.#words);
    this.#touching = new Int32Array(numAgents * this.#words);
  }

  /** The stages of a tick, with vehicles out of the way of those that move walkers. */
  around(stages: readonly Stage[]): Stage[] {
    const hide = eachWorld('hide vehicles', (c, w) => {
      this.#hide(c, w);
    });
    const show = eachWorld('show vehicles', (c, w) => {
      this.#show(c, w);
    });
    return stages.flatMap((stage) => (stage.name === 'accelerate' ? [hide, stage] : stage.name === 'interact' ? [show, stage] : [stage]));
  }

  /** After Rapier's step: contacts of vehicles join those of walkers; one that was not there in the last tick is an event of both. */
  touch(c: TickContext, w: number, world: RigidWorld): void {
    const { state, numAgents } = c;
    const { agents, firstProp } = this.#vehicles;
    const words = this.#words;
    const first = w * numAgents;
    const touching = this.#touching.fill(0);
    const note = (a: number, b: number) => {
      if (a === b || (state.flags[first + a] & state.flags[first + b] & ALIVE) === 0) return;
      touching[a * words + (b >> 5)] |= 1 << (b & 31);
      touching[b * words + (a >> 5)] |= 1 << (a & 31);
    };
    const propWords = (c.program.numProps + 31) >> 5;
    for (let v = 0; v < agents.length; v++) {
      world.eachTouching(firstProp + v, (prop, walker) => {
        if (walker >= 0) note(agents[v], walker);
        else if (prop >= firstProp) note(agents[v], agents[prop - firstProp]);
      });
      // What a walker pushes it touches, though it keeps a skin's distance.
      const p = firstProp + v;
      for (let a = 0; a < numAgents; a++)
        if (((c.buffers.pushedProps[(first + a) * propWords + (p >> 5)] >>> (p & 31)) & 1) === 1) note(agents[v], a);
    }
    for (let a = 0; a < numAgents; a++) {
      for (let k = 0; k < words; k++) {
        const at = (first + a) * words + k;
        for (let fresh = touching[a * words + k] & ~this.#contacts[at]; fresh !== 0; fresh &= fresh - 1) {
          const b = (k << 5) + 31 - Math.clz32(fresh & -fresh);
          if (b < a) continue;
          const id = pushEvent(state, c.buffers, w, EVENT.touched, a, b, 0, 0);
          pushEvent(state, c.buffers, w, EVENT.touched, b, a, 0, id);
        }
        state.contacts[at] |= touching[a * words + k];
      }
    }
  }

  #hide({ state }: TickContext, w: number): void {
    const { agents } = this.#vehicles;
    for (let v = 0; v < agents.length; v++) {
      const i = w * this.#numAgents + agents[v];
      this.#alive[w * agents.length + v] = state.flags[i] & ALIVE;
      state.flags[i] &= ~ALIVE;
    }
    const from = w * this.#numAgents * this.#words;
    for (let k = from; k < from + this.#numAgents * this.#words; k++) this.#contacts[k] = state.contacts[k];
  }

  #show({ state }: TickContext, w: number): void {
    const { agents } = this.#vehicles;
    for (let v = 0; v < agents.length; v++) {
      if (this.#alive[w * agents.length + v] !== 0) state.flags[w * this.#numAgents + agents[v]] |= ALIVE;
    }
  }
}

function eachWorld(name: string, run: (c: TickContext, w: number) => void): Stage {
  return {
    name,
    run: (c, w0, w1) => {
      for (let w = w0; w < w1; w++) {
        enterWorld(c, w);
        run(c, w);
      }
    },
  };
}
