/**
 * Names that are hostile text, through a real box: answered octet for octet, blocked as any other below a blocked name,
 * kept nowhere, and one harmless line wherever something of them could show.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeFlags } from '../../../filter-agent/commands/node-flags.ts';
import { decodeName } from '../../../policy-rules/trie/wire-name.ts';
import { alwaysOpenPolicy, type BoxProcess, commandPath, prepareBox } from '../../support/box-process.ts';
import { sendTcp, sendUdp } from '../../support/dns-client.ts';
import { startTestUpstream, type TestUpstream } from '../../support/test-upstream.ts';
import { addressReply, questionName, wireName, wireQuery } from '../../support/wire-echo.ts';

const long = 'l'.repeat(63);

/** First labels, and what of them a page or a log must never hold as it is. */
const labels: Readonly<Record<string, string>> = {
  'a script': '<script>alert(1)</script>',
  'an end of an attribute': '" onload="alert(1)',
  'a line end': 'one\r\ntwo',
  'a forged metric': '\nstairgate_queries_total 0\n',
  'an escape sequence': '\x1b[2J\x1b]0;owned\x07',
  'a NUL': 'a\x00b',
  'octets above 127': '\xff\xfe\x80',
  'the direction of writing turned round, in UTF-8': '\xe2\x80\xaegpj.exe',
  'a dot': 'a.b',
  'a backslash': 'a\\b\\000',
  quotes: `'"\``,
  'an SQL statement': `'); DROP TABLE usage;--`,
  'a formula': '=1+1',
  'a template': '{{7*7}}<%= 7*7 %>',
  'a path': '../../etc/passwd',
  'a space alone': ' ',
};

const allowed = [
  ...Object.entries(labels).map(([what, label]) => ({ what, name: wireName(label, 'hostile', 'example') })),
  { what: 'a label of 63 octets', name: wireName('\xff'.repeat(63), 'hostile', 'example') },
  // 3 × 64 + 61 + 1 + the root.
  { what: 'a name of 255 octets', name: wireName(long, long, long, `${'\x00'.repeat(60)}x`) },
  { what: 'a name of 127 labels', name: wireName(...Array.from({ length: 127 }, () => '\n')) },
];
const blocked = [
  ...Object.entries(labels).map(([what, label]) => ({ what, name: wireName(label, 'facebook', 'com') })),
  { what: 'a label of 63 octets', name: wireName('\xff'.repeat(63), 'TikTok', 'com') },
  { what: 'a name of 255 octets', name: wireName(long, long, long, '\x00'.repeat(47), 'facebook', 'com') },
];

