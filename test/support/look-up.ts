/** Asks an image about a name, as the hot path would: the ids of the sources that block it. */
import { openImage } from '../../policy-rules/trie/image.ts';
import { match, ruleSetOf } from '../../policy-rules/trie/match.ts';
import { encodeName } from '../../policy-rules/trie/wire-name.ts';

export function lookUp(buffer: ArrayBuffer | SharedArrayBuffer): (name: string) => string[] {
  const image = openImage(buffer);
  return (name) => {
    const ruleSet = image.ruleSets[ruleSetOf(match(image, encodeName(name), 0))]!;
    return ruleSet.map((source) => image.sources[source]!.id);
  };
}
