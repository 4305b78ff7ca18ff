/** What became of what was asked: success and failure are never shown, or read out, as each other. */
import { describe, expect, it } from 'vitest';
import { FlashLine, readFlash } from '../../dashboard-worker/views/flash.tsx';
import { en } from '../../dashboard-worker/views/messages.ts';
import type { DoneFlash, NotDoneFlash } from '../../dashboard-worker/views/models.ts';
import { SettingsPage } from '../../dashboard-worker/views/pages.ts';
import { settings } from './views-models.ts';

const done = Object.keys(en.layout.flash) as DoneFlash[];
const notDone = Object.keys(en.layout.notDoneFlash) as NotDoneFlash[];

describe.each(done)('after %s', (flash) => {
  it('is told quietly that it was done', () => {
    const line = String(FlashLine({ flash }));
    expect(line).toContain('role="status"');
    expect(line).toContain('✓');
    expect(line).not.toContain(en.layout.notDone);
    expect(titleWith(flash)).not.toContain('Error');
  });
});

describe.each(notDone)('after %s', (flash) => {
  it('is told at once, in other words and under another sign, that it was not done', () => {
    const line = String(FlashLine({ flash }));
    expect(line).toContain('role="alert"');
    expect(line).toContain('class="flash not-done"');
    expect(line).toContain(en.layout.notDone);
    expect(line).not.toContain('✓');
    expect(titleWith(flash)).toMatch(/^Error: /);
  });
});

it('takes nothing from an address but what it knows', () => {
  expect(done.map(readFlash)).toEqual(done);
  expect(notDone.map(readFlash)).toEqual(notDone);
  expect(['toString', '__proto__', '', '<b>', undefined].map(readFlash)).toEqual(Array(5).fill(undefined));
});

function titleWith(flash: DoneFlash | NotDoneFlash): string {
  const page = String(SettingsPage({ ...settings, frame: { ...settings.frame, flash } }));
  return page.match(/<title>([^<]*)/)![1]!;
}
