/**
 * Translates the stages of a tick from TypeScript into a kernel language (WGSL, C), so that one source of rules runs on every engine.
 * It knows the subset that stages are written in: i32 arithmetic, typed arrays, loops, plain functions. Objects exist only while translating:
 * a value that is an object is the path at which it hangs (`c.state.posX`), and a function is instantiated once per list of such paths.
 * Anything outside the subset is an error with its place in the source.
 */
import path from 'node:path';
import ts from 'typescript';

/** Kinds of value. `u32`: a JavaScript number in [0, 2^32) kept as the same 32 bits; `quot` and `scaled`: a fraction not yet rounded. */
const I32 = 'i32';
const U32 = 'u32';
const F32 = 'f32';
const BOOL = 'bool';

export class TranslationError extends Error {}

export class Translator {
  #program;
  #checker;
  #target;
  #overrides;
  #constantsByName;
  #recursionLimit;
  /** Tables whose members keep their names in the kernel, and the prefix of those names: a program may rule some of them out. */
  #named;
  /** Parameters by function whose constant arguments are worked in, so that what they rule out is not written. */
  #specialised;
  #instances = new Map();
  #order = [];
  #constantCache = new Map();
  #serial = 0;
  /** path -> kind of what a kernel reads there: 'number', 'boolean', 'present' (is it defined), or an array. */
  scalars = new Map();
  arrays = new Map();
  /** Arrays that modules hold: tables of the rules, and scratch. */
  moduleArrays = new Map();

  /**
   * @param {{files: string[], options: ts.CompilerOptions, target: object, overrides: Map<string, object>, constants: Record<string, unknown>, recursion: Record<string, number>}} input
   */
  constructor({ files, options, target, overrides, constants, recursion, named, specialised }) {
    this.#specialised = specialised;
    this.#named = named;
    this.#program = ts.createProgram(files, options);
    this.#checker = this.#program.getTypeChecker();
    this.#target = target;
    this.#overrides = overrides;
    this.#constantsByName = constants;
    this.#recursionLimit = recursion;
  }

