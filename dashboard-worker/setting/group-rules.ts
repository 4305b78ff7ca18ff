/**
 * What a group's devices may do at which times: a restriction for each category of the catalogue, and services that are
 * an exception to theirs. Protected categories are not changed here by anybody, and what a newer box knows stays as it is.
 */
import { catalogue, findCategory, findService } from '../../policy-rules/catalogue/catalogue.ts';
import type { Category } from '../../policy-rules/catalogue/service.ts';
import type { Group, Policy } from '../../policy-rules/policy.ts';
import { policyDifference, type RestrictionFact } from '../../policy-rules/policy-difference.ts';
import { usualRestriction } from '../../policy-rules/verdicts.ts';
import type { GroupRules, GroupRulesModel } from '../views/models.ts';
import { scopeName } from './naming.ts';
import type { RecordEvent } from './record-events.ts';

/** The policy with those rules for the group, and an event for each that is new. */
export function withGroupRules(
  policy: Policy,
  group: Group,
  rules: GroupRules,
): { readonly policy: Policy; readonly events: readonly RecordEvent[] } {
  const changed: Group = {
    ...group,
    categories: { ...without(group.categories, (id) => isOpen(findCategory(id))), ...rules.categories },
    services: { ...without(group.services, (id) => isOpen(categoryOf(id))), ...rules.services },
  };
  const after = { ...policy, groups: policy.groups.map((old) => (old.id === group.id ? changed : old)) };
  const events = policyDifference(policy, after).flatMap((fact): RecordEvent[] =>
    fact.fact === 'restriction' ? [eventOf(fact, changed)] : [],
  );
  return { policy: after, events };
}

/** What of the rules cannot be set here: ids that the catalogue lacks, or protects. */
export function unusableRules({ categories, services }: GroupRules): readonly string[] {
  return [
    ...Object.keys(categories).filter((id) => !isOpen(findCategory(id))),
    ...Object.keys(services).filter((id) => !isOpen(categoryOf(id))),
  ];
}

/** What the form shows. */
export function groupRulesOf(
  group: Group,
): Pick<GroupRulesModel, 'rules' | 'categories' | 'services' | 'protectedNames'> {
  const open = catalogue.categories.filter(isOpen);
  return {
    rules: {
      categories: only(group.categories, (id) => isOpen(findCategory(id))),
      services: only(group.services, (id) => isOpen(categoryOf(id))),
    },
    categories: open.map((category) => ({
      id: category.id,
      name: category.name,
      hint: category.defaultReason,
      usual: usualRestriction(group.kind, category),
    })),
    services: open.map((category) => ({
      categoryName: category.name,
      services: catalogue.services
        .filter((service) => service.category === category.id)
        .map(({ id, name }) => ({ id, name })),
    })),
    protectedNames: catalogue.categories.filter((category) => category.protected).map(({ name }) => name),
  };
}

/** With the rule that holds from now on, also where it is the usual one again. */
function eventOf({ scope, after }: RestrictionFact, group: Group): RecordEvent {
  const category = 'category' in scope ? findCategory(scope.category) : categoryOf(scope.service);
  const usual = category === undefined ? 'never' : usualRestriction(group.kind, category);
  const ofCategory = category === undefined ? undefined : group.categories[category.id];
  const restriction = after ?? ('service' in scope ? ofCategory : undefined) ?? usual;
  return { type: 'restriction-changed', groupName: group.name, scope: scopeName(scope), restriction };
}

function isOpen(category: Category | undefined): boolean {
  return category !== undefined && !category.protected;
}

function categoryOf(service: string): Category | undefined {
  return findCategory(findService(service)?.category ?? '');
}

function only<Value>(of: Readonly<Record<string, Value>>, wanted: (id: string) => boolean): Record<string, Value> {
  return Object.fromEntries(Object.entries(of).filter(([id]) => wanted(id)));
}

function without<Value>(of: Readonly<Record<string, Value>>, unwanted: (id: string) => boolean): Record<string, Value> {
  return only(of, (id) => !unwanted(id));
}
