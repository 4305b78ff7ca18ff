import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLocalSite, hostOf, type LocalSite } from '../../../filter-agent/control/local-site.ts';
import { Verdict } from '../../../policy-rules/verdict-codes.ts';
import { freePort } from '../../support/free-port.ts';
import { createPaperBox, PAPER_CLOSING_MS, PAPER_NOW_MS, type PaperBox } from '../../support/paper-box.ts';

let box: PaperBox;
let site: LocalSite;
let port: number;
let errors: unknown[];

beforeEach(async () => {
  box = createPaperBox();
  errors = [];
  site = createLocalSite(box, { name: 'stairgate.home.arpa', port: 80, onError: (error) => errors.push(error) });
  port = (await site.listen([{ address: '127.0.0.1', port: 0 }]))[0]!.port;
});
afterEach(() => site.close());

interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** node:http rather than fetch, so that a test may send any Host, Origin and body. */
function send(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options;
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      path,
      method,
      headers: { Host: 'stairgate.home.arpa', ...headers },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    request.end(body);
  });
}

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };
const good = { what: 'service:facebook', minutes: '30', reason: 'Photos of the outing', askedBy: 'Sam' };

async function tokenOf(): Promise<string> {
  return /name="token" value="([^"]+)"/.exec((await send('/ask')).text)?.[1] ?? '';
}

