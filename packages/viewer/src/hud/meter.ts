/** A row of icons that counts in halves: hearts, drumsticks, bubbles. */
import { element } from './element.js';

/** Outlines on a grid of 16, and their colour when full. */
const ICONS = {
  heart: {
    path: 'M8 14.2L2.200 8.400C.3 6.500.8 3.300 3.300 2.300 5 1.600 7 2.300 8 4c1-1.700 3-2.400 4.700-1.700 2.500 1 3 4.200 1.100 6.100z',
    color: '#e8453f',
  },
  food: {
    path: 'M13.600 2.400c2 2 1.500 5.200-.7 7.100-1.600 1.400-3.600 1.500-4.900 1L5.400 13.100c.3.9-.2 1.700-.9 1.700-.6 0-1-.4-1-1-.6.1-1.100-.3-1.200-.9-.1-.8.800-1.300 1.700-1l2.600-2.500C6 8.100 6 6 7.400 4.300c1.800-2.400 4.500-3.600 6.200-1.900z',
    color: '#c98544',
  },
  bubble: { path: 'M8 2.200a5.800 5.800 0 110 11.600A5.800 5.800 0 018 2.200z', color: '#6bb7f2' },
} as const;
export type MeterIcon = keyof typeof ICONS;

const SVG = 'http://www.w3.org/2000/svg';

export interface Meter {
  root: HTMLElement;
  /** @param halves 0 to twice the number of icons. */
  set(halves: number): void;
}

export function createMeter(icon: MeterIcon, label: string, numIcons: number): Meter {
  const cells = Array.from({ length: numIcons }, () => createIcon(icon));
  const root = element('div', { class: `meter ${icon}`, role: 'img' }, ...cells.map(({ root: cell }) => cell as unknown as HTMLElement));
  let shown = -1;
  return {
    root,
    set(halves) {
      if (halves === shown) return;
      shown = halves;
      root.dataset.halves = String(halves);
      root.title = root.ariaLabel = `${label}: ${halves / 2} of ${numIcons}`;
      cells.forEach(({ fill }, i) => {
        const part = Math.min(2, Math.max(0, halves - 2 * i));
        fill.style.clipPath = `inset(0 ${100 - part * 50}% 0 0)`;
      });
    },
  };
}

function createIcon(icon: MeterIcon): { root: SVGSVGElement; fill: SVGPathElement } {
  const { path, color } = ICONS[icon];
  const root = document.createElementNS(SVG, 'svg');
  root.setAttribute('viewBox', '0 0 16 16');
  root.setAttribute('aria-hidden', 'true');
  const empty = document.createElementNS(SVG, 'path');
  empty.setAttribute('d', path);
  empty.setAttribute('class', 'empty');
  const fill = document.createElementNS(SVG, 'path');
  fill.setAttribute('d', path);
  fill.setAttribute('fill', color);
  root.append(empty, fill);
  return { root, fill };
}
