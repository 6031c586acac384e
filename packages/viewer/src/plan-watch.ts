/**
 * Asks a host for the plans of the watched world while somebody wants to see them, and shows those that belong to what is shown.
 * Data flow: switch, world, followed agent -> wish -> host -> plans -> overlay and panel.
 */
import type { Frame, Plans, PlansWish, Reply, StreamPosition } from '@kinovox/world';
import type { PlanPanel } from './hud/plan-panel.js';
import type { PlanOverlay } from './scene/plan-overlay.js';

export class PlanWatch {
  readonly #ask: (wish: PlansWish) => Promise<Reply>;
  readonly #overlay: PlanOverlay | undefined;
  readonly #panel: PlanPanel;
  #on = false;
  #world = -1;
  #slot = 0;
  #plans: Plans | undefined;
  /** Why the host sends none. */
  #refusal = '';
  /** Plans that are drawn, and for whom. */
  #shown: Plans | undefined;
  #shownSlot = -1;

  constructor(ask: (wish: PlansWish) => Promise<Reply>, overlay: PlanOverlay | undefined, panel: PlanPanel) {
    this.#ask = ask;
    this.#overlay = overlay;
    this.#panel = panel;
  }

  /** The plans that are drawn; undefined while there are none. */
  get shown(): Plans | undefined {
    return this.#shown;
  }

  setOn(on: boolean): void {
    if (on === this.#on) return;
    this.#on = on;
    this.#panel.root.hidden = !on;
    this.#forget();
    this.#send();
  }

  /** The host has begun to send a world. */
  watch(world: number): void {
    this.#world = world;
    this.#forget();
    if (this.#on) this.#send();
  }

  follow(slot: number): void {
    if (slot === this.#slot) return;
    this.#slot = slot;
    if (this.#on) this.#send();
  }

  receive(plans: Plans): void {
    if (!this.#on || plans.world !== this.#world) return;
    this.#plans = plans;
  }

  /** Draws what has come; takes away what belongs to another stream or episode than the one shown. */
  draw(level: StreamPosition | undefined, frame: Frame | undefined): void {
    if (!this.#on) return;
    const plans = this.#plans;
    const isOf = plans !== undefined && level !== undefined && plans.stream === level.stream && plans.episode === (frame ?? level).episode;
    if (!isOf) {
      this.#overlay?.clear();
      this.#shown = undefined;
      this.#panel.say(this.#refusal === '' ? 'Waiting for plans…' : this.#refusal);
      return;
    }
    if (this.#shown === plans && this.#shownSlot === this.#slot) return;
    this.#shown = plans;
    this.#shownSlot = this.#slot;
    this.#overlay?.show(plans, this.#slot);
    this.#panel.show(plans, this.#slot);
  }

  #forget(): void {
    this.#plans = undefined;
    this.#shown = undefined;
    this.#refusal = '';
    this.#overlay?.clear();
  }

  #send(): void {
    if (this.#world < 0) return;
    const wish = { world: this.#world, on: this.#on, slot: this.#slot };
    void this.#ask(wish).then((reply) => {
      if (!reply.ok && wish.world === this.#world) this.#refusal = reply.sentence;
    });
  }
}
