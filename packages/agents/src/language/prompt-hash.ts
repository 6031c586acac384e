/** What tells prompts apart. */
import { hashText } from '@kinovox/world';
import type { ModelRequest } from './model.js';

/** Hash of messages and tools, 16 hexadecimal digits. */
export function hashPrompt({ messages, tools }: Pick<ModelRequest, 'messages' | 'tools'>): string {
  return hashText(JSON.stringify([messages, tools]));
}
