/**
 * Runs the text of a gpu.js kernel as JavaScript with every sub-expression watched: the least and greatest value that each took, whether each is an
 * integer times a power of two that f32 holds, and whether every array is read where it has an element.
 */
import ts from 'typescript';

/** A place in the text where a value arises. */
export interface Site {
  text: string;
  runs: number;
  least: number;
  greatest: number;
}

export interface Recorder {
  sites: readonly Site[];
  /** What was not exact, or not there, in words; at most one per site. */
  faults: readonly string[];
  /** How far a division may be off, as a factor: hardware promises 2.5 units in the last place. */
  divisionError: number;
  /** Calls a helper by its name. */
  call(name: string, ...args: number[]): number;
  /** Calls the kernel for a thread. */
  run(thread: { x: number; y: number; z: number }, ...arrays: Float32Array[]): number | number[];
}

const LIMIT = 2 ** 24;

/** @param helpers texts of the functions that the kernel may call. @param kernel text of the kernel itself, if any. */
export function createRecorder(helpers: readonly string[], kernel = 'function() { return 0; }'): Recorder {
  const sites: Site[] = [];
  const faults: string[] = [];
  const faulty = new Set<number>();
  const fault = (site: number, what: string) => {
    if (!faulty.has(site)) faults.push(`${sites[site].text}: ${what}`);
    faulty.add(site);
  };
  const recorder = {
    sites,
    faults,
    divisionError: 0,
    call: (name: string, ...args: number[]) => functions[name](...args) as number,
    run: (thread: { x: number; y: number; z: number }, ...arrays: Float32Array[]) => main.call({ thread }, ...arrays),
  };
  const watch = (site: number, value: number): number => {
    const s = sites[site];
    s.runs++;
    if (value < s.least) s.least = value;
    if (value > s.greatest) s.greatest = value;
    if (!(Math.abs(value) <= LIMIT)) fault(site, `${value} is beyond 2^24`);
    else if (Math.fround(value) !== value) fault(site, `${value} is no f32`);
    return value;
  };
  const divide = (site: number, a: number, b: number): number => {
    sites[site].runs++;
    return (a / b) * (1 + recorder.divisionError);
  };
  const read = (site: number, array: Float32Array, index: number): number => {
    if (!Number.isInteger(index) || index < 0 || index >= array.length) fault(site, `reads [${index}] of ${array.length}`);
    return watch(site, array[index]);
  };
  const place = (node: ts.Node, source: ts.SourceFile) => {
    sites.push({ text: node.getText(source).replace(/\s+/g, ' '), runs: 0, least: Infinity, greatest: -Infinity });
    return ts.factory.createNumericLiteral(sites.length - 1);
  };
  const instrument = (text: string): string => {
    const source = ts.createSourceFile('kernel.js', `(${text})`, ts.ScriptTarget.ES2022, true);
    const call = (name: string, ...args: ts.Expression[]) =>
      ts.factory.createCallExpression(ts.factory.createIdentifier(name), undefined, args);
    const { factory } = ts;
    const result = ts.transform(source, [
      (context) => {
        const visit = (node: ts.Node): ts.Node => {
          const inner = () => ts.visitEachChild(node, visit, context) as ts.Expression;
          if (ts.isBinaryExpression(node)) {
            const { kind } = node.operatorToken;
            if (kind === ts.SyntaxKind.SlashToken)
              return call(
                '$divide',
                place(node, source),
                ts.visitNode(node.left, visit) as ts.Expression,
                ts.visitNode(node.right, visit) as ts.Expression,
              );
            if (ARITHMETIC.has(kind)) return call('$watch', place(node, source), inner());
            if (!KNOWN.has(kind)) throw new Error(`the recorder does not know ${node.getText(source)}`);
            return inner();
          }
          if (ts.isElementAccessExpression(node))
            return call('$read', place(node, source), node.expression, ts.visitNode(node.argumentExpression, visit) as ts.Expression);
          if (ts.isCallExpression(node)) return call('$watch', place(node, source), inner());
          if (ts.isNumericLiteral(node)) {
            const value = Number(node.text);
            if (Math.abs(value) > LIMIT || Math.fround(value) !== value) faults.push(`the literal ${node.text} is no exact f32`);
            return factory.createNumericLiteral(value);
          }
          return ts.visitEachChild(node, visit, context);
        };
        return (file) => ts.visitEachChild(file, visit, context);
      },
    ]);
    return ts.createPrinter().printFile(result.transformed[0]).trim().replace(/;$/, '');
  };
  const names = helpers.map((text) => /function (\w+)/.exec(text)![1]);
  const body = `${helpers.map((text) => instrument(text).slice(1, -1)).join('\n')}
    return [{ ${names.join(', ')} }, ${instrument(kernel)}];`;
  const [functions, main] = new Function('$watch', '$divide', '$read', body)(watch, divide, read) as [
    Record<string, (...args: number[]) => unknown>,
    (this: unknown, ...arrays: Float32Array[]) => number | number[],
  ];
  return recorder;
}

const ARITHMETIC = new Set([ts.SyntaxKind.PlusToken, ts.SyntaxKind.MinusToken, ts.SyntaxKind.AsteriskToken]);
const KNOWN = new Set([
  ts.SyntaxKind.EqualsToken,
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
  ts.SyntaxKind.LessThanToken,
  ts.SyntaxKind.LessThanEqualsToken,
  ts.SyntaxKind.GreaterThanToken,
  ts.SyntaxKind.GreaterThanEqualsToken,
  ts.SyntaxKind.AmpersandAmpersandToken,
  ts.SyntaxKind.BarBarToken,
]);
