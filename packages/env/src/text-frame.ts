/** What a transcript tells first: who the agent is, with whom, and its task in words, as far as the scenario lets it know. */
import { describeFormula, knownParameters, type Scenario, type Split, substituteKnown, teamTask } from '@kinovox/world';
import type { CompiledScenario } from './compile-scenario.js';
import type { TextFrame } from './text-observation.js';

/** @param variant level that is played: its numbers are in the task, for those who may know them. */
export function createTextFrame(compiled: CompiledScenario, split: Split, variant: number, slot: number): TextFrame {
  const { program, scenario, base } = compiled;
  const { id, team, goals, can } = base.agents[slot];
  const { messages } = scenario;
  // Parameters that the agent does not know stand in its task by their names.
  const published = teamTask(scenario, team);
  const known = () => substituteKnown(published, knownParameters(scenario, { goals, team }, compiled.parametersOf(split, variant)));
  const formula = goals === 'visible' ? teamTask(compiled.resolve(split, variant) as Pick<Scenario, 'task'>, team) : published && known();
  return {
    agentId: id,
    team,
    title: scenario.title,
    goal: formula === undefined ? 'none of your own' : describeFormula(formula),
    agentIds: base.agents.map((agent) => agent.id),
    mechanismNames: program.mechanisms.names,
    mobKinds: program.survival?.mobs?.kindNames ?? [],
    propIds: program.props.ids,
    symbols: messages.enabled ? messages.symbols : [],
    maySpeak: messages.enabled && can.message,
  };
}