async function ask(fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Reply> {
  const body = new URLSearchParams({ token: await tokenOf(), ...fields }).toString();
  return send('/ask', { method: 'POST', headers: { ...FORM, ...headers }, body });
}

/** What a reader sees, without markup. */
function words(reply: Reply): string {
  return reply.text
    .replace(/<(style|title)[^>]*>.*?<\/\1>/gs, ' ')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');
}

describe('every answer', () => {
  it.each([
    '/',
    '/why?name=facebook.com',
    '/ask',
    '/notice',
    '/recorded',
    '/poster',
    '/style.css',
    '/healthz',
    '/metrics',
    '/nothing',
  ])('%s runs no script, stays in no cache and goes to no other site', async (path) => {
    const { headers, text } = await send(path);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'self'; form-action 'self';/);
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['set-cookie']).toBeUndefined();
    expect(text).not.toMatch(/<script|style=|javascript:|\son[a-z]+=/i);
  });

  it('of every route there is, and of every refusal, carries the whole policy', async () => {
    expect(site.routes.length).toBeGreaterThan(9);
    const asked = [
      ...site.routes.map(({ method, path }) => ({
        method: method === 'ALL' ? 'PATCH' : method,
        path: path.replaceAll('*', '/nothing').replaceAll(/:\w+/g, 'x'),
        host: 'stairgate.home.arpa',
      })),
      { method: 'GET', path: '/', host: 'evil.example' },
      { method: 'GET', path: '//evil.example/%0d%0aX:y', host: 'stairgate.home.arpa' },
      { method: 'GET', path: '/ask/%E0%A4%A', host: 'stairgate.home.arpa' },
      { method: 'TRACE', path: '/', host: 'stairgate.home.arpa' },
    ];
    for (const { method, path, host } of asked) {
      const { headers } = await send(path, { method, headers: { Host: host } });
      expect({ method, path, policy: headers['content-security-policy'] }).toEqual({
        method,
        path,
        policy: "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      });
      expect([headers['x-content-type-options'], headers['x-frame-options']]).toEqual(['nosniff', 'DENY']);
      expect(headers.x).toBeUndefined();
    }
  });

  it('is without a body for HEAD, and 405 for what is not taken', async () => {
    const head = await send('/', { method: 'HEAD' });
    expect([head.status, head.text, head.headers['content-type']]).toEqual([200, '', 'text/html; charset=utf-8']);
    const put = await send('/ask', { method: 'PUT' });
    expect([put.status, put.headers.allow]).toEqual([405, 'GET, HEAD, POST']);
    expect((await send('/notice', { method: 'PUT' })).headers.allow).toBe('GET, HEAD, POST');
    expect((await send('/recorded', { method: 'POST', headers: FORM, body: '' })).headers.allow).toBe('GET, HEAD');
    expect((await send('/nothing')).status).toBe(404);
  });

  it.each([
    'evil.example',
    'evil.example:80',
    'stairgate.home.arpa.evil.example',
    '192.0.2.77',
    '[2001:db8::77]',
    'xstairgate.home.arpa',
  ])('is refused under the foreign name %s (DNS rebinding)', async (host) => {
    const reply = await send('/', { headers: { Host: host } });
    expect([reply.status, reply.text]).toEqual([421, 'This box is at http://stairgate.home.arpa\n']);
  });

  it('is given under its own name, localhost and the addresses of this machine', async () => {
    const own = Object.values(networkInterfaces()).flatMap((infos) => infos ?? []);
    const hosts = own.map(({ family, address }) => (family === 'IPv6' ? `[${address}]:8053` : address));
    for (const host of [
      'stairgate.home.arpa',
      'STAIRGATE.home.arpa.',
      'localhost:8053',
      '127.0.0.1',
      '[::1]',
      ...hosts,
    ]) {
      expect([host, (await send('/notice', { headers: { Host: host } })).status]).toEqual([host, 200]);
    }
  });

  it('says no more than that it failed when the box fails', async () => {
    box.describeClient = () => {
      throw new Error('secret of 192.168.1.20');
    };
    const reply = await send('/');
    expect([reply.status, reply.text]).toEqual([500, 'The box could not make this page. Please try again.\n']);
    expect(errors).toHaveLength(1);
  });
});

describe('the first page', () => {
  it('names the device, its group and hours, and says that the internet is not broken', async () => {
    const text = words(await send('/'));
    expect(text).toContain('Toddler room tablet');
    expect(text).toContain('group “Setting devices”');
    expect(text).toContain('The internet is not broken.');
    expect(text).toContain('Little Acorns Nursery is open until 18:00');
    expect(text).toContain('No permission is in force');
    expect(text).toContain('Social networking Differs by service Blocked until 18:00: Facebook , Instagram , X');
    expect(text).toContain('Blocked at all hours: LinkedIn');
    expect(text).toContain('Video sharing Blocked until 18:00 YouTube , TikTok');
    expect(text).toContain('Clause 7.1.6 Personal social media in setting hours needs the Manager’s prior permission.');
    expect(text).toContain('Wikis Not restricted Wikipedia');
  });

  it('shows permission in force', async () => {
    box.client.grants = [{ what: 'YouTube', untilMs: PAPER_NOW_MS + 1_800_000, purpose: 'official' }];
    expect(words(await send('/'))).toContain('YouTube until 11:00, for the setting’s own channel');
  });

  it('does not say that the internet works while no upstream answers', async () => {
    box.condition = {
      ...box.condition,
      upstreams: [{ name: 'upstream 1', healthy: false, filters: null, doesNot: null }],
    };
    const text = words(await send('/'));
    expect(text).toContain('The box cannot reach the internet at the moment.');
    expect(text).not.toContain('The internet is not broken');
  });

  it('explains a clock that is not trusted, a break and a closed day', async () => {
    box.client.hours = { state: 'open', untilMs: null, clockTrusted: false };
    expect(words(await send('/'))).toContain('not sure of the time yet');
    box.client.hours = { state: 'break', untilMs: PAPER_NOW_MS + 600_000, clockTrusted: true };
    expect(words(await send('/'))).toContain('is on a break until 10:40');
    box.client.hours = { state: 'closed', untilMs: null, clockTrusted: true };
    expect(words(await send('/'))).toContain('is closed .');
  });

  it.each([
    ['personal', 'named', 'Nothing is recorded about it, in any form.'],
    ['guest', 'unnamed', 'Nothing is recorded about it, in any form.'],
    ['setting', 'unnamed', 'counted only together with that of all other unnamed devices'],
  ] as const)('says to a %s device that is %s: %s', async (kind, standing, expected) => {
    box.client = { ...box.client, standing, deviceName: null, group: { id: 'g', name: 'Group', kind } };
    expect(words(await send('/'))).toContain(expected);
  });

  it('tells a device its own addresses, which whoever names it types, and says of one that it made up that it may change', async () => {
    expect(words(await send('/'))).toContain('Address on the network 192.168.1.20 MAC address dc:a6:32:01:02:03');
    expect(words(await send('/'))).not.toContain('may change');
    box.client = { ...box.client, mac: '5a:a6:32:01:02:03' };
    expect(words(await send('/'))).toContain('one that the device made up for this network, and may change');
    box.client = { ...box.client, mac: null };
    expect(words(await send('/'))).toContain('MAC address Not known to the box. It is on the sticker of the device');
  });

  it('says to a device outside the networks why nothing works, and nothing of the rules', async () => {
    box.client = { ...box.client, standing: 'outside', deviceName: null, group: null };
    const text = words(await send('/'));
    expect(text).toContain('in none of Little Acorns Nursery’s networks');
    expect(text).not.toContain('Blocked until');
    expect(words(await send('/why?name=facebook.com'))).not.toContain('Blocked');
  });
});

describe('hostOf', () => {
  it.each([
    ['facebook.com', 'facebook.com'],
    [' WWW.Facebook.COM. ', 'www.facebook.com'],
    ['https://m.facebook.com/groups/1?x=secret#y', 'm.facebook.com'],
    ['http://user:pass@facebook.com:8080/', 'facebook.com'],
    ['//facebook.com/x', 'facebook.com'],
    ['facebook.com/profile', 'facebook.com'],
    ['ftp://files.example.org', 'files.example.org'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['_dmarc.example.org', '_dmarc.example.org'],
    ['facebook', 'facebook'],
  ])('reads the host of %j', (typed, host) => {
    expect(hostOf(typed)).toBe(host);
  });

  it.each([
    '',
    '   ',
    'the app',
    '192.168.1.1',
    '0x7f.1',
    'http://[::1]/',
    'a..b',
    `${'a'.repeat(64)}.com`,
    'http://',
    '<script>',
    'x'.repeat(2_001),
  ])('reads none in %j', (typed) => {
    expect(hostOf(typed)).toBeNull();
  });
});

describe('why', () => {
  it('asks the box for the host of a pasted address, and shows nothing else of it', async () => {
    const reply = await send(`/why?name=${encodeURIComponent('https://m.facebook.com/groups/99?token=geheim')}`);
    expect(box.asked).toEqual(['m.facebook.com']);
    expect(reply.text).not.toMatch(/geheim|groups/);
    const text = words(reply);
    expect(text).toContain('Blocked m.facebook.com');
    expect(text).toContain(
      'Facebook is blocked on this device during opening hours, until 18:00. The manager can give permission.',
    );
    expect(text).toContain('Clause 7.1.6');
    expect(text).toContain('Decided by “Facebook”, rule ||facebook.com^');
    expect(reply.text).toContain('href="/ask?service=facebook"');
  });

  it('says of an open name that no rule of the box is the reason', async () => {
    box.explanation = {
      verdict: Verdict.ALLOW_NO_RULE,
      source: null,
      serviceId: null,
      rule: null,
      clauses: [],
      untilMs: null,
      canAsk: false,
    };
    const text = words(await send('/why?name=example.org'));
    expect(text).toContain('Open example.org');
    expect(text).toContain('a rule of this box is not the reason');
  });

  it('says of a name that is shown with safe search that results are missing on purpose', async () => {
    const open = { source: null, serviceId: null, rule: null, clauses: [], untilMs: null, canAsk: false };
    box.explanation = { ...open, verdict: Verdict.ALLOW_NO_RULE, safeSearch: true };
    const text = words(await send('/why?name=www.google.co.uk'));
    expect(text).toContain(
      'This address is open, and shown on this device with safe search. Explicit results are left out',
    );
    expect(text).not.toContain('a rule of this box is not the reason');
  });

  it('offers no permission for a name on a protected list', async () => {
    box.explanation = {
      verdict: Verdict.BLOCK_PROTECTED,
      source: 'Malware',
      serviceId: null,
      rule: '||bad.example^',
      clauses: ['7.1.5'],
      untilMs: null,
      canAsk: false,
    };
    const reply = await send('/why?name=bad.example');
    expect(words(reply)).toContain('it is on the list “Malware”. No permission can open it.');
    expect(reply.text).not.toContain('class="button primary"');
  });

  it.each([
    ['/why?service=linkedin', 'LinkedIn is blocked on this device at all hours'],
    ['/why?name=facebook', 'Facebook is blocked on this device during opening hours'],
    ['/why?name=x', 'X (formerly Twitter) is blocked'],
    ['/why?name=Twitter', 'X (formerly Twitter) is blocked'],
    ['/why?name=in', 'That could be one of these:'],
    ['/why?name=', 'Nothing was typed'],
    ['/why', 'Nothing was typed'],
    ['/why?name=192.168.1.1', 'That is a numbered address.'],
    ['/why?name=no+such+thing', 'neither a site such as facebook.com'],
    ['/why?service=none', 'knows no such service'],
  ])('answers %s with “%s”', async (path, expected) => {
    expect(words(await send(path))).toContain(expected);
  });
});

describe('asking', () => {
  it('hands the request to the box and leads to a page that shows its state', async () => {
    const sent = await ask(good);
    expect(sent.status).toBe(303);
    expect(box.submitted).toEqual([
      {
        address: '127.0.0.1',
        form: { askedBy: 'Sam', scope: { service: 'facebook' }, minutes: 30, reason: 'Photos of the outing' },
      },
    ]);
    const path = String(sent.headers.location);
    const waiting = await send(path);
    expect(waiting.headers.refresh).toBe('5');
    expect(words(waiting)).toContain('The manager has your request.');
    const still = await send(`${path}?renew=no`);
    expect(still.headers.refresh).toBeUndefined();
    // Whoever has stopped it looks again by hand, and it stays as it is (WCAG 2.2.2).
    expect(still.text).toMatch(/<a class="button" href="\?renew=no">Look again</);

    const id = path.split('/').at(-1)!;
    const request = box.requests.get(id)!;
    box.requests.set(id, { ...request, state: 'granted', untilMs: PAPER_CLOSING_MS });
    const granted = await send(path);
    expect(words(granted)).toContain('You have permission until 18:00.');
    expect(granted.headers.refresh).toBeUndefined();
    expect(words(granted)).not.toContain('The manager says');
    box.requests.set(id, { ...request, state: 'granted', untilMs: PAPER_CLOSING_MS, reason: 'Just this <once>' });
    expect((await send(path)).text).toContain('The manager says: “Just this &lt;once&gt;”');
    box.requests.set(id, { ...request, state: 'refused', reason: 'Not <b>now</b>' });
    expect((await send(path)).text).toContain('The manager says: “Not &lt;b&gt;now&lt;/b&gt;”');
    box.requests.set(id, { ...request, state: 'lapsed' });
    expect(words(await send(path))).toContain('Nobody answered in time');
    expect((await send('/ask/unknown')).status).toBe(404);
  });

  it('offers the first names of staff where the box tells them, and takes another one in writing', async () => {
    expect((await send('/ask')).text).not.toContain('name="who"');
    box.client = { ...box.client, firstNames: ['Aisha', 'Zoë <b>'] };
    const form = await send('/ask');
    expect(form.text).toContain('<option value="Zoë &lt;b&gt;">Zoë &lt;b&gt;</option>');
    const askers = async (fields: Partial<Record<'who' | 'askedBy', string>>) => {
      const response = await ask({ ...good, who: '', askedBy: '', ...fields });
      return [response.status, box.submitted.at(-1)?.form.askedBy];
    };
    expect(await askers({ who: 'Aisha' })).toEqual([303, 'Aisha']);
    expect(await askers({ who: 'Zoë <b>', askedBy: 'Sam' })).toEqual([303, 'Zoë <b>']);
    expect(await askers({ askedBy: 'Sam' })).toEqual([303, 'Sam']);
    // Taken off the list while the page was open, and nothing written.
    expect(await askers({ who: 'Jo' })).toEqual([422, 'Sam']);
  });

  it.each([
    ['all', { allSocial: true }],
    ['category:video', { category: 'video' }],
  ])('takes %s as what is asked for', async (what, scope) => {
    expect((await ask({ ...good, what })).status).toBe(303);
    expect(box.submitted[0]!.form.scope).toEqual(scope);
  });

  it.each([
    [{ what: 'service:nothing' }, 'Choose what you need.'],
    [{ what: '' }, 'Choose what you need.'],
    [{ minutes: '0' }, 'Choose for how long, at most a day.'],
    [{ minutes: '1441' }, 'Choose for how long, at most a day.'],
    [{ minutes: '1e3' }, 'Choose for how long, at most a day.'],
    [{ reason: ' \u202e\u0007 ' }, 'Say in a few words what it is for.'],
    [{ reason: 'x'.repeat(301) }, 'The reason has 301 characters; expected at most 300.'],
    [{ askedBy: '' }, 'Give your name, so that the manager knows who asks.'],
    [{ askedBy: 'x'.repeat(81) }, 'The name has 81 characters; expected at most 80.'],
  ])('sends a form with %j back filled in, with “%s”', async (wrong, expected) => {
    const reply = await ask({ ...good, ...wrong });
    expect(reply.status).toBe(422);
    expect(words(reply)).toContain(expected);
    if (!('reason' in wrong)) expect(reply.text).toContain('Photos of the outing');
    expect(box.submitted).toEqual([]);
  });

  it('takes control and direction marks out of what reaches the manager', async () => {
    await ask({ ...good, askedBy: ' S\u0000a\u202em ', reason: 'a\r\n\tb\u200b c\ud800' });
    expect(box.submitted[0]!.form).toMatchObject({ askedBy: 'S a m', reason: 'a b c\ufffd' });
  });

  it('says what to do while the dashboard is away, before and after sending', async () => {
    box.condition = { ...box.condition, dashboardConnected: false };
    expect(words(await send('/ask'))).toContain('The manager’s dashboard cannot be reached at the moment.');
    const sent = await ask(good);
    const waiting = words(await send(String(sent.headers.location)));
    expect(waiting).toContain('your request has not arrived yet');
    expect(waiting).toContain('permission may be verbal (6.2.2)');
  });

  it('says that a request is on its way, until a dashboard that is there has taken it', async () => {
    const sent = await ask(good);
    const id = String(sent.headers.location).slice('/ask/'.length);
    box.requests.set(id, { ...box.requests.get(id)!, delivered: false });
    const onItsWay = words(await send(`/ask/${id}`));
    expect(onItsWay).toContain('Your request is on its way to the manager.');
    expect(onItsWay).not.toContain('cannot be reached');
    box.requests.set(id, { ...box.requests.get(id)!, delivered: true });
    expect(words(await send(`/ask/${id}`))).toContain('The manager has your request.');
  });

  it('offers no form on a box without a dashboard, and takes none', async () => {
    const token = await tokenOf();
    box.condition = { ...box.condition, dashboardConnected: null };
    expect((await send('/ask')).text).not.toContain('<form');
    const body = new URLSearchParams({ token, ...good }).toString();
    expect((await send('/ask', { method: 'POST', headers: FORM, body })).status).toBe(409);
    expect(box.submitted).toEqual([]);
  });

  it('offers no form to a device outside the networks, nor to a personal one on which nothing is blocked', async () => {
    const token = await tokenOf();
    box.client = { ...box.client, standing: 'outside', deviceName: null, group: null };
    const body = new URLSearchParams({ token, ...good }).toString();
    expect((await send('/ask', { method: 'POST', headers: FORM, body })).status).toBe(403);
    expect(box.submitted).toEqual([]);
    box.client = { ...createPaperBox().client, group: { id: 'p', name: 'Phones', kind: 'personal' } };
    box.services = box.services.map((service) => ({
      ...service,
      canAsk: false,
      verdict: Verdict.ALLOW_NOT_RESTRICTED,
    }));
    expect(words(await send('/ask'))).toContain('so there is nothing to ask for');
  });

  it.each([
    ['another origin', { Origin: 'http://evil.example' }],
    ['another site', { 'Sec-Fetch-Site': 'cross-site' }],
  ])('refuses a form that came from %s', async (_, headers) => {
    expect((await ask(good, headers)).status).toBe(403);
    expect(box.submitted).toEqual([]);
  });

  it('takes a form whose origin the browser withheld, as it does for a page without referrer', async () => {
    expect((await ask(good, { Origin: 'null' })).status).toBe(303);
  });

  it.each(['', 'x', 'A'.repeat(43)])('asks again, with what was typed, when the token is %j', async (token) => {
    const reply = await ask({ ...good, token });
    expect(reply.status).toBe(403);
    expect(reply.text).toContain('Photos of the outing');
    expect(words(reply)).toContain('press “Send the request” once more');
    expect(box.submitted).toEqual([]);
  });

  it('refuses bodies that are not its form, or longer than a form can be', async () => {
    const json = await send('/ask', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' });
    expect(json.status).toBe(415);
    const long = await send('/ask', { method: 'POST', headers: FORM, body: 'x'.repeat(17_000) });
    expect(long.status).toBe(413);
    const chunked = await send('/ask', {
      method: 'POST',
      headers: { ...FORM, 'Transfer-Encoding': 'chunked' },
      body: 'x'.repeat(17_000),
    });
    expect(chunked.status).toBe(413);
  });

  it('takes five requests of one device in ten minutes, and no more', async () => {
    const statuses: number[] = [];
    for (let sent = 0; sent < 6; sent++) statuses.push((await ask(good)).status);
    expect(statuses).toEqual([303, 303, 303, 303, 303, 429]);
    const body = new URLSearchParams({ ...good, token: '' }).toString();
    const other = await site.fetch(
      new Request('http://stairgate.home.arpa/ask', { method: 'POST', headers: FORM, body }),
      '192.168.1.9',
    );
    // Another device is asked for its own token, not told to wait.
    expect(other.status).toBe(403);
  });

  it('takes forty requests in all, however many devices send them', async () => {
    const statuses: number[] = [];
    for (let device = 1; device <= 41; device++) {
      const address = `192.168.1.${device}`;
      const form = await (await site.fetch(new Request('http://localhost/ask'), address)).text();
      const token = /name="token" value="([^"]+)"/.exec(form)?.[1] ?? '';
      const body = new URLSearchParams({ ...good, token }).toString();
      const request = new Request('http://localhost/ask', { method: 'POST', headers: FORM, body });
      statuses.push((await site.fetch(request, address)).status);
    }
    expect(statuses.slice(0, 40).every((status) => status === 303)).toBe(true);
    expect(statuses[40]).toBe(429);
  });

  it('passes on why the box could not store a request', async () => {
    box.refusal = 'The box could not store your request.';
    const reply = await ask(good);
    expect(reply.status).toBe(503);
    expect(words(reply)).toContain('The box could not store your request.');
  });
});

describe('what is recorded', () => {
  it('is shown by day and service, with who looked at it and what a minute means', async () => {
    const text = words(await send('/recorded'));
    expect(text).toContain('Friday 20 November 2026');
    expect(text).toMatch(/YouTube\s+3\s+20/);
    expect(text).toContain('Tracey Field looked at its figures, 20 November 09:30');
    expect(text).toContain('That is everybody since 22 August.');
    expect(text).toContain('no proof that somebody tried to use the service');
  });

  it.each([
    ['nobody has told the box', null, 'This box cannot say: the manager’s dashboard has not told it.'],
    [
      'nobody has looked',
      { untilMs: null },
      'Nobody has looked at this device’s figures on the dashboard since 22 August.',
    ],
    [
      'nobody had, when the dashboard was last there',
      { untilMs: PAPER_NOW_MS - 3_600_000 },
      'since 22 August, up to 20 November 09:30. The manager’s dashboard cannot be reached at this moment',
    ],
  ])('claims no more than the box knows when %s', async (_, known, said) => {
    const views = known === null ? null : { ...box.record!.views!, list: [], ...known };
    box.record = { ...box.record!, views };
    const text = words(await send('/recorded')).replaceAll(/\s+/g, ' ');
    expect(text).toContain(said);
    if (known === null) expect(text).not.toContain('Nobody has looked');
  });

  it.each([
    [null, 'whoever used it'],
    [{ kind: 'shared' } as const, 'whoever used it'],
    [{ kind: 'person', name: '<b>Jo' } as const, 'entered as used by &lt;b&gt;Jo alone'],
  ])('says whose a device is entered as: %j', async (user, told) => {
    box.record = { ...box.record!, user };
    expect(words(await send('/recorded'))).toContain(told);
  });

  it('says whether figures of single devices are kept, and since when', async () => {
    expect(words(await send('/recorded'))).toContain('have been kept since 31 October, when people had been told.');
    box.record = { ...box.record!, reportingSinceMs: null, days: [] };
    const text = words(await send('/recorded'));
    expect(text).toContain('Figures of single devices are not kept:');
    expect(text).toContain('this device is counted together with all others');
    expect(text).toContain('Nothing has been recorded about it by itself in the last 30 days.');
    expect(JSON.parse((await send('/healthz')).text)).toMatchObject({ reportingSince: '2026-10-31T10:30:00.000Z' });
  });

  it('is nothing by itself for a device without a record of its own', async () => {
    box.record = null;
    box.client = { ...box.client, standing: 'unnamed', deviceName: null };
    expect(words(await send('/recorded'))).toContain('Nothing is recorded about this device by itself.');
  });

  it('is told by the notice as PRODUCT has it', async () => {
    const text = words(await send('/notice'));
    for (const told of [
      '30 days, at most 90',
      '25 months',
      '13 months, then without names',
      'fewer than 5',
      'It cannot see search words',
      'mobile data',
      'cannot end a connection',
    ]) {
      expect(text).toContain(told);
    }
  });
});

describe('the monitoring notice that the setting has published', () => {
  const sections = [{ title: 'Why', paragraphs: ['Because of <clause> 4.2.'], items: ['One & two'] }];
  beforeEach(() => {
    box.published = { version: 4, publishedAt: PAPER_NOW_MS, sections };
  });

  async function acknowledge(fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Reply> {
    const token = /name="token" value="([^"]+)"/.exec((await send('/notice')).text)?.[1] ?? '';
    const body = new URLSearchParams({ token, version: '4', name: 'Jo Hall', ...fields }).toString();
    return send('/notice', { method: 'POST', headers: { ...FORM, ...headers }, body });
  }

  it('is shown word for word, with its version, in the place of the general text', async () => {
    const reply = await send('/notice');
    expect(words(reply)).toContain('Version 4, published on');
    expect(words(reply)).toContain('Because of &lt;clause&gt; 4.2. One &amp; two');
    expect(words(reply)).not.toContain('30 days');
    box.published = null;
    expect(words(await send('/notice'))).toContain('has not published a notice of its own');
  });

  it('is acknowledged under a name, once for each form', async () => {
    const reply = await acknowledge({ name: '  Jo\u202e  Hall ' });
    expect([reply.status, reply.headers.location]).toEqual([303, '/notice/read']);
    expect(box.acknowledged).toEqual([{ version: 4, name: 'Jo Hall' }]);
    expect(words(await send('/notice/read'))).toContain('It is noted that you have read the notice');
  });

  it.each([
    ['no name', { name: ' ' }, 422, 'Give your name'],
    ['a name that is too long', { name: 'x'.repeat(81) }, 422, 'expected at most 80'],
    ['an older version than the one that is shown now', { version: '3' }, 409, 'Please read it again'],
    ['a token of another device', { token: 'A'.repeat(43) }, 403, 'press “I have read it” once more'],
  ])('is not acknowledged with %s', async (_, fields, status, said) => {
    const reply = await acknowledge(fields);
    expect(reply.status).toBe(status);
    expect(words(reply)).toContain(said);
    expect(box.acknowledged).toEqual([]);
  });

  it('is not acknowledged from another site, by guests, from outside, or where nothing is published', async () => {
    expect((await acknowledge({}, { Origin: 'http://evil.example' })).status).toBe(403);
    box.client = { ...box.client, group: { id: 'g', name: 'Guests', kind: 'guest' } };
    expect((await send('/notice')).text).not.toContain('I have read it');
    expect((await acknowledge({})).status).toBe(403);
    box.client = { ...box.client, standing: 'outside', deviceName: null, group: null };
    expect((await acknowledge({})).status).toBe(403);
    box.client = createPaperBox().client;
    box.published = null;
    expect((await acknowledge({})).status).toBe(409);
    expect(box.acknowledged).toEqual([]);
  });

  it('says so when the box cannot store it, and slows down a device that sends forms all the time', async () => {
    box.refusal = 'The disk is full.';
    const reply = await acknowledge({});
    expect([reply.status, words(reply).includes('The disk is full.')]).toEqual([503, true]);
    box.refusal = null;
    const statuses: number[] = [];
    for (let sent = 0; sent < 5; sent++) statuses.push((await acknowledge({ name: `Person ${sent}` })).status);
    expect(statuses).toEqual([303, 303, 303, 303, 429]);
  });
});

