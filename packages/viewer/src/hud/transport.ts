/** The bar at the bottom: play, pause, step, speed and fork; the timeline of a recording; which camera and whose eyes. */
import type { ControlInput, Status, Welcome } from '@kinovox/world';
import { CAMERA_MODES, type CameraMode } from '../scene/cameras.js';
import { element, icon, iconButton, setText } from './element.js';

export interface TransportActions {
  control(command: DistributiveOmit<ControlInput, 'world' | 'token'>): void;
  camera(mode: CameraMode): void;
  agent(slot: number): void;
  home(): void;
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4, 8, 16] as const;
const CAMERA_LABELS: Readonly<Record<CameraMode, string>> = { orbit: 'Orbit', follow: 'Follow', 'first-person': 'Eyes' };
/** While a hand moves the timeline, at most one seek is sent in this time. */
const SEEK_INTERVAL_MS = 80;

export class Transport {
  readonly root: HTMLElement;
  readonly #actions: TransportActions;
  readonly #play: HTMLButtonElement;
  readonly #step: HTMLButtonElement;
  readonly #back: HTMLButtonElement;
  readonly #speed: HTMLSelectElement;
  readonly #release: HTMLButtonElement;
  readonly #source = element('span', { class: 'badge source' });
  readonly #tick = element('span', { class: 'tick' });
  readonly #rate = element('span', { class: 'muted rate' });
  readonly #slider = element('input', {
    type: 'range',
    min: '0',
    max: '0',
    value: '0',
    class: 'timeline',
    ariaLabel: 'Position in the recording',
  });
  readonly #marks = element('div', { class: 'marks' });
  readonly #timeline: HTMLElement;
  readonly #cameras = new Map<CameraMode, HTMLButtonElement>();
  readonly #agent = element('select', { ariaLabel: 'Agent to follow', title: 'Agent to follow ([ and ])' });
  #status: Status | undefined;
  #welcome: Welcome | undefined;
  #grabbed = false;
  #lastSeekMs = 0;

  constructor(actions: TransportActions) {
    this.#actions = actions;
    this.#play = iconButton('pause', 'Pause (space)', () => this.togglePlay());
    this.#step = iconButton('step', 'One tick on (.)', () => this.step(1));
    this.#back = iconButton('back', 'One tick back (,)', () => this.step(-1));
    this.#speed = element(
      'select',
      { ariaLabel: 'Speed', title: 'Speed, times real time (+ and -)', on: { change: () => this.#setSpeed(Number(this.#speed.value)) } },
      element('option', { value: '0', disabled: true }, 'batch'),
      ...SPEEDS.map((speed) => element('option', { value: String(speed) }, `${speed}×`)),
    );
    this.#release = element(
      'button',
      {
        type: 'button',
        class: 'text-button',
        title: 'Leave this copy and watch the running batch again',
        on: { click: () => actions.control({ command: 'release' }) },
      },
      'Back to the batch',
    );
    this.#slider.addEventListener('pointerdown', () => {
      this.#grabbed = true;
    });
    this.#slider.addEventListener('change', () => {
      this.#grabbed = false;
      this.#seek(Number(this.#slider.value), true);
    });
    this.#slider.addEventListener('input', () => this.#seek(Number(this.#slider.value), false));
    this.#timeline = element('div', { class: 'timeline-box' }, this.#slider, this.#marks);
    for (const mode of CAMERA_MODES) {
      const label = CAMERA_LABELS[mode];
      this.#cameras.set(
        mode,
        element(
          'button',
          { type: 'button', title: `${label} camera (${CAMERA_MODES.indexOf(mode) + 1})`, on: { click: () => actions.camera(mode) } },
          label,
        ),
      );
    }
    this.#agent.addEventListener('change', () => actions.agent(Number(this.#agent.value)));
    this.root = element(
      'section',
      { class: 'transport' },
      this.#timeline,
      element(
        'div',
        { class: 'transport-row' },
        element('div', { class: 'cluster' }, this.#back, this.#play, this.#step, this.#speed),
        element('div', { class: 'cluster readout' }, this.#source, this.#tick, this.#rate, this.#release),
        element(
          'div',
          { class: 'cluster' },
          element('div', { class: 'segments' }, ...this.#cameras.values()),
          this.#agent,
          iconButton('home', 'Frame the world (R)', actions.home),
        ),
      ),
    );
    this.#update();
  }

  setWelcome(welcome: Welcome): void {
    this.#welcome = welcome;
    this.#agent.replaceChildren(...welcome.scenario.agents.map((agent, slot) => element('option', { value: String(slot) }, agent.id)));
    this.#update();
  }

  setStatus(status: Status | undefined): void {
    this.#status = status;
    this.#update();
  }

  setCamera(mode: CameraMode, slot: number): void {
    for (const [name, button] of this.#cameras) button.ariaPressed = String(name === mode);
    this.#agent.value = String(slot);
  }

  /** Shows the tick that is drawn. */
  setTick(episode: number, tick: number, maxTicks: number): void {
    setText(this.#tick, `Episode ${episode + 1} · tick ${Math.floor(tick)} / ${maxTicks}`);
  }

  togglePlay(): void {
    this.#actions.control({ command: this.#status?.playing === false ? 'play' : 'pause' });
  }

  /** One tick on or, in a recording, back. */
  step(ticks: 1 | -1): void {
    if (ticks > 0) this.#actions.control({ command: 'step', value: 1 });
    else if (this.#isRecording) this.#actions.control({ command: 'seek', value: Math.max(0, (this.#status?.position ?? 0) - 1) });
  }

  faster(direction: 1 | -1): void {
    const now = this.#status?.speed || 1;
    const next = direction > 0 ? SPEEDS.find((speed) => speed > now) : [...SPEEDS].reverse().find((speed) => speed < now);
    if (next !== undefined) this.#setSpeed(next);
  }

  get #isRecording(): boolean {
    return this.#welcome?.mode === 'recording';
  }

  #setSpeed(value: number): void {
    this.#actions.control({ command: 'speed', value });
  }

  #seek(value: number, final: boolean): void {
    const now = performance.now();
    if (!final && now - this.#lastSeekMs < SEEK_INTERVAL_MS) return;
    this.#lastSeekMs = now;
    this.#actions.control({ command: 'seek', value });
  }

  #update(): void {
    const status = this.#status;
    const playing = status?.playing ?? true;
    this.#play.replaceChildren(icon(playing ? 'pause' : 'play'));
    this.#play.title = playing ? 'Pause (space)' : 'Play (space)';
    this.#play.ariaLabel = this.#play.title;
    const allowed = this.#welcome?.canControl === true && (this.#welcome.mode !== 'finished' || status?.forked === true);
    const why =
      this.#welcome?.mode === 'finished'
        ? 'The batch has ended; its last state is shown.'
        : 'Watching only: open the address with the token that the host printed.';
    for (const control of [this.#play, this.#step, this.#back, this.#speed]) {
      control.disabled = !allowed;
      if (!allowed) control.title = why;
    }
    this.#back.hidden = !this.#isRecording;
    this.#release.hidden = status?.forked !== true;
    this.#source.dataset.kind = this.#isRecording ? 'recording' : status?.forked ? 'fork' : (this.#welcome?.mode ?? '');
    setText(
      this.#source,
      this.#isRecording
        ? 'Recording'
        : status?.forked
          ? 'Your copy of this world'
          : this.#welcome?.mode === 'finished'
            ? 'Finished'
            : 'Live batch',
    );
    // 0 is the batch's own speed, which nobody can choose.
    this.#speed.value = String(status?.speed ?? 0);
    setText(
      this.#rate,
      status === undefined || status.ticksPerSecond === 0 ? '' : status.playing ? `${Math.round(status.ticksPerSecond)} ticks/s` : 'paused',
    );
    this.#updateTimeline();
  }

  #updateTimeline(): void {
    this.#timeline.hidden = !this.#isRecording;
    const length = this.#status?.length ?? 0;
    if (length === 0) return;
    this.#slider.max = String(length);
    this.#slider.disabled = this.#welcome?.canControl !== true;
    if (!this.#grabbed) this.#slider.value = String(this.#status!.position);
    this.#slider.style.setProperty('--share', `${(Number(this.#slider.value) / length) * 100}%`);
    const recording = this.#welcome?.recordings.find((candidate) => candidate.world === this.#status!.world);
    const starts = recording?.episodeStarts.slice(0, 200) ?? [];
    if (this.#marks.childElementCount === starts.length) return;
    this.#marks.replaceChildren(
      ...starts.map((start, i) => {
        const mark = element('i', { title: `Episode ${i + 1} begins` });
        mark.style.left = `${(start / length) * 100}%`;
        return mark;
      }),
    );
  }
}
