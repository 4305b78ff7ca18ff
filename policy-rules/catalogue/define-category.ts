/**
 * A category file's entries → the shapes of service.ts. Lets an entry leave out what it does not have, and write its
 * names as one text, so that a service stands on the page as a person would note it down.
 */
import type { Category, Service } from './service.ts';

export interface ServiceEntry {
  readonly id: string;
  readonly name: string;
  readonly clauses?: readonly string[];
  /** Names separated by white space, as in the three that follow. */
  readonly suffixes?: string;
  readonly hosts?: string;
  readonly exceptions?: string;
  readonly exceptionHosts?: string;
  readonly byItself?: boolean;
  readonly notes?: readonly string[];
}

export interface CategoryFile {
  readonly category: Category;
  readonly services: readonly Service[];
}

export function defineCategory(category: Category, entries: readonly ServiceEntry[]): CategoryFile {
  const services = entries.map(
    (entry): Service => ({
      id: entry.id,
      name: entry.name,
      category: category.id,
      clauses: entry.clauses ?? [],
      suffixes: splitNames(entry.suffixes),
      hosts: splitNames(entry.hosts),
      exceptions: splitNames(entry.exceptions),
      exceptionHosts: splitNames(entry.exceptionHosts),
      byItself: entry.byItself ?? false,
      notes: entry.notes ?? [],
    }),
  );
  return { category, services };
}

function splitNames(text = ''): readonly string[] {
  return text.split(/\s+/).filter((name) => name !== '');
}
