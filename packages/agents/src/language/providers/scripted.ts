/** Rules through the same loop, without a network: what the loop costs and what a model must beat. */
import type { ModelProvider } from '../model.js';
import { askRules } from '../rules/rules-model.js';

export function createScriptedProvider(): ModelProvider {
  return { ask: (request) => Promise.resolve(askRules(request)) };
}
