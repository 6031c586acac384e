/** What tells prompts apart. */
import { hashText } from '@kinovox/world';
import { imagesOf, type ModelMessage, type ModelRequest } from './model.js';

/** Hash of messages and tools, 16 hexadecimal digits; pictures stand in it by their own hashes. */
export function hashPrompt({ messages, tools }: Pick<ModelRequest, 'messages' | 'tools'>): string {
  return hashText(JSON.stringify([messages.map(withoutBytes), tools]));
}

function withoutBytes(message: ModelMessage): object {
  const images = imagesOf(message);
  return images.length === 0 ? message : { ...message, images: images.map(({ hash, width, height }) => ({ hash, width, height })) };
}
