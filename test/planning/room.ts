/** Small rooms as db-CBS writes them. */
import { type ContinuousProblem, loadProblem } from '@kinovox/planning';

/** @param robots,obstacles YAML; robots a line each. */
export const room = (robots: string, obstacles = '', max = '[4, 3]'): ContinuousProblem =>
  loadProblem(`environment:\n  min: [0, 0]\n  max: ${max}\n  obstacles: [${obstacles}]\nrobots:\n${robots}`, 'room.yaml', {
    readBeside: () => undefined,
  }) as ContinuousProblem;