  /** Instantiates an exported function for paths and plain parameters; returns the name of the instance. */
  entry(file, name, args) {
    return this.#instantiate(
      this.#declarationOf(file, name),
      args.map((arg) => (typeof arg === 'string' ? { k: 'path', path: arg } : { k: 'expr', type: I32 })),
      0,
    ).name;
  }

  /**
   * An exported function of worlds [w0, w1) as several, which do its work one after another: one for each call that it makes, alone or for every world.
   * Worlds know nothing of each other, so all worlds may be through one call before any begins the next.
   * @returns what each does and the name of its instance, in order; one for the whole where the function does more than call.
   */
  pieces(file, name, args) {
    const declaration = this.#declarationOf(file, name);
    const given = args.map((arg) => (typeof arg === 'string' ? { k: 'path', path: arg } : { k: 'expr', type: I32 }));
    const cuts = piecesOf(declaration.body.statements);
    if (cuts.length < 2) return [{ of: name, entry: this.#instantiate(declaration, given, 0).name }];
    return cuts.map(({ of, statements }, k) => ({
      of: `${name}/${of ?? k}`,
      entry: this.#instantiate(declaration, given, 0, { k, statements }).name,
    }));
  }

  /** All functions, callees first. */
  get functions() {
    return this.#order.map((instance) => instance.text);
  }

  #declarationOf(file, name) {
    const source = this.#program.getSourceFile(path.resolve(file));
    if (source === undefined) throw new TranslationError(`no source ${file}`);
    const declaration = source.statements.find((s) => ts.isFunctionDeclaration(s) && s.name?.text === name);
    if (declaration === undefined) throw new TranslationError(`no function ${name} in ${file}`);
    return declaration;
  }

  #fail(node, what) {
    const source = node.getSourceFile();
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    throw new TranslationError(`${path.relative(process.cwd(), source.fileName)}:${line + 1}: ${what}: ${node.getText().slice(0, 120)}`);
  }

  // ------------------------------------------------------------------ functions

  /** @param piece statements that stand for the body */
  #instantiate(declaration, args, depth, piece) {
    const name = declaration.name.text;
    const key = `${piece?.k ?? ''}${declaration.getSourceFile().fileName}#${name}(${args.map((a) => (a.k === 'path' ? a.path : a.k === 'const' ? `=${String(a.value)}` : '')).join(',')})@${depth}`;
    const known = this.#instances.get(key);
    if (known !== undefined) {
      if (!known.done) {
        const limit = this.#recursionLimit[name];
        if (limit === undefined) throw new TranslationError(`${name} calls itself; give it a limit`);
        return depth + 1 > limit ? { name: undefined, type: known.declared, pure: true } : this.#instantiate(declaration, args, depth + 1);
      }
      return known;
    }
    const instance = {
      name: `${name}_${this.#serial++}`,
      done: false,
      pure: true,
      type: undefined,
      declared: this.#declaredReturn(declaration),
      text: '',
    };
    this.#instances.set(key, instance);
    const override = this.#overrides.get(name);
    const params = [];
    const scope = new Scope();
    const assigned = assignedNames(declaration.body);
    const lines = [];
    declaration.parameters.forEach((parameter, i) => {
      const arg = args[i] ?? { k: 'path', path: 'undefined' };
      if (ts.isObjectBindingPattern(parameter.name)) {
        for (const element of parameter.name.elements)
          scope.set(element.name.text, this.#property(arg, (element.propertyName ?? element.name).text, element));
        return;
      }
      const id = parameter.name.text;
      if (arg.k !== 'expr') {
        scope.set(id, arg);
        return;
      }
      const type = this.#isBoolean(parameter) ? BOOL : arg.type === U32 ? U32 : I32;
      const code = `${id}_${this.#serial++}`;
      params.push({ code, type });
      if (assigned.has(id)) {
        const local = `${id}_${this.#serial++}`;
        lines.push(this.#target.declare(local, type, code));
        scope.set(id, { k: 'local', code: local, type });
      } else scope.set(id, { k: 'local', code, type });
    });
    if (override !== undefined) {
      instance.type = override.type;
      instance.pure = override.pure;
      instance.text = override.text(instance.name, params);
    } else {
      const fn = { instance, returns: instance.declared, depth, u32: false, declaration };
      // A first pass finds whether it returns a u32; the second one, if needed, knows it.
      this.#block(piece?.statements ?? declaration.body.statements, scope, lines, fn);
      instance.type = fn.type ?? instance.declared;
      if (instance.declared === 'void') instance.type = 'void';
      instance.text = this.#target.func(instance.name, params, instance.type, lines);
    }
    instance.done = true;
    this.#order.push(instance);
    return instance;
  }

  #declaredReturn(declaration) {
    const signature = this.#checker.getSignatureFromDeclaration(declaration);
    const type = this.#checker.getReturnTypeOfSignature(signature);
    if (type.flags & ts.TypeFlags.Void) return 'void';
    if (type.flags & (ts.TypeFlags.BooleanLike | ts.TypeFlags.Boolean)) return BOOL;
    return I32;
  }

  #isBoolean(node) {
    const type = this.#checker.getTypeAtLocation(node);
    return (type.flags & ts.TypeFlags.BooleanLike) !== 0 || (type.isUnion() && type.types.every((t) => t.flags & ts.TypeFlags.BooleanLike));
  }

  // ------------------------------------------------------------------ statements

  #block(statements, scope, out, fn) {
    const inner = new Scope(scope);
    for (const statement of statements) {
      if (this.#statement(statement, inner, out, fn) === 'ends') return 'ends';
    }
    return undefined;
  }

  #nested(statement, scope, fn) {
    const out = [];
    const list = ts.isBlock(statement) ? statement.statements : [statement];
    const ends = this.#block(list, scope, out, fn);
    return { out, ends };
  }

  /** @returns 'ends' when nothing after the statement can be reached. */
  #statement(node, scope, out, fn) {
    const t = this.#target;
    if (ts.isVariableStatement(node)) {
      for (const declaration of node.declarationList.declarations) this.#declaration(declaration, scope, out, fn);
      return undefined;
    }
    if (isMark(node)) return undefined;
    if (ts.isExpressionStatement(node)) {
      this.#effect(node.expression, scope, out, fn);
      return undefined;
    }
    if (ts.isReturnStatement(node)) {
      if (node.expression === undefined) out.push(t.ret());
      else if (fn.instance.declared === 'void') {
        this.#effect(node.expression, scope, out, fn);
        out.push(t.ret());
      } else {
        const value = this.#value(node.expression, scope, out, fn);
        const type =
          fn.instance.declared === BOOL
            ? BOOL
            : value.type === U32 || fn.type === U32
              ? U32
              : value.type === F32 || value.type === 'quot' || value.type === 'scaled'
                ? this.#fail(node, 'returns a fraction')
                : I32;
        fn.type = type;
        out.push(t.ret(type === BOOL ? this.#bool(value, node) : this.#int(value, node)));
      }
      return 'ends';
    }
    if (ts.isBlock(node)) {
      const { out: inner, ends } = this.#nested(node, scope, fn);
      out.push(...t.braces(inner));
      return ends;
    }
    if (ts.isIfStatement(node)) return this.#if(node, scope, out, fn);
    if (ts.isForStatement(node)) return this.#for(node, scope, out, fn);
    if (ts.isWhileStatement(node)) return this.#loop(node.expression, undefined, node.statement, scope, out, fn);
    if (ts.isForOfStatement(node)) return this.#forOf(node, scope, out, fn);
    if (ts.isSwitchStatement(node)) return this.#switch(node, scope, out, fn);
    if (ts.isBreakStatement(node)) {
      out.push('break;');
      return 'ends';
    }
    if (ts.isContinueStatement(node)) {
      out.push('continue;');
      return 'ends';
    }
    if (ts.isEmptyStatement(node)) return undefined;
    return this.#fail(node, 'statement outside the subset');
  }

  #declaration(node, scope, out, fn) {
    const t = this.#target;
    if (ts.isObjectBindingPattern(node.name)) {
      const value = ts.isObjectLiteralExpression(node.initializer)
        ? this.#record('f', node.initializer, scope, out, fn)
        : this.#expr(node.initializer, scope, out, fn);
      if (value.k === 'record') {
        for (const element of node.name.elements)
          scope.set(element.name.text, value.fields.get((element.propertyName ?? element.name).text));
        return;
      }
      if (value.k !== 'path' && value.k !== 'const' && value.k !== 'choice') this.#fail(node, 'destructures what is no object');
      for (const element of node.name.elements) {
        const key = (element.propertyName ?? element.name).text;
        scope.set(element.name.text, this.#property(value, key, element));
      }
      return;
    }
    if (ts.isArrayBindingPattern(node.name)) {
      const value = this.#expr(node.initializer, scope, out, fn);
      node.name.elements.forEach((element, i) => {
        if (ts.isOmittedExpression(element)) return;
        scope.set(element.name.text, this.#property(value, String(i), element));
      });
      return;
    }
    const id = node.name.text;
    const constant = (node.parent.flags & ts.NodeFlags.Const) !== 0;
    const code = `${id}_${this.#serial++}`;
    if (node.initializer === undefined) {
      const type = this.#isBoolean(node) ? BOOL : I32;
      out.push(t.declare(code, type, t.zero(type)));
      scope.set(id, { k: 'local', code, type });
      return;
    }
    if (ts.isObjectLiteralExpression(node.initializer)) {
      scope.set(id, this.#record(id, node.initializer, scope, out, fn));
      return;
    }
    const value = this.#expr(node.initializer, scope, out, fn);
    if (value.k === 'choice') {
      scope.set(id, value);
      return;
    }
    if (value.k === 'path' || (value.k === 'const' && (constant || typeof value.value === 'object'))) {
      if (!constant) this.#fail(node, 'an object in a variable that changes');
      if (value.k === 'path' && this.#isScalarPath(node)) {
        scope.set(id, value);
        return;
      }
      scope.set(id, value);
      return;
    }
    const plain = this.#plain(value, node);
    const type = plain.type === 'quot' || plain.type === 'scaled' ? F32 : plain.type;
    const coded = type === F32 ? this.#float(plain, node) : plain.code;
    const declared = !constant && type === I32 && this.#assignedU32(node) ? U32 : type;
    out.push(constant ? t.constant(code, declared, coded) : t.declare(code, declared, coded));
    scope.set(id, { k: 'local', code, type: declared });
  }

  /** An object that lives in a function: a local per member. */
  #record(id, literal, scope, out, fn) {
    const fields = new Map();
    for (const property of literal.properties) {
      const value = this.#value(property.initializer, scope, out, fn);
      const field = `${id}_${property.name.text}_${this.#serial++}`;
      out.push(this.#target.declare(field, value.type, value.code));
      fields.set(property.name.text, { k: 'local', code: field, type: value.type });
    }
    return { k: 'record', fields };
  }

  /** Whether a variable is later given a `>>> 0`: then it holds a u32 from the start. */
  #assignedU32(declaration) {
    const name = declaration.name.text;
    let found = false;
    const visit = (node) => {
      if (
        ts.isBinaryExpression(node) &&
        node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
        ts.isIdentifier(node.left) &&
        node.left.text === name &&
        isUnsignedZeroShift(node.right)
      )
        found = true;
      ts.forEachChild(node, visit);
    };
    let scope = declaration.parent;
    while (!ts.isFunctionDeclaration(scope)) scope = scope.parent;
    visit(scope);
    return found;
  }

  #isScalarPath() {
    return false;
  }

  #if(node, scope, out, fn) {
    const t = this.#target;
    const condition = this.#condition(node.expression, scope, out, fn);
    if (condition.k === 'const') {
      if (condition.value) return this.#inline(node.thenStatement, scope, out, fn);
      return node.elseStatement === undefined ? undefined : this.#inline(node.elseStatement, scope, out, fn);
    }
    const then = this.#nested(node.thenStatement, scope, fn);
    const other = node.elseStatement === undefined ? undefined : this.#nested(node.elseStatement, scope, fn);
    out.push(...t.iff(condition.code, then.out, other?.out));
    return then.ends && other?.ends ? 'ends' : undefined;
  }

  #inline(statement, scope, out, fn) {
    const { out: inner, ends } = this.#nested(statement, scope, fn);
    out.push(...this.#target.braces(inner));
    return ends;
  }

  #for(node, scope, out, fn) {
    const inner = new Scope(scope);
    const before = [];
    if (node.initializer !== undefined) {
      if (ts.isVariableDeclarationList(node.initializer))
        for (const d of node.initializer.declarations) this.#declaration(d, inner, before, fn);
      else this.#effect(node.initializer, inner, before, fn);
    }
    const result = this.#loop(node.condition, node.incrementor, node.statement, inner, before, fn);
    out.push(...this.#target.braces(before));
    return result;
  }

  #loop(condition, incrementor, body, scope, out, fn) {
    const t = this.#target;
    const head = [];
    let endless = true;
    if (condition !== undefined) {
      const value = this.#condition(condition, scope, head, fn);
      if (value.k === 'const' && !value.value) return undefined;
      if (value.k !== 'const') {
        endless = false;
        head.push(...t.iff(t.not(value.code), ['break;'], undefined));
      }
    }
    const inner = this.#nested(body, scope, fn);
    const update = [];
    if (incrementor !== undefined) this.#effect(incrementor, scope, update, fn);
    out.push(...t.loop([...head, ...inner.out], update));
    return endless && !containsBreak(body) ? 'ends' : undefined;
  }

  #forOf(node, scope, out, fn) {
    const list = this.#expr(node.expression, scope, out, fn);
    if (list.k !== 'const' || !Array.isArray(list.value)) this.#fail(node, 'a loop over what is no constant list');
    for (const value of list.value) {
      const inner = new Scope(scope);
      inner.set(node.initializer.declarations[0].name.text, { k: 'const', value });
      const { out: body } = this.#nested(node.statement, inner, fn);
      if (containsContinue(node.statement)) out.push(...this.#target.once(body));
      else out.push(...this.#target.braces(body));
    }
    return undefined;
  }

  #switch(node, scope, out, fn) {
    const t = this.#target;
    const asked = this.#expr(node.expression, scope, out, fn);
    if (asked.k === 'const') return this.#knownCase(node.caseBlock.clauses, asked.value, scope, out, fn);
    const subject = this.#plain(asked, node);
    const cases = [];
    let labels = [];
    let allEnd = true;
    let hasDefault = false;
    for (const clause of node.caseBlock.clauses) {
      if (ts.isDefaultClause(clause)) {
        labels.push('default');
        hasDefault = true;
      } else {
        const label = this.#expr(clause.expression, scope, out, fn);
        if (label.k === 'expr') labels.push(label.code);
        else if (typeof label.value === 'number') labels.push(label.value);
        else this.#fail(clause, 'a case that is no constant');
      }
      if (clause.statements.length === 0) continue;
      const body = [];
      const ends = this.#block(
        clause.statements.flatMap((s) => (ts.isBlock(s) ? [...s.statements] : [s])),
        scope,
        body,
        fn,
      );
      const breaks = body.length > 0 && body[body.length - 1] === 'break;';
      if (!ends && clause !== node.caseBlock.clauses.at(-1)) this.#fail(clause, 'a case that falls through');
      if (breaks || !ends) allEnd = false;
      if (body.some((line) => line === 'break;') && !breaks) allEnd = false;
      cases.push({ labels, body });
      labels = [];
    }
    out.push(...t.switch(subject.code, cases, hasDefault));
    return allEnd && hasDefault && !containsBreak(node.caseBlock) ? 'ends' : undefined;
  }

  /** A switch whose case is known: the statements of that case stand for it. */
  #knownCase(clauses, value, scope, out, fn) {
    const matches = (clause) => ts.isCaseClause(clause) && this.#constant(clause.expression, scope) === value;
    let at = clauses.findIndex(matches);
    if (at < 0) at = clauses.findIndex((clause) => ts.isDefaultClause(clause));
    while (at >= 0 && at < clauses.length - 1 && clauses[at].statements.length === 0) at++;
    if (at < 0) return undefined;
    const statements = clauses[at].statements
      .flatMap((s) => (ts.isBlock(s) ? [...s.statements] : [s]))
      .filter((s) => !ts.isBreakStatement(s));
    const body = [];
    const ends = this.#block(statements, scope, body, fn);
    out.push(...this.#target.braces(body));
    return ends;
  }

  // ------------------------------------------------------------------ effects

  #effect(node, scope, out, fn) {
    const t = this.#target;
    if (ts.isParenthesizedExpression(node)) return this.#effect(node.expression, scope, out, fn);
    if (ts.isBinaryExpression(node)) {
      if (node.operatorToken.kind === ts.SyntaxKind.CommaToken) {
        this.#effect(node.left, scope, out, fn);
        return this.#effect(node.right, scope, out, fn);
      }
      if (isAssignment(node.operatorToken.kind)) {
        this.#assign(node, scope, out, fn);
        return undefined;
      }
      if (node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken) {
        const condition = this.#condition(node.left, scope, out, fn);
        const inner = [];
        this.#effect(node.right, scope, inner, fn);
        out.push(...t.iff(condition.code ?? String(condition.value), inner, undefined));
        return undefined;
      }
    }
    if ((ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) && isStep(node.operator)) {
      this.#step(node, scope, out, fn, false);
      return undefined;
    }
    if (ts.isCallExpression(node)) {
      const value = this.#call(node, scope, out, fn, true);
      if (value !== undefined && value.code !== undefined && value.pending) out.push(t.drop(value.code));
      return undefined;
    }
    return this.#fail(node, 'an expression without effect');
  }

  /** Where a value is written: a local, or an element of an array. */
  #place(node, scope, out, fn) {
    if (ts.isParenthesizedExpression(node)) return this.#place(node.expression, scope, out, fn);
    if (ts.isIdentifier(node)) {
      const value = scope.get(node.text);
      if (value?.k !== 'local') this.#fail(node, 'assigns to what is no local');
      return { read: { k: 'expr', code: value.code, type: value.type }, write: (code) => `${value.code} = ${code};`, type: value.type };
    }
    if (ts.isElementAccessExpression(node)) {
      const array = this.#expr(node.expression, scope, out, fn);
      if (array.k !== 'path') this.#fail(node, 'assigns to what is no array');
      let index = this.#int(this.#expr(node.argumentExpression, scope, out, fn), node);
      if (!/^[\w]+$/.test(index)) {
        const temp = this.#temp();
        out.push(this.#target.constant(temp, I32, index));
        index = temp;
      }
      const element = this.#arrayType(array.path, node.expression);
      fn.instance.pure = false;
      return {
        read: this.#load(array.path, index, element),
        write: (code) => this.#target.store(array.path, element, index, code),
        type: element.value,
      };
    }
    return this.#fail(node, 'assigns to what is neither a local nor an element');
  }

  #assign(node, scope, out, fn) {
    const place = this.#place(node.left, scope, out, fn);
    const kind = node.operatorToken.kind;
    let value;
    if (kind === ts.SyntaxKind.EqualsToken) value = this.#value(node.right, scope, out, fn);
    else {
      const length = out.length;
      const right = this.#value(node.right, scope, out, fn);
      let left = place.read;
      if (out.length > length) {
        const temp = this.#temp();
        out.splice(length, 0, this.#target.constant(temp, left.type, left.code));
        left = { ...left, code: temp };
      }
      value = this.#binary(compoundOperator(kind), left, right, node);
    }
    const code = place.type === BOOL ? this.#bool(value, node) : place.type === F32 ? this.#float(value, node) : this.#int(value, node);
    out.push(place.write(code));
    return { k: 'expr', code, type: place.type, place };
  }

  #step(node, scope, out, fn, wanted) {
    const t = this.#target;
    const place = this.#place(node.operand, scope, out, fn);
    const plus = node.operator === ts.SyntaxKind.PlusPlusToken;
    const next = plus ? `(${place.read.code} + 1)` : `(${place.read.code} - 1)`;
    if (!wanted) {
      out.push(place.write(next));
      return undefined;
    }
    const temp = this.#temp();
    out.push(t.constant(temp, I32, ts.isPrefixUnaryExpression(node) ? next : place.read.code));
    out.push(place.write(ts.isPrefixUnaryExpression(node) ? temp : plus ? `(${temp} + 1)` : `(${temp} - 1)`));
    return { k: 'expr', code: temp, type: I32 };
  }

  // ------------------------------------------------------------------ expressions

  #temp() {
    return `t_${this.#serial++}`;
  }

  /** An expression as a plain value: paths of numbers become constants of the kernel. */
  #value(node, scope, out, fn) {
    return this.#plain(this.#expr(node, scope, out, fn), node);
  }

  #plain(value, node) {
    if (value.k === 'expr' || value.k === 'local') return value.k === 'local' ? { k: 'expr', code: value.code, type: value.type } : value;
    if (value.k === 'const') {
      if (typeof value.value === 'boolean') return { k: 'expr', code: String(value.value), type: BOOL, constant: value.value };
      if (typeof value.value === 'number') return this.#literal(value.value);
    }
    if (value.k === 'path') return this.#scalar(value.path, node);
    if (value.k === 'choice') {
      const a = this.#plain(value.a, node);
      const b = this.#plain(value.b, node);
      return { k: 'expr', code: this.#target.select(value.condition, a.code, b.code), type: a.type };
    }
    return this.#fail(node, 'a value that is no number');
  }

  #literal(value) {
    if (Number.isInteger(value) && !Object.is(value, -0)) {
      if (value >= -2147483648 && value <= 2147483647) return { k: 'expr', code: this.#target.int(value), type: I32, constant: value };
      if (value > 0 && value < 4294967296) return { k: 'expr', code: this.#target.int(value | 0), type: U32, constant: value };
    }
    return { k: 'expr', code: undefined, type: 'real', constant: value };
  }

  #scalar(pathText, node) {
    const boolean = this.#isBoolean(node);
    this.scalars.set(pathText, boolean ? 'boolean' : 'number');
    return { k: 'expr', code: this.#target.scalar(pathText), type: boolean ? BOOL : I32 };
  }

  #int(value, node) {
    const plain = value.k === 'expr' ? value : this.#plain(value, node);
    if (plain.type === I32 || plain.type === U32) return plain.code;
    if (plain.type === BOOL) return this.#fail(node, 'a truth value where a number is needed');
    return this.#fail(node, `a fraction (${plain.type}) where an integer is needed`);
  }

  #bool(value, node) {
    const plain = value.k === 'expr' ? value : this.#plain(value, node);
    return plain.type === BOOL ? plain.code : this.#target.binary('!=', this.#int(plain, node), '0');
  }

  #float(value, node) {
    const t = this.#target;
    switch (value.type) {
      case F32:
        return value.code;
      case I32:
      case U32:
        return value.constant !== undefined ? t.floatLiteral(value.constant) : t.floatOfInt(value.code);
      case 'real':
        return t.floatLiteral(value.constant);
      case 'quot':
        return t.floatOfQuotient(value.num, value.den);
      case 'scaled':
        return t.floatOfScaled(value.num, value.factor);
    }
    return this.#fail(node, `no fraction: ${value.type}`);
  }

  #condition(node, scope, out, fn) {
    const value = this.#expr(node, scope, out, fn);
    if (value.k === 'const') return { k: 'const', value: Boolean(value.value) };
    const plain = this.#plain(value, node);
    if (plain.type === BOOL && plain.constant !== undefined) return { k: 'const', value: plain.constant };
    return { k: 'expr', code: this.#bool(plain, node), type: BOOL };
  }

  #expr(node, scope, out, fn) {
    const t = this.#target;
    if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isNonNullExpression(node))
      return this.#expr(node.expression, scope, out, fn);
    if (ts.isNumericLiteral(node)) return { k: 'const', value: Number(node.text) };
    if (node.kind === ts.SyntaxKind.TrueKeyword) return { k: 'const', value: true };
    if (node.kind === ts.SyntaxKind.FalseKeyword) return { k: 'const', value: false };
    if (ts.isStringLiteral(node)) return { k: 'const', value: node.text };
    if (ts.isIdentifier(node)) return this.#identifier(node, scope);
    if (ts.isPropertyAccessExpression(node)) {
      const base = this.#expr(node.expression, scope, out, fn);
      return this.#property(base, node.name.text, node);
    }
    if (ts.isElementAccessExpression(node)) return this.#element(node, scope, out, fn);
    if (ts.isPrefixUnaryExpression(node)) return this.#prefix(node, scope, out, fn);
    if (ts.isPostfixUnaryExpression(node)) return this.#step(node, scope, out, fn, true);
    if (ts.isConditionalExpression(node)) return this.#conditional(node, scope, out, fn);
    if (ts.isCallExpression(node)) return this.#call(node, scope, out, fn, false);
    if (ts.isBinaryExpression(node)) {
      const kind = node.operatorToken.kind;
      if (isAssignment(kind)) {
        const { place, code } = this.#assign(node, scope, out, fn);
        const temp = this.#temp();
        out.splice(out.length - 1, 0, t.constant(temp, place.type, code));
        out[out.length - 1] = place.write(temp);
        return { k: 'expr', code: temp, type: place.type };
      }
      if (kind === ts.SyntaxKind.AmpersandAmpersandToken || kind === ts.SyntaxKind.BarBarToken) return this.#logical(node, scope, out, fn);
      if (kind === ts.SyntaxKind.QuestionQuestionToken) return this.#orElse(node, scope, out, fn);
      if (kind === ts.SyntaxKind.EqualsEqualsEqualsToken || kind === ts.SyntaxKind.ExclamationEqualsEqualsToken) {
        const same = this.#presence(node, scope, out, fn);
        if (same !== undefined) return same;
      }
      const [left, right] = this.#operands([node.left, node.right], scope, out, fn);
      return this.#binary(operatorText(kind) ?? this.#fail(node, 'operator'), left, right, node);
    }
    return this.#fail(node, 'expression outside the subset');
  }

  /** Emits values in order; when a later one has effects, the earlier ones are kept in temporaries. */
  #operands(nodes, scope, out, fn) {
    const values = [];
    for (const node of nodes) {
      const inner = [];
      const value = this.#value(node, scope, inner, fn);
      if (inner.length > 0) {
        for (const earlier of values) {
          if (earlier.constant !== undefined || /^t_\d+$/.test(earlier.code ?? '') || earlier.code === undefined) continue;
          const temp = this.#temp();
          out.push(this.#target.constant(temp, earlier.type, earlier.code));
          earlier.code = temp;
        }
        out.push(...inner);
      }
      values.push({ ...value });
    }
    return values;
  }

  #identifier(node, scope) {
    if (node.text === 'undefined') return { k: 'path', path: 'undefined' };
    const local = scope.get(node.text);
    if (local !== undefined) return local;
    const value = this.#constant(node, scope);
    if (value === undefined) this.#fail(node, 'an unknown name');
    if (ArrayBuffer.isView(value)) {
      this.moduleArrays.set(`$.${node.text}`, value);
      return { k: 'path', path: `$.${node.text}` };
    }
    return this.#named.has(node.text) ? { k: 'const', value, prefix: this.#named.get(node.text) } : { k: 'const', value };
  }

  #property(base, key, node) {
    if (base.k === 'path') {
      if (base.path === 'undefined') return base;
      return { k: 'path', path: `${base.path}.${key}` };
    }
    if (base.k === 'const' && base.value !== null && typeof base.value === 'object') {
      const value = base.value[key];
      if (value === undefined) this.#fail(node, `no member ${key}`);
      if (base.prefix !== undefined) return { k: 'expr', code: `${base.prefix}${key}`, type: I32 };
      return { k: 'const', value };
    }
    if (base.k === 'record') return base.fields.get(key);
    if (base.k === 'choice')
      return { k: 'choice', condition: base.condition, a: this.#property(base.a, key, node), b: this.#property(base.b, key, node) };
    return this.#fail(node, `member ${key} of what is no object`);
  }

  #element(node, scope, out, fn) {
    const t = this.#target;
    const array = this.#expr(node.expression, scope, out, fn);
    if (array.k === 'const') {
      const index = this.#expr(node.argumentExpression, scope, out, fn);
      if (index.k === 'const') return { k: 'const', value: array.value[index.value] };
      if (!Array.isArray(array.value) || !array.value.every(Number.isInteger))
        this.#fail(node, 'an element of what is no list of integers');
      return { k: 'expr', code: this.#target.constantArray(array.value, this.#int(index, node)), type: I32 };
    }
    if (array.k === 'choice') {
      const index = this.#int(this.#value(node.argumentExpression, scope, out, fn), node);
      const a = this.#load(array.a.path, index, this.#arrayType(array.a.path, node.expression));
      const b = this.#load(array.b.path, index, this.#arrayType(array.b.path, node.expression));
      const temp = this.#temp();
      out.push(t.declare(temp, a.type, t.zero(a.type)), ...t.iff(array.condition, [`${temp} = ${a.code};`], [`${temp} = ${b.code};`]));
      return { k: 'expr', code: temp, type: a.type };
    }
    if (array.k !== 'path') this.#fail(node, 'an element of what is no array');
    // `state.variants[w]`: the level that the world plays. A thread of a device has one world; a target whose functions pass many is told which.
    if (array.path.endsWith('.variants')) {
      const world = this.#int(this.#value(node.argumentExpression, scope, out, fn), node);
      out.push(...(t.enterLevel?.(world) ?? []));
      return { k: 'path', path: 'level' };
    }
    const index = this.#int(this.#value(node.argumentExpression, scope, out, fn), node);
    return this.#load(array.path, index, this.#arrayType(array.path, node.expression));
  }

  #load(arrayPath, index, element) {
    return { k: 'expr', code: this.#target.load(arrayPath, element, index), type: element.value, loads: true };
  }

  #arrayType(arrayPath, node) {
    const known = this.arrays.get(arrayPath);
    if (known !== undefined) return known;
    const type = this.#checker.getNonNullableType(this.#checker.getTypeAtLocation(node));
    const names = (type.isUnion() ? type.types : [type]).map((one) => one.symbol?.name);
    const element = ELEMENTS[names[0]];
    if (element === undefined) this.#fail(node, `an array of the type ${names[0]}`);
    this.arrays.set(arrayPath, element);
    return element;
  }

  #prefix(node, scope, out, fn) {
    const t = this.#target;
    if (isStep(node.operator)) return this.#step(node, scope, out, fn, true);
    const operand = this.#expr(node.operand, scope, out, fn);
    if (operand.k === 'const') {
      const value = operand.value;
      switch (node.operator) {
        case ts.SyntaxKind.MinusToken:
          return { k: 'const', value: -value };
        case ts.SyntaxKind.ExclamationToken:
          return { k: 'const', value: !value };
        case ts.SyntaxKind.TildeToken:
          return { k: 'const', value: ~value };
      }
    }
    const plain = this.#plain(operand, node.operand);
    switch (node.operator) {
      case ts.SyntaxKind.MinusToken:
        return { k: 'expr', code: t.negate(this.#int(plain, node)), type: I32 };
      case ts.SyntaxKind.TildeToken:
        return { k: 'expr', code: `(~${this.#int(plain, node)})`, type: I32 };
      case ts.SyntaxKind.ExclamationToken:
        return { k: 'expr', code: t.not(this.#bool(plain, node)), type: BOOL };
    }
    return this.#fail(node, 'prefix');
  }

  /** `x === undefined` and the like, over paths and constants. */
  #presence(node, scope, out, fn) {
    // Written only when the answer stands; otherwise the comparison is translated anew.
    const lines = [];
    const left = this.#expr(node.left, scope, lines, fn);
    const right = this.#expr(node.right, scope, lines, fn);
    const negated = node.operatorToken.kind === ts.SyntaxKind.ExclamationEqualsEqualsToken;
    const isUndefined = (v) => v.k === 'path' && v.path === 'undefined';
    if (isUndefined(left) || isUndefined(right)) {
      const other = isUndefined(left) ? right : left;
      if (isUndefined(other)) return { k: 'const', value: !negated };
      if (other.k !== 'path') return { k: 'const', value: negated };
      this.scalars.set(`?${other.path}`, 'present');
      const code = this.#target.scalar(`?${other.path}`);
      return { k: 'expr', code: negated ? code : this.#target.not(code), type: BOOL };
    }
    if (left.k === 'const' && right.k === 'const') return { k: 'const', value: (left.value === right.value) !== negated };
    const choice = left.k === 'choice' ? left : right.k === 'choice' ? right : undefined;
    const other = choice === left ? right : left;
    if (
      choice !== undefined &&
      other.k === 'path' &&
      choice.a.k === 'path' &&
      choice.b.k === 'path' &&
      [choice.a.path, choice.b.path].includes(other.path)
    ) {
      const isFirst = (choice.a.path === other.path) !== negated;
      out.push(...lines);
      return { k: 'expr', code: isFirst ? choice.condition : this.#target.not(choice.condition), type: BOOL };
    }
    return undefined;
  }

  #logical(node, scope, out, fn) {
    const t = this.#target;
    const and = node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken;
    const left = this.#condition(node.left, scope, out, fn);
    if (left.k === 'const') return left.value === and ? this.#asBool(node.right, scope, out, fn) : { k: 'const', value: left.value };
    const inner = [];
    const right = this.#condition(node.right, scope, inner, fn);
    if (right.k === 'const' && inner.length === 0) return right.value === and ? left : { k: 'const', value: right.value };
    const rightCode = right.k === 'const' ? String(right.value) : right.code;
    if (inner.length === 0) return { k: 'expr', code: t.binary(and ? '&&' : '||', left.code, rightCode), type: BOOL };
    const temp = this.#temp();
    out.push(t.declare(temp, BOOL, left.code));
    out.push(...t.iff(and ? temp : t.not(temp), [...inner, `${temp} = ${rightCode};`], undefined));
    return { k: 'expr', code: temp, type: BOOL };
  }

  #asBool(node, scope, out, fn) {
    return this.#condition(node, scope, out, fn);
  }

  /** `a?.b[i] ?? c`: the rules of a program that may lack them. */
  #orElse(node, scope, out, fn) {
    const t = this.#target;
    const root = optionalRoot(node.left);
    if (root === undefined) {
      const value = this.#expr(node.left, scope, out, fn);
      if (value.k !== 'path') return value;
      this.scalars.set(`?${value.path}`, 'present');
      const otherwise = this.#value(node.right, scope, out, fn);
      return {
        k: 'expr',
        code: t.select(t.scalar(`?${value.path}`), this.#plain(value, node.left).code, otherwise.code),
        type: otherwise.type,
      };
    }
    const base = this.#expr(root, scope, out, fn);
    if (base.k !== 'path') this.#fail(node, '?. of what is no path');
    if (base.path === 'undefined') return this.#expr(node.right, scope, out, fn);
    this.scalars.set(`?${base.path}`, 'present');
    const temp = this.#temp();
    const otherwise = this.#value(node.right, scope, out, fn);
    const inner = [];
    const value = this.#value(node.left, scope, inner, fn);
    out.push(t.declare(temp, value.type, otherwise.code));
    out.push(...t.iff(t.scalar(`?${base.path}`), [...inner, `${temp} = ${value.code};`], undefined));
    return { k: 'expr', code: temp, type: value.type };
  }

  #conditional(node, scope, out, fn) {
    const t = this.#target;
    const condition = this.#condition(node.condition, scope, out, fn);
    if (condition.k === 'const') return this.#expr(condition.value ? node.whenTrue : node.whenFalse, scope, out, fn);
    if (!isNumberLike(this.#checker.getTypeAtLocation(node)) && !this.#isBoolean(node)) {
      const temp = this.#temp();
      out.push(t.constant(temp, BOOL, condition.code));
      return { k: 'choice', condition: temp, a: this.#expr(node.whenTrue, scope, out, fn), b: this.#expr(node.whenFalse, scope, out, fn) };
    }
    const yes = [];
    const no = [];
    const a = this.#value(node.whenTrue, scope, yes, fn);
    const b = this.#value(node.whenFalse, scope, no, fn);
    const type = joinTypes(a.type, b.type);
    const coded = (v) => (type === BOOL ? this.#bool(v, node) : type === F32 ? this.#float(v, node) : this.#int(v, node));
    const ca = coded(a);
    const cb = coded(b);
    if (yes.length === 0 && no.length === 0 && isCheap(ca) && isCheap(cb))
      return { k: 'expr', code: t.select(condition.code, ca, cb), type };
    const temp = this.#temp();
    out.push(t.declare(temp, type, t.zero(type)));
    out.push(...t.iff(condition.code, [...yes, `${temp} = ${ca};`], [...no, `${temp} = ${cb};`]));
    return { k: 'expr', code: temp, type };
  }

  #binary(operator, left, right, node) {
    const t = this.#target;
    if (left.type === BOOL && right.type === BOOL && (operator === '===' || operator === '!=='))
      return { k: 'expr', code: t.binary(operator === '===' ? '==' : '!=', left.code, right.code), type: BOOL };
    if (
      left.constant !== undefined &&
      right.constant !== undefined &&
      typeof left.constant === 'number' &&
      typeof right.constant === 'number'
    ) {
      const value = fold(operator, left.constant, right.constant);
      if (typeof value === 'boolean') return { k: 'expr', code: String(value), type: BOOL, constant: value };
      return this.#literal(value);
    }
    if (operator === '/') {
      if (left.type === F32 || right.type === F32) this.#fail(node, 'a quotient of fractions');
      return { k: 'expr', type: 'quot', num: this.#int(left, node), den: this.#int(right, node), unsigned: left.type === U32 };
    }
    if (operator === '*' && (left.type === 'real' || right.type === 'real')) {
      const [number, factor] = left.type === 'real' ? [right, left.constant] : [left, right.constant];
      return { k: 'expr', type: 'scaled', num: this.#int(number, node), factor };
    }
    if (operator === '|' && right.constant === 0) {
      if (left.type === 'quot') return { k: 'expr', code: t.divide(left.num, left.den), type: I32 };
      return { k: 'expr', code: this.#int(left, node), type: I32 };
    }
    if (left.type === F32 || right.type === F32) {
      const a = this.#float(left, node);
      const b = this.#float(right, node);
      if (operator === '+' || operator === '-') return { k: 'expr', code: t.binary(operator, a, b), type: F32 };
      if (COMPARE[operator]) return { k: 'expr', code: t.binary(COMPARE[operator], a, b), type: BOOL };
      this.#fail(node, 'arithmetic of fractions');
    }
    const a = this.#int(left, node);
    const b = this.#int(right, node);
    if (COMPARE[operator] !== undefined) {
      const unsigned = (left.type === U32 || right.type === U32) && operator !== '===' && operator !== '!==';
      return {
        k: 'expr',
        code: unsigned ? t.binary(COMPARE[operator], t.unsigned(a), t.unsigned(b)) : t.binary(COMPARE[operator], a, b),
        type: BOOL,
      };
    }
    switch (operator) {
      case '+':
      case '-':
      case '*':
        return { k: 'expr', code: t.arithmetic(operator, a, b), type: I32 };
      case '&':
      case '|':
      case '^':
        return { k: 'expr', code: t.binary(operator, a, b), type: I32 };
      case '%':
        return { k: 'expr', code: t.remainder(a, b, left.type === U32), type: I32 };
      case '<<':
        return { k: 'expr', code: t.shiftLeft(a, b), type: I32 };
      case '>>':
        return { k: 'expr', code: t.shiftRight(a, b), type: I32 };
      case '>>>':
        if (right.constant === 0) return { k: 'expr', code: a, type: U32 };
        return { k: 'expr', code: t.shiftRightUnsigned(a, b), type: right.constant === undefined ? U32 : I32 };
    }
    return this.#fail(node, `operator ${operator}`);
  }

  // ------------------------------------------------------------------ calls

  #call(node, scope, out, fn, asEffect) {
    const t = this.#target;
    const callee = node.expression;
    if (ts.isPropertyAccessExpression(callee)) {
      if (ts.isIdentifier(callee.expression) && callee.expression.text === 'Math')
        return this.#math(callee.name.text, node, scope, out, fn);
      const array = this.#expr(callee.expression, scope, out, fn);
      // What a host remembers of a level, a device works out anew.
      if (array.k === 'path' && array.path.endsWith('.index.levels'))
        return callee.name.text === 'get' ? { k: 'path', path: 'undefined' } : undefined;
      if (array.k === 'path' && callee.name.text === 'fill') {
        const element = this.#arrayType(array.path, callee.expression);
        const [value, from, to] = this.#operands([...node.arguments], scope, out, fn);
        fn.instance.pure = false;
        const coded = element.value === F32 ? this.#float(value, node) : this.#int(value, node);
        out.push(
          ...t.fill(
            array.path,
            element,
            coded,
            from === undefined ? '0' : this.#int(from, node),
            to === undefined ? t.lengthOf(array.path) : this.#int(to, node),
            this.#temp(),
          ),
        );
        return undefined;
      }
      return this.#fail(node, 'a method outside the subset');
    }
    const declaration = this.#functionOf(callee);
    const override = this.#overrides.get(declaration.name.text);
    const args = [];
    const codes = [];
    // Objects are known while translating, numbers are passed.
    const numeric = [];
    declaration.parameters.forEach((parameter, i) => {
      const argument = node.arguments[i];
      if (argument === undefined) {
        if (parameter.initializer !== undefined) {
          const value = this.#constant(parameter.initializer, scope);
          args[i] = { k: 'const', value };
          return;
        }
        args[i] = { k: 'path', path: 'undefined' };
        return;
      }
      if (this.#specialised[declaration.name.text]?.includes(parameter.name.text)) {
        const value = this.#expr(argument, scope, [], fn);
        if (value.k === 'const' && typeof value.value === 'number') {
          args[i] = value;
          return;
        }
      }
      const type = this.#checker.getTypeAtLocation(parameter);
      const isObject = !isNumberLike(type) && !this.#isBoolean(parameter);
      if (isObject) args[i] = this.#expr(argument, scope, out, fn);
      else {
        args[i] = { k: 'expr', type: I32 };
        numeric.push({ i, argument, parameter });
      }
    });
    const values = this.#operands(
      numeric.map((n) => n.argument),
      scope,
      out,
      fn,
    );
    values.forEach((value, n) => {
      const { i, parameter, argument } = numeric[n];
      const boolean = this.#isBoolean(parameter);
      args[i] = { k: 'expr', type: boolean ? BOOL : value.type === U32 ? U32 : I32 };
      codes.push(boolean ? this.#bool(value, argument) : this.#int(value, argument));
    });
    const returned = this.#checker.getReturnTypeOfSignature(this.#checker.getSignatureFromDeclaration(declaration));
    if (!(returned.flags & ts.TypeFlags.Void) && !isNumberLike(returned) && !(returned.flags & ts.TypeFlags.BooleanLike))
      return this.#inlineObject(declaration, args, values, numeric, out, fn);
    const choice = args.find((arg) => arg.k === 'choice');
    if (choice !== undefined) {
      if (args.some((arg) => arg.k === 'choice' && arg.condition !== choice.condition)) this.#fail(node, 'two choices in one call');
      const sides = ['a', 'b'].map((side) =>
        this.#instantiate(
          declaration,
          args.map((arg) => (arg.k === 'choice' ? arg[side] : arg)),
          0,
        ),
      );
      if (sides.some(({ pure }) => !pure)) fn.instance.pure = false;
      const [a, b] = sides.map(({ name }) => `${name}(${t.arguments(codes)})`);
      const { type } = sides[0];
      if (type === 'void') {
        out.push(...t.iff(choice.condition, [`${a};`], [`${b};`]));
        return undefined;
      }
      const temp = this.#temp();
      out.push(t.declare(temp, type, t.zero(type)), ...t.iff(choice.condition, [`${temp} = ${a};`], [`${temp} = ${b};`]));
      return { k: 'expr', code: temp, type };
    }
    // A u32 parameter only matters to comparisons: one instance per kind.
    const instance = this.#instantiate(declaration, args, this.#depthOf(declaration, fn));
    if (instance.name === undefined)
      return { k: 'expr', code: this.#recursionLimit[`${declaration.name.text}:end`] ?? '-1', type: instance.type };
    if (override === undefined ? !instance.pure || !instance.done : !instance.pure) fn.instance.pure = false;
    const code = `${instance.name}(${t.arguments(codes)})`;
    const type = instance.done ? instance.type : instance.declared;
    if (type === 'void') {
      out.push(`${code};`);
      return undefined;
    }
    if (asEffect) return { k: 'expr', code, type, pending: true };
    if (instance.done && instance.pure) return { k: 'expr', code, type, call: true };
    const temp = this.#temp();
    out.push(t.constant(temp, type, code));
    return { k: 'expr', code: temp, type };
  }

  /** A function that returns an object is a choice among objects: its one expression stands for the call. */
  #inlineObject(declaration, args, values, numeric, out, fn) {
    const statement = declaration.body.statements[0];
    if (declaration.body.statements.length !== 1 || !ts.isReturnStatement(statement))
      this.#fail(declaration, 'returns an object by more than an expression');
    const scope = new Scope();
    declaration.parameters.forEach((parameter, i) => {
      const n = numeric.findIndex((one) => one.i === i);
      scope.set(parameter.name.text, n < 0 ? args[i] : values[n]);
    });
    return this.#expr(statement.expression, scope, out, fn);
  }

  #depthOf(declaration, fn) {
    return fn.declaration === declaration ? fn.depth : 0;
  }

  #functionOf(identifier) {
    let symbol = this.#checker.getSymbolAtLocation(identifier);
    if (symbol !== undefined && symbol.flags & ts.SymbolFlags.Alias) symbol = this.#checker.getAliasedSymbol(symbol);
    const declaration = symbol?.valueDeclaration;
    if (declaration === undefined || !ts.isFunctionDeclaration(declaration) || declaration.body === undefined)
      return this.#fail(identifier, 'calls what is no plain function with a source');
    return declaration;
  }

  #math(name, node, scope, out, fn) {
    const t = this.#target;
    if (name === 'floor' && ts.isCallExpression(node.arguments[0]) && node.arguments[0].expression.getText() === 'Math.sqrt') {
      const [value] = this.#operands([node.arguments[0].arguments[0]], scope, out, fn);
      const isqrt = this.#byName('isqrt', node);
      return { k: 'expr', code: `${isqrt}(${this.#int(value, node)})`, type: I32 };
    }
    const values = this.#operands([...node.arguments], scope, out, fn);
    const ints = () => values.map((v) => this.#int(v, node));
    switch (name) {
      case 'imul':
        return { k: 'expr', code: t.arithmetic('*', ...ints()), type: I32 };
      case 'trunc':
      case 'floor':
        if (values[0].type === 'quot')
          return {
            k: 'expr',
            code: name === 'floor' ? t.divideFloor(values[0].num, values[0].den) : t.divide(values[0].num, values[0].den),
            type: I32,
          };
        return { k: 'expr', code: ints()[0], type: values[0].type };
      case 'fround':
        return { k: 'expr', code: this.#float(values[0], node), type: F32 };
      case 'abs':
        return { k: 'expr', code: t.abs(ints()[0]), type: I32 };
      case 'min':
      case 'max':
        return { k: 'expr', code: ints().reduce((a, b) => t.minmax(name, a, b)), type: I32 };
    }
    return this.#fail(node, `Math.${name}`);
  }

  /** Instance of a function that the translation itself calls. */
  #byName(name, node) {
    for (const source of this.#program.getSourceFiles()) {
      if (source.isDeclarationFile) continue;
      const declaration = source.statements.find((s) => ts.isFunctionDeclaration(s) && s.name?.text === name && s.body);
      if (declaration !== undefined)
        return this.#instantiate(
          declaration,
          declaration.parameters.map(() => ({ k: 'expr', type: I32 })),
          0,
        ).name;
    }
    return this.#fail(node, `no function ${name}`);
  }

  // ------------------------------------------------------------------ constants of modules

  #constant(node, scope) {
    if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node))
      return this.#constant(node.expression, scope);
    if (ts.isNumericLiteral(node)) return Number(node.text);
    if (ts.isStringLiteral(node)) return node.text;
    if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
    if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
    if (ts.isPrefixUnaryExpression(node)) {
      const value = this.#constant(node.operand, scope);
      if (node.operator === ts.SyntaxKind.MinusToken) return -value;
      if (node.operator === ts.SyntaxKind.TildeToken) return ~value;
      return undefined;
    }
    if (ts.isBinaryExpression(node)) {
      const a = this.#constant(node.left, scope);
      const b = this.#constant(node.right, scope);
      if (typeof a !== 'number' || typeof b !== 'number') return undefined;
      return fold(operatorText(node.operatorToken.kind), a, b);
    }
    if (ts.isObjectLiteralExpression(node)) {
      const object = {};
      for (const property of node.properties) {
        if (!ts.isPropertyAssignment(property)) return undefined;
        object[property.name.text] = this.#constant(property.initializer, scope);
      }
      return object;
    }
    if (ts.isNewExpression(node) && node.expression.getText() === 'Int32Array') {
      const length = this.#constant(node.arguments[0], scope);
      return typeof length === 'number' ? new Int32Array(length) : undefined;
    }
    if (ts.isArrayLiteralExpression(node)) return node.elements.map((e) => this.#constant(e, scope));
    if (ts.isPropertyAccessExpression(node)) {
      if (node.getText() === 'Math.PI') return Math.PI;
      return this.#constant(node.expression, scope)?.[node.name.text];
    }
    if (ts.isElementAccessExpression(node)) return this.#constant(node.expression, scope)?.[this.#constant(node.argumentExpression, scope)];
    if (ts.isIdentifier(node)) {
      const local = scope?.get(node.text);
      if (local !== undefined) return local.k === 'const' ? local.value : undefined;
      let symbol = this.#checker.getSymbolAtLocation(node);
      if (symbol !== undefined && symbol.flags & ts.SymbolFlags.Alias) symbol = this.#checker.getAliasedSymbol(symbol);
      if (symbol === undefined) return undefined;
      if (this.#constantCache.has(symbol)) return this.#constantCache.get(symbol);
      let value;
      const declaration = symbol.valueDeclaration;
      if (declaration !== undefined && ts.isVariableDeclaration(declaration)) {
        if (ts.isIdentifier(declaration.name) && declaration.initializer !== undefined)
          value = this.#constant(declaration.initializer, undefined);
      } else if (declaration !== undefined && ts.isBindingElement(declaration)) {
        const object = this.#constant(declaration.parent.parent.initializer, undefined);
        value = object?.[(declaration.propertyName ?? declaration.name).text];
      }
      if (value === undefined) value = this.#constantsByName[symbol.name];
      this.#constantCache.set(symbol, value);
      return value;
    }
    return undefined;
  }
}

