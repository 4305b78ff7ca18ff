/**
 * One name for one client at one instant, in full: verdict, who decided, until when, the clauses, and the sentence.
 * What the local site, `stairgate check` and the dashboard show beside a decision.
 */
import type { Catalogue } from './catalogue/service.ts';
import { grantEnd } from './grants.ts';
import { safeHosts } from './safe-search.ts';
import { inForce } from './schedule.ts';
import { Verdict } from './verdict-codes.ts';
import { type Client, type Moment, openingGrants, type SourceFacts, verdictFor, verdictUntil } from './verdicts.ts';
import { clausesFor, english, explain, type Messages } from './words.ts';

export interface Explanation {
  readonly verdict: Verdict;
  /** The source that decided, one of those given. */
  readonly decider?: SourceFacts;
  /** The host that an allowed name is shown by, where safe search applies to it. */
  readonly safeHost?: string;
  /** When the name opens or closes for this client; null when nothing known today changes it. */
  readonly until: number | null;
  /** The one that the decision rests on first. */
  readonly clauses: readonly string[];
  readonly sentence: string;
}

/**
 * `sources` are those of the name's rule set. `deviceName` is for a reader at another device than the client's own,
 * to whom "this device" would be wrong.
 */
export function explanationFor(
  moment: Moment,
  client: Client,
  sources: readonly SourceFacts[],
  catalogue: Catalogue,
  deviceName?: string,
  words: Messages = english,
): Explanation {
  const { verdict, decider: index, safeHost: safeHostNumber } = verdictFor(moment, client, sources);
  const safeHost = safeHosts[safeHostNumber] ?? null;
  const decider = sources[index];
  const until = verdictUntil(moment, client, sources);
  const grant = verdict === Verdict.ALLOW_GRANTED ? openingGrants(moment, client, sources)[0] : undefined;
  // A list may hold a service's host too: people know it by the service's name.
  const known = decider?.kind === 'list' ? sources.find((facts) => facts.kind === 'service') : decider;
  const subject = known?.kind === 'service' ? known : undefined;
  const service = catalogue.services.find(({ id }) => id === subject?.service);
  const category = catalogue.categories.find(({ id }) => id === subject?.category);
  const clauses = clausesFor(verdict, category?.clauses, service?.clauses, grant?.purpose);
  const { policy, nowMs } = moment;
  const sentence = explain(
    {
      verdict,
      ...(subject !== undefined && { service: service?.name ?? subject.service }),
      ...(decider?.kind === 'list' && { list: decider.name }),
      ...(deviceName !== undefined && { device: deviceName }),
      timeZone: policy.timeZone,
      nowMs,
      // A grant that ends after closing time: the name stays open, but the permission's own end is what was promised.
      until: grant === undefined ? until : grantEnd(grant),
      onBreak: inForce(policy.hours, policy.timeZone, nowMs).onBreak,
      ...(grant !== undefined && { grantedBy: grant.grantedBy }),
      clauses,
      safeSearch: safeHost !== null,
    },
    words,
  );
  return {
    verdict,
    ...(decider !== undefined && { decider }),
    ...(safeHost !== null && { safeHost }),
    until,
    clauses,
    sentence,
  };
}
