/** Charts of an evaluation as inline SVG that needs nothing else: dots and bars with the 95 % intervals of their figures. */
import type { ContestantReport } from './evaluate.js';
import type { Interval } from './statistics.js';

/** Text as HTML shows it. */
export function htmlText(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]!);
}

/** ` 12–34`, of shares. */
export function percentRange([low, high]: Interval): string {
  return ` ${(100 * low).toFixed(0)}–${(100 * high).toFixed(0)}`;
}

/** Colours of contestants, in their order, readable on light and dark ground; further ones begin anew. */
const COLOURS = ['#8a8f98', '#2a9d8f', '#e07a3f', '#5b7fd6', '#b85aa8', '#c9a227', '#4fa3c7', '#7a9a3a'];

export function colourOf(contestant: number): string {
  return COLOURS[contestant % COLOURS.length];
}

/** Dots with whiskers on a common axis, from the lowest end of an interval (at most 0) to the highest (at least 1). */
export function meansChart(contestants: readonly ContestantReport[]): string {
  const rows = contestants.filter(({ iqm }) => iqm !== null);
  if (rows.length === 0) return '<p>No scenario has a normalised score.</p>';
  const low = Math.min(0, ...rows.map(({ iqmInterval }) => iqmInterval![0]));
  const high = Math.max(1, ...rows.map(({ iqmInterval }) => iqmInterval![1]));
  const x = (value: number) => 180 + ((value - low) / (high - low)) * 440;
  const height = rows.length * 28 + 30;
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (tick) =>
      `<line x1="${x(tick)}" x2="${x(tick)}" y1="6" y2="${height - 22}" class="grid"/><text x="${x(tick)}" y="${height - 6}" text-anchor="middle">${tick}</text>`,
  );
  const marks = rows.map(({ name, iqm, iqmInterval }, i) => {
    const y = 22 + i * 28;
    return `<text x="168" y="${y + 4}" text-anchor="end">${htmlText(name)}</text><line x1="${x(iqmInterval![0])}" x2="${x(iqmInterval![1])}" y1="${y}" y2="${y}" class="whisker"/><circle cx="${x(iqm!)}" cy="${y}" r="5"/><text x="${Math.min(x(iqmInterval![1]) + 10, 640)}" y="${y + 4}" class="value">${iqm!.toFixed(2)}</text>`;
  });
  return `<svg viewBox="0 0 700 ${height}" width="700" role="img" aria-label="Interquartile means with intervals">${grid.join('')}${marks.join('')}</svg>`;
}

/** A bar per contestant and scenario with its interval, percent of episodes. */
export function scoresChart(contestants: readonly ContestantReport[], scenarios: readonly string[]): string {
  const BAR = 11;
  const x = (share: number) => 190 + 440 * share;
  const marks: string[] = [];
  let y = 8;
  for (const scenario of scenarios) {
    const begin = y;
    contestants.forEach((contestant, i) => {
      const row = contestant.scenarios.find((one) => one.scenario === scenario);
      if (row === undefined) return;
      const middle = y + BAR / 2;
      const [low, high] = row.interval;
      const told = `${htmlText(contestant.name)}: ${(100 * row.score).toFixed(1)} %,${percentRange(row.interval)}`;
      marks.push(
        `<g><title>${told}</title><rect x="${x(0)}" y="${y}" width="${(440 * row.score).toFixed(1)}" height="${BAR - 2}" rx="2" fill="${colourOf(i)}"/><line x1="${x(low).toFixed(1)}" x2="${x(high).toFixed(1)}" y1="${middle - 1}" y2="${middle - 1}" class="interval"/></g>`,
      );
      y += BAR;
    });
    if (y === begin) continue;
    marks.push(`<text x="180" y="${(begin + y) / 2 + 4}" text-anchor="end">${htmlText(scenario)}</text>`);
    y += 9;
  }
  if (marks.length === 0) return '<p>Nothing was played.</p>';
  return `${legend(contestants)}${frame(y, marks, 'Scores by scenario with intervals')}`;
}

/** A bar per contestant of what an episode costs it, by `pick`; those without are left out. */
export function amountsChart(
  contestants: readonly ContestantReport[],
  pick: (contestant: ContestantReport) => number | undefined,
  label: string,
  format: (amount: number) => string,
): string {
  const rows = contestants.flatMap((contestant, i) => {
    const amount = pick(contestant);
    return amount === undefined ? [] : [{ name: contestant.name, i, amount }];
  });
  const most = Math.max(...rows.map(({ amount }) => amount), 1e-9);
  const marks = rows.map(({ name, i, amount }, k) => {
    const width = (360 * amount) / most;
    return `<text x="180" y="${k * 24 + 20}" text-anchor="end">${htmlText(name)}</text><rect x="190" y="${k * 24 + 8}" width="${width.toFixed(1)}" height="16" rx="3" fill="${colourOf(i)}"/><text x="${(198 + width).toFixed(1)}" y="${k * 24 + 20}" class="value">${format(amount)}</text>`;
  });
  const height = rows.length * 24 + 14;
  return `<svg viewBox="0 0 700 ${height}" width="700" role="img" aria-label="${htmlText(label)}">${marks.join('')}</svg>`;
}

/** Shares of agents side by side in one bar, with their names on hovering. */
export function sharesBar(contribution: Readonly<Record<string, number>>): string {
  const shares = Object.entries(contribution);
  if (shares.length < 2) return '';
  // Teams with tasks of their own have shares that sum to 1 each.
  const sum = shares.reduce((total, [, share]) => total + share, 0);
  let x = 0;
  const parts = shares.map(([agent, share], i) => {
    const width = (100 * share) / sum;
    const part = `<rect x="${x.toFixed(2)}" y="0" width="${width.toFixed(2)}" height="12" fill="${colourOf(i + 1)}"><title>${htmlText(agent)} ${(100 * share).toFixed(0)} %</title></rect>`;
    x += width;
    return part;
  });
  const told = shares.map(([agent, share]) => `${agent} ${(100 * share).toFixed(0)} %`).join(', ');
  return `<svg viewBox="0 0 100 12" class="shares" role="img" aria-label="${htmlText(told)}">${parts.join('')}</svg>${shares.length > 3 ? '' : `<small> ${htmlText(told)}</small>`}`;
}

/** With an axis of percent. */
function frame(height: number, marks: readonly string[], label: string): string {
  const grid = [0, 25, 50, 75, 100].map(
    (tick) =>
      `<line x1="${190 + 4.4 * tick}" x2="${190 + 4.4 * tick}" y1="2" y2="${height}" class="grid"/><text x="${190 + 4.4 * tick}" y="${height + 15}" text-anchor="middle">${tick}</text>`,
  );
  return `<svg viewBox="0 0 700 ${height + 22}" width="700" role="img" aria-label="${htmlText(label)}">${grid.join('')}${marks.join('')}</svg>`;
}

function legend(contestants: readonly ContestantReport[]): string {
  return `<p class="legend">${contestants.map(({ name }, i) => `<span><i style="background:${colourOf(i)}"></i>${htmlText(name)}</span>`).join('')}</p>`;
}