describe('the poster', () => {
  const own = Object.values(networkInterfaces())
    .flat()
    .find((info) => info?.family === 'IPv4' && !info.internal)?.address;

  it('shows the name to type', async () => {
    const text = words(await send('/poster'));
    expect(text).toContain('http://stairgate.home.arpa');
    expect(text).not.toContain('If that does not open');
  });

  it.skipIf(own === undefined)('shows the address under which it was opened (needs a network)', async () => {
    expect(words(await send('/poster', { headers: { Host: own! } }))).toContain(`try http://${own}`);
  });

  it('shows the port when it is not 80', async () => {
    const other = createLocalSite(box, { name: 'stairgate.home.arpa', port: 8053 });
    const reply = await other.fetch(new Request('http://localhost:8053/poster'), '127.0.0.1');
    expect(await reply.text()).toContain('http://stairgate.home.arpa:8053');
  });
});

describe('for machines', () => {
  it.each([
    ['ok', 200, {}],
    ['degraded', 200, { clockTrusted: false }],
    ['degraded', 200, { store: false }],
    ['degraded', 200, { upstreams: [] }],
    ['failing', 503, { answering: false }],
    ['failing', 503, { rules: 0 }],
  ])('/healthz is %s (%i) with %j', async (status, code, change) => {
    box.condition = { ...box.condition, ...change };
    const reply = await send('/healthz');
    expect(reply.status).toBe(code);
    expect(JSON.parse(reply.text)).toMatchObject({ status, uptimeSeconds: 90, ...change });
  });

  it('/metrics is Prometheus text', async () => {
    box.figures = [{ name: 'stairgate_rules', help: 'Rules in force.', type: 'gauge', samples: [{ value: 7 }] }];
    const reply = await send('/metrics');
    expect(reply.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(reply.text).toBe(
      '# HELP stairgate_rules Rules in force.\n# TYPE stairgate_rules gauge\nstairgate_rules 7\n',
    );
  });
});

describe('hostile input', () => {
  const HOSTILE = '"><script>alert(1)</script>\u202e\u0000\'`{{x}}';

  const HARMFUL = ['<script', '\u202e', '\u0000'];

  it('is shown as text wherever it comes from', async () => {
    box.client = {
      ...box.client,
      settingName: HOSTILE,
      deviceName: HOSTILE,
      group: { id: 'x', name: HOSTILE, kind: 'setting' },
      grants: [{ what: HOSTILE, untilMs: PAPER_CLOSING_MS, purpose: 'personal' }],
      categories: [{ id: HOSTILE, name: HOSTILE, social: true }],
    };
    box.services = box.services.map((service) => ({ ...service, id: HOSTILE, name: HOSTILE, categoryName: HOSTILE }));
    box.explanation = { ...box.explanation, source: HOSTILE, rule: HOSTILE, serviceId: HOSTILE, clauses: [HOSTILE] };
    const views = box.record!.views!;
    box.record = {
      ...box.record!,
      deviceName: HOSTILE,
      views: { ...views, list: [{ at: PAPER_NOW_MS, by: HOSTILE, what: 'alert' }] },
    };
    box.requests.set('1', {
      what: HOSTILE,
      minutes: 1,
      askedAtMs: PAPER_NOW_MS,
      state: 'refused',
      untilMs: null,
      reason: HOSTILE,
      delivered: true,
    });
    const typed = encodeURIComponent(HOSTILE);
    for (const path of [
      '/',
      `/why?name=${typed}`,
      '/why?name=a.example',
      `/ask?service=${typed}`,
      '/ask/1',
      '/recorded',
      '/notice',
      '/poster',
      `/${typed}`,
    ]) {
      const reply = await send(path);
      expect([path, reply.status < 500]).toEqual([path, true]);
      for (const harmful of HARMFUL) expect(reply.text).not.toContain(harmful);
    }
    const sent = await ask({ ...good, what: HOSTILE, askedBy: HOSTILE, reason: HOSTILE });
    expect(sent.status).toBe(422);
    for (const harmful of HARMFUL) expect(sent.text).not.toContain(harmful);
    expect(errors).toEqual([]);
  });

  it('never makes the site fail, whatever is typed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 80 }), async (typed) => {
        const query = new URLSearchParams({ name: typed, service: typed }).toString();
        for (const path of [`/why?${query}`, `/why?${new URLSearchParams({ name: typed })}`, `/ask?${query}`]) {
          const reply = await site.fetch(new Request(`http://localhost${path}`), '127.0.0.1');
          expect(reply.status).toBe(200);
          expect(await reply.text()).not.toContain('<script');
        }
      }),
      { numRuns: 300 },
    );
    expect(errors).toEqual([]);
  });

  it('reads a path that climbs as the path it climbs to, and no further', async () => {
    expect((await send('/%ff%fe%00/../..//ask/%2e%2e/%2e%2e/%2e%2e/etc/passwd')).status).toBe(404);
    expect((await send('/notice/../../ask/..')).text).toContain('<h1>Toddler room tablet</h1>');
  });

  it.each([
    ['no HTTP', '\u0000\u0001\u0002\r\n\r\n'],
    ['a broken request line', 'GET\r\n\r\n'],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n'],
    ['a Host that is no host', 'GET / HTTP/1.1\r\nHost: a b<>\r\n\r\n'],
    ['an absolute address of elsewhere', 'GET http://evil.example/ HTTP/1.1\r\nHost: stairgate.home.arpa\r\n\r\n'],
    ['two lengths', 'POST /ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx'],
  ])('%s gets an error of the 400s, and the next good request its page', async (_, bytes) => {
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
      socket.setTimeout(5_000, () => socket.destroy(new Error('no answer')));
      socket.on('data', (chunk) => {
        text += chunk;
        socket.end();
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect((await send('/')).status).toBe(200);
  });
});

