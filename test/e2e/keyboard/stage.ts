/**
 * What the flows by keyboard are walked on: one dashboard, one box, one browser, and two people at them. It keeps which
 * addresses were come to and which forms were sent, so that a flow that nobody walks is found out.
 */
import type { Browser, Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { alwaysOpenPolicy, type BoxProcess, prepareBox } from '../../support/box-process.ts';
import { launchBrowser } from '../../support/browser.ts';
import type { CodesApp } from '../../support/codes-app.ts';
import { manager } from '../../support/dashboard-client.ts';
import { type DashboardProcess, type DashboardReady, startDashboardProcess } from '../../support/dashboard-process.ts';
import { Keyboard } from '../../support/keyboard.ts';
import { startTestUpstream, type TestUpstream } from '../../support/test-upstream.ts';
import { pair } from '../../support/whole-setting.ts';

export const FACEBOOK = 'www.facebook.com';
export const OFFICE_PC = '127.0.0.1';
export const KITCHEN_TABLET = '127.0.0.41';
export const GUEST = '127.0.43.7';
/** The button of the page that says what a change would come to. */
export const SAVE = 'button[name=step][value=save]';
export const IN_FORCE = 'In force on the box since';

/** Where it is between twelve and one o'clock now: no flow comes to midnight, whenever it is walked. */
const hoursToNoon = 12 - new Date().getUTCHours();
export const TIME_ZONE = hoursToNoon < 0 ? `Etc/GMT+${-hoursToNoon}` : `Etc/GMT-${hoursToNoon}`;

/** There: "2026-11-22". */
export function dayOfSetting(days = 0): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: TIME_ZONE }).format(Date.now() + days * 24 * 3_600_000);
}

const policy = alwaysOpenPolicy({
  timeZone: TIME_ZONE,
  devices: [
    { id: 'office-pc', name: 'Office PC', group: 'setting', addresses: [OFFICE_PC], macs: [] },
    { id: 'kitchen-tablet', name: 'Kitchen tablet', group: 'setting', addresses: [KITCHEN_TABLET], macs: [] },
  ],
  networks: [
    { name: 'Nursery', range: '127.0.0.0/24', group: 'setting' },
    { name: 'Guests', range: '127.0.43.0/24', group: 'guest' },
  ],
});

/** A wide screen, and a phone. */
type Width = 820 | 390;

export class Stage {
  /** "POST /give", "GET /grants/3e5…": what browsers asked the dashboard for, in their order. */
  readonly asked: string[] = [];
  /** The same of the box's own site. */
  readonly askedOfBox: string[] = [];
  readonly url: string;
  readonly ready: DashboardReady;
  readonly box: BoxProcess;
  readonly #dashboard: DashboardProcess;
  readonly #upstream: TestUpstream;
  readonly #browser: Browser;
  /** The manager's, and that of a member of staff at the box's own site. */
  keys!: Keyboard;
  staff!: Keyboard;
  /** Of the manager's, as they are shown while the flows go on. */
  app!: CodesApp;
  recoveryCodes: readonly string[] = [];
  password = manager.password;
  /** With which another program reads what is stored. */
  key = '';
  apiBase = '';

  static async start(): Promise<Stage> {
    const [{ dashboard, ready }, upstream, browser] = await Promise.all([
      startDashboardProcess(),
      startTestUpstream(({ name, type }) => (type === 'A' ? [{ type: 'A', name, ttl: 60, data: '192.0.2.1' }] : [])),
      launchBrowser(),
    ]);
    const box = await prepareBox({ upstreams: [upstream.url], settings: { policy } });
    const stage = new Stage(dashboard, ready, upstream, browser, box);
    await pair(box, ready);
    await box.start();
    stage.keys = await stage.open(820);
    stage.staff = await stage.open(390);
    return stage;
  }

  private constructor(
    dashboard: DashboardProcess,
    ready: DashboardReady,
    upstream: TestUpstream,
    browser: Browser,
    box: BoxProcess,
  ) {
    this.#dashboard = dashboard;
    this.#upstream = upstream;
    this.#browser = browser;
    this.ready = ready;
    this.box = box;
    // Passkeys are bound to a name, which an address is not.
    this.url = ready.url.replace('127.0.0.1', 'localhost');
  }

  async remove(): Promise<void> {
    await this.#browser.close();
    await this.box.remove();
    await this.#dashboard.remove();
    await this.#upstream.close();
  }

  /** A browser of somebody's own, with a keyboard at it. */
  async open(width: Width): Promise<Keyboard> {
    const context = await this.#browser.newContext({
      viewport: { width, height: 900 },
      locale: 'en-GB',
      reducedMotion: 'reduce',
    });
    context.on('request', (request) => {
      const { host, pathname } = new URL(request.url());
      const asked = `${request.method()} ${pathname}`;
      (host === new URL(this.url).host ? this.asked : this.askedOfBox).push(asked);
    });
    return await Keyboard.at(await context.newPage());
  }

  get page(): Page {
    return this.keys.page;
  }

  /** An address that is typed, or that somebody was handed. */
  async goTo(address: string, keys = this.keys): Promise<void> {
    await keys.page.goto(new URL(address.replace('127.0.0.1', 'localhost'), this.url).href);
  }

  async goToBox(path: string): Promise<void> {
    await this.staff.page.goto(`http://127.0.0.1:${this.box.site.port}${path}`);
  }

  async main(keys = this.keys): Promise<string> {
    return (await keys.page.textContent('main')) ?? '';
  }

  async shows(words: string, keys = this.keys): Promise<void> {
    expect(await this.main(keys)).toContain(words);
  }

  /** By the navigation; behind “More”, which is unfolded first, if the page is there. */
  async goByMenu(path: string, keys = this.keys): Promise<void> {
    const isFolded = (await keys.page.locator(`nav .more a[href="${path}"]`).count()) > 0;
    if (isFolded) await keys.unfold('nav .more summary');
    await keys.follow(`nav a[href="${path}"]`);
  }

  /** What is stored, as another program is told. */
  async stored<Answer>(path: string): Promise<Answer> {
    const answer = await fetch(`${this.apiBase}${path}`, { headers: { authorization: `Bearer ${this.key}` } });
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Answer;
  }

  /** The newest entries of the record, as sentences. */
  async record(): Promise<string> {
    return JSON.stringify(await this.stored<unknown>('/record'));
  }

  /** What becomes of a question of that device, on the wire. */
  async reaches(from: string, rcode: 'NOERROR' | 'NXDOMAIN', name = FACEBOOK): Promise<void> {
    await vi.waitFor(async () => expect((await this.box.ask(name, { from })).rcode).toBe(rcode), {
      timeout: 10_000,
      interval: 20,
    });
  }

  /** The password once more, before what would let somebody in for good. */
  async givePassword(): Promise<void> {
    await this.keys.write('[name=ownPassword]', this.password);
    await this.keys.follow('main button.primary');
  }
}