const ELEMENTS = {
  Int32Array: { name: 'i32', value: I32 },
  Uint32Array: { name: 'u32', value: I32 },
  Uint8Array: { name: 'u8', value: I32 },
  Uint16Array: { name: 'u16', value: I32 },
  Int16Array: { name: 'i16', value: I32 },
  Float32Array: { name: 'f32', value: F32 },
};
const COMPARE = { '===': '==', '!==': '!=', '<': '<', '>': '>', '<=': '<=', '>=': '>=' };

class Scope {
  #names = new Map();
  #parent;
  constructor(parent) {
    this.#parent = parent;
  }
  get(name) {
    return this.#names.get(name) ?? this.#parent?.get(name);
  }
  set(name, value) {
    this.#names.set(name, value);
  }
}

function assignedNames(body) {
  const names = new Set();
  const visit = (node) => {
    if (ts.isBinaryExpression(node) && isAssignment(node.operatorToken.kind) && ts.isIdentifier(node.left)) names.add(node.left.text);
    if ((ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) && isStep(node.operator) && ts.isIdentifier(node.operand))
      names.add(node.operand.text);
    ts.forEachChild(node, visit);
  };
  if (body !== undefined) visit(body);
  return names;
}

/** Statements of each piece of a function that only calls others, see `Translator.pieces`; one piece where it does more. */
function piecesOf(statements) {
  const whole = [{ of: undefined, statements }];
  const lead = [];
  const pieces = [];
  for (const statement of statements) {
    if (isName(statement) || isGuard(statement)) lead.push(statement);
    else if (isCall(statement)) pieces.push({ of: calleeOf(statement), statements: [...lead, statement] });
    else if (ts.isForStatement(statement)) {
      const body = ts.isBlock(statement.statement) ? [...statement.statement.statements] : [statement.statement];
      const names = body.filter(isName);
      const rest = body.filter((s) => !isName(s) && !isMark(s));
      const { initializer, condition, incrementor } = statement;
      if (rest.length > 1 && rest.every(isCall)) {
        for (const call of rest) {
          const block = ts.factory.createBlock([...names, call]);
          const loop = ts.factory.createForStatement(initializer, condition, incrementor, block);
          pieces.push({ of: calleeOf(call), statements: [...lead, loop] });
        }
      } else pieces.push({ of: rest.length === 1 && isCall(rest[0]) ? calleeOf(rest[0]) : undefined, statements: [...lead, statement] });
    } else return whole;
  }
  return pieces;
}

