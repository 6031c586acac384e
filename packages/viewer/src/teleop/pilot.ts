/**
 * A person at an agent: takes it, sends what they hold at most once a tick, and lets it go when they leave, look elsewhere or hide the page.
 * While somebody plays, keys of the hands reach nothing else of the page; the mouse acts once the picture has it (a click), and Escape gives it back.
 */
import { type Reply, type ScenarioInfo, TELEOP_LIMITS, type Teleop } from '@kinovox/world';
import { NO_ANSWER } from '../connection.js';
import { PilotBar } from '../hud/pilot-bar.js';
import { HandsState } from './hands-state.js';

/** What it uses of the page. */
export interface PilotActions {
  /** Of the watched world. */
  send(message: Pick<Teleop, 'slot' | 'hands'>): Promise<Reply>;
  /** Look through the eyes of an agent. */
  lookThrough(slot: number): void;
  notice(sentence: string): void;
}

export class Pilot {
  readonly bar: PilotBar;
  readonly #actions: PilotActions;
  readonly #canvas: HTMLCanvasElement;
  readonly #hands = new HandsState();
  #played: readonly number[] = [];
  #canControl = false;
  /** The agent that is played from this page. */
  #slot: number | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #tookMs = 0;
  #sentMs = 0;
  /** The last message, to see what is new. */
  #sent = '';

  constructor(canvas: HTMLCanvasElement, actions: PilotActions) {
    this.#canvas = canvas;
    this.#actions = actions;
    this.bar = new PilotBar((slot) => (slot === this.#slot ? this.leave() : this.take(slot)));
    // Before the keys of the page, which listen on the window too.
    window.addEventListener('keydown', (event) => this.#onKey(event), { capture: true });
    window.addEventListener('keyup', ({ code }) => this.#hands.keyUp(code), { capture: true });
    window.addEventListener('blur', () => this.#hands.release());
    document.addEventListener('visibilitychange', () => document.hidden && this.leave());
    canvas.addEventListener('pointerdown', (event) => this.#onMouse(event, true));
    window.addEventListener('pointerup', (event) => this.#onMouse(event, false));
    canvas.addEventListener('pointermove', ({ movementX, movementY }) => this.#hasMouse && this.#hands.mouse(movementX, movementY));
    canvas.addEventListener('contextmenu', (event) => this.#slot !== undefined && event.preventDefault());
  }

  /** Slot of the agent that is played from this page; undefined: none. */
  get slot(): number | undefined {
    return this.#slot;
  }

  /** @param played agents for whom people decide. */
  setAgents(info: ScenarioInfo, played: readonly number[], canControl: boolean): void {
    this.#played = played;
    this.#canControl = canControl;
    this.bar.setAgents(info, played, canControl);
  }

  /** @param taken agents that a person plays now, here or elsewhere. */
  setTaken(taken: readonly number[]): void {
    this.bar.draw(taken, this.#slot);
  }

  /** Takes the agent that is looked at, where people play it, or the first one that they do. While one is played: lets it go. */
  toggle(followed: number): void {
    if (this.#slot !== undefined) this.leave();
    else if (!this.#canControl) this.#actions.notice('Watching only. To play, open the address with the token that the host printed.');
    else if (this.#played.length === 0)
      this.#actions.notice('People play agents whose policy is human. Start with --policy NAME=human,default=scripted.');
    else this.take(this.#played.includes(followed) ? followed : this.#played[0]);
  }

  take(slot: number): void {
    if (this.#slot !== undefined) this.leave();
    this.#slot = slot;
    this.#hands.release();
    this.#sent = '';
    this.#tookMs = performance.now();
    this.#timer = setInterval(() => this.#tell(), TELEOP_LIMITS.intervalMs);
    this.#actions.lookThrough(slot);
    this.bar.draw([slot], slot);
    (document.activeElement as HTMLElement | null)?.blur();
    this.#tell();
  }

  leave(): void {
    if (this.#slot === undefined) return;
    void this.#actions.send({ slot: this.#slot, hands: null });
    this.#stop();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#slot = undefined;
    this.#hands.release();
    this.bar.draw([], undefined);
    if (this.#hasMouse) document.exitPointerLock();
  }

  /** Sends what is new, and now and then what is not, so that the host knows that somebody is here. */
  #tell(): void {
    const slot = this.#slot;
    if (slot === undefined) return;
    const nowMs = performance.now();
    const hands = this.#hands.take((nowMs - this.#tookMs) / 1000);
    this.#tookMs = nowMs;
    const text = JSON.stringify(hands);
    if (text === this.#sent && nowMs - this.#sentMs < TELEOP_LIMITS.heartbeatMs && hands.turn === 0 && hands.look === 0) return;
    this.#sent = text;
    this.#sentMs = nowMs;
    void this.#actions.send({ slot, hands }).then((reply) => {
      // A page or host that stood still for a while goes on where it was.
      if (reply.ok || reply === NO_ANSWER || this.#slot !== slot) return;
      this.#stop();
      this.#actions.notice(reply.sentence);
    });
  }

  get #hasMouse(): boolean {
    return this.#slot !== undefined && document.pointerLockElement === this.#canvas;
  }

  #onKey(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    const isTyping = /^(SELECT|TEXTAREA|INPUT)$/.test(target.tagName);
    if (this.#slot === undefined || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    // With the mouse in the picture the browser takes the first Escape for itself.
    if (event.key === 'Escape') this.leave();
    else if (!this.#hands.keyDown(event.code, event.repeat)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  #onMouse(event: PointerEvent, isDown: boolean): void {
    if (this.#slot === undefined) return;
    if (!this.#hasMouse) {
      // Some browsers refuse it, at times or altogether; the arrow keys turn without.
      if (isDown) void Promise.resolve(this.#canvas.requestPointerLock()).catch(() => undefined);
      return;
    }
    if (event.button === 0) this.#hands.hold('attack', isDown);
    else if (event.button === 2 && isDown) this.#hands.press('use');
  }
}
