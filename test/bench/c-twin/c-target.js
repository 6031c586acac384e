/**
 * The C side of a translation: how each construct is written. Names follow the paths of the tick's context: `A_c_state_posX` is the array at
 * `c.state.posX`, `K_...` a number of the program, `H_...` a truth; `program.js` defines them for one program.
 * Compiled with -fwrapv, so that i32 sums wrap as they do in the source.
 */

export const id = (path) => path.replace(/[^A-Za-z0-9]/g, '_');

export function createC() {
  return {
    int: (value) => (value === -2147483648 ? '(-2147483647 - 1)' : value < 0 ? `(${value})` : String(value)),
    floatLiteral: (value) => `${real(Math.fround(value))}f`,
    scalar: (path) => (path.startsWith('?') ? `H_${id(path.slice(1))}` : `K_${id(path)}`),
    zero: (type) => (type === 'bool' ? 'false' : type === 'f32' ? '0.0f' : '0'),
    declare: (name, type, code) => `${cType(type)} ${name} = ${code};`,
    constant: (name, type, code) => `const ${cType(type)} ${name} = ${code};`,
    func(name, params, type, lines) {
      const list = params.map((p) => `${cType(p.type ?? 'i32')} ${p.code ?? p}`).join(', ');
      return `static ${type === undefined ? 'void' : cType(type)} ${name}(${list === '' ? 'void' : list}) {\n${lines.map(one).join('\n')}\n}`;
    },
    arguments: (codes) => codes.join(', '),
    ret: (code) => (code === undefined ? 'return;' : `return ${code};`),
    drop: (code) => `(void)${code};`,
    braces: (lines) => (lines.length === 0 ? [] : ['{', ...lines.map(one), '}']),
    iff(condition, then, other) {
      if (then.length === 0 && (other === undefined || other.length === 0)) return [];
      const lines = [`if (${condition}) {`, ...then.map(one)];
      if (other !== undefined && other.length > 0) lines.push('} else {', ...other.map(one));
      return [...lines, '}'];
    },
    // `continue` must reach the update: it stands in the head of the loop, as one expression.
    loop(body, update) {
      for (const line of update)
        if (!/^[\w[\]]+ = [^;]*;$/.test(line)) throw new Error(`The update of a loop must be plain assignments; got "${line}".`);
      return [`for (;; ${update.map((line) => line.slice(0, -1)).join(', ')}) {`, ...body.map(one), '}'];
    },
    once: (body) => ['do {', ...body.map(one), '} while (0);'],
    switch(subject, cases, hasDefault) {
      const lines = [`switch (${subject}) {`];
      for (const { labels, body } of cases)
        lines.push(
          ...labels.map((label) => (label === 'default' ? 'default:' : `case ${label}:`)),
          ...['{', ...body.map(one), '}', 'break;'].map(one),
        );
      if (!hasDefault) lines.push('default: break;');
      return [...lines, '}'];
    },
    binary: (operator, a, b) => `(${a} ${operator} ${b})`,
    arithmetic: (operator, a, b) => `(${a} ${operator} ${b})`,
    not: (a) => `!(${a})`,
    negate: (a) => `(-(${a}))`,
    unsigned: (a) => `(uint32_t)(${a})`,
    abs: (a) => `abs_i32(${a})`,
    minmax: (name, a, b) => `${name}_i32(${a}, ${b})`,
    select: (condition, a, b) => `(${condition} ? ${a} : ${b})`,
    shiftLeft: (a, b) => `(${a} << ${amount(b)})`,
    shiftRight: (a, b) => `(${a} >> ${amount(b)})`,
    shiftRightUnsigned: (a, b) => `(int32_t)((uint32_t)(${a}) >> ${amount(b)})`,
    divide: (a, b) => (isPositive(b) ? `(${a} / ${b})` : `divide(${a}, ${b})`),
    divideFloor: (a, b) => `divide_floor(${a}, ${b})`,
    remainder: (a, b, unsigned) =>
      unsigned ? `(int32_t)((uint32_t)(${a}) % (uint32_t)(${b}))` : isPositive(b) ? `(${a} % ${b})` : `rest_of(${a}, ${b})`,
    floatOfInt: (a) => `(float)(${a})`,
    floatOfQuotient: (a, b) => `(float)((double)(${a}) / (double)(${b}))`,
    floatOfScaled: (a, factor) => `(float)((double)(${a}) * ${real(factor)})`,
    constantArray: (values, index) => `((const int32_t[]){${values.join(', ')}})[${index}]`,
    enterLevel: (world) => [`LEVEL = A_c_state_variant[${world}];`],
    load: (path, _element, index) => `A_${id(path)}[${index}]`,
    store: (path, _element, index, code) => `A_${id(path)}[${index}] = ${code};`,
    lengthOf: (path) => `N_${id(path)}`,
    fill: (path, _element, value, from, to, temp) => [
      '{',
      `  const int32_t ${temp}_to = ${to};`,
      `  for (int32_t ${temp} = ${from}; ${temp} < ${temp}_to; ${temp}++) A_${id(path)}[${temp}] = ${value};`,
      '}',
    ],
  };
}

function cType(type) {
  return type === 'f32' ? 'float' : type === 'bool' || type === 'void' ? type : 'int32_t';
}

/** JavaScript takes a shift by its low five bits. */
function amount(code) {
  return /^\d+$/.test(code) ? String(Number(code) & 31) : `(${code} & 31)`;
}

function isPositive(code) {
  return /^[1-9]\d*$/.test(code);
}

/** A double, exactly: JavaScript prints the shortest text that reads back as the same number. */
function real(value) {
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function one(line) {
  return `  ${line}`;
}
