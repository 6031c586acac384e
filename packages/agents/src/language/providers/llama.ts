/**
 * A GGUF file of the user's, run here by node-llama-cpp, which the user installs: it is large, and nobody else needs it.
 * Calls are constrained by a grammar of the tools' schemas. One call runs at a time; several agents wait for each other.
 */
import { UsageError } from '@kinovox/world';
import { type FinishReason, ModelError, type ModelProvider, type ModelReply, type ModelRequest, usageOf } from '../model.js';
import type { Profile } from '../profile.js';

const LIBRARY = 'node-llama-cpp';

/** The parts of node-llama-cpp 3 that are used. */
export interface LlamaLibrary {
  getLlama(options: object): Promise<{ loadModel(options: { modelPath: string }): Promise<LlamaModel> }>;
  LlamaChat: new (options: { contextSequence: unknown }) => LlamaChat;
}
interface LlamaModel {
  createContext(options: object): Promise<{ getSequence(): unknown }>;
  tokenize(text: string): readonly unknown[];
}
interface LlamaChat {
  generateResponse(
    history: readonly HistoryItem[],
    options: object,
  ): Promise<{
    response: string;
    functionCalls?: readonly { functionName: string; params: unknown }[] | undefined;
    metadata: { stopReason: string };
  }>;
}
type HistoryItem =
  | { type: 'system' | 'user'; text: string }
  | { type: 'model'; response: (string | { type: 'functionCall'; name: string; params: unknown; result: unknown })[] };

/** @param load of the library; tests give one of their own. @throws UsageError where it is not installed, or the file cannot be loaded. */
export async function createLlamaProvider(profile: Profile, load: () => Promise<LlamaLibrary> = loadLibrary): Promise<ModelProvider> {
  const library = await load();
  const { model, chat } = await open(library, profile);
  let last: Promise<unknown> = Promise.resolve();
  return {
    ask(request, signal) {
      const asked = last.then(() => answer(model, chat, request, signal));
      last = asked.catch(() => undefined);
      return asked;
    },
  };
}

async function loadLibrary(): Promise<LlamaLibrary> {
  try {
    // By a variable: bundlers and the compiler need not find what few install.
    return (await import(LIBRARY)) as LlamaLibrary;
  } catch (cause) {
    throw new UsageError(
      'no-llama',
      `The provider "llama" needs ${LIBRARY}, which is not installed here. Run "npm install ${LIBRARY}@3" in the project, or use the provider openai with a server of your own.`,
      { cause },
    );
  }
}

async function open(
  library: LlamaLibrary,
  { model: path, adapter, prompt, name }: Profile,
): Promise<{ model: LlamaModel; chat: LlamaChat }> {
  try {
    const llama = await library.getLlama({ build: 'never', skipDownload: true, logLevel: 'disabled' });
    const model = await llama.loadModel({ modelPath: path! });
    const context = await model.createContext({
      contextSize: { max: 2 * prompt.maxTokens },
      ...(adapter === undefined ? {} : { lora: { adapters: [{ filePath: adapter }] } }),
    });
    return { model, chat: new library.LlamaChat({ contextSequence: context.getSequence() }) };
  } catch (cause) {
    throw new UsageError(
      'llama-model',
      `The model of the profile "${name}" must be a GGUF file that ${LIBRARY} loads; got ${(cause as Error).message} for "${path}". Check the path and the memory.`,
      { cause },
    );
  }
}

async function answer(model: LlamaModel, chat: LlamaChat, request: ModelRequest, signal: AbortSignal): Promise<ModelReply> {
  const functions = Object.fromEntries(
    request.tools.map(({ name, description, parameters }) => [name, { description, params: parameters }]),
  );
  try {
    const { response, functionCalls, metadata } = await chat.generateResponse(historyOf(request), {
      functions,
      documentFunctionParams: true,
      maxParallelFunctionCalls: 1,
      maxTokens: request.maxTokens,
      temperature: request.temperature ?? 0,
      signal,
      stopOnAbortSignal: false,
    });
    const toolCalls = (functionCalls ?? []).map(({ functionName, params }) => ({
      name: functionName,
      arguments: JSON.stringify(params ?? {}),
    }));
    const written = toolCalls.reduce((text, call) => text + call.name + call.arguments, response);
    const told = {
      // The library writes tools into the prompt in words of its own, of about this length.
      promptTokens: model.tokenize([...request.messages.map(({ text }) => text), JSON.stringify(request.tools)].join('\n')).length,
      completionTokens: model.tokenize(written).length,
    };
    return {
      text: response,
      toolCalls,
      usage: usageOf(request, { text: response, toolCalls }, told),
      finishReason: FINISH[metadata.stopReason] ?? 'other',
    };
  } catch (error) {
    throw new ModelError('llama', `The model must answer; got "${(error as Error).message}".`);
  }
}

/** A model's turn holds its calls with their results. */
function historyOf({ messages }: ModelRequest): HistoryItem[] {
  const results = new Map(messages.flatMap((message) => (message.role === 'tool' ? [[message.callId, message.text] as const] : [])));
  const items: HistoryItem[] = messages.flatMap((message): HistoryItem[] => {
    if (message.role === 'tool') return [];
    if (message.role !== 'assistant') return [{ type: message.role, text: message.text }];
    const calls = message.toolCalls.map(({ id, name, arguments: text }) => ({
      type: 'functionCall' as const,
      name,
      params: JSON.parse(text) as unknown,
      result: results.get(id) ?? '',
    }));
    return [{ type: 'model', response: [message.text, ...calls] }];
  });
  // The library goes on from an empty turn of the model's.
  return [...items, { type: 'model', response: [] }];
}

const FINISH: Readonly<Record<string, FinishReason>> = {
  eogToken: 'stop',
  stopGenerationTrigger: 'stop',
  functionCalls: 'tool-calls',
  maxTokens: 'length',
};
