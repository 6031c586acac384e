/** What the followed agent is about, what the overlay of plans shows, and what its colours mean. */
import type { Plans, ScenarioInfo } from '@kinovox/world';
import { valueGradient } from '../scene/value-colors.js';
import { element, setText } from './element.js';

export class PlanPanel {
  readonly root: HTMLElement;
  readonly #swatch = element('i', {});
  readonly #name = element('b', {});
  readonly #planner = element('span', { class: 'badge' });
  readonly #status = element('p', {});
  readonly #counts = element('p', { class: 'muted' });
  readonly #legend: Readonly<Record<'way' | 'held' | 'soon' | 'tried' | 'meet', HTMLElement>>;
  readonly #value: HTMLElement;
  #info: ScenarioInfo | undefined;

  constructor() {
    this.#legend = {
      way: legendRow('way', 'where it means to go, a dot for each second'),
      held: legendRow('held', 'kept for it now'),
      soon: legendRow('soon', 'kept for it within two seconds'),
      tried: legendRow('tried', 'some ways that were tried'),
      meet: legendRow('meet', 'two would meet'),
    };
    const scale = element('i', {});
    scale.style.background = valueGradient();
    this.#value = element(
      'div',
      { class: 'value-scale' },
      element('span', {}, 'What braking leaves to harm, if it were there'),
      scale,
      element('div', {}, element('span', {}, 'harm'), element('span', {}, '0 m'), element('span', {}, '1 m and more')),
    );
    this.root = element(
      'section',
      { class: 'panel plans' },
      element('header', {}, element('h2', {}, 'Plans'), this.#planner),
      element('div', { class: 'who' }, this.#swatch, this.#name),
      this.#status,
      this.#counts,
      element('div', { class: 'legend' }, ...Object.values(this.#legend)),
      this.#value,
    );
    this.root.hidden = true;
  }

  setScenario(info: ScenarioInfo): void {
    this.#info = info;
  }

  /** @param plans what is drawn. */
  show(plans: Plans, slot: number): void {
    const agent = this.#info?.agents[slot];
    const color = `#${(agent?.color ?? 0xffffff).toString(16).padStart(6, '0')}`;
    this.root.style.setProperty('--agent', color);
    setText(this.#name, agent?.id ?? '');
    const plan = plans.agents.find((one) => one.slot === slot);
    const slice = plans.slices.find((one) => one.slot === slot);
    setText(this.#planner, plan?.planner ?? (slice === undefined ? '' : `filter: ${slice.mode}`));
    this.#planner.hidden = this.#planner.textContent === '';
    const said = [plan?.status, slice?.sentence].filter((sentence) => sentence !== undefined).join(' ');
    setText(this.#status, said === '' ? 'Its policy makes no plans.' : said);
    const ways = plans.agents.filter(({ path }) => path.length > 1);
    const parts = [
      `${ways.length} of ${this.#info?.agents.length ?? 0} have a way`,
      plans.conflicts.length > 0 ? `${plans.conflicts.length} times two would meet` : '',
      plans.omitted > 0 ? `${plans.omitted} cut short or left out` : '',
    ];
    setText(this.#counts, `${parts.filter((part) => part !== '').join(', ')}.`);
    this.#legend.way.hidden = ways.length === 0;
    this.#legend.held.hidden = this.#legend.soon.hidden = !plans.agents.some(({ cells }) => cells.length > 0);
    this.#legend.tried.hidden = !plans.agents.some(({ rollouts }) => rollouts.length > 0);
    this.#legend.meet.hidden = plans.conflicts.length === 0;
    this.#value.hidden = slice === undefined;
  }

  /** There is nothing to draw, and why. */
  say(sentence: string): void {
    setText(this.#name, '');
    setText(this.#status, sentence);
    setText(this.#counts, '');
    this.#planner.hidden = true;
    for (const row of Object.values(this.#legend)) row.hidden = true;
    this.#value.hidden = true;
  }
}

function legendRow(kind: string, means: string): HTMLElement {
  return element('span', {}, element('i', { class: kind }), means);
}
