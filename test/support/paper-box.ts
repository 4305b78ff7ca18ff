/**
 * A box on paper, for tests of the local site: it answers BoxView from plain values that a test sets, so that the
 * pages can be seen in states that a running box reaches once a year.
 */
import { randomUUID } from 'node:crypto';
import type {
  BoxHealth,
  BoxView,
  ClientView,
  Explanation,
  RecordedView,
  RequestForm,
  RequestState,
  ServiceState,
} from '../../filter-agent/control/local-view.ts';
import type { MetricFamily } from '../../filter-agent/control/metrics.ts';
import type { MonitoringNotice } from '../../policy-rules/monitoring-notice.ts';
import { Verdict } from '../../policy-rules/verdict-codes.ts';

/** Friday 20 November 2026, 10:30 in London. */
export const PAPER_NOW_MS = Date.UTC(2026, 10, 20, 10, 30);
export const PAPER_CLOSING_MS = Date.UTC(2026, 10, 20, 18, 0);

export interface PaperBox extends BoxView {
  client: ClientView;
  services: ServiceState[];
  explanation: Explanation;
  condition: BoxHealth;
  record: RecordedView | null;
  figures: MetricFamily[];
  /** What was asked of explain(), and what was submitted. */
  readonly asked: string[];
  readonly submitted: { address: string; form: RequestForm }[];
  readonly requests: Map<string, RequestState>;
  published: MonitoringNotice | null;
  readonly acknowledged: { version: number; name: string }[];
  /** Set to make submitRequest and acknowledgeNotice refuse. */
  refusal: string | null;
}

export function createPaperBox(): PaperBox {
  const box: PaperBox = {
    client: {
      settingName: 'Little Acorns Nursery',
      timeZone: 'Europe/London',
      standing: 'named',
      address: '192.168.1.20',
      mac: 'dc:a6:32:01:02:03',
      deviceName: 'Toddler room tablet',
      group: { id: 'setting', name: 'Setting devices', kind: 'setting' },
      hours: { state: 'open', untilMs: PAPER_CLOSING_MS, clockTrusted: true },
      grants: [],
      firstNames: [],
      categories: [
        { id: 'social-networking', name: 'Social networking', social: true },
        { id: 'video', name: 'Video sharing', social: true },
      ],
    },
    services: [
      blockedService('facebook', 'Facebook', 'social-networking', 'Social networking'),
      blockedService('instagram', 'Instagram', 'social-networking', 'Social networking'),
      blockedService('x', 'X (formerly Twitter)', 'social-networking', 'Social networking'),
      {
        ...blockedService('linkedin', 'LinkedIn', 'social-networking', 'Social networking'),
        verdict: Verdict.BLOCK_ALWAYS,
        untilMs: null,
      },
      blockedService('youtube', 'YouTube', 'video', 'Video sharing'),
      blockedService('tiktok', 'TikTok', 'video', 'Video sharing'),
      {
        ...blockedService('wikipedia', 'Wikipedia', 'wikis', 'Wikis'),
        verdict: Verdict.ALLOW_NOT_RESTRICTED,
        untilMs: null,
        canAsk: false,
        clauses: ['7.1.5'],
      },
    ],
    explanation: {
      verdict: Verdict.BLOCK_OPENING_HOURS,
      source: 'Facebook',
      serviceId: 'facebook',
      rule: '||facebook.com^',
      clauses: ['7.1.6', '7.1.2'],
      untilMs: PAPER_CLOSING_MS,
      canAsk: true,
    },
    condition: {
      answering: true,
      rules: 4_321,
      clockTrusted: true,
      dashboardConnected: true,
      upstreams: [{ name: 'upstream 1', healthy: true, filters: null, doesNot: null }],
      store: true,
      reportingSinceMs: PAPER_NOW_MS - 20 * 86_400_000,
      startedAtMs: PAPER_NOW_MS - 90_000,
      version: '0.1.0',
    },
    record: {
      user: null,
      deviceName: 'Toddler room tablet',
      days: [
        {
          date: '2026-11-20',
          services: [
            { name: 'Facebook', blockedMinutes: 12, grantedMinutes: 0 },
            { name: 'YouTube', blockedMinutes: 3, grantedMinutes: 20 },
          ],
        },
        { date: '2026-11-19', services: [{ name: 'Instagram', blockedMinutes: 4, grantedMinutes: 0 }] },
      ],
      keptDays: 30,
      reportingSinceMs: PAPER_NOW_MS - 20 * 86_400_000,
      views: {
        sinceMs: PAPER_NOW_MS - 90 * 86_400_000,
        untilMs: null,
        list: [{ at: PAPER_NOW_MS - 3_600_000, by: 'Tracey Field', what: 'figures' }],
      },
    },
    figures: [],
    asked: [],
    submitted: [],
    requests: new Map(),
    published: null,
    acknowledged: [],
    refusal: null,
    nowMs: () => PAPER_NOW_MS,
    describeClient: () => box.client,
    explain: (_address, name) => {
      box.asked.push(name);
      return box.explanation;
    },
    serviceStates: () => box.services,
    submitRequest: async (address, form) => {
      if (box.refusal !== null) return { ok: false, reason: box.refusal };
      box.submitted.push({ address, form });
      const id = randomUUID();
      const what = 'service' in form.scope ? form.scope.service : 'all social media';
      box.requests.set(id, {
        what,
        minutes: form.minutes,
        askedAtMs: PAPER_NOW_MS,
        state: 'waiting',
        untilMs: null,
        reason: '',
        delivered: box.condition.dashboardConnected === true,
      });
      return { ok: true, id };
    },
    requestState: async (id) => box.requests.get(id) ?? null,
    health: () => box.condition,
    metrics: () => box.figures,
    recorded: async () => box.record,
    notice: async () => box.published,
    acknowledgeNotice: async (version, name) => {
      if (box.refusal !== null) return { ok: false, reason: box.refusal };
      box.acknowledged.push({ version, name });
      return { ok: true };
    },
  };
  return box;
}

function blockedService(id: string, name: string, categoryId: string, categoryName: string): ServiceState {
  return {
    id,
    name,
    categoryId,
    categoryName,
    verdict: Verdict.BLOCK_OPENING_HOURS,
    clauses: ['7.1.6', '7.1.2'],
    untilMs: PAPER_CLOSING_MS,
    canAsk: true,
  };
}
