/** Reads a zod schema as data: which keys and which description stand at a path. Serves error messages only. */
import type { z } from 'zod';

export type PathKey = string | number;

/** The parts of a zod definition that are read here. */
interface Definition {
  type: string;
  innerType?: z.ZodType;
  in?: z.ZodType;
  getter?: () => z.ZodType;
  options?: readonly z.ZodType[];
  shape?: Record<string, z.ZodType>;
  element?: z.ZodType;
  items?: readonly z.ZodType[];
  valueType?: z.ZodType;
  values?: readonly unknown[];
  entries?: Record<string, string>;
}

const definitionOf = (schema: z.ZodType) => schema._zod.def as unknown as Definition;

/** The schemas that may apply at a path: all options of every union on the way. */
export function schemasAt(root: z.ZodType, path: readonly PathKey[]): z.ZodType[] {
  let current = concrete(root);
  for (const key of path) {
    const next: z.ZodType[] = [];
    for (const schema of current) {
      const child = childOf(definitionOf(schema), key);
      if (child !== undefined) next.push(...concrete(child));
    }
    current = next;
  }
  return current;
}

/** Every key that an object at the path may have; of a union only in the options whose literals, such as `type`, `got` has, if there are any. */
export function keysAt(root: z.ZodType, path: readonly PathKey[], got: unknown): string[] {
  const shapes = schemasAt(root, path).map((schema) => definitionOf(schema).shape ?? {});
  const meant = shapes.filter((shape) => literalsMatch(shape, got));
  return [...new Set((meant.length > 0 ? meant : shapes).flatMap((shape) => Object.keys(shape)))];
}

function literalsMatch(shape: Record<string, z.ZodType>, got: unknown): boolean {
  return Object.entries(shape).every(([key, schema]) => {
    const { type, values } = definitionOf(schema);
    return type !== 'literal' || (values ?? []).includes((got as Record<string, unknown> | undefined)?.[key]);
  });
}

/** Every literal that may stand at the path. */
export function literalsAt(root: z.ZodType, path: readonly PathKey[]): unknown[] {
  return schemasAt(root, path).flatMap((schema) => {
    const { values, entries } = definitionOf(schema);
    return [...(values ?? []), ...Object.values(entries ?? {})];
  });
}

/** The description of the field at the path, or undefined. */
export function descriptionAt(root: z.ZodType, path: readonly PathKey[]): string | undefined {
  const last = path[path.length - 1];
  for (const parent of schemasAt(root, path.slice(0, -1))) {
    const description = childOf(definitionOf(parent), last)?.description;
    if (description !== undefined) return description;
  }
  return undefined;
}

function concrete(schema: z.ZodType): z.ZodType[] {
  const { innerType, in: input, getter, options } = definitionOf(schema);
  if (innerType !== undefined) return concrete(innerType);
  if (input !== undefined) return concrete(input);
  if (getter !== undefined) return concrete(getter());
  if (options !== undefined) return options.flatMap(concrete);
  return [schema];
}

function childOf(definition: Definition, key: PathKey): z.ZodType | undefined {
  if (typeof key === 'number') return definition.element ?? definition.items?.[key];
  if (definition.shape !== undefined && Object.hasOwn(definition.shape, key)) return definition.shape[key];
  return definition.valueType;
}
