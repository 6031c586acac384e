/**
 * The page as a whole: messages go into the model, the model feeds scene and HUD, and one loop draws.
 * Data flow: HostLink -> WorldModel -> FrameTimeline -> scene; panels are redrawn at most ten times a second.
 */
import { type DecisionNote, EVENT, type LevelMessage, type StreamPosition, type Welcome } from '@kinovox/world';
import { connectSocket, type HostLink, type LinkState } from './connection.js';
import { DecisionLog } from './decision-log.js';
import { BEST_QUALITY } from './frame-rate.js';
import { FrameTimeline } from './frame-timeline.js';
import { AgentStatus } from './hud/agent-status.js';
import { ChatLine } from './hud/chat-line.js';
import { DecisionPanel } from './hud/decision-panel.js';
import { element } from './hud/element.js';
import { EventFeed } from './hud/event-feed.js';
import { createKeyboardHelp, listenToKeys } from './hud/keyboard-help.js';
import { Messages } from './hud/messages.js';
import { PlanPanel } from './hud/plan-panel.js';
import { RewardChart } from './hud/reward-chart.js';
import { createSettingsPanel, loadSettings } from './hud/settings.js';
import { type PanelName, SidePanels } from './hud/side-panels.js';
import { TaskPanel } from './hud/task-panel.js';
import { TopBar } from './hud/top-bar.js';
import { Transport, type TransportActions } from './hud/transport.js';
import { WorldTiles } from './hud/world-tiles.js';
import { PlanWatch } from './plan-watch.js';
import { type CameraMode, Cameras } from './scene/cameras.js';
import { Painter } from './scene/painter.js';
import { drawsInSoftware } from './scene/software-drawing.js';
import { type Stage, tryCreateStage } from './scene/stage.js';
import { WorldScene } from './scene/world-scene.js';
import { Pilot } from './teleop/pilot.js';
import { createKeyBindings, type KeyActions } from './viewer-keys.js';
import type { ViewerState } from './viewer-state.js';
import { Viewpoint, viewport } from './viewpoint.js';
import { rememberWorld, worldOfAddress } from './watched-address.js';
import { type WorldEvent, WorldModel } from './world-model.js';

const PANEL_INTERVAL_MS = 100;
/** Progress of a part that is done. */
const DONE_Q14 = 16384;
/** What may move a camera or open something. */
const INPUTS = ['pointerdown', 'pointermove', 'wheel', 'keydown'] as const;
const NOBODY_LISTENS = 'Nobody here hears people: only language agents of a running world do. Play one with --policy llm:FILE.';
const NO_WEBGL =
  'This browser offers no WebGL 2, so there is no picture; the numbers still follow the world. Turn on hardware acceleration, or use a current Chrome, Edge, Firefox or Safari.';

export class ViewerApp {
  readonly #stage: Stage | undefined;
  readonly #link: HostLink;
  readonly #model: WorldModel;
  readonly #timeline = new FrameTimeline();
  readonly #settings = loadSettings();
  readonly #scene: WorldScene | undefined;
  readonly #cameras: Cameras | undefined;
  readonly #painter: Painter | undefined;
  readonly #topBar: TopBar;
  readonly #tiles: WorldTiles;
  readonly #task: TaskPanel;
  readonly #chart = new RewardChart();
  readonly #feed = new EventFeed();
  readonly #agentStatus = new AgentStatus();
  readonly #planPanel = new PlanPanel();
  readonly #decisionLog = new DecisionLog();
  readonly #decisions = new DecisionPanel(this.#decisionLog, { choose: (entry) => this.#showDecision(entry), speak: () => this.#speak() });
  readonly #chat = new ChatLine((words) => this.#link.chat({ ...words, world: this.#model.world }));
  readonly #plans: PlanWatch;
  readonly #pilot: Pilot;
  readonly #transport: Transport;
  readonly #messages = new Messages();
  readonly #panels: SidePanels;
  readonly #viewpoint: Viewpoint;
  #gui: ReturnType<typeof createSettingsPanel> | undefined;
  #welcome: Welcome | undefined;
  #linkState: LinkState = 'connecting';
  #framedSize = '';
  /** The newest moment shown of the watched world. */
  #lastShown: StreamPosition | undefined;
  #lastPanelMs = 0;
  #settingsOpen = false;

