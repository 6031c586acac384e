/** The rules that stand in for a model: what they call, given a prompt. */
import { askRules } from '@kinovox/agents';
import { describe, expect, it } from 'vitest';

const tools = ['moveTo', 'wait', 'continue'].map((name) => ({ name, description: name, parameters: {} }));

/** The call after a turn and calls with their results, as the loop writes them. */
function next(turn: string, ...past: { name: string; args: object; result: object }[]) {
  const calls = past.flatMap(({ name, args, result }, i) => [
    { role: 'assistant' as const, text: '', toolCalls: [{ id: `${i}`, name, arguments: JSON.stringify(args) }] },
    { role: 'tool' as const, callId: `${i}`, text: JSON.stringify(result) },
  ]);
  const { toolCalls } = askRules({ messages: [{ role: 'user', text: turn }, ...calls], tools } as unknown as Parameters<
    typeof askRules
  >[0]);
  return { name: toolCalls[0].name, ...JSON.parse(toolCalls[0].arguments) };
}

const told = (you: string, goal: string) => `[0.0 s]\nyou: at ${you}, facing east\ngoal 1: at ${goal}, 0 % done`;
const wait = { name: 'wait', args: { ticks: 20 }, result: { status: 'done' } };

describe('the rules', () => {
  it('go to a goal on their level at the height of their feet, for the middle of a region hangs in the air', () => {
    expect(next(told('4.5 4.0 14.5', '23.5 5.0 18.5'))).toMatchObject({ name: 'moveTo', x: 23.5, y: 4, z: 18.5 });
    expect(next(told('4.5 4.0 14.5', '23.5 9.0 18.5'))).toMatchObject({ name: 'moveTo', y: 9 });
  });

  it('go where somebody could stand, once they are told that', () => {
    const refused = { status: 'refused', code: 'no-standing-room', facts: { at: [23, 4, 18], nearest: [23, 6, 18] } };
    const call = { name: 'moveTo', args: { x: 23.5, y: 4, z: 18.5 }, result: refused };
    expect(next(told('4.5 4.0 14.5', '23.5 5.0 18.5'), call)).toMatchObject({ name: 'moveTo', x: 23.5, y: 6, z: 18.5 });
  });

  it('wait for others at a goal, and after five waits seek it at the height that was told', () => {
    const there = told('23.5 4.0 18.5', '23.5 5.0 18.5');
    const went = { name: 'moveTo', args: { x: 23.5, y: 4, z: 18.5 }, result: { status: 'done' } };
    expect(next(there, went)).toMatchObject({ name: 'wait' });
    expect(next(there, went, ...Array(4).fill(wait))).toMatchObject({ name: 'wait' });
    expect(next(there, went, ...Array(5).fill(wait))).toMatchObject({ name: 'moveTo', y: 5 });
  });
});
