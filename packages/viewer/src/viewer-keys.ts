/** The keys of the page: what each does, for the handler and for the panel that lists them. */
import type { KeyBinding } from './hud/keyboard-help.js';
import type { Transport } from './hud/transport.js';
import { CAMERA_MODES, type CameraMode } from './scene/cameras.js';

/** What keys do beside the transport. */
export interface KeyActions {
  camera(mode: CameraMode): void;
  nextAgent(step: 1 | -1): void;
  nextWorld(step: 1 | -1): void;
  frameWorld(): void;
  toggle(what: 'colliders' | 'plans' | 'decisions' | 'left' | 'right' | 'settings' | 'help'): void;
  speak(): void;
  /** Takes an agent, or lets it go. */
  play(): void;
}

export function createKeyBindings(transport: Transport, actions: KeyActions): KeyBinding[] {
  return [
    { keys: [' '], shown: 'space', does: 'Pause and play', run: () => transport.togglePlay() },
    { keys: ['.'], shown: '.', does: 'One tick on', run: () => transport.step(1) },
    { keys: [','], shown: ',', does: 'One tick back, in a recording', run: () => transport.step(-1) },
    { keys: ['+', '='], shown: '+', does: 'Faster', run: () => transport.faster(1) },
    { keys: ['-'], shown: '-', does: 'Slower', run: () => transport.faster(-1) },
    ...CAMERA_MODES.map((mode, i) => ({
      keys: [String(i + 1)],
      shown: String(i + 1),
      does: ['Orbit the world', 'Follow an agent', "See through an agent's eyes"][i],
      run: () => actions.camera(mode),
    })),
    { keys: ['['], shown: '[', does: 'Previous agent', run: () => actions.nextAgent(-1) },
    { keys: [']'], shown: ']', does: 'Next agent', run: () => actions.nextAgent(1) },
    { keys: ['pageup'], shown: 'PgUp', does: 'Previous world', run: () => actions.nextWorld(-1) },
    { keys: ['pagedown'], shown: 'PgDn', does: 'Next world', run: () => actions.nextWorld(1) },
    { keys: ['r'], shown: 'R', does: 'Frame the world', run: () => actions.frameWorld() },
    { keys: ['c'], shown: 'C', does: 'Outline what collides', run: () => actions.toggle('colliders') },
    { keys: ['p'], shown: 'P', does: 'What agents mean to do', run: () => actions.toggle('plans') },
    { keys: ['t'], shown: 'T', does: 'What language agents decide', run: () => actions.toggle('decisions') },
    { keys: ['m'], shown: 'M', does: 'Speak to language agents', run: () => actions.speak() },
    { keys: ['j'], shown: 'J', does: 'Play an agent that people play', run: () => actions.play() },
    { keys: ['w'], shown: 'W', does: 'Worlds', run: () => actions.toggle('left') },
    { keys: ['d'], shown: 'D', does: 'Task, reward and events', run: () => actions.toggle('right') },
    { keys: ['s'], shown: 'S', does: 'Display settings', run: () => actions.toggle('settings') },
    { keys: ['h', '?'], shown: 'H', does: 'These keys', run: () => actions.toggle('help') },
  ];
}
