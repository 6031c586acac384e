/** The decisions of an episode along its ticks: a lane for each agent that has any, a mark for each entry, a line where the world stands. */
import type { DecisionNote, ScenarioInfo } from '@kinovox/world';
import { DECISION_TONES, type DecisionTone } from '../decision-sentences.js';
import { element } from './element.js';

const LANE_HEIGHT = 13;
const MOST_LANES = 8;
/** Room for half a mark at both ends. */
const SIDE = 4;
/** Pixels from a mark within which it is hit. */
const REACH = 8;

const COLORS: Readonly<Record<DecisionTone, string>> = {
  good: '#5cc8a1',
  plain: '#c6d2e0',
  warn: '#f0b35a',
  bad: '#ef7b74',
  person: '#cf9bff',
};

interface Mark {
  x: number;
  y: number;
  entry: DecisionNote;
}

export class DecisionLanes {
  readonly root: HTMLCanvasElement;
  #marks: Mark[] = [];

  /** @param onPick told the entry whose mark is clicked. */
  constructor(onPick: (entry: DecisionNote) => void) {
    this.root = element('canvas', {
      class: 'lanes',
      ariaLabel: 'Decisions along the ticks of the episode',
      on: {
        click: ({ offsetX, offsetY }) => {
          const entry = nearestMark(this.#marks, offsetX, offsetY);
          if (entry !== undefined) onPick(entry);
        },
      },
    });
  }

  /** @param entries of the episode. @param tick shown. @param lastTick end of the scale. */
  draw(entries: readonly DecisionNote[], info: ScenarioInfo, tick: number, lastTick: number, selected: DecisionNote | undefined): void {
    const slots = [...new Set(entries.map(({ slot }) => slot))].sort((a, b) => a - b).slice(0, MOST_LANES);
    const width = this.root.clientWidth;
    const height = Math.max(1, slots.length) * LANE_HEIGHT;
    const ratio = window.devicePixelRatio;
    this.root.style.height = `${height}px`;
    this.root.width = Math.round(width * ratio);
    this.root.height = Math.round(height * ratio);
    const context = this.root.getContext('2d');
    if (context === null || width === 0) return;
    context.scale(ratio, ratio);
    const xOf = (at: number) => SIDE + ((width - 2 * SIDE) * at) / Math.max(1, lastTick);
    for (const [lane, slot] of slots.entries()) {
      context.fillStyle = `#${(info.agents[slot]?.color ?? 0xffffff).toString(16).padStart(6, '0')}`;
      context.globalAlpha = 0.35;
      context.fillRect(SIDE, (lane + 0.5) * LANE_HEIGHT - 1, width - 2 * SIDE, 2);
    }
    context.globalAlpha = 1;
    this.#marks = entries
      .filter(({ slot }) => slots.includes(slot))
      .map((entry) => ({ x: xOf(entry.tick), y: (slots.indexOf(entry.slot) + 0.5) * LANE_HEIGHT, entry }));
    // What a person says is mostly followed by a decision in the same tick: its mark lies over that.
    const isPerson = ({ entry }: Mark) => Number(DECISION_TONES[entry.outcome] === 'person');
    for (const { x, y, entry } of [...this.#marks].sort((a, b) => isPerson(a) - isPerson(b))) {
      const isSelected = entry === selected;
      context.fillStyle = isSelected ? '#ffffff' : COLORS[DECISION_TONES[entry.outcome]];
      const half = isSelected ? 5.5 : 4;
      context.fillRect(x - (isSelected ? 1.5 : 1), y - half, isSelected ? 3 : 2, 2 * half);
    }
    context.fillStyle = '#6aa7ff';
    context.fillRect(xOf(tick) - 0.5, 0, 1, height);
  }
}

/** The entry whose mark lies nearest, within reach. */
export function nearestMark(marks: readonly Mark[], x: number, y: number): DecisionNote | undefined {
  let nearest: DecisionNote | undefined;
  let least = REACH;
  for (const mark of marks) {
    const distance = Math.hypot(mark.x - x, mark.y - y);
    if (distance > least) continue;
    least = distance;
    nearest = mark.entry;
  }
  return nearest;
}
