/** Progress of the tasks and their parts, achievements to tick off, and what the reward of each agent is. */
import { FRAME_NODE_WORDS, type Frame, type ScenarioInfo, WORLD_STATUS } from '@kinovox/world';
import { element, setText } from './element.js';
import { formatNumber } from './tile-colors.js';

/** Status words of a node: pending, satisfied, violated. */
const STATUS_CLASSES = ['pending', 'satisfied', 'violated'] as const;
const MOST_PARTS = 12;
const MOST_AGENTS = 8;
const STATUS_WORDS: Readonly<Record<number, string>> = {
  [WORLD_STATUS.running]: 'running',
  [WORLD_STATUS.succeeded]: 'succeeded',
  [WORLD_STATUS.failed]: 'failed',
  [WORLD_STATUS.outOfTime]: 'out of time',
};

interface Achievement {
  root: HTMLElement;
  /** Its place in the frames' nodes. */
  index: number;
}

interface Bar {
  root: HTMLElement;
  fill: HTMLElement;
  value: HTMLElement;
}

export class TaskPanel {
  readonly root: HTMLElement;
  readonly #status = element('span', { class: 'badge' });
  readonly #bars = element('div', { class: 'bars' });
  readonly #agents = element('div', { class: 'agents' });
  readonly #onPickAgent: (slot: number) => void;
  #roots: Bar[] = [];
  /** Bars of the parts, and the node of each in the frames. */
  #parts: { bar: Bar; index: number }[] = [];
  #achievements: Achievement[] = [];
  #numDone = element('b', {});
  #returns: HTMLElement[] = [];
  #rows: HTMLElement[] = [];

  constructor(onPickAgent: (slot: number) => void) {
    this.#onPickAgent = onPickAgent;
    this.root = element(
      'section',
      { class: 'panel task' },
      element('header', {}, element('h2', {}, 'Task'), this.#status),
      this.#bars,
      this.#agents,
    );
  }

  setScenario(info: ScenarioInfo): void {
    // A node of depth 0 is a task itself: it names the task's own bar.
    const wholeOf = (task: number) => info.nodes.find((node) => node.task === task && node.depth === 0)?.name ?? 'Whole task';
    const parts = info.nodes.map((node, i) => ({ ...node, i })).filter(({ depth, goal }) => depth > 0 && goal === undefined);
    this.#achievements = info.nodes.flatMap(({ name, goal }, index) => (goal === undefined ? [] : [createAchievement(name, goal, index)]));
    // Achievements name what the whole is made of; said once more in one sentence, it would fill the panel.
    const isList = this.#achievements.length > 0 && info.taskNames.length === 1;
    this.#roots = info.taskNames.map((name, task) =>
      createBar(info.taskNames.length > 1 && name !== '' ? name : isList ? 'Whole task' : wholeOf(task), 0),
    );
    this.#parts = parts.slice(0, MOST_PARTS).map(({ name, depth, i }) => ({ bar: createBar(name, depth), index: i }));
    const ordered = this.#roots.flatMap((root, task) => [
      root.root,
      ...this.#parts.filter(({ index }) => info.nodes[index].task === task).map(({ bar }) => bar.root),
    ]);
    const hidden = parts.length - this.#parts.length;
    this.#bars.replaceChildren(
      ...ordered,
      ...(hidden > 0 ? [element('div', { class: 'muted' }, `and ${hidden} more parts`)] : []),
      ...(this.#achievements.length > 0 ? [this.#createList()] : []),
    );
    const shown = info.agents.slice(0, MOST_AGENTS);
    this.#returns = shown.map(() => element('b', {}, '0'));
    this.#rows = shown.map((agent, slot) => {
      const swatch = element('i', {});
      swatch.style.background = `#${agent.color.toString(16).padStart(6, '0')}`;
      return element(
        'button',
        { type: 'button', title: `Follow ${agent.id}`, on: { click: () => this.#onPickAgent(slot) } },
        swatch,
        element('span', {}, agent.id),
        this.#returns[slot],
      );
    });
    const more = info.agents.length - shown.length;
    this.#agents.replaceChildren(...this.#rows, ...(more > 0 ? [element('div', { class: 'muted' }, `and ${more} more agents`)] : []));
  }

  #createList(): HTMLElement {
    return element(
      'div',
      { class: 'achievements' },
      element('div', { class: 'bar-name' }, element('span', {}, 'Achievements'), this.#numDone),
      element('ul', {}, ...this.#achievements.map(({ root }) => root)),
    );
  }

  setFollowed(slot: number): void {
    this.#rows.forEach((row, i) => {
      row.classList.toggle('followed', i === slot);
    });
  }

  draw(frame: Frame): void {
    this.#roots.forEach((bar, i) => {
      drawBar(bar, frame.roots, i);
    });
    for (const { bar, index } of this.#parts) drawBar(bar, frame.nodes, index);
    let numDone = 0;
    for (const achievement of this.#achievements) if (drawAchievement(achievement, frame.nodes)) numDone++;
    setText(this.#numDone, `${numDone} of ${this.#achievements.length}`);
    this.#returns.forEach((value, slot) => {
      setText(value, formatNumber(frame.returns[slot] ?? 0));
    });
    setText(this.#status, STATUS_WORDS[frame.status] ?? '');
    this.#status.dataset.status = STATUS_WORDS[frame.status] ?? '';
  }
}

function createAchievement(name: string, goal: string, index: number): Achievement {
  return { root: element('li', { title: goal }, element('span', {}, name.replaceAll('_', ' '))), index };
}

/** @returns whether it is done. */
function drawAchievement({ root, index }: Achievement, words: Int32Array): boolean {
  const status = words[index * FRAME_NODE_WORDS] ?? 0;
  const progress = (words[index * FRAME_NODE_WORDS + 1] ?? 0) / 16384;
  for (let s = 0; s < STATUS_CLASSES.length; s++) root.classList.toggle(STATUS_CLASSES[s], s === status);
  root.style.setProperty('--share', `${Math.round((status === 1 ? 1 : progress) * 100)}%`);
  return status === 1;
}

function createBar(name: string, depth: number): Bar {
  const fill = element('i', {});
  const value = element('b', {}, '0 %');
  const root = element(
    'div',
    { class: 'bar' },
    element('div', { class: 'bar-name' }, element('span', { title: name }, name), value),
    element('div', { class: 'bar-track' }, fill),
  );
  root.style.setProperty('--depth', String(depth));
  root.classList.toggle('part', depth > 0);
  return { root, fill, value };
}

function drawBar({ root, fill, value }: Bar, words: Int32Array, i: number): void {
  const status = words[i * FRAME_NODE_WORDS] ?? 0;
  const progress = (words[i * FRAME_NODE_WORDS + 1] ?? 0) / 16384;
  fill.style.width = `${(progress * 100).toFixed(1)}%`;
  setText(value, status === 2 ? 'broken' : status === 1 ? 'done' : `${Math.floor(progress * 100)} %`);
  for (let s = 0; s < STATUS_CLASSES.length; s++) root.classList.toggle(STATUS_CLASSES[s], s === status);
}