/** A constant that reads no element and calls nothing: it is the same in every piece. */
function isName(statement) {
  if (!ts.isVariableStatement(statement) || (statement.declarationList.flags & ts.NodeFlags.Const) === 0) return false;
  return isPlain(statement);
}

function isPlain(node) {
  return !ts.isElementAccessExpression(node) && !ts.isCallExpression(node) && !ts.forEachChild(node, (child) => !isPlain(child));
}

/** `if (there is nothing to do) return;` */
function isGuard(statement) {
  return (
    ts.isIfStatement(statement) &&
    statement.elseStatement === undefined &&
    ts.isReturnStatement(statement.thenStatement) &&
    isPlain(statement.expression)
  );
}

function isCall(statement) {
  return (
    ts.isExpressionStatement(statement) && ts.isCallExpression(statement.expression) && ts.isIdentifier(statement.expression.expression)
  );
}

/** `enterWorld(c, w)`: what a host needs when a stage fails, which kernels cannot. */
function isMark(statement) {
  return ts.isExpressionStatement(statement) && isCall(statement) && calleeOf(statement) === 'enterWorld';
}

function calleeOf(statement) {
  return statement.expression.expression.text;
}

function containsBreak(node) {
  let found = false;
  const visit = (child) => {
    if (ts.isBreakStatement(child)) found = true;
    if (ts.isForStatement(child) || ts.isWhileStatement(child) || ts.isSwitchStatement(child)) return;
    ts.forEachChild(child, visit);
  };
  ts.forEachChild(node, visit);
  if (ts.isBreakStatement(node)) found = true;
  return found;
}

