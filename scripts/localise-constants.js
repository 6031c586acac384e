/**
 * Gives each built module of the rules its constants as variables of its own, for speed: the compiler of V8 writes the value of a module's own `const`
 * into machine code, but reads an imported or exported one from memory, with a check, wherever it is used; and so a member of a table.
 * `import { DRAG } from './walker.js'` becomes `import { DRAG as DRAG$ } from './walker.js'; const DRAG = DRAG$;`, an exported `DRAG` is exported under
 * another name of the same value, and `EVENT.dug` becomes `EVENT$dug`, a `const` beside it. Constants are what is named in capitals.
 * Lines stay where source maps have them. Works in place, and does nothing to what it has done before.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const FOLDERS = ['packages/world/dist', 'packages/physics/dist'];
/** Their functions are read as text by gpu.js, which knows no names from around them. */
const LEFT_ALONE = /(^|\/)(gpujs|fields|rollouts)\//;
const CONSTANT = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/;

/** The text of a built module with its constants as variables of its own. */
export function localiseConstants(text) {
  const source = ts.createSourceFile('module.js', text, ts.ScriptTarget.ES2022, true);
  /** Replacements: from, to, text. */
  const edits = [];
  const locals = new Set();
  let ends = '';
  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement) && statement.importClause?.namedBindings !== undefined) {
      const names = statement.importClause.namedBindings.elements?.filter(
        ({ name, propertyName }) => propertyName === undefined && CONSTANT.test(name.text),
      );
      for (const { name } of names ?? []) {
        locals.add(name.text);
        edits.push([name.end, name.end, ` as ${name.text}$`]);
        edits.push([statement.end, statement.end, ` const ${name.text} = ${name.text}$;`]);
      }
    } else if (ts.isVariableStatement(statement)) {
      const [{ name }] = statement.declarationList.declarations;
      const [modifier] = statement.modifiers ?? [];
      if (modifier === undefined || !CONSTANT.test(name.text)) continue;
      edits.push([modifier.getStart(), modifier.end + 1, '']);
      ends += ` const ${name.text}$ = ${name.text}; export { ${name.text}$ as ${name.text} };`;
    }
  }
  const members = new Map();
  const visit = (node) => {
    if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) && locals.has(node.expression.text) && isPlainRead(node)) {
      const name = `${node.expression.text}$${node.name.text}`;
      members.set(name, node.getText());
      edits.push([node.getStart(), node.end, name]);
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  const lastImport = source.statements.findLast((statement) => ts.isImportDeclaration(statement));
  for (const [name, access] of members) edits.push([lastImport.end, lastImport.end, ` const ${name} = ${access};`]);
  const last = source.statements.at(-1);
  if (ends !== '') edits.push([last.end, last.end, ends]);
  return edits
    .map((edit, order) => ({ edit, order }))
    .sort((a, b) => b.edit[0] - a.edit[0] || b.order - a.order)
    .reduce((all, { edit: [from, to, by] }) => all.slice(0, from) + by + all.slice(to), text);
}

/** Neither called, which would lose its object, nor written to. */
function isPlainRead(node) {
  const { parent } = node;
  if (ts.isCallExpression(parent) && parent.expression === node) return false;
  if (ts.isBinaryExpression(parent) && parent.left === node && ts.isAssignmentOperator(parent.operatorToken.kind)) return false;
  return !ts.isPropertyAccessExpression(parent) && !ts.isPrefixUnaryExpression(parent) && !ts.isPostfixUnaryExpression(parent);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const folder of FOLDERS) {
    for (const file of readdirSync(folder, { recursive: true })) {
      if (!file.endsWith('.js') || LEFT_ALONE.test(file)) continue;
      const before = readFileSync(`${folder}/${file}`, 'utf8');
      const after = localiseConstants(before);
      if (after !== before) writeFileSync(`${folder}/${file}`, after);
    }
  }
}
