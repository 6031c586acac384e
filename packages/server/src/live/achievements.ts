/** What must be done for each achievement of a task, by the node that watchers are shown. */
import { achievementsOf } from '@kinovox/env';
import type { MonitorProgram } from '@kinovox/physics';
import { describeFormula, type ResolvedScenario } from '@kinovox/world';

export function achievementGoals(task: ResolvedScenario['task'], monitor: MonitorProgram): Map<number, string> {
  return new Map(achievementsOf(task).map(({ formula }, i) => [monitor.achievements[i], describeFormula(formula)]));
}
