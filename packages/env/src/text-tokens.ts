/**
 * How many tokens a text may take, where no model's tokenizer is at hand: a token for every four letters begun, every three digits begun, every other
 * sign and every line. Tokenizers of today's models mostly take fewer: whole words are one token. A pure function of the text, the same everywhere.
 */
const PIECES = /\p{L}{1,4}|\p{N}{1,3}|[^\s\p{L}\p{N}]|\n/gu;

/** Tokens of a text, estimated; 0 for none. */
export function estimateTokens(text: string): number {
  let count = 0;
  for (const _ of text.matchAll(PIECES)) count++;
  return count;
}

/**
 * Share of prompt tokens that were in the prompt before them, at its beginning: what a cache of prefixes saves. The first prompt has none before it and is
 * left out.
 * @param prompts of one episode, in order, each the whole text that a model is given.
 * @returns 0..1; 1 for fewer than two prompts. Tokens as `estimateTokens` counts them; a token that a prefix cuts in two is not in it.
 */
export function prefixReuse(prompts: readonly string[]): number {
  let reused = 0;
  let all = 0;
  for (let k = 1; k < prompts.length; k++) {
    all += estimateTokens(prompts[k]);
    reused += estimateTokens(commonPrefix(prompts[k - 1], prompts[k]));
  }
  return all === 0 ? 1 : reused / all;
}

/** The longest beginning that both have, to the end of a line: no token reaches over one. */
function commonPrefix(a: string, b: string): string {
  const most = Math.min(a.length, b.length);
  let same = 0;
  while (same < most && a.charCodeAt(same) === b.charCodeAt(same)) same++;
  return same === a.length ? a : a.slice(0, a.lastIndexOf('\n', same - 1) + 1);
}
