/**
 * Tells the manager when a device of the setting tries to go round the filter (4.3), from the counted use alone: rows of
 * the store, so that a restart forgets nothing and no name is ever held.
 *
 * Owns what makes an alert of counts: at least FIRST_MINUTES active minutes in a day, told once for a device, a service
 * and a day, and again only when the minutes have doubled. Only named devices in groups of the setting are told of, as the
 * policy has them at the moment of asking. The sentences are policy-rules/bypass-words.ts's.
 */
import { BYPASS_ALERT, type UsageRow } from '../../policy-rules/agent-protocol.ts';
import { describeBypassTry, toldOf } from '../../policy-rules/bypass-words.ts';
import type { Catalogue } from '../../policy-rules/catalogue/service.ts';
import { ownDevices } from '../../policy-rules/own-devices.ts';
import type { Policy } from '../../policy-rules/policy.ts';
import { dateAt } from '../../policy-rules/schedule.ts';
import { formatDate } from '../../policy-rules/words.ts';
import type { Alert } from './alerts.ts';
import { activeMinutes } from './usage-counter.ts';

export interface BypassWatchOptions {
  readonly catalogue: Catalogue;
  readonly policy: () => Policy;
  readonly nowMs: () => number;
  /** Hour rows of one device since an instant, as the store has them. */
  readonly usageOfDevice: (device: string, sinceMs: number) => Promise<readonly UsageRow[]>;
  /** `list` says something else than before. */
  readonly onChange: () => void;
}

/** One page that merely links there costs a minute, and its reload another. */
const FIRST_MINUTES = 3;
/** A day's tries are still told on the next day, for a manager who looks in the morning. */
const TOLD_FOR_MS = 2 * 86_400_000;
/** The health report holds 500 alerts of all kinds; nobody reads more than this. */
const MAX_TOLD = 50;

interface Tried {
  readonly device: string;
  readonly service: string;
  /** In the setting's zone: "2026-11-23". */
  readonly date: string;
  /** FIRST_MINUTES, or that doubled so often as the count reaches. */
  readonly minutes: number;
  /** Start of the first such minute of that day. */
  readonly sinceMs: number;
}

export class BypassWatch {
  readonly #options: BypassWatchOptions;
  readonly #toldOf: ReturnType<typeof toldOf>;
  readonly #tried = new Map<string, readonly Tried[]>();
  #looking: Promise<void> = Promise.resolve();
  #told = '[]';

  constructor(options: BypassWatchOptions) {
    this.#options = options;
    this.#toldOf = toldOf(options.catalogue);
  }

  /** Rows that have just been stored. Resolves when `list` tells of them; rejects when the store could not be read. */
  usageSaved(rows: readonly UsageRow[]): Promise<void> {
    const devices = rows.filter((row) => this.#counts(row)).map(({ device }) => device);
    return devices.length === 0 ? this.#looking : this.#lookAfter([...new Set(devices)]);
  }

  /** Looks at every device: at the start, and now and then, since days end and devices are renamed. */
  lookAtAll(): Promise<void> {
    return this.#lookAfter(this.#options.policy().devices.map(({ id }) => id));
  }

  /** The newest day of each device and service, those with the most minutes first. */
  list(): readonly Alert[] {
    const policy = this.#options.policy();
    const nowMs = this.#options.nowMs();
    const names = new Map(ownDevices(policy).map(({ id, name }) => [id, name]));
    const yesterday = dateAt(policy.timeZone, nowMs - TOLD_FOR_MS / 2);
    return [...this.#tried.values()]
      .flat()
      .filter(({ device, date }) => names.has(device) && date >= yesterday)
      .toSorted((one, other) => other.minutes - one.minutes || one.sinceMs - other.sinceMs)
      .slice(0, MAX_TOLD)
      .map(({ device, service, minutes, sinceMs }) => ({
        code: `${BYPASS_ALERT}${device}:${service}`,
        text: describeBypassTry({
          deviceName: names.get(device)!,
          service: this.#toldOf.get(service)!,
          minutes,
          day: formatDate(sinceMs, policy.timeZone, nowMs),
        }),
        since: sinceMs,
      }));
  }

  #counts({ device, service, verdict }: UsageRow): boolean {
    return device !== '' && verdict === 'blocked' && this.#toldOf.has(service);
  }

  /** One look at a time: an older answer of the store never comes over a newer. */
  #lookAfter(devices: readonly string[]): Promise<void> {
    const look = () => this.#look(devices);
    this.#looking = this.#looking.then(look, look);
    return this.#looking;
  }

  async #look(devices: readonly string[]): Promise<void> {
    const { usageOfDevice, policy, nowMs, onChange } = this.#options;
    const sinceMs = nowMs() - TOLD_FOR_MS;
    for (const device of devices) {
      const rows = (await usageOfDevice(device, sinceMs)).filter((row) => this.#counts(row));
      const tried = newestTries(rows, policy().timeZone);
      if (tried.length > 0) this.#tried.set(device, tried);
      else this.#tried.delete(device);
    }
    const known = new Set(policy().devices.map(({ id }) => id));
    for (const device of this.#tried.keys()) if (!known.has(device)) this.#tried.delete(device);
    const told = JSON.stringify(this.list());
    if (told === this.#told) return;
    this.#told = told;
    onChange();
  }
}

function newestTries(rows: readonly UsageRow[], timeZone: string): readonly Tried[] {
  const days = new Map<string, UsageRow[]>();
  for (const row of rows) {
    const key = `${row.service}\n${dateAt(timeZone, row.hourStart)}`;
    days.set(key, [...(days.get(key) ?? []), row]);
  }
  const newest = new Map<string, Tried>();
  for (const [key, hours] of days) {
    const minutes = hours.reduce((sum, row) => sum + activeMinutes(row), 0);
    if (minutes < FIRST_MINUTES) continue;
    const [service, date] = key.split('\n') as [string, string];
    const known = newest.get(service);
    if (known !== undefined && known.date > date) continue;
    const doublings = Math.floor(Math.log2(minutes / FIRST_MINUTES));
    newest.set(service, {
      device: hours[0]!.device,
      service,
      date,
      minutes: FIRST_MINUTES * 2 ** doublings,
      sinceMs: Math.min(...hours.map(firstMinuteOf)),
    });
  }
  return [...newest.values()];
}

function firstMinuteOf({ hourStart, minutesLow, minutesHigh }: UsageRow): number {
  const minute = minutesLow !== 0 ? trailingZeros(minutesLow) : 30 + trailingZeros(minutesHigh);
  return hourStart + minute * 60_000;
}

function trailingZeros(half: number): number {
  return 31 - Math.clz32(half & -half);
}
