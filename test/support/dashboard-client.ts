/** The manager's browser without a browser: forms and pages of a real dashboard over http, with a session's cookie. */
import { get } from 'node:http';
import { CodesApp } from './codes-app.ts';
import type { DashboardReady } from './dashboard-process.ts';

export const manager = {
  name: 'Tracey Field',
  email: 'tracey@nursery.example',
  password: 'three words remembered',
  settingName: 'Halstead Nursery',
};

export class DashboardClient {
  readonly url: string;
  #cookie = '';
  /** Of which setting a form is, once somebody is signed in. */
  #setting = '';

  constructor(url: string) {
    this.url = url;
  }

  /** Makes the first user by the set-up link, who sets up the app and so is signed in. */
  static async setUp({ url, setupLink }: DashboardReady): Promise<DashboardClient> {
    const client = new DashboardClient(url);
    if (setupLink === null) throw new Error('the dashboard has been set up already');
    const response = await client.post(setupLink, manager);
    if (response.status !== 303) throw new Error(`the set-up link answered ${response.status}`);
    const app = CodesApp.ofPage(await client.page('account/second-factor'));
    const protectedNow = await client.post('account/second-factor', { code: await app.nextCode() });
    if (protectedNow.status !== 200) throw new Error(`setting up the app was answered ${protectedNow.status}`);
    client.#setting = /name="setting" value="([^"]+)"/.exec(await client.page(''))?.[1] ?? '';
    return client;
  }

  async post(path: string, fields: Readonly<Record<string, string>>): Promise<Response> {
    const response = await fetch(new URL(path, this.url), {
      method: 'POST',
      body: new URLSearchParams({ setting: this.#setting, ...fields }),
      headers: { origin: new URL(this.url).origin, cookie: this.#cookie },
      redirect: 'manual',
    });
    const cookies = response.headers.getSetCookie();
    if (cookies.length > 0) this.#cookie = cookies.map((cookie) => cookie.split(';')[0]).join('; ');
    return response;
  }

  async page(path: string): Promise<string> {
    const response = await fetch(new URL(path, this.url), { headers: { cookie: this.#cookie }, redirect: 'manual' });
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
    return response.text();
  }

  /** What an answer takes on the wire, headers left out, as a browser asks for it. */
  wireBytes(path: string): Promise<number> {
    const headers = { cookie: this.#cookie, 'accept-encoding': 'gzip, deflate, br' };
    return new Promise((resolve, reject) => {
      const request = get(new URL(path, this.url), { headers }, (response) => {
        let bytes = 0;
        response.on('data', (octets: Buffer) => {
          bytes += octets.length;
        });
        response.once('end', () =>
          response.statusCode === 200 ? resolve(bytes) : reject(new Error(`${path} answered ${response.statusCode}`)),
        );
      });
      request.once('error', reject);
    });
  }

  /** Gives permission as the form does; returns the path of the grant's own page. */
  async give(fields: Readonly<Record<string, string>>): Promise<string> {
    const response = await this.post('give', {
      until: '60',
      untilTime: '',
      reason: 'setting-page',
      reasonText: '',
      purpose: 'official',
      mode: 'written',
      forWhom: 'me',
      askedBy: '',
      request: '',
      ...fields,
    });
    const location = response.headers.get('location');
    if (response.status !== 303 || location === null) {
      throw new Error(`giving permission was answered ${response.status}: ${await response.text()}`);
    }
    return location;
  }
}
