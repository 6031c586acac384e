/** Who is shown a part of the task knows the parameters that stand in it, and no others. */
import { readFileSync } from 'node:fs';
import { knownParameters, loadScenarioText, type ScenarioError } from '@kinovox/world';
import { describe, expect, it } from 'vitest';

const file = 'scenarios/agree-place-v1.scenario.json';
const scenario = loadScenarioText(readFileSync(file, 'utf8'), file);
const drawn = { column: 1, row: 4 };
const known = (goals: 'visible' | 'hidden' | string[]) => knownParameters(scenario, { goals, team: 'pair' }, drawn);

describe('known parameters', () => {
  it('are those of the parts that are shown', () => {
    expect(known(['the row of ada'])).toEqual({ row: 4 });
    expect(known(['the column of ben'])).toEqual({ column: 1 });
    expect(known(['the row of ada', 'the column of ben'])).toEqual(drawn);
  });

  it('are all where the whole task is shown, also those inside a shown part, and none where it is hidden', () => {
    expect(known('visible')).toEqual(drawn);
    expect(known(['no other pad'])).toEqual(drawn);
    expect(known('hidden')).toEqual({});
  });
});

describe('goals by name', () => {
  it('must name parts of the task, and say which was meant', () => {
    const text = JSON.stringify({
      ...JSON.parse(readFileSync(file, 'utf8')),
      agents: JSON.parse(readFileSync(file, 'utf8')).agents.map((agent: object) => ({ ...agent, goals: ['the row of ad'] })),
    });
    const error = (() => {
      try {
        loadScenarioText(text, 'here');
      } catch (caught) {
        return caught as ScenarioError;
      }
    })();
    expect(error?.message).toContain("agents[0].goals[0] must be the name of a part of the team's task");
    expect(error?.message).toContain('Did you mean "the row of ada"?');
  });
});
