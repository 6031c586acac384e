/** Text that stands in the scene, seen through walls: a sprite drawn once on a canvas. */
import * as THREE from 'three';

const FONT = '600 44px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';
const PADDING = 18;
const HEIGHT_PIXELS = 72;

export interface LabelOptions {
  /** Height in metres. */
  height: number;
  /** 0xRRGGBB of the bar on the left. */
  color: number;
}

export function createLabel(text: string, { height, color }: LabelOptions): THREE.Sprite {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d')!;
  context.font = FONT;
  canvas.width = Math.min(900, Math.ceil(context.measureText(text).width) + 2 * PADDING + 14);
  canvas.height = HEIGHT_PIXELS;
  context.font = FONT;
  context.fillStyle = 'rgba(16, 22, 32, 0.72)';
  context.beginPath();
  context.roundRect(0, 0, canvas.width, canvas.height, 16);
  context.fill();
  context.fillStyle = `#${color.toString(16).padStart(6, '0')}`;
  context.beginPath();
  context.roundRect(12, 16, 8, HEIGHT_PIXELS - 32, 4);
  context.fill();
  context.fillStyle = '#f2f6fb';
  context.textBaseline = 'middle';
  context.fillText(text, PADDING + 14, HEIGHT_PIXELS / 2 + 2, canvas.width - 2 * PADDING);
  const texture = new THREE.CanvasTexture(canvas);
  texture.colorSpace = THREE.SRGBColorSpace;
  const sprite = new THREE.Sprite(
    new THREE.SpriteMaterial({ map: texture, depthWrite: false, depthTest: false, transparent: true, fog: false, toneMapped: false }),
  );
  sprite.scale.set((height * canvas.width) / canvas.height, height, 1);
  // It stands on its position, so that it grows upward and not over what it names.
  sprite.center.set(0.5, 0);
  sprite.renderOrder = 5;
  return sprite;
}

export function disposeLabel(sprite: THREE.Sprite): void {
  sprite.removeFromParent();
  sprite.material.map?.dispose();
  sprite.material.dispose();
}
