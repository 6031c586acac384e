/**
 * Finds where JSON text is wrong. A small scanner of our own, because hosts word their messages differently and some give no position.
 * Used after JSON.parse has refused the text. Source of the grammar: RFC 8259.
 */

/** Where the text stops being JSON, as line and column from 1, and what stands there. */
export function syntaxErrorPosition(text: string): { line: number; column: number; found: string } {
  const offset = new JsonScanner(text).firstError();
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  const column = offset - (before.lastIndexOf('\n') + 1) + 1;
  const found = offset >= text.length ? 'the end of the text' : JSON.stringify(text.slice(offset, offset + 12).split('\n')[0]);
  return { line, column, found };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings hold no unescaped control characters.
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SCALAR = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y;

/** Recogniser of JSON (RFC 8259) that only reports the offset of the first error. */
class JsonScanner {
  #i = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  firstError(): number {
    const ok = this.#document();
    return ok ? this.#text.length : this.#i;
  }

  /** Iterative, with a stack of open brackets, so depth is no limit. */
  #document(): boolean {
    const open: ('{' | '[')[] = [];
    for (;;) {
      this.#space();
      const c = this.#text[this.#i];
      if (c === '{' || c === '[') {
        this.#i++;
        this.#space();
        if (this.#text[this.#i] === (c === '{' ? '}' : ']')) this.#i++;
        else {
          open.push(c);
          if (c === '{' && !this.#key()) return false;
          continue;
        }
      } else if (!this.#token(c === '"' ? STRING : SCALAR)) return false;
      for (;;) {
        this.#space();
        const top = open[open.length - 1];
        const next = this.#text[this.#i];
        if (top === undefined) return next === undefined;
        if (next === (top === '{' ? '}' : ']')) {
          this.#i++;
          open.pop();
        } else if (next === ',') {
          this.#i++;
          if (top === '{' && !this.#key()) return false;
          break;
        } else return false;
      }
    }
  }

  #key(): boolean {
    this.#space();
    if (!this.#token(STRING)) return false;
    this.#space();
    if (this.#text[this.#i] !== ':') return false;
    this.#i++;
    return true;
  }

  #token(pattern: RegExp): boolean {
    pattern.lastIndex = this.#i;
    const match = pattern.exec(this.#text);
    if (match === null) return false;
    this.#i += match[0].length;
    return true;
  }

  #space(): void {
    while (/[ \t\r\n]/.test(this.#text[this.#i] ?? '')) this.#i++;
  }
}
