/**
 * Messages at the edge: an agent's words become a symbol of the scenario, because the rules know symbols only.
 * The text itself goes to a content-addressed log; the action carries its length and hash, so a recording can show it.
 */
import { hashText, ShapeError } from '@kinovox/world';

/** A message as action words: `symbol` counts from 1, 0 is silence. */
export interface MessageWords {
  symbol: number;
  textLength: number;
  textHash: number;
}

/**
 * Maps text to a symbol: the symbol it equals, else the first symbol (in the text) that occurs in it as whole words; case and spacing do not matter.
 * Text that is only the symbol, or that the scenario has no room for, is not kept.
 * @param maxLength longest text kept, in characters; longer text is cut.
 */
export function mapMessage(text: string, symbols: readonly string[], maxLength: number, log: TextLog): MessageWords {
  const words = normalise(text);
  const exact = symbols.findIndex((symbol) => normalise(symbol) === words);
  if (exact >= 0) return { symbol: exact + 1, textLength: 0, textHash: 0 };
  const symbol = firstSymbolIn(words, symbols) + 1;
  const kept = Array.from(text).slice(0, maxLength).join('');
  if (symbol === 0 || kept === '') return { symbol, textLength: 0, textHash: 0 };
  return { symbol, textLength: Array.from(kept).length, textHash: log.put(kept) };
}

/** Texts by the 32-bit hash that actions and message rings carry. */
export class TextLog {
  readonly #texts = new Map<number, string>();

  /** Keeps a text; returns its hash word, never 0. @throws ShapeError for the practically impossible second text of the same hash. */
  put(text: string): number {
    const word = Number.parseInt(hashText(text).slice(8), 16) | 0 || 1;
    const held = this.#texts.get(word);
    if (held !== undefined && held !== text) {
      throw new ShapeError(
        'text-hash',
        `A message must differ in hash from those before it; got ${JSON.stringify(text)}, whose hash is that of ${JSON.stringify(held)}. Word it differently.`,
      );
    }
    this.#texts.set(word, text);
    return word;
  }

  /** Text of a hash word, or undefined for 0 and for texts never seen here. */
  get(word: number): string | undefined {
    return this.#texts.get(word);
  }
}

/** Index of the symbol whose words come first in the text; of several at one place the longest; -1 when there is none. */
function firstSymbolIn(words: string, symbols: readonly string[]): number {
  const padded = ` ${words} `;
  let best = -1;
  let bestAt = padded.length;
  symbols.forEach((symbol, i) => {
    const wanted = normalise(symbol);
    const at = wanted === '' ? -1 : padded.indexOf(` ${wanted} `);
    if (at < 0 || at > bestAt || (at === bestAt && wanted.length <= normalise(symbols[best]).length)) return;
    best = i;
    bestAt = at;
  });
  return best;
}

/** Lower-case words joined by single spaces; everything but letters and digits separates words. */
function normalise(text: string): string {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .join(' ');
}
