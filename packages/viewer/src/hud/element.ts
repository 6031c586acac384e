/** One way to make DOM elements, so that the panels read as what they show. */

type Child = Node | string;
type Options<K extends keyof HTMLElementTagNameMap> = {
  class?: string;
  title?: string;
  on?: { [E in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[E]) => void };
} & Partial<Omit<HTMLElementTagNameMap[K], 'className' | 'title' | 'style'>>;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  options: Options<K> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  const { class: className, on, ...properties } = options;
  if (className !== undefined) node.className = className;
  for (const [name, handler] of Object.entries(on ?? {})) node.addEventListener(name, handler as EventListener);
  Object.assign(node, properties);
  node.append(...children);
  return node;
}

/** Sets text only when it differs, so that 60 updates a second cost nothing. */
export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

const ICON_PATHS = {
  play: 'M5 3.5v9l8-4.5z',
  pause: 'M4 3h3v10H4zM9 3h3v10H9z',
  step: 'M4 3.5v9l6-4.5zM11 3.5h2v9h-2z',
  back: 'M12 3.5v9L6 8zM3 3.5h2v9H3z',
  previous: 'M10.5 3L5 8l5.5 5z',
  next: 'M5.5 3L11 8l-5.5 5z',
  help: 'M8 1.5a6.5 6.5 0 100 13 6.5 6.5 0 000-13zM7.2 10.6h1.6v1.6H7.2zM8 3.9c1.6 0 2.7 1 2.7 2.4 0 1.1-.6 1.7-1.3 2.2-.5.4-.6.6-.6 1.2H7.2c0-1.2.4-1.8 1.1-2.3.5-.4.8-.6.8-1.1 0-.6-.4-1-1.1-1-.7 0-1.1.5-1.2 1.2l-1.6-.2C5.400 4.800 6.400 3.900 8 3.900z',
  settings:
    'M2 4h7v1.600H2zM11.500 2.700h1.600V4H14v1.600h-.9v1.300h-1.600zM2 10.400h2.500V9.100h1.600v4.200H4.500V12H2zM7.500 10.400H14V12H7.500z',
  worlds:
    'M2 2h3.400v3.400H2zM6.300 2h3.400v3.400H6.300zM10.600 2H14v3.400h-3.400zM2 6.300h3.400v3.400H2zM6.300 6.300h3.400v3.400H6.300zM10.600 6.300H14v3.400h-3.400zM2 10.600h3.400V14H2zM6.300 10.600h3.400V14H6.300zM10.600 10.600H14V14h-3.400z',
  details: 'M2 3h12v1.700H2zM2 7.200h12v1.700H2zM2 11.400h8v1.700H2z',
  home: 'M8 2l6.500 5.500h-2V14h-3.300v-4H6.800v4H3.500V7.500h-2z',
} as const;
export type IconName = keyof typeof ICON_PATHS;

export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(svg.namespaceURI, 'path');
  path.setAttribute('d', ICON_PATHS[name]);
  svg.append(path);
  return svg;
}

/** A button that shows an icon and says its name to those who hover or listen. */
export function iconButton(name: IconName, label: string, onClick: () => void): HTMLButtonElement {
  const button = element(
    'button',
    { class: 'icon-button', title: label, type: 'button', ariaLabel: label, on: { click: onClick } },
    icon(name),
  );
  return button;
}