describe('listen', () => {
  it('serves both families, and says who is in the way of an address', async () => {
    const second = createLocalSite(box, { name: 'stairgate.home.arpa', port: 80 });
    await expect(
      second.listen([
        { address: '::1', port: 0 },
        { address: '127.0.0.1', port },
      ]),
    ).rejects.toThrow(
      /cannot open the local site on 127\.0\.0\.1 port \d+: .*EADDRINUSE.*; free it, or set localSite\.port/,
    );
    const [v6] = await second.listen([{ address: '::1', port: 0 }]);
    const reply = await fetch(`http://[::1]:${v6!.port}/healthz`);
    expect(reply.status).toBe(200);
    await reply.arrayBuffer();
    await second.close();
  });
});

describe('the addresses of the local site', () => {
  it('follow the machine: what is new is opened, what is gone is closed, and one that fails holds up no other', async () => {
    const [one, two] = [await freePort(), await freePort()];
    const at = (address: string, port: number) => ({ address, port });
    const answers = (port: number) =>
      fetch(`http://127.0.0.1:${port}/healthz`).then(
        () => true,
        () => false,
      );
    // No machine has an address of the documentation (RFC 5737).
    const first = await site.follow([at('127.0.0.1', one), at('192.0.2.1', one)]);
    expect(first.open).toEqual([at('127.0.0.1', one)]);
    expect(first.failed).toEqual([expect.objectContaining(at('192.0.2.1', one))]);
    expect(await answers(one)).toBe(true);
    expect((await site.follow([at('127.0.0.1', two)])).failed).toEqual([]);
    expect([await answers(one), await answers(two)]).toEqual([false, true]);
    await site.follow([]);
    expect(await answers(two)).toBe(false);
  });
});
