/**
 * In which language a page speaks. It is a fact of the request and not of the model: dates, plurals and words are asked for
 * deep within pages, and all of them have to agree.
 *
 * A second language is a second object of the type `Messages` under its tag, and the word in the settings that chooses it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { en, type Messages } from './messages.ts';

/** By BCP 47 tag, which is also each one's `locale`. */
const languages = { 'en-GB': en } as const satisfies Readonly<Record<string, Messages>>;

export const everyLanguage: readonly Messages[] = Object.values(languages);

const speech = new AsyncLocalStorage<Messages>();

/** Runs `work`, and whatever it waits for, in that language. */
export function speaking<Result>(messages: Messages, work: () => Result): Result {
  return speech.run(messages, work);
}

/**
 * Of the tag in the settings of this installation; absent is English. Throws a RangeError for one that nobody has translated
 * into: pages in another language than was asked for help nobody.
 */
export function messagesIn(tag: string | undefined): Messages {
  if (tag === undefined) return en;
  if (Object.hasOwn(languages, tag)) return languages[tag as keyof typeof languages];
  throw new RangeError(`LANGUAGE: got "${tag}", expected ${Object.keys(languages).join(' or ')}`);
}

/**
 * The words of the language that is spoken at the moment at which a word is asked for: `const t = spoken.now` may stand at the
 * head of a file, and `t.title` says it in the language of the page at hand.
 */
export const spoken: Messages = following(() => speech.getStore() ?? en);

/** What is within is looked up anew each time; texts, functions and lists of texts are handed out as they are. */
function following<Part extends object>(now: () => Part): Part {
  const within = new Map<PropertyKey, object>();
  return new Proxy({} as Part, {
    get(_, key) {
      const value = Reflect.get(now(), key);
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
      const known = within.get(key);
      if (known !== undefined) return known;
      const part = following(() => Reflect.get(now(), key) as object);
      within.set(key, part);
      return part;
    },
    has: (_, key) => Reflect.has(now(), key),
    ownKeys: () => Reflect.ownKeys(now()),
    getOwnPropertyDescriptor(_, key) {
      const descriptor = Reflect.getOwnPropertyDescriptor(now(), key);
      // What a proxy tells of has to be its target's own, or one that may be taken away again.
      return descriptor && { ...descriptor, configurable: true };
    },
  });
}
