/** The built page in headless Chromium, as the tests of the viewer use it: one browser for a file, one page and host for a test, and what the page says of itself. */
import type { Plans } from '@kinovox/world';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { artifact, launchChromium } from './chromium.js';
import { decodePng, type Picture } from './pixels.js';

/** What the page publishes in `window.__kinovox`. */
export interface ViewerState {
  connected: boolean;
  tick: number;
  shownTick: number;
  world: number;
  episode: number;
  stream: number;
  meshedChunks: number;
  settled: boolean;
  totalEdits: number;
  camera: string;
  cameraPosition: readonly number[];
  played: number;
  numMobs: number;
  numFlashes: number;
  colliders: boolean;
  plans: { data: Plans; drawn: Record<'ways' | 'dots' | 'held' | 'soon' | 'rollouts' | 'conflicts' | 'squares', number> } | undefined;
  dayShare: number;
  pictures: number;
}

/** Longest wait for a state. */
export const WAIT_MS = 60_000;
/** The frame that was asked for, the one that draws, and one that is shown. */
const FRAMES_AT_REST = 3;

interface Closable {
  close(): unknown;
}

/** Registers the hooks of the suite that calls it. */
export class ViewerPage<Host extends Closable> {
  /** Those of the running test, from `open` on. */
  page!: Page;
  host: Host | undefined;
  /** What the page threw. */
  errors: string[] = [];
  #browser: Browser | undefined;

  constructor() {
    beforeAll(async () => {
      this.#browser = await launchChromium();
    });
    afterAll(async () => {
      await this.#browser?.close();
    });
    afterEach(async () => {
      await this.page?.close();
      await this.host?.close();
      this.host = undefined;
    });
  }

  /** An empty page for a host that the test then visits by itself. */
  async blank(host: Host): Promise<void> {
    this.host = host;
    this.page = await this.#browser!.newPage({ viewport: { width: 1000, height: 640 } });
    this.errors = [];
    this.page.on('pageerror', (error) => this.errors.push(String(error)));
    await this.page.addInitScript(letFramesBeHeld);
  }

  /**
   * Shows a host's page and waits for a level of which so many chunks are meshed.
   * @param strict whether what the page writes to the console as an error counts: its security policy must then allow everything that it does.
   */
  async open(host: Host, url: string, { chunks, strict = true }: { chunks: number; strict?: boolean }): Promise<void> {
    await this.blank(host);
    if (strict) this.page.on('console', (message) => message.type() === 'error' && this.errors.push(message.text()));
    await this.page.goto(url);
    await this.until('a level that is meshed', (now) => now.connected && now.meshedChunks >= chunks && now.tick >= 0);
  }

  state(): Promise<ViewerState> {
    return this.page.evaluate(() => ({ ...(window as unknown as { __kinovox: ViewerState }).__kinovox }));
  }

  /** The first state for which `holds`. @throws Error after `WAIT_MS`. */
  async until(what: string, holds: (now: ViewerState) => boolean): Promise<ViewerState> {
    const end = Date.now() + WAIT_MS;
    for (;;) {
      const now = await this.state();
      if (holds(now)) return now;
      if (Date.now() > end) throw new Error(`Waited ${WAIT_MS} ms for: ${what}; the page is at ${JSON.stringify(now)}.`);
      await this.page.waitForTimeout(40);
    }
  }

  /** Lets the page go on for a while, and until it has drawn since: on a busy machine a while may pass without a frame. */
  async rest(ms: number): Promise<void> {
    await this.page.waitForTimeout(ms);
    await this.page.evaluate(
      (frames) =>
        new Promise<void>((done) => {
          const next = (left: number) => (left === 0 ? done() : requestAnimationFrame(() => next(left - 1)));
          next(frames);
        }),
      FRAMES_AT_REST,
    );
  }

  /**
   * What is on the screen, kept among the artifacts under its name.
   * No frame begins meanwhile: on a busy machine a page that draws one after another can keep a picture waiting for a minute.
   */
  async picture(name?: string): Promise<Picture> {
    await this.#holdFrames(true);
    const png = await this.page.screenshot(name === undefined ? {} : { path: artifact(name) });
    await this.#holdFrames(false);
    return decodePng(png);
  }

  async #holdFrames(hold: boolean): Promise<void> {
    await this.page.evaluate((hold) => (window as unknown as { holdFrames(hold: boolean): void }).holdFrames(hold), hold);
  }
}

/** Runs in the page, before its scripts. */
function letFramesBeHeld(): void {
  const ask = window.requestAnimationFrame.bind(window);
  const waiting: FrameRequestCallback[] = [];
  let isHeld = false;
  window.requestAnimationFrame = (draw) => (isHeld ? -waiting.push(draw) : ask(draw));
  (window as unknown as { holdFrames(hold: boolean): void }).holdFrames = (hold) => {
    isHeld = hold;
    if (!hold) for (const draw of waiting.splice(0)) ask(draw);
  };
}
