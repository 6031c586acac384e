/** What the server says about itself: `/metadata`, `/schema` and `/openapi.json`, derived from the schemas of the messages. */
import { z } from 'zod';
import { ActionSchema, ObservationSchema, ResetSchema, StateSchema, StepRequestSchema } from './messages.js';

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io });
  return rest;
}

/** JSON Schemas of an action, an observation and the state. */
export function renderSchemas(): { action: unknown; observation: unknown; state: unknown } {
  return {
    action: schemaOf(ActionSchema, 'input'),
    observation: schemaOf(ObservationSchema, 'output'),
    state: schemaOf(StateSchema, 'output'),
  };
}

export interface Metadata {
  name: string;
  description: string;
  version: string;
  documentation_url: string;
}

/** The contract in OpenAPI's terms. `info.version` is that of the contract, 1.x; validators read it. */
export function renderOpenApi({ name, description }: Metadata): Record<string, unknown> {
  const schemas = renderSchemas();
  const body = (schema: unknown) => ({ required: true, content: { 'application/json': { schema } } });
  const answer = (description: string, schema: unknown) => ({ description, content: { 'application/json': { schema } } });
  const stepData = {
    type: 'object',
    required: ['observation', 'reward', 'done'],
    properties: { observation: schemas.observation, reward: { type: ['number', 'null'] }, done: { type: 'boolean' } },
  };
  const invalid = { 422: answer('The request is not one of the contract.', { type: 'object', properties: { detail: { type: 'array' } } }) };
  const get = (summary: string, schema: unknown) => ({ get: { summary, responses: { 200: answer(summary, schema) } } });
  return {
    openapi: '3.1.0',
    info: { title: `OpenEnv environment ${name}`, version: '1.0.0', description },
    paths: {
      '/reset': {
        post: {
          summary: 'The first observation of an episode.',
          requestBody: body(schemaOf(ResetSchema, 'input')),
          responses: { 200: answer('Observation', stepData), ...invalid },
        },
      },
      '/step': {
        post: {
          summary: 'One step from the beginning of an episode; sessions of many steps go over the WebSocket /ws.',
          requestBody: body({ ...schemaOf(StepRequestSchema, 'input'), properties: { action: schemas.action } }),
          responses: { 200: answer('Observation', stepData), ...invalid },
        },
      },
      '/state': get('State of a fresh environment.', schemas.state),
      '/health': get('Whether the server runs.', { type: 'object', properties: { status: { type: 'string' } } }),
      '/metadata': get('Name and description.', { type: 'object' }),
      '/schema': get('JSON Schemas of actions, observations and state.', { type: 'object' }),
      '/mcp': {
        post: { summary: 'Tools over JSON-RPC 2.0.', requestBody: body({ type: 'object' }), responses: { 200: answer('Reply', {}) } },
      },
    },
  };
}
