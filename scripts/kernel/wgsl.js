/** The WGSL side of a translation: how each construct is written, and where each array of the tick lies in the device's buffers. */

/** Observations are written where the host says: into the current ones, or into those that an episode ended with. */
const OUTPUTS = { 'c.observations.vector': 'OUT_VECTOR', 'c.observations.crop': 'OUT_CROP' };
const baseOf = (path) => OUTPUTS[path] ?? `B_${id(path)}`;

const id = (path) => path.replace(/[^A-Za-z0-9]/g, '_');

/** Scratch that one piece of a stage leaves to the next: a part of the data buffer for each world. */
const KEPT = /^c\.(mobs\.)?(intentKind|intentCell|intentBlock|rivals\.queue)$/;

/** Scratch of one kernel: private to a thread. */
const SCRATCH =
  /^c\.(mobs\.)?(ray|edge|stepped|pushX|pushZ|touching|nearPlace|nearSquare|index\.near|recipeIndex\.(held|kinds|found))$|^\$\.way(Node|Next|Wanted)$/;

/** How a path is stored: `scratch`, `kept`, `level` (of the variant pool), `voxels`, `table` (constant), `float` or `word` (both in the data buffer). */
export function storageOf(path, element) {
  if (SCRATCH.test(path)) return 'scratch';
  if (KEPT.test(path)) return 'kept';
  if (path.startsWith('level.')) return 'level';
  if (/^c\.(mobs\.)?state\.voxels$/.test(path)) return 'voxels';
  if (
    /^c\.(mobs\.)?(program\.|tables\.|stationRow|index\.marks|recipeIndex\.(first|recipes)|(walk|sprint|air|airSprint)Q18)/.test(path) ||
    path.startsWith('$.')
  )
    return 'table';
  if (/^c\.(walkQ18|sprintQ18|airQ18|airSprintQ18)$/.test(path) || /^c\.mobs\.(walkQ18|sprintQ18|airQ18|airSprintQ18)$/.test(path))
    return 'table';
  return element.name === 'f32' ? 'float' : 'word';
}

