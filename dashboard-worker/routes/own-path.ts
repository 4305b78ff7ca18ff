/** Where somebody goes once they are in: an address that came with a link or a form, taken only when it is one of ours. */
import { paths } from '../views/paths.ts';

/**
 * A path of this site: "//elsewhere.example" and "/\\elsewhere.example" are addresses of other sites to a browser, and so
 * is what only becomes one once its dots are resolved, like "/..//elsewhere.example". The doors themselves are none.
 */
export function ownPath(next: string): string {
  const here = 'http://here.invalid';
  if (!next.startsWith('/') || !URL.canParse(next, here)) return paths.now;
  const { origin, pathname, search } = new URL(next, here);
  const elsewhere = origin !== here || pathname.startsWith('//');
  return elsewhere || doors.has(pathname) ? paths.now : pathname + search;
}

const doors: ReadonlySet<string> = new Set([
  paths.signIn,
  paths.secondStep,
  paths.recoveryStep,
  paths.secondFactor,
  paths.resetCode,
]);