  /** @param adaptsQuality whether sharpness follows the frame rate. */
  constructor(canvas: HTMLCanvasElement, hud: HTMLElement, url: string, token: string | undefined, adaptsQuality: boolean) {
    const isSlow = adaptsQuality && drawsInSoftware();
    this.#stage = tryCreateStage(canvas, !isSlow);
    this.#model = this.#createModel();
    this.#tiles = new WorldTiles((world) => this.#watch(world));
    this.#task = new TaskPanel((slot) => this.#followAgent(slot));
    this.#transport = new Transport(this.#transportActions());
    this.#topBar = new TopBar({
      toggleWorlds: () => this.#togglePanel('left'),
      toggleDetails: () => this.#togglePanel('right'),
      toggleSettings: () => this.#toggleSettings(),
      toggleHelp: () => this.#togglePanel('help'),
    });
    const bindings = createKeyBindings(this.#transport, this.#keyActions());
    const right = [this.#task, this.#planPanel, this.#decisions, this.#chart, this.#feed].map(({ root }) => root);
    this.#panels = new SidePanels(this.#topBar, this.#transport.root, createKeyboardHelp(bindings), [this.#tiles.root], right);
    this.#pilot = new Pilot(canvas, {
      send: (message) => this.#link.teleop({ ...message, world: this.#model.world }),
      lookThrough: (slot) => this.#lookThrough(slot),
      notice: (sentence) => this.#messages.notice(sentence),
    });
    const settings = element('div', { class: 'settings' });
    hud.append(
      this.#topBar.root,
      this.#panels.left,
      this.#panels.right,
      this.#agentStatus.root,
      this.#pilot.bar.root,
      this.#pilot.bar.aim,
      this.#chat.root,
      this.#transport.root,
      this.#panels.help,
      settings,
      this.#messages.root,
    );
    listenToKeys(bindings);
    this.#gui = createSettingsPanel(settings, this.#settings, () => this.#applySettings());
    if (this.#stage !== undefined) {
      const scene = new WorldScene(this.#stage);
      this.#scene = scene;
      this.#cameras = new Cameras(this.#stage.camera, canvas);
      this.#cameras.isHidden = (x, y, z) => scene.isHidden(x, y, z);
      const onQuality = adaptsQuality ? () => this.#applySettings() : undefined;
      this.#painter = new Painter(this.#stage, scene, this.#cameras, { isSlow, onQuality });
      this.#transport.setCamera('orbit', 0);
    }
    this.#viewpoint = new Viewpoint(this.#cameras, {
      insets: () => this.#panels.insets,
      onChange: (mode, slot) => this.#showViewpoint(mode, slot),
    });
    this.#plans = new PlanWatch((wish) => this.#link.wantPlans(wish), this.#scene?.plans, this.#planPanel);
    this.#messages.cover(this.#stage === undefined ? NO_WEBGL : 'Waiting for the host…');
    this.#applySettings();
    this.#resize();
    window.addEventListener('resize', () => this.#resize());
    for (const kind of INPUTS) window.addEventListener(kind, () => this.#painter?.wake(), { capture: true, passive: true });
    this.#link = connectSocket(url, token, this.#hostListener());
    requestAnimationFrame((nowMs) => this.#draw(nowMs));
  }

  get state(): ViewerState {
    const model = this.#model;
    return {
      connected: this.#linkState === 'connected',
      tick: model.frame?.tick ?? -1,
      shownTick: this.#timeline.sample(performance.now())?.tick ?? -1,
      world: model.world,
      episode: model.level?.episode ?? -1,
      stream: model.level?.stream ?? -1,
      meshedChunks: this.#scene?.chunks.numMeshed ?? 0,
      settled: this.#scene?.chunks.settled ?? true,
      totalEdits: model.totalEdits,
      camera: this.#viewpoint.mode,
      numAgents: this.#welcome?.scenario.agents.length ?? 0,
      cameraPosition: this.#stage?.camera.position.toArray() ?? [],
      numMobs: this.#scene?.mobs.numShown ?? 0,
      numFlashes: this.#scene?.flashes.numShown ?? 0,
      colliders: this.#settings.colliders,
      plans: this.#shownPlans(),
      played: this.#pilot.slot ?? -1,
      dayShare: this.#scene?.dayShare ?? -1,
      drawCalls: this.#stage?.renderer.info.render.calls ?? 0,
      pictures: this.#stage?.renderer.info.render.frame ?? 0,
    };
  }

  #shownPlans(): ViewerState['plans'] {
    const data = this.#plans.shown;
    const drawn = this.#scene?.plans.counts;
    return data === undefined || drawn === undefined ? undefined : { data, drawn };
  }

  #createModel(): WorldModel {
    return new WorldModel({
      level: (level, changed) => this.#showLevel(level, changed),
      cells: (cells) => this.#scene?.markCells(cells),
      events: (events) => this.#takeEvents(events),
      frame: (frame) => {
        this.#timeline.push(frame, performance.now());
        this.#chart.push(frame);
        this.#lastShown = frame;
      },
      resync: (world) => void this.#link.resync(world),
    });
  }

  #hostListener(): Parameters<typeof connectSocket>[2] {
    const model = this.#model;
    const shows =
      <Message>(take: (message: Message) => void) =>
      (message: Message): void => {
        this.#painter?.wake();
        take(message);
      };
    return {
      state: (state, sentence) => this.#showLink(state, sentence),
      welcome: (welcome, recovered) => this.#begin(welcome, recovered),
      table: (table) => this.#tiles.setTable(table),
      level: shows((level) => void model.applyLevel(level)),
      frame: shows((frame) => void model.applyFrame(frame)),
      edits: shows((edits) => void model.applyEdits(edits)),
      events: shows((events) => void model.applyEvents(events)),
      status: (status) => {
        if (status.world !== model.world) return;
        this.#transport.setStatus(status);
        this.#pilot.setTaken(status.taken);
      },
      plans: shows((plans) => this.#plans.receive(plans)),
      decisions: (decisions) => void this.#decisionLog.receive(decisions, model.level),
      notice: (sentence) => this.#messages.notice(sentence),
      damaged: (error) => {
        this.#messages.notice(`A message could not be used: ${error.message}`);
        if (model.world >= 0 && !model.waiting) {
          model.watch(model.world);
          void this.#link.resync(model.world);
        }
      },
    };
  }

  #begin(welcome: Welcome, recovered: boolean): void {
    const known = this.#welcome;
    this.#welcome = welcome;
    this.#topBar.setWelcome(welcome);
    this.#transport.setWelcome(welcome);
    this.#tiles.setWorlds(welcome);
    this.#decisions.canSpeak = welcome.canControl && welcome.listeners.length > 0;
    this.#chat.setAgents(welcome.scenario, welcome.listeners);
    this.#pilot.setAgents(welcome.scenario, welcome.played, welcome.canControl);
    if (JSON.stringify([known?.scenario, known?.palette]) !== JSON.stringify([welcome.scenario, welcome.palette])) {
      this.#model.paletteSize = welcome.palette.length;
      this.#scene?.setScenario(welcome.scenario, welcome.palette);
      this.#agentStatus.setScenario(welcome.scenario);
      this.#planPanel.setScenario(welcome.scenario);
      this.#decisions.setScenario(welcome.scenario);
      this.#task.setScenario(welcome.scenario);
      this.#feed.setScenario(welcome.scenario);
      this.#chart.setTerms(welcome.scenario.rewardNames);
    }
    if (recovered && this.#model.level !== undefined && !this.#model.waiting) return;
    const wanted = this.#model.world >= 0 ? this.#model.world : worldOfAddress();
    this.#watch(Math.min(wanted, welcome.numWorlds - 1));
  }

  #watch(world: number): void {
    const isOther = world !== this.#model.world;
    if (isOther) this.#pilot.leave();
    this.#model.watch(world);
    this.#decisionLog.clear();
    this.#decisions.reset();
    this.#tiles.setWatched(world);
    if (isOther) {
      this.#timeline.reset();
      this.#feed.reset([]);
      this.#chart.reset();
      this.#transport.setStatus(undefined);
      rememberWorld(world);
      if (this.#stage !== undefined && this.#model.level === undefined)
        this.#messages.cover(this.#framedSize === '' ? 'Waiting for the first world…' : '');
    }
    void this.#link.watch(world).then((reply) => {
      if (!reply.ok) this.#messages.notice(reply.sentence);
    });
    // The host carries out wishes in their order, so this one need not wait for an answer.
    this.#plans.watch(world);
  }

  #showLevel(level: LevelMessage, changed: number[] | undefined): void {
    const { size } = level.info;
    this.#timeline.reset();
    this.#beginHistory(level);
    this.#scene?.setLevel(level, changed);
    if (this.#stage === undefined) return;
    this.#messages.cover('');
    if (this.#framedSize === size.join()) return;
    this.#framedSize = size.join();
    this.#stage.fit(size);
    this.#frameWorld();
  }

  /** Feed and chart go on while time does, over episodes and into a copy of the world; they begin anew where it jumps back. */
  #beginHistory(level: LevelMessage): void {
    const last = this.#lastShown;
    const goesOn =
      last !== undefined &&
      last.world === level.world &&
      (level.episode > last.episode || (level.episode === last.episode && level.tick >= last.tick));
    this.#lastShown = level;
    if (!goesOn) this.#feed.reset(this.#model.events);
    if (!goesOn || level.episode !== last.episode) {
      this.#feed.beginEpisode(level.episode);
      this.#chart.reset();
    }
  }

  #frameWorld(): void {
    if (this.#model.level !== undefined) this.#viewpoint.frame(this.#model.level);
  }

  #takeEvents(events: readonly WorldEvent[]): void {
    this.#feed.push(events);
    this.#scene?.flashes.take(events, performance.now());
    for (const { kind, data0, data1 } of events) {
      if (kind !== EVENT.progressed || data1 < DONE_Q14) continue;
      const part = this.#welcome?.scenario.nodes.find(({ node, goal }) => node === data0 && goal !== undefined);
      if (part !== undefined) this.#messages.toast(part.name, part.goal ?? '');
    }
  }

  #transportActions(): TransportActions {
    return {
      control: (command) => this.#control(command),
      camera: (mode) => this.#viewpoint.setMode(mode),
      agent: (slot) => this.#followAgent(slot),
      home: () => this.#frameWorld(),
    };
  }

  #control(command: Parameters<TransportActions['control']>[0]): void {
    if (this.#welcome?.canControl !== true) {
      this.#messages.notice('Watching only. To pause, step or seek, open the address with the token that the host printed.');
      return;
    }
    void this.#link.control({ ...command, world: this.#model.world }).then((reply) => {
      if (!reply.ok) this.#messages.notice(reply.sentence);
    });
  }

  #keyActions(): KeyActions {
    return {
      camera: (mode) => this.#viewpoint.setMode(mode),
      nextAgent: (step) => this.#nextAgent(step),
      nextWorld: (step) => this.#nextWorld(step),
      frameWorld: () => this.#frameWorld(),
      toggle: (what) => this.#toggle(what),
      speak: () => this.#speak(),
      play: () => this.#pilot.toggle(this.#viewpoint.slot),
    };
  }

  #showViewpoint(mode: CameraMode, slot: number): void {
    this.#scene!.figures.hiddenSlot = mode === 'first-person' ? slot : -1;
    this.#transport.setCamera(mode, slot);
    this.#plans.follow(slot);
    this.#task.setFollowed(mode === 'orbit' ? -1 : slot);
  }

  #followAgent(slot: number): void {
    if (this.#pilot.slot !== slot) this.#pilot.leave();
    this.#viewpoint.follow(slot);
  }

  /** Through the eyes of a walker; a vehicle is looked at from behind, since its own picture turns and tilts with it. */
  #lookThrough(slot: number): void {
    this.#viewpoint.see(slot, this.#welcome?.scenario.agents[slot]?.vehicle === undefined ? 'first-person' : 'follow');
  }

  #nextAgent(step: number): void {
    const n = this.#welcome?.scenario.agents.length ?? 0;
    if (n > 0) this.#followAgent((this.#viewpoint.slot + step + n) % n);
  }

  #nextWorld(step: number): void {
    const n = this.#welcome?.numWorlds ?? 0;
    if (n > 0) this.#watch((this.#model.world + step + n) % n);
  }

  #togglePanel(name: PanelName): void {
    this.#panels.toggle(name);
    this.#tiles.draw();
    this.#viewpoint.fit();
  }

  #toggle(what: Parameters<KeyActions['toggle']>[0]): void {
    if (what === 'settings') this.#toggleSettings();
    else if (what === 'left' || what === 'right' || what === 'help') this.#togglePanel(what);
    else {
      this.#settings[what] = !this.#settings[what];
      this.#applySettings();
    }
  }

  /** Opens the line in which a person writes, where somebody can hear it. */
  #speak(): void {
    if (this.#welcome?.canControl !== true)
      this.#messages.notice('Watching only. To speak to agents, open the address with the token that the host printed.');
    else if (this.#welcome.listeners.length === 0) this.#messages.notice(NOBODY_LISTENS);
    else this.#chat.open();
  }

  /** Follows the agent, and goes to the moment at which it decided where time can be moved. */
  #showDecision({ slot, frame }: DecisionNote): void {
    this.#followAgent(slot);
    if (frame !== undefined) this.#control({ command: 'seek', value: frame });
  }

  #toggleSettings(): void {
    this.#settingsOpen = !this.#settingsOpen;
    this.#gui?.show(this.#settingsOpen);
  }

  #showLink(state: LinkState, sentence: string): void {
    this.#linkState = state;
    this.#topBar.setState(state);
    this.#messages.banner(this.#welcome === undefined && this.#stage !== undefined ? '' : sentence);
    if (this.#welcome === undefined && this.#stage !== undefined)
      this.#messages.cover(sentence === '' ? 'Waiting for the first world…' : sentence);
  }

  #applySettings(): void {
    this.#painter?.wake();
    const { quality = BEST_QUALITY } = this.#painter ?? {};
    if (this.#scene !== undefined) {
      this.#scene.figures.showNames = this.#settings.names;
      this.#scene.goals.group.visible = this.#settings.goals;
      this.#scene.colliders.group.visible = this.#settings.colliders;
      this.#scene.plans.group.visible = this.#settings.plans;
      this.#scene.flashes.group.visible = this.#settings.contacts;
    }
    this.#decisions.isOn = this.#settings.decisions;
    this.#plans.setOn(this.#settings.plans);
    this.#feed.showQuiet = this.#settings.quietEvents;
    document.documentElement.classList.toggle('plain', quality.scale < 1);
    this.#stage?.setShadows(this.#settings.shadows && quality.shadows);
    this.#stage?.renderer.setPixelRatio(Math.min(window.devicePixelRatio, 2) * this.#settings.sharpness * quality.scale);
  }

  #resize(): void {
    this.#painter?.wake();
    const [width, height] = viewport();
    if (this.#stage !== undefined) {
      this.#stage.renderer.setSize(width, height, false);
      this.#stage.camera.aspect = width / height;
      this.#stage.camera.updateProjectionMatrix();
      this.#viewpoint.fit();
    }
    this.#tiles.draw();
  }

  #draw(nowMs: number): void {
    requestAnimationFrame((next) => this.#draw(next));
    const sample = this.#timeline.sample(performance.now());
    this.#painter?.draw(sample, nowMs);
    if (nowMs - this.#lastPanelMs < PANEL_INTERVAL_MS) return;
    this.#lastPanelMs = nowMs;
    this.#drawPanels(sample?.tick);
  }

  #drawPanels(tick: number | undefined): void {
    const { frame } = this.#model;
    this.#plans.draw(this.#model.level, frame);
    const moment = frame ?? this.#model.level;
    const isOther = this.#decisions.draw(
      moment === undefined ? { episode: 0, tick: 0 } : { episode: moment.episode, tick: tick ?? moment.tick },
    );
    // The column is wider with it.
    if (isOther) this.#viewpoint.fit();
    if (frame !== undefined) {
      this.#task.draw(frame);
      this.#agentStatus.draw(frame, this.#viewpoint.slot);
      this.#transport.setTick(frame.episode, tick ?? frame.tick, this.#welcome?.scenario.maxTicks ?? 0);
    }
    this.#feed.draw();
    this.#chart.draw();
  }
}
