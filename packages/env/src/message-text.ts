/**
 * Messages at the edge: an agent's words become a symbol of the scenario, because the rules know symbols only.
 * The text itself goes to a content-addressed log; the action carries its length and hash, so a recording can show it.
 */
import { hashText } from '@kinovox/world';

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

/** Texts kept by default: a run of millions of messages must not fill the memory, and rings hold the last few of each agent. */
export const DEFAULT_KEPT_TEXTS = 65_536;

/**
 * Texts by the 32-bit hash that actions and message rings carry. The word is a function of the text alone, so what was said before never changes a state.
 * Limits: the latest `maxTexts` are kept. Of two texts with one hash (even odds after 77,000 different ones) neither is shown: `get` gives undefined, never the wrong one.
 */
export class TextLog {
  readonly #maxTexts: number;
  /** By word, the latest said last; undefined for a word of several texts. */
  readonly #texts = new Map<number, string | undefined>();

  constructor(maxTexts = DEFAULT_KEPT_TEXTS) {
    this.#maxTexts = maxTexts;
  }

  /** Number of words held. */
  get size(): number {
    return this.#texts.size;
  }

  /** Keeps a text; returns its hash word, never 0. */
  put(text: string): number {
    const word = Number.parseInt(hashText(text).slice(8), 16) | 0 || 1;
    const isShared = this.#texts.has(word) && this.#texts.get(word) !== text;
    this.#texts.delete(word);
    this.#texts.set(word, isShared ? undefined : text);
    for (const oldest of this.#texts.keys()) {
      if (this.#texts.size <= this.#maxTexts) break;
      this.#texts.delete(oldest);
    }
    return word;
  }

  /** Text of a hash word, or undefined for 0, for texts never seen here or too long ago, and for words of several texts. */
  get(word: number): string | undefined {
    return this.#texts.get(word);
  }

  /** A log of its own that holds the same texts. */
  copy(): TextLog {
    const log = new TextLog(this.#maxTexts);
    for (const [word, text] of this.#texts) log.#texts.set(word, text);
    return log;
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
