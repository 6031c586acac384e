/** What a transcript tells first: who the agent is, with whom, and its task in words, as far as the scenario lets it know. */
import { describeFormula, type Split } from '@kinovox/world';
import type { CompiledScenario } from './compile-scenario.js';
import type { TextFrame } from './text-observation.js';

/** @param variant level that is played: its numbers are in the task, for those who may know them. */
export function createTextFrame(compiled: CompiledScenario, split: Split, variant: number, slot: number): TextFrame {
  const { program, scenario, base } = compiled;
  const { id, team, goals, can } = base.agents[slot];
  const { messages } = scenario;
  // From whom the goals are hidden is told the task as published, with the names of its parameters.
  const { task } = goals === 'hidden' ? scenario : compiled.resolve(split, variant);
  const formula = 'perTeam' in task ? (task.perTeam as Record<string, object | undefined>)[team] : task;
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
