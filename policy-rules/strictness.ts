/**
 * Which group is stricter than another: what decides as whom a device without a name is to be filtered, since it may be
 * any of the setting's own.
 */
import type { Catalogue } from './catalogue/service.ts';
import type { Group, Restriction } from './policy.ts';
import { restrictionOf } from './verdicts.ts';

const hours: Readonly<Record<Restriction, number>> = { never: 0, 'opening-hours': 1, always: 2 };

/** Whether the group blocks every service at all the times at which `other` blocks it. */
export function isAsStrictAs(group: Group, other: Group, { services, categories }: Catalogue): boolean {
  const kinds = new Map(categories.map((category) => [category.id, category]));
  return services.every(({ id, category }) => {
    const kind = kinds.get(category);
    if (kind === undefined) return true;
    const facts = { kind: 'service', service: id, category, ...pick(kind) } as const;
    return hours[restrictionOf(group, facts)] >= hours[restrictionOf(other, facts)];
  });
}

/** The first of the setting's own groups that blocks something more than this one; null where none does. */
export function stricterGroup(group: Group, groups: readonly Group[], catalogue: Catalogue): Group | null {
  return groups.find((other) => other.kind === 'setting' && !isAsStrictAs(group, other, catalogue)) ?? null;
}

/** The first of the setting's own groups that blocks all that any of them does; null where each leaves something open. */
export function strictestGroup(groups: readonly Group[], catalogue: Catalogue): Group | null {
  const own = groups.filter(({ kind }) => kind === 'setting');
  return own.find((group) => own.every((other) => isAsStrictAs(group, other, catalogue))) ?? null;
}

function pick({ protected: isProtected, social, inForceByDefault }: Catalogue['categories'][number]) {
  return { protected: isProtected, social, inForceByDefault };
}