export function createWgsl() {
  return {
    int: (value) => (value === -2147483648 ? 'i32(-2147483648)' : value < 0 ? `(${value})` : String(value)),
    floatLiteral: (value) => `f32(${Math.fround(value)})`,
    scalar: (path) => (path.startsWith('?') ? `H_${id(path.slice(1))}` : `K_${id(path)}`),
    zero: (type) => (type === 'bool' ? 'false' : type === 'f32' ? '0.0' : '0'),
    declare: (name, type, code) => `var ${name}: ${wgslType(type)} = ${code};`,
    constant: (name, type, code) => `let ${name}: ${wgslType(type)} = ${code};`,
    func(name, params, type, lines) {
      const list = params.map((p) => `${p.code ?? p}: ${wgslType(p.type ?? 'i32')}`).join(', ');
      return `fn ${name}(${list})${type === 'void' || type === undefined ? '' : ` -> ${wgslType(type)}`} {\n${indent(lines)}\n}`;
    },
    arguments: (codes) => codes.join(', '),
    ret: (code) => (code === undefined ? 'return;' : `return ${code};`),
    drop: (code) => `_ = ${code};`,
    braces: (lines) => (lines.length === 0 ? [] : ['{', ...lines.map(one), '}']),
    iff(condition, then, other) {
      if (then.length === 0 && (other === undefined || other.length === 0)) return [];
      const lines = [`if (${condition}) {`, ...then.map(one)];
      if (other !== undefined && other.length > 0) lines.push('} else {', ...other.map(one));
      return [...lines, '}'];
    },
    loop: (body, update) => ['loop {', ...body.map(one), ...(update.length > 0 ? ['continuing {', ...update.map(one), '}'] : []), '}'],
    once: (body) => ['loop {', ...body.map(one), 'break;', '}'],
    switch(subject, cases, hasDefault) {
      const lines = [`switch (${subject}) {`];
      for (const { labels, body } of cases) {
        const values = labels.filter((l) => l !== 'default').join(', ');
        const isDefault = labels.includes('default');
        lines.push(isDefault ? (values === '' ? 'default: {' : `case ${values}, default: {`) : `case ${values}: {`, ...body.map(one), '}');
      }
      if (!hasDefault) lines.push('default: {}');
      return [...lines, '}'];
    },
    binary: (operator, a, b) => `(${a} ${operator} ${b})`,
    arithmetic: (operator, a, b) => `(${a} ${operator} ${b})`,
    not: (a) => `!(${a})`,
    negate: (a) => `(-(${a}))`,
    unsigned: (a) => `u32(${a})`,
    abs: (a) => `abs(${a})`,
    minmax: (name, a, b) => `${name}(${a}, ${b})`,
    select: (condition, a, b) => `select(${b}, ${a}, ${condition})`,
    shiftLeft: (a, b) => `(${a} << u32(${b}))`,
    shiftRight: (a, b) => `(${a} >> u32(${b}))`,
    shiftRightUnsigned: (a, b) => `i32(u32(${a}) >> u32(${b}))`,
    divide: (a, b) => (/^[1-9]\d*$/.test(b) ? `(${a} / ${b})` : `divide(${a}, ${b})`),
    divideFloor: (a, b) => `divide_floor(${a}, ${b})`,
    remainder: (a, b, unsigned) =>
      unsigned ? `i32(u32(${a}) % u32(${b}))` : /^[1-9]\d*$/.test(b) ? `(${a} % ${b})` : `remainder(${a}, ${b})`,
    floatOfInt: (a) => `float_of_int(${a})`,
    floatOfQuotient: (a, b) => `float_of_quotient(${a}, ${b})`,
    floatOfScaled(a, factor) {
      let mantissa = BigInt(0);
      let exponent = 0;
      let m = factor;
      while (!Number.isInteger(m)) {
        m *= 2;
        exponent--;
      }
      while (m % 2 === 0) {
        m /= 2;
        exponent++;
      }
      mantissa = BigInt(m);
      const scale = `bitcast<f32>(${(exponent + 127) * 8388608}u)`;
      if (m === 1) return `(float_of_int(${a}) * ${scale})`;
      if (m < 256) return `(float_of_int(${a} * ${m}) * ${scale})`;
      return `float_of_scaled(${a}, ${mantissa >> 32n}u, ${mantissa & 0xffffffffn}u, ${exponent})`;
    },
    constantArray(values, index) {
      return `array<i32, ${values.length}>(${values.join(', ')})[${index}]`;
    },
    load(path, element, index) {
      switch (storageOf(path, element)) {
        case 'scratch':
          return `S_${id(path)}[${index}]`;
        case 'kept':
          return `data[${baseOf(path)} + WORLD * N_${id(path)} + ${index}]`;
        case 'level':
          return `levels[LEVEL + L_${id(path)} + ${index}]`;
        case 'voxels':
          return `voxel_at(${index})`;
        case 'table':
          return `tables[T_${id(path)} + ${index}]`;
        case 'float':
          return `bitcast<f32>(data[${baseOf(path)} + ${index}])`;
        default:
          return `data[${baseOf(path)} + ${index}]`;
      }
    },
    store(path, element, index, code) {
      switch (storageOf(path, element)) {
        case 'scratch':
          return `S_${id(path)}[${index}] = ${code};`;
        case 'kept':
          return `data[${baseOf(path)} + WORLD * N_${id(path)} + ${index}] = ${code};`;
        case 'voxels':
          return `set_voxel(${index}, ${code});`;
        case 'float':
          return `data[${baseOf(path)} + ${index}] = bitcast<i32>(${code});`;
        case 'word':
          return `data[${baseOf(path)} + ${index}] = ${element.name === 'u8' ? `(${code}) & 255` : element.name === 'u16' ? `(${code}) & 65535` : code};`;
      }
      throw new Error(`a stage writes ${path}`);
    },
    lengthOf: (path) => `N_${id(path)}`,
    fill(path, element, value, from, to, temp) {
      return [
        '{',
        `  var ${temp} = ${from};`,
        `  let ${temp}_to = ${to};`,
        `  let ${temp}_value = ${value};`,
        '  loop {',
        `    if (${temp} >= ${temp}_to) { break; }`,
        `    ${this.store(path, element, temp, `${temp}_value`)}`,
        `    continuing { ${temp} = ${temp} + 1; }`,
        '  }',
        '}',
      ];
    },
  };
}

function wgslType(type) {
  return type === 'u32' ? 'i32' : type;
}
function one(line) {
  return `  ${line}`;
}
function indent(lines) {
  return lines.map(one).join('\n');
}

export { id };

/** Floor of the root of n >= 0, digit by digit in base 4, as a function of its parameters: f32 has no exact root of large integers. */
export const ISQRT = [
  'i32',
  true,
  ([n]) => [
    'var root = 0;',
    `var rest = ${n};`,
    'var bit = 1 << 30u;',
    'while (bit > rest) { bit = bit >> 2u; }',
    'while (bit != 0) {',
    '  let next = root + bit;',
    '  root = root >> 1u;',
    '  if (rest >= next) {',
    '    rest = rest - next;',
    '    root = root + bit;',
    '  }',
    '  bit = bit >> 2u;',
    '}',
    'return root;',
  ],
];
