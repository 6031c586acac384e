/** What a program cannot reach is left out of its kernels, and nothing else. */
import { describe, expect, it } from 'vitest';
import { KERNEL } from '../../packages/physics/src/engines/webgpu/kernel.generated.js';
import { NEVER, parseFunctions, pruneFunctions } from '../../packages/physics/src/engines/webgpu/prune.js';

const FIRST_ODD = `
fn firstOdd(size: i32) -> i32 {
  var i: i32 = 0;
  loop {
    if (!((i < size))) {
      break;
    }
    if (((words[i] & 1) == 0)) {
      continue;
    }
    return i;
    continuing {
      i = (i + 1);
    }
  }
  return (-1);
}
`;

const lines = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

describe('pruning', () => {
  it('leaves a text as it is of which nothing is decided', () => {
    expect(lines(pruneFunctions(parseFunctions(FIRST_ODD), new Map(), ['firstOdd']))).toEqual(lines(FIRST_ODD));
  });

  it('keeps what a loop does between its rounds where the round ends in a return', () => {
    const functions = parseFunctions(KERNEL.functions);
    const known = new Map();
    for (const { name } of functions) {
      const written = pruneFunctions(functions, known, [name]);
      const body = written.slice(written.indexOf(`fn ${name}(`));
      const before = KERNEL.functions.slice(KERNEL.functions.indexOf(`fn ${name}(`)).split('\n}')[0];
      const count = (text: string) => text.match(/\bcontinuing \{/g)?.length ?? 0;
      expect(count(body.split('\n}')[0]), name).toBe(count(before));
    }
  });

  it('leaves out branches and cases that the program decides, and what follows a return', () => {
    const text = `
fn choose(a: i32) -> i32 {
  if (HAS_WATER) {
    return swim(a);
    a = 3;
  } else {
    return walk(a);
  }
  return 4;
}

fn swim(a: i32) -> i32 {
  return a;
}

fn walk(a: i32) -> i32 {
  switch (a) {
    case OP_near: {
      return 1;
    }
    case OP_far: {
      return 2;
    }
    default: {
      return 3;
    }
  }
}
`;
    const known = new Map([
      ['HAS_WATER', false],
      ['OP_far', NEVER],
    ] as const);
    const pruned = pruneFunctions(parseFunctions(text), known, ['choose']);
    expect(pruned).not.toMatch(/swim|OP_far|return 4/);
    expect(pruned).toMatch(/return walk\(a\);/);
    expect(pruned).toMatch(/case OP_near/);
  });
});
