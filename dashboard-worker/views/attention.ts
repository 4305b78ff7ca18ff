/** What somebody should look at, in words: beside each of them the page has the way to what mends it. */
import { formatMoment, type When } from './format.ts';
import { spoken } from './language.ts';
import type { AttentionItem } from './models.ts';

const t = spoken.now;

/** One or two sentences. */
export function attentionText(item: AttentionItem, when: When): string {
  switch (item.kind) {
    case 'overlap':
      return t.overlap(item.overlap.listName, item.overlap.serviceName);
    case 'alert':
      return `${item.text} ${t.alertSince(formatMoment(item.since, when))}`;
    case 'refusal':
      return `${t.refusal[item.of]} ${t.refusalReason(item.reason)}`;
    case 'channel':
      return spoken.channels.attention(item.channelName, spoken.channels.warnings[item.warning]);
    case 'lax-network':
      return t.laxNetwork(item.networkName, item.groupName, item.strictestName);
    case 'user-left':
      return t.userLeft(item.personName, item.deviceName);
    case 'stray-addresses':
      return t.strayAddresses(item.deviceName, item.addresses);
    case 'no-devices':
      return t.noDevices;
  }
}
