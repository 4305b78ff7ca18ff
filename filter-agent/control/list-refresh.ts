/**
 * Which rules are in force: the last good image, or the built-in catalogue; and a newer one when a list has changed.
 *
 * Owns the order of what is tried and the alerts about it. Compiling is list-compiler.ts's, the files image-store.ts's.
 */
import type { Catalogue } from '../../policy-rules/catalogue/service.ts';
import { openImage, type RuleImage } from '../../policy-rules/trie/image.ts';
import type { SourceFacts } from '../../policy-rules/verdicts.ts';
import type { Alerts } from './alerts.ts';
import { compileCatalogue, type ListSource } from './compile-image.ts';
import type { CompileLauncher } from './compile-launcher.ts';
import { checksumOf, imagePathIn, loadImage, readImageRecord } from './image-store.ts';
import { refreshImage } from './list-compiler.ts';
import type { Rules } from './policy-keeper.ts';

export interface ListConfig extends ListSource {
  /** Groups for which it blocks. */
  readonly groups: 'all' | readonly string[];
}

export interface ListRefreshOptions {
  readonly stateDir: string;
  readonly catalogue: Catalogue;
  readonly lists: readonly ListConfig[];
  /** The box's own names. */
  readonly siteNames: readonly string[];
  readonly alerts: Alerts;
  /** Ended by stop(). */
  readonly launcher: CompileLauncher;
  /** Puts new rules in force. */
  readonly onRules: (rules: Rules) => Promise<void>;
  readonly checkIntervalMs?: number;
}

/** Lists change once a day at the most; a pass over their bytes finds out. */
const CHECK_INTERVAL_MS = 10 * 60_000;

export class ListRefresh {
  readonly #options: ListRefreshOptions;
  #number = 0;
  /** The checksum of the image whose rules are in force. */
  #inForce = 0;
  #refreshing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;
  readonly #abort = new AbortController();

  constructor(options: ListRefreshOptions) {
    this.#options = options;
  }

  /** The rules to start with: the last good image, else the catalogue. Takes well under a second, needs no network. */
  async load(): Promise<Rules> {
    const { stateDir, alerts } = this.#options;
    const loaded = await loadImage(stateDir);
    switch (loaded.state) {
      case 'loaded':
        return this.#noteInForce(this.#rulesOf(loaded.image));
      case 'damaged':
        alerts.raise(
          'rules-damaged',
          `The file of compiled rules was damaged (${loaded.reason}). The built-in catalogue filters until it is made again.`,
        );
        break;
      case 'outdated':
      case 'absent':
        break;
    }
    return this.#noteInForce(this.#builtIn());
  }

  /** Looks for changed lists now, and again from time to time. */
  start(): void {
    const { checkIntervalMs = CHECK_INTERVAL_MS } = this.#options;
    void this.refresh();
    this.#timer = setInterval(() => void this.refresh(), checkIntervalMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#abort.abort();
    await this.#refreshing;
    this.#options.launcher.close();
  }

  /** Resolves when the rules of today's lists are in force, or the alert says why not. Never rejects. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #refresh(): Promise<void> {
    const { stateDir, catalogue, lists, siteNames, alerts, launcher, onRules } = this.#options;
    try {
      const options = { launcher, signal: this.#abort.signal };
      const { outcome, failures } = await refreshImage(stateDir, catalogue, { lists, siteNames }, options);
      const kept = outcome === 'kept' ? ' The rules of the last good lists stay in force.' : '';
      alerts.set('list-failed', failures.length === 0 ? [] : [...failures.map(({ message }) => `${message}.`), kept]);
      // Also what an earlier round wrote and could not put in force is put in force now.
      const onDisk = await readImageRecord(imagePathIn(stateDir));
      if (outcome === 'replaced' || (onDisk !== null && onDisk.checksum !== this.#inForce)) {
        const loaded = await loadImage(stateDir);
        if (loaded.state !== 'loaded') throw new Error('the image on disk cannot be read');
        const rules = this.#rulesOf(loaded.image);
        await onRules(rules);
        this.#noteInForce(rules);
      }
      alerts.clear('lists-not-compiled');
      alerts.clear('rules-damaged');
    } catch (cause) {
      if (this.#abort.signal.aborted) return;
      const reason = cause instanceof Error ? cause.message : String(cause);
      alerts.raise(
        'lists-not-compiled',
        `The lists could not be compiled (${reason}). The rules before stay in force.`,
      );
    }
  }

  /** Lists that the settings name and these rules lack: the manager must not think that they block already. */
  #noteInForce(rules: Rules): Rules {
    const { lists, alerts } = this.#options;
    this.#inForce = checksumOf(rules.buffer);
    const there = new Set(rules.image.sources.map(({ id }) => id));
    const missing = lists.filter(({ id }) => !there.has(`list:${id}`)).map(({ name }) => `“${name}”`);
    alerts.set(
      'lists-not-yet',
      missing.length === 0 ? [] : [`Not in force yet, and being compiled: ${missing.join(', ')}.`],
    );
    return rules;
  }

  #builtIn(): Rules {
    const { catalogue, siteNames } = this.#options;
    const image = compileCatalogue(catalogue, siteNames);
    const shared = new SharedArrayBuffer(image.byteLength);
    new Uint8Array(shared).set(new Uint8Array(image));
    return this.#rulesOf(shared);
  }

  #rulesOf(buffer: SharedArrayBuffer): Rules {
    const image = openImage(buffer, false);
    this.#number++;
    return {
      number: this.#number,
      buffer,
      image,
      facts: sourceFacts(image, this.#options.catalogue, this.#options.lists),
    };
  }
}

/** What each source of an image means, by the catalogue and lists of today. */
export function sourceFacts(
  image: RuleImage,
  catalogue: Catalogue,
  lists: readonly Pick<ListConfig, 'id' | 'name' | 'protected' | 'groups'>[],
): SourceFacts[] {
  const services = new Map(catalogue.services.map((service) => [service.id, service]));
  const categories = new Map(catalogue.categories.map((category) => [category.id, category]));
  return image.sources.map(({ id, kind }): SourceFacts => {
    const name = id.slice(id.indexOf(':') + 1);
    if (kind === 'local') return { kind: 'local' };
    if (kind === 'safe-search') return { kind: 'safe-search', engine: name };
    if (kind === 'list') {
      const list = lists.find((candidate) => candidate.id === name);
      // An image of yesterday may hold a list that was taken out of the settings since: it blocks for nobody.
      if (list === undefined) return { kind: 'list', list: name, name, protected: false, groups: [] };
      return { kind: 'list', list: list.id, name: list.name, protected: list.protected, groups: list.groups };
    }
    const service = services.get(name);
    const category = service === undefined ? undefined : categories.get(service.category);
    return {
      kind: 'service',
      service: name,
      category: service?.category ?? '',
      protected: category?.protected ?? false,
      social: category?.social ?? false,
      // A service that left the catalogue stays restricted until the image is compiled anew.
      inForceByDefault: category?.inForceByDefault ?? true,
    };
  });
}
