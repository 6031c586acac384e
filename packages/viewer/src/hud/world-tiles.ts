/** The overview of all worlds: a heat map with one tile each, to hover for numbers and click to watch. Scales to thousands of worlds. */
import { createWorldTable, type RecordingInfo, type Welcome, WORLD_STATUS, type WorldTable } from '@kinovox/world';
import { element, iconButton, setText } from './element.js';
import {
  formatNumber,
  group,
  RESULT_COLORS,
  rampColor,
  returnRange,
  TILE_MEASURES,
  type TileMeasure,
  tableSentence,
  tileColor,
  tileSentence,
} from './tile-colors.js';
import { layoutTiles, type TileLayout, tileAt } from './tile-layout.js';

/** Tallest heat map, in CSS pixels. */
const MAX_HEIGHT = 300;
/** Tiles from this pitch up show their number. */
const NUMBERED = 22;

export class WorldTiles {
  readonly root: HTMLElement;
  readonly #onPick: (world: number) => void;
  readonly #canvas = element('canvas', { class: 'tiles', tabIndex: 0, ariaLabel: 'Worlds by colour; click one to watch it' });
  readonly #summary = element('div', { class: 'muted' });
  readonly #title = element('h2', {}, 'Worlds');
  readonly #hint = element('div', { class: 'tile-hint' });
  readonly #legend = element('div', { class: 'legend' });
  readonly #number = element('input', { type: 'number', min: '0', value: '0', ariaLabel: 'World to watch' });
  readonly #choice: HTMLSelectElement;
  #recordings: readonly RecordingInfo[] = [];
  #table: WorldTable = createWorldTable(1);
  #layout: TileLayout = layoutTiles(1, 216, MAX_HEIGHT);
  #measure: TileMeasure = 'progress';
  #watched = 0;
  #hovered = -1;

