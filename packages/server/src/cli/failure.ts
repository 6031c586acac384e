/** How a command fails: one readable message on stderr, and an exit code that says who must act. */
import { InvariantError, KinovoxError } from '@kinovox/world';
import type { CommanderError } from 'commander';

export const EXIT = { done: 0, ours: 1, user: 2, interrupted: 130 } as const;

/** Errors of Kinovox name what the user can do, except broken invariants; anything else is a defect. */
export function exitCodeOf(error: unknown): number {
  return error instanceof KinovoxError && !(error instanceof InvariantError) ? EXIT.user : EXIT.ours;
}

/** The message for stderr; with KINOVOX_DEBUG set, the stack follows. */
export function failureMessage(error: unknown): string {
  const stack = process.env.KINOVOX_DEBUG !== undefined && error instanceof Error ? `\n${error.stack}` : '';
  if (error instanceof KinovoxError) return `${error.message}${stack}`;
  const reason = error instanceof Error ? error.message : String(error);
  return `Kinovox failed: ${reason}. This is a defect in Kinovox; please report it with the command you ran (KINOVOX_DEBUG=1 prints where it happened).${stack}`;
}

/** A mistake in options or arguments, with its place to look. */
export function usageMessage(error: CommanderError, args: readonly string[]): string {
  const command = args.find((arg) => !arg.startsWith('-'));
  const help = error.code === 'commander.unknownCommand' || command === undefined ? 'kinovox --help' : `kinovox ${command} --help`;
  const [first, ...rest] = error.message.replace(/^error: /, '').split('\n');
  const hint = rest
    .join(' ')
    .replace(/^\((.*)\)$/, '$1')
    .trim();
  return `${/[.?]$/.test(first) ? first : `${first}.`}${hint === '' ? '' : ` ${hint}`} See "${help}".`;
}
