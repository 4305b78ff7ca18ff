/** What went wrong, as the person is told. */
export interface ErrorModel {
  /**
   * - `server`: something failed here
   * - `forbidden`: signed in, but not allowed
   * - `cross-site`: a form that did not come from this site
   * - `bad-form`: a form that makes no sense (fields missing)
   * - `other-setting`: a form of a page that was shown in another setting than the one that the reader is in now
   * - `other-person`: a form of a page that was shown to somebody else, who was signed in at this browser before
   * - `gone`: what the form was about has ended or been answered meanwhile
   */
  readonly kind: 'server' | 'forbidden' | 'cross-site' | 'bad-form' | 'other-setting' | 'other-person' | 'gone';
  /** To tell the person who looks after Stairgate; null when there is none. */
  readonly reference: string | null;
}
