/**
 * What became of what was asked, in a line at the top of the page after a redirect. What was done and what was not differ in
 * colour, sign and words, and in how they are read out: `status` waits for a pause, `alert` does not.
 */
import { spoken } from './language.ts';
import type { Flash, NotDoneFlash } from './models.ts';

const t = spoken.layout;

export function FlashLine({ flash }: { flash: Flash }) {
  return isNotDone(flash) ? (
    <p class="flash not-done" role="alert">
      <span class="sign" aria-hidden="true">
        !
      </span>
      <span>
        <strong>{t.notDone}</strong> {t.notDoneFlash[flash]}
      </span>
    </p>
  ) : (
    <p class="flash" role="status">
      <span class="sign" aria-hidden="true">
        ✓
      </span>
      <span>{t.flash[flash]}</span>
    </p>
  );
}

export function isNotDone(flash: Flash | undefined): flash is NotDoneFlash {
  return flash !== undefined && Object.hasOwn(t.notDoneFlash, flash);
}

/** Of an address, whose words anybody may have written. */
export function readFlash(text: string | undefined): Flash | undefined {
  if (text === undefined) return undefined;
  return Object.hasOwn(t.flash, text) || Object.hasOwn(t.notDoneFlash, text) ? (text as Flash) : undefined;
}
