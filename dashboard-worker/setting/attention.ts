/** What somebody should look at, and the overlaps of lists that a permission cannot open. */
import type { HealthReport } from '../../policy-rules/agent-protocol.ts';
import { catalogue } from '../../policy-rules/catalogue/catalogue.ts';
import { isWithin } from '../../policy-rules/ip-range.ts';
import type { Policy } from '../../policy-rules/policy.ts';
import { isAsStrictAs, strictestGroup } from '../../policy-rules/strictness.ts';
import type { AttentionItem, BoxPresence, GrantModel, Overlap } from '../views/models.ts';
import { currentBox, refusalsOf } from './boxes.ts';
import { channelModels } from './channels.ts';
import { serviceName } from './naming.ts';
import { policyOf } from './policies.ts';
import { devicesOfLeavers } from './staff.ts';
import type { Store } from './store.ts';

const UNUSABLE_USAGE =
  'The box has sent figures of use that cannot be right, and they were left out. Check the clock of the box.';

/** `health`: what the box has told last, if it has. */
export function attentionItems(
  store: Store,
  box: BoxPresence,
  health: HealthReport | null,
  nowMs: number,
): AttentionItem[] {
  const items: AttentionItem[] = [];
  const alerts = box.kind === 'none' ? [] : (health?.alerts ?? []);
  const overlaps = box.kind === 'none' ? [] : (health?.overlaps ?? []);
  for (const [of, refusal] of Object.entries(refusalsOf(store))) {
    items.push({ kind: 'refusal', of: of === 'policy' ? 'policy' : 'grants', reason: refusal.reason });
  }
  for (const { text, since } of alerts) items.push({ kind: 'alert', text, since });
  const troubleAt = box.kind === 'none' ? null : (currentBox(store)?.usage_trouble_at ?? null);
  if (troubleAt !== null) items.push({ kind: 'alert', text: UNUSABLE_USAGE, since: troubleAt });
  for (const { service, list } of overlaps) {
    items.push({ kind: 'overlap', overlap: { serviceName: serviceName(service), listName: list } });
  }
  for (const { name, warnings } of channelModels(store, nowMs)) {
    for (const warning of warnings) items.push({ kind: 'channel', channelName: name, warning });
  }
  const policy = policyOf(store);
  items.push(...laxNetworks(policy), ...strayAddresses(policy));
  for (const { id, name, user } of devicesOfLeavers(store, policy)) {
    const personName = user?.kind === 'person' ? user.name : '';
    items.push({ kind: 'user-left', device: id, deviceName: name, personName });
  }
  if (box.kind !== 'none' && policy.devices.length === 0) items.push({ kind: 'no-devices' });
  return items;
}

/** Of guests' and staff's networks nobody expects it; where each group leaves something open there is nothing to choose. */
function laxNetworks({ groups, networks }: Policy): AttentionItem[] {
  const strictest = strictestGroup(groups, catalogue);
  if (strictest === null) return [];
  return networks.flatMap(({ name, group: id }) => {
    const group = groups.find((one) => one.id === id);
    if (group?.kind !== 'setting' || isAsStrictAs(group, strictest, catalogue)) return [];
    return [{ kind: 'lax-network', networkName: name, groupName: group.name, strictestName: strictest.name } as const];
  });
}

/** Most likely mistyped: then the device is not known by them, and filtered as one that nobody has named. */
function strayAddresses({ devices, networks }: Policy): AttentionItem[] {
  return devices.flatMap(({ id: device, name: deviceName, addresses: all }) => {
    const addresses = all.filter((address) => !networks.some(({ range }) => isWithin(address, range)));
    return addresses.length === 0 ? [] : [{ kind: 'stray-addresses', device, deviceName, addresses } as const];
  });
}

/** Overlaps of the services that the grant opens; by name, since that is what both sides are shown as. */
export function overlapsOf(health: HealthReport | null, grant: GrantModel): Overlap[] {
  const { scope } = grant;
  return (health?.overlaps ?? []).flatMap(({ service, list }) => {
    const known = catalogue.services.find(({ id }) => id === service);
    const category = catalogue.categories.find(({ id }) => id === known?.category);
    const concerned =
      scope.kind === 'all-social'
        ? category?.social === true
        : scope.name === (scope.kind === 'service' ? known?.name : category?.name);
    return concerned ? [{ serviceName: serviceName(service), listName: list }] : [];
  });
}
