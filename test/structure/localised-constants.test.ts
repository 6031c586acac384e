// The step of the build that gives modules their constants as variables of their own.
import { describe, expect, it } from 'vitest';
import { localiseConstants } from '../../scripts/localise-constants.js';

describe('a built module', () => {
  it('has imported constants, and members of imported tables, as variables of its own', () => {
    const text = "import { DRAG, EVENT, move } from './a.js';\nexport const step = (v) => move(v * DRAG, EVENT.dug);\n";
    expect(localiseConstants(text)).toBe(
      "import { DRAG as DRAG$, EVENT as EVENT$, move } from './a.js'; const DRAG = DRAG$; const EVENT = EVENT$; const EVENT$dug = EVENT.dug;\nexport const step = (v) => move(v * DRAG, EVENT$dug);\n",
    );
  });

  it('exports its constants under the names that they had', () => {
    expect(localiseConstants('export const ONE = 1;\nexport const two = () => 2 * ONE;\n')).toBe(
      'const ONE = 1;\nexport const two = () => 2 * ONE; const ONE$ = ONE; export { ONE$ as ONE };\n',
    );
  });

  it('keeps calls on tables, writes to them, types of errors and functions as they are', () => {
    const text =
      "import { SPEC, TABLE, ShapeError, sin } from './a.js';\nTABLE.x = 1;\nTABLE.n++;\nSPEC.map(sin);\nthrow new ShapeError(SPEC.a.b);\n";
    const after = localiseConstants(text);
    expect(after.slice(after.indexOf('\n'))).toBe(text.slice(text.indexOf('\n')));
    expect(after).not.toContain('ShapeError$');
    expect(after).not.toContain('sin$');
  });

  it('is left alone the second time, and keeps its lines', () => {
    const text = "import {\n  A,\n  B,\n} from './a.js';\nexport const C = [\n  A.one,\n  B,\n];\n//# sourceMappingURL=x.js.map";
    const once = localiseConstants(text);
    expect(localiseConstants(once)).toBe(once);
    expect(once.split('\n')).toHaveLength(text.split('\n').length);
    expect(once).not.toBe(text);
  });
});
