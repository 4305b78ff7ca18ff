/** That no page holds the focus: Tab comes round, Shift+Tab leads back by the same stops, each of which is seen. */
import { expect, it } from 'vitest';
import type { Stage } from './stage.ts';

export function roundFlows(on: () => Stage): void {
  it.each(['/', '/give', '/devices', '/people', '/account'])('Tab comes round on %s', async (path) => {
    const stage = on();
    await stage.goByMenu(path);
    const stops = await stage.keys.round();
    expect(stops[0]).toContain('class="skip"');
    expect(stops.length).toBeGreaterThan(10);
    // Past all of the navigation with two keys.
    await stage.keys.use('a.skip');
    await stage.keys.to('main :is(a, button, input, select, textarea, summary)');
    expect(await stage.page.evaluate<boolean>('document.activeElement.closest("header") === null')).toBe(true);
  });

  it.each(['/', '/ask', '/notice'])('and on %s of the box’s own site', async (path) => {
    const stage = on();
    await stage.goToBox(path);
    expect((await stage.staff.round())[0]).toContain('class="skip"');
  });
}