function containsContinue(node) {
  let found = false;
  const visit = (child) => {
    if (ts.isContinueStatement(child)) found = true;
    if (ts.isForStatement(child) || ts.isWhileStatement(child)) return;
    ts.forEachChild(child, visit);
  };
  visit(node);
  return found;
}

function isAssignment(kind) {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

function isStep(operator) {
  return operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken;
}

function isUnsignedZeroShift(node) {
  if (ts.isParenthesizedExpression(node)) return isUnsignedZeroShift(node.expression);
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken;
}

function operatorText(kind) {
  return ts.tokenToString(kind);
}

function compoundOperator(kind) {
  return ts.tokenToString(kind).slice(0, -1);
}

function optionalRoot(node) {
  let at = node;
  while (at !== undefined) {
    if (at.questionDotToken !== undefined) return at.expression;
    at = at.expression;
  }
  return undefined;
}

function isNumberLike(type) {
  if (type.isUnion()) return type.types.every(isNumberLike);
  return (type.flags & ts.TypeFlags.NumberLike) !== 0;
}

function joinTypes(a, b) {
  if (a === BOOL && b === BOOL) return BOOL;
  const fraction = (type) => type === F32 || type === 'quot' || type === 'scaled' || type === 'real';
  if (fraction(a) || fraction(b)) return F32;
  return a === U32 || b === U32 ? U32 : I32;
}

/** Whether evaluating both sides of a choice costs less than a branch. */
function isCheap(code) {
  return code.length < 60 && !/\w\(/.test(code.replace(/\b(select|u32|i32|bitcast<\w+>)\(/g, '(')) && !code.includes('[');
}

function fold(operator, a, b) {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    case '**':
      return a ** b;
    case '<<':
      return a << b;
    case '>>':
      return a >> b;
    case '>>>':
      return a >>> b;
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '<=':
      return a <= b;
    case '>=':
      return a >= b;
    case '===':
      return a === b;
    case '!==':
      return a !== b;
  }
  return undefined;
}
