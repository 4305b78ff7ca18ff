/** What systemd itself says of the units: hardened enough, and without a mistake. The box running under them: install.test.ts. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { environment, nodeFlags } from '../../filter-agent/commands/node-flags.ts';
import { repository } from './support/programs.ts';
import { lacks } from './support/requirements.ts';
import { readUnit } from './support/unit-file.ts';

const box = join(repository, 'hardware/stairgate.service');
const router = join(repository, 'hardware/nftables/stairgate-router.service');

describe.skipIf(lacks('the units', ['systemd-analyze']))('the units', () => {
  it('score OK or better in systemd’s own judgement of the box’s exposure', () => {
    const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', box], {
      encoding: 'utf8',
    });
    const [, exposure, word] = /Overall exposure level for \S+: ([\d.]+) (\w+)/.exec(stdout) ?? [];
    expect(word).toMatch(/^(OK|SAFE|PERFECT)$/);
    expect(Number(exposure)).toBeLessThanOrEqual(2.5);
  });

  it('are without a mistake', () => {
    const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', box, router], { encoding: 'utf8' });
    // The program is not in its place on this machine, which is the one thing that may be said.
    const found = stderr
      .split('\n')
      .filter((line) => line !== '' && !/\/opt\/stairgate\/\S+ is not executable/.test(line));
    expect(found).toEqual([]);
  });
});

describe('the box’s unit', () => {
  const unit = readUnit(box);

  it('starts Node as it is measured', () => {
    const [node, ...words] = unit.get('ExecStart') ?? [];
    expect(node).toMatch(/\/node$/);
    const program = words.findIndex((word) => !word.startsWith('-'));
    expect(words.slice(0, program)).toEqual(nodeFlags);
    expect(unit.get('Environment')).toEqual(Object.entries(environment).map(([name, value]) => `${name}=${value}`));
  });

  it('gives one capability, and cannot get another', () => {
    expect(unit.get('AmbientCapabilities')).toEqual(['CAP_NET_BIND_SERVICE']);
    expect(unit.get('CapabilityBoundingSet')).toEqual(['CAP_NET_BIND_SERVICE']);
    expect(unit.get('NoNewPrivileges')).toEqual(['yes']);
    expect(unit.get('User')).toEqual(['stairgate']);
  });

  it('never gives up starting the box', () => {
    expect(unit.get('Restart')).toEqual(['always']);
    expect(unit.get('StartLimitIntervalSec')).toEqual(['0']);
    expect(Number(unit.get('RestartSec')?.[0])).toBeLessThanOrEqual(2);
  });

  it('waits for what the box says itself: ready, and a beat', () => {
    expect(unit.get('Type')).toEqual(['notify']);
    expect(Number(unit.get('WatchdogSec')?.[0])).toBeGreaterThanOrEqual(10);
  });

  it('writes no memory to disk, and lets the compiler of lists die alone', () => {
    expect(unit.get('LimitCORE')).toEqual(['0']);
    expect(unit.get('OOMPolicy')).toEqual(['continue']);
  });
});
