/** The keys: one table that both the handler and the help panel read. */
import { element } from './element.js';

export interface KeyBinding {
  /** `KeyboardEvent.key` values, lower case. */
  keys: readonly string[];
  /** As shown to people. */
  shown: string;
  does: string;
  run: () => void;
}

export function createKeyboardHelp(bindings: readonly KeyBinding[]): HTMLElement {
  const rows = bindings.map(({ shown, does }) =>
    element('tr', {}, element('td', {}, ...shown.split(' ').map((key) => element('kbd', {}, key))), element('td', {}, does)),
  );
  const mouse = [
    ['drag', 'Turn around the world'],
    ['right drag', 'Move across the world'],
    ['wheel', 'Nearer and farther'],
  ].map(([shown, does]) => element('tr', {}, element('td', {}, element('kbd', {}, shown)), element('td', {}, does)));
  const panel = element(
    'section',
    { class: 'panel help' },
    element('header', {}, element('h2', {}, 'Keys')),
    element('table', {}, element('tbody', {}, ...rows, ...mouse)),
  );
  panel.hidden = true;
  return panel;
}

/** Runs the binding of each key press, except while somebody types or picks from a list. @returns a function that stops it. */
export function listenToKeys(bindings: readonly KeyBinding[]): () => void {
  const onKey = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    const isTyping = /^(SELECT|TEXTAREA)$/.test(target.tagName) || (target instanceof HTMLInputElement && target.type !== 'range');
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
    const binding = bindings.find(({ keys }) => keys.includes(event.key.toLowerCase()));
    if (binding === undefined) return;
    event.preventDefault();
    binding.run();
  };
  window.addEventListener('keydown', onKey);
  return () => window.removeEventListener('keydown', onKey);
}