  constructor(onPick: (world: number) => void) {
    this.#onPick = onPick;
    const measure = element(
      'select',
      {
        ariaLabel: 'What the colours show',
        title: 'What the colours show',
        on: { change: () => this.#setMeasure(measure.value as TileMeasure) },
      },
      ...TILE_MEASURES.map((name) => element('option', { value: name }, name)),
    );
    this.#choice = measure;
    this.#number.addEventListener('change', () => this.#pick(Number(this.#number.value)));
    this.#canvas.addEventListener('mousemove', (event) => this.#hover(this.#indexAt(event)));
    this.#canvas.addEventListener('mouseleave', () => this.#hover(-1));
    this.#canvas.addEventListener('click', (event) => this.#pick(this.#indexAt(event)));
    this.root = element(
      'section',
      { class: 'panel worlds' },
      element('header', {}, this.#title, measure),
      this.#summary,
      this.#canvas,
      this.#legend,
      this.#hint,
      element(
        'div',
        { class: 'row' },
        element('span', { class: 'muted' }, 'Watching'),
        iconButton('previous', 'Previous world (Page Up)', () => this.#pick(this.#watched - 1)),
        this.#number,
        iconButton('next', 'Next world (Page Down)', () => this.#pick(this.#watched + 1)),
      ),
    );
    this.#drawLegend();
  }

  get numWorlds(): number {
    return this.#table.tick.length;
  }

  /** Sets what there is to watch, before the first table. Recordings have no table: their tiles show numbers alone. */
  setWorlds({ numWorlds, mode, recordings }: Welcome): void {
    if (numWorlds !== this.numWorlds) this.#table = createWorldTable(numWorlds);
    this.#recordings = mode === 'recording' ? recordings : [];
    for (const part of [this.#summary, this.#legend, this.#choice]) part.hidden = mode === 'recording';
    this.#number.max = String(numWorlds - 1);
    this.draw();
  }

  setTable(table: WorldTable): void {
    this.#table = table;
    this.draw();
  }

  setWatched(world: number): void {
    this.#watched = world;
    this.#number.value = String(world);
    this.draw();
  }

  draw(): void {
    const table = this.#table;
    const count = this.numWorlds;
    const noun = this.#recordings.length > 0 ? 'recording' : 'world';
    setText(this.#title, count === 1 ? `1 ${noun}` : `${group(count)} ${noun}s`);
    setText(this.#summary, tableSentence(table));
    this.#drawHint();
    const width = Math.max(120, this.root.clientWidth - 24 || 216);
    this.#layout = layoutTiles(count, width, MAX_HEIGHT);
    const { columns, pitch, gap } = this.#layout;
    const ratio = window.devicePixelRatio || 1;
    const canvas = this.#canvas;
    const [pixelWidth, pixelHeight] = [Math.round(this.#layout.width * ratio), Math.round(this.#layout.height * ratio)];
    if (canvas.width !== pixelWidth || canvas.height !== pixelHeight) {
      canvas.width = pixelWidth;
      canvas.height = pixelHeight;
      canvas.style.width = `${this.#layout.width}px`;
      canvas.style.height = `${this.#layout.height}px`;
    }
    const context = canvas.getContext('2d')!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.#layout.width, this.#layout.height);
    const range = returnRange(table);
    context.font = '10px system-ui, sans-serif';
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    for (let w = 0; w < count; w++) {
      const x = (w % columns) * pitch;
      const y = Math.floor(w / columns) * pitch;
      const [r, g, b] = tileColor(table, w, this.#measure, range);
      context.fillStyle = `rgb(${r},${g},${b})`;
      context.fillRect(x, y, pitch - gap, pitch - gap);
      if (pitch < NUMBERED) continue;
      context.fillStyle = r + g + b > 380 ? 'rgba(10,16,24,.8)' : 'rgba(255,255,255,.72)';
      context.fillText(String(w), x + (pitch - gap) / 2, y + (pitch - gap) / 2 + 0.5);
    }
    this.#outline(context, this.#hovered, 'rgba(255,255,255,.7)', 1);
    this.#outline(context, this.#watched, '#ffffff', 2);
  }

  #outline(context: CanvasRenderingContext2D, w: number, color: string, thickness: number): void {
    if (w < 0 || w >= this.numWorlds) return;
    const { columns, pitch, gap } = this.#layout;
    const edge = Math.max(pitch - gap, 5);
    context.strokeStyle = color;
    context.lineWidth = thickness;
    context.strokeRect(
      (w % columns) * pitch + thickness / 2,
      Math.floor(w / columns) * pitch + thickness / 2,
      edge - thickness,
      edge - thickness,
    );
  }

  #setMeasure(measure: TileMeasure): void {
    this.#measure = measure;
    this.#drawLegend();
    this.draw();
  }

  #drawLegend(): void {
    if (this.#measure === 'last result') {
      const entries = Object.values(RESULT_COLORS).map(({ label, rgb }) => {
        const swatch = element('i', {});
        swatch.style.background = `rgb(${rgb.join()})`;
        return element('span', {}, swatch, label);
      });
      this.#legend.replaceChildren(...entries);
      return;
    }
    const bar = element('i', { class: 'ramp' });
    bar.style.background = `linear-gradient(90deg, ${[0, 0.25, 0.5, 0.75, 1].map((share) => `rgb(${rampColor(share).join()})`).join()})`;
    const [low, high] = this.#measure === 'return' ? returnRange(this.#table).map(formatNumber) : ['0 %', '100 %'];
    this.#legend.replaceChildren(element('span', {}, low), bar, element('span', {}, high));
  }

  #drawHint(): void {
    const w = this.#hovered >= 0 ? this.#hovered : this.#watched;
    if (w >= this.numWorlds) return;
    const recording = this.#recordings.find(({ world }) => world === w);
    setText(this.#hint, recording === undefined ? tileSentence(this.#table, w) : recordingSentence(recording));
    this.#hint.classList.toggle('success', this.#table.status[w] === WORLD_STATUS.succeeded);
  }

  #indexAt(event: MouseEvent): number {
    return tileAt(this.#layout, this.numWorlds, event.offsetX, event.offsetY);
  }

  #hover(w: number): void {
    if (w === this.#hovered) return;
    this.#hovered = w;
    this.#canvas.style.cursor = w >= 0 ? 'pointer' : 'default';
    this.draw();
  }

  #pick(w: number): void {
    if (Number.isInteger(w) && w >= 0 && w < this.numWorlds) this.#onPick(w);
    else this.#number.value = String(this.#watched);
  }
}

function recordingSentence({ name, ticks, episodeStarts, note }: RecordingInfo): string {
  const episodes = episodeStarts.length;
  return `${name} · ${group(ticks)} ticks · ${episodes} ${episodes === 1 ? 'episode' : 'episodes'}${note === '' ? '' : `. ${note}`}`;
}
