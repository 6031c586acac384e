/** Entry of the page. The host is the server that served it, or the one named by `?host=`; `?token=` or `#token=` gives control; `?quality=fixed` never gives up sharpness. */
import './style.css';
import { ViewerApp } from './viewer-app.js';
import type { ViewerState } from './viewer-state.js';

declare global {
  interface Window {
    readonly __kinovox: ViewerState;
  }
}

const query = new URLSearchParams(location.search);
const hash = new URLSearchParams(location.hash.slice(1));
const token = query.get('token') ?? hash.get('token') ?? undefined;
const app = new ViewerApp(
  document.querySelector<HTMLCanvasElement>('#stage')!,
  document.querySelector<HTMLElement>('#hud')!,
  query.get('host') ?? location.origin,
  token,
  query.get('quality') !== 'fixed',
);
Object.defineProperty(window, '__kinovox', { get: () => app.state });
