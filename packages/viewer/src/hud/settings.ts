/** Display settings, kept in the browser. */
import GUI from 'lil-gui';

export interface Settings {
  shadows: boolean;
  names: boolean;
  goals: boolean;
  /** Outlines of what collides, and lights where walkers push props. */
  colliders: boolean;
  /** What agents mean to do. */
  plans: boolean;
  /** What language agents decide, where there are any. */
  decisions: boolean;
  contacts: boolean;
  quietEvents: boolean;
  /** Pixels drawn per pixel of the screen; lowered by itself when drawing is slow. */
  sharpness: number;
}

const STORAGE_KEY = 'kinovox.display';
const DEFAULTS: Readonly<Settings> = Object.freeze({
  shadows: true,
  names: true,
  goals: true,
  colliders: false,
  plans: false,
  decisions: true,
  contacts: true,
  quietEvents: false,
  sharpness: 1,
});

export function loadSettings(): Settings {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}');
    const settings: Settings = { ...DEFAULTS };
    if (typeof stored !== 'object' || stored === null) return settings;
    for (const [name, value] of Object.entries(stored))
      if (name in DEFAULTS && typeof value === typeof DEFAULTS[name as keyof Settings]) Object.assign(settings, { [name]: value });
    return settings;
  } catch {
    return { ...DEFAULTS };
  }
}

/** A panel that changes `settings` in place and calls back; hidden at first. */
export function createSettingsPanel(container: HTMLElement, settings: Settings, onChange: () => void): GUI {
  const gui = new GUI({ container, title: 'Display', width: 232 });
  gui.add(settings, 'shadows').name('Shadows');
  gui.add(settings, 'names').name('Names');
  gui.add(settings, 'goals').name('Goals');
  gui.add(settings, 'contacts').name('Contacts');
  gui.add(settings, 'colliders').name('Colliders').listen();
  gui.add(settings, 'plans').name('Plans').listen();
  gui.add(settings, 'decisions').name('Decisions').listen();
  gui.add(settings, 'quietEvents').name('Every event');
  gui.add(settings, 'sharpness', 0.4, 1, 0.1).name('Sharpness');
  gui.onChange(() => {
    try {
      localStorage.setItem(STORAGE_KEY, JSON.stringify(settings));
    } catch {
      // A browser without storage forgets the settings; nothing else depends on them.
    }
    onChange();
  });
  gui.hide();
  return gui;
}