describe('a box that is asked for hostile names', () => {
  let upstream: TestUpstream;
  let box: BoxProcess;
  let id = 0;

  beforeAll(async () => {
    upstream = await startTestUpstream(({ message }) => addressReply(message));
    box = await prepareBox({ upstreams: [upstream.url] });
    const hostileLines = Object.values(labels).flatMap((label) => [`||${label}^`, `0.0.0.0 ${label}`, label]);
    const some = join(box.folder, 'some.txt');
    writeFileSync(some, Buffer.from(['listed.example', ...hostileLines].join('\n'), 'latin1'));
    const none = join(box.folder, 'none\u001b[2J.txt');
    writeFileSync(none, Buffer.from(`0.0.0.0 \x1b[2J<script>alert(1)</script>\x7f`, 'latin1'));
    box.configure({
      policy: alwaysOpenPolicy({
        devices: [{ id: 'office', name: 'Office', group: 'setting', addresses: ['127.0.0.1'], macs: [] }],
      }),
      lists: [
        { id: 'some', path: some },
        { id: 'none', path: none },
      ],
    });
    await box.start();
    // Both lists are compiled once the first name of the sound one is blocked.
    for (const deadline = performance.now() + 30_000; ; ) {
      if ((await box.ask('listed.example')).rcode === 'NXDOMAIN') break;
      if (performance.now() > deadline) throw new Error(`the list is not in force:\n${box.stderr}`);
    }
  });
  afterAll(async () => {
    await box?.remove();
    await upstream?.close();
  });

  const ways = { UDP: sendUdp, TCP: sendTcp };

  describe.each(Object.entries(ways))('over %s', (_, send) => {
    it.each(allowed)('answers for $what, octet for octet', async ({ name }) => {
      expect(name.length).toBeLessThanOrEqual(255);
      const query = wireQuery(++id, name);
      const reply = await send(box.server, query);
      expect(reply.readUInt16BE(2) & 0x800f).toBe(0x8000);
      expect(reply.subarray(12, query.length)).toEqual(query.subarray(12));
      expect([reply.readUInt16BE(4), reply.readUInt16BE(6)]).toEqual([1, 1]);
      const owner = reply.subarray(query.length);
      expect(owner.subarray(0, 6)).toEqual(Buffer.of(0xc0, 0x0c, 0, 1, 0, 1));
      expect(owner.subarray(-4)).toEqual(Buffer.of(192, 0, 2, 1));
    });

    it.each(blocked)('blocks $what below a blocked name', async ({ name }) => {
      const query = wireQuery(++id, name);
      const reply = await send(box.server, query);
      expect(reply.readUInt16BE(2) & 0x800f).toBe(0x8003);
      expect(reply.subarray(12, query.length)).toEqual(query.subarray(12));
      expect(reply.readUInt16BE(6)).toBe(0);
    });
  });

  it('asks the upstream for those octets, and for nothing that was blocked', () => {
    // Letters may change their case on the way (RFC 4343), other octets never.
    const fold = (name: Buffer) => name.toString('latin1').replace(/[A-Z]/g, (letter) => letter.toLowerCase());
    const asked = new Set(upstream.asked.map(({ message }) => fold(questionName(message))));
    for (const { what, name } of allowed) expect({ what, asked: asked.has(fold(name)) }).toEqual({ what, asked: true });
    for (const { what, name } of blocked)
      expect({ what, asked: asked.has(fold(name)) }).toEqual({ what, asked: false });
    expect(upstream.unreadable).toBe(0);
  });

  it('shows none of them on its pages, in its metrics or in its log, and steers no reader of those', async () => {
    const typed = [...allowed, ...blocked].map(({ name }) => decodeName(name, 0));
    const paths = [
      '/',
      '/ask',
      '/recorded',
      '/notice',
      '/poster',
      '/healthz',
      '/metrics',
      ...typed.map((name) => `/why?name=${encodeURIComponent(name)}`),
      ...Object.values(labels).map((label) => `/why?name=${encodeURIComponent(label)}`),
      ...Object.values(labels).map((label) => `/${encodeURIComponent(label)}`),
    ];
    for (const path of paths) {
      const text = await box.get(path);
      expect({ path, text }).toEqual({ path, text: expect.not.stringMatching(/<script|onload="|DROP TABLE|owned/) });
      expect(text).not.toMatch(/(?![\n\t])\p{Cc}|[\u202a-\u202e]/u);
    }
    expect(await box.metric('stairgate_queries_total')).toBeGreaterThan(2 * allowed.length);
    // The lists' lines are quoted in the log: where they are wrong, and only in part.
    expect(box.stderr).toContain('list "none"');
    for (const text of [box.stdout, box.stderr]) expect(text.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
    for (const line of box.stderr.split('\n')) expect(line).toMatch(/^(alert |$)/);
  });

  it('keeps none of them on its disk', async () => {
    expect(await box.stop()).toBe(0);
    const needles = ['owned', 'DROP TABLE', 'etc/passwd', '\xff\xfe\x80', 'hostile.example', '\x07hostile'];
    for (const entry of readdirSync(box.stateDir, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const bytes = readFileSync(path);
      const found = needles.filter((needle) => bytes.includes(Buffer.from(needle, 'latin1')));
      expect({ path, found }).toEqual({ path, found: [] });
    }
  });

  it('judges the same names by command, each on one line of printable characters', () => {
    const names = blocked.map(({ name }) => decodeName(name, 0));
    const args = [...nodeFlags, commandPath, 'check', '--config', box.configPath, '-'];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', input: names.join('\n') });
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(names.length);
    for (const [index, line] of lines.entries()) {
      expect(line).toMatch(/^[\x21-\x7e]+\tblock\t(facebook|tiktok)\t\S+\t\S+$/);
      expect(line.split('\t')[0]!.replace(/^\\061/, '=')).toBe(names[index]);
    }
    expect((stdout + stderr).replace(/[\n\t]/g, '')).not.toMatch(/\p{C}/u);
  });
});
