/** Which rules are in force, and what the manager is told while some are not. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Alerts } from '../../../filter-agent/control/alerts.ts';
import { CompileLauncher } from '../../../filter-agent/control/compile-launcher.ts';
import { ListRefresh } from '../../../filter-agent/control/list-refresh.ts';
import type { Rules } from '../../../filter-agent/control/policy-keeper.ts';
import { smallCatalogue } from '../../support/small-catalogue.ts';

let folder: string;
let alerts: Alerts;
let taken: Rules[];
/** Thrown once when rules are to be put in force. */
let trouble: Error | null;
let launcher: CompileLauncher;
beforeEach(() => {
  launcher = new CompileLauncher();
  folder = mkdtempSync(join(tmpdir(), 'stairgate-refresh-'));
  alerts = new Alerts(() => {});
  taken = [];
  trouble = null;
});
afterEach(() => {
  launcher.close();
  rmSync(folder, { recursive: true, force: true });
});

const codes = () => alerts.list().map(({ code }) => code);
const sourcesOf = (rules: Rules | undefined) => rules?.image.sources.map(({ id }) => id);

function listRefresh(): ListRefresh {
  const path = join(folder, 'family.txt');
  writeFileSync(path, '||bad.example^\n');
  return new ListRefresh({
    stateDir: folder,
    catalogue: smallCatalogue,
    lists: [{ id: 'family', name: 'Family filter', path, protected: true, groups: 'all' }],
    siteNames: ['stairgate.home.arpa'],
    alerts,
    launcher,
    onRules: async (rules) => {
      const error = trouble;
      trouble = null;
      if (error !== null) throw error;
      taken.push(rules);
    },
  });
}

describe('a list of the settings', () => {
  it('is told to be missing until its rules are in force, and is there at once at the next start', async () => {
    const first = listRefresh();
    expect(sourcesOf(await first.load())).not.toContain('list:family');
    expect(alerts.list()).toEqual([
      expect.objectContaining({ code: 'lists-not-yet', text: expect.stringContaining('“Family filter”') }),
    ]);
    await first.refresh();
    expect(sourcesOf(taken[0])).toContain('list:family');
    expect(codes()).toEqual([]);
    expect(sourcesOf(await listRefresh().load())).toContain('list:family');
    expect(codes()).toEqual([]);
  });

  it('that was compiled and could not be put in force is put in force at the next look', async () => {
    const refresh = listRefresh();
    await refresh.load();
    trouble = new Error('no memory');
    await refresh.refresh();
    expect(codes()).toEqual(expect.arrayContaining(['lists-not-compiled', 'lists-not-yet']));
    await refresh.refresh();
    expect(sourcesOf(taken[0])).toContain('list:family');
    expect(codes()).toEqual([]);
    await refresh.refresh();
    expect(taken).toHaveLength(1);
  });
});
