/**
 * The frame around every page: head, skip link, navigation, who is signed in, standing warnings, what was just done.
 */
import type { Child, PropsWithChildren } from 'hono/jsx';
import { raw } from 'hono/utils/html';
import { FlashLine, isNotDone } from './flash.tsx';
import { formatMoment } from './format.ts';
import { spoken } from './language.ts';
import type { Frame, Instant, PageId, StandingWarning } from './models.ts';
import { Navigation } from './navigation.tsx';
import { Form, FrameContext } from './parts.tsx';
import { paths } from './paths.ts';

const t = spoken.layout;

type PageProps = PropsWithChildren<{
  frame: Frame;
  /** Null for one that is not in the navigation. */
  page: PageId | null;
  title: string;
  /** Set when the form on the page came back with errors: the title says so first. */
  hasErrors?: boolean;
  /** The script fetches the page anew when there is news, and exchanges its live regions. */
  live?: boolean;
  /** There is a form on it that only the script of passkeys can send. */
  passkeys?: boolean;
  /** When time alone changes what a live page shows; it is looked at anew at the next of them. */
  changesAt?: readonly (Instant | null)[];
}>;

/** A page for somebody who is signed in. */
export function Page({
  frame,
  page,
  title,
  hasErrors = false,
  live = false,
  passkeys = false,
  changesAt = [],
  children,
}: PageProps) {
  // These two pages say it themselves, with what to do.
  const saysPresence = page === 'now' || page === 'box';
  const warnings = frame.warnings.filter(({ kind }) => !saysPresence || (kind !== 'box-away' && kind !== 'no-box'));
  return (
    <FrameContext.Provider value={frame}>
      <Document
        title={`${hasErrors || isNotDone(frame.flash) ? t.errorPrefix : ''}${title} – ${frame.settingName}`}
        live={live}
        passkeys={passkeys}
      >
        <header class="top">
          <div class="wide bar">
            <p class="brand">
              <a href={paths.now}>
                <Gate />
                {spoken.productName}
              </a>
              <span class="setting">
                {frame.settingName}
                {frame.belongsToSeveral && (
                  <>
                    {' '}
                    <a class="touch" href={paths.settings}>
                      {spoken.settings.change}
                      <span class="hidden"> {spoken.settings.changeHidden}</span>
                    </a>
                  </>
                )}
              </span>
            </p>
            <Form class="who" action={paths.signOut}>
              <span>{t.signedInAs(frame.userName)}</span>
              <button class="quiet" type="submit">
                {t.signOut}
              </button>
            </Form>
          </div>
          <Navigation frame={frame} page={page} />
        </header>
        <main id="main" class="wide" tabindex={-1}>
          {live && (
            <p id="live-stale" class="note" role="alert" data-due={untilNext(changesAt, frame.nowMs)} hidden>
              {t.notUpToDate(formatMoment(frame.nowMs, frame))}
            </p>
          )}
          {warnings.length > 0 && (
            <section class="warnings" aria-label={t.standingWarnings}>
              {warnings.map((warning) => (
                <Warning warning={warning} frame={frame} />
              ))}
            </section>
          )}
          {frame.flash && <FlashLine flash={frame.flash} />}
          {children}
        </main>
      </Document>
    </FrameContext.Provider>
  );
}

/** In milliseconds; undefined when none lies ahead. */
function untilNext(instants: readonly (Instant | null)[], nowMs: Instant): string | undefined {
  const ahead = instants.filter((at) => at !== null).filter((at) => at > nowMs);
  return ahead.length === 0 ? undefined : String(Math.min(...ahead) - nowMs);
}

/** A page for somebody who is not signed in, or for whom nothing may be said about the setting. */
export function PlainPage({
  title,
  hasErrors = false,
  plainHttp = false,
  passkeys = false,
  children,
}: PropsWithChildren<{ title: string; hasErrors?: boolean; plainHttp?: boolean; passkeys?: boolean }>) {
  return (
    <Document title={`${hasErrors ? t.errorPrefix : ''}${title} – ${spoken.productName}`} passkeys={passkeys}>
      <header class="top">
        <div class="narrow bar">
          <p class="brand">
            <Gate />
            {spoken.productName}
            <span class="setting">{spoken.tagline}</span>
          </p>
        </div>
      </header>
      <main id="main" class="narrow" tabindex={-1}>
        {plainHttp && (
          <section class="warnings" aria-label={t.standingWarnings}>
            <Banner>{t.warnings.plainHttp}</Banner>
          </section>
        )}
        {children}
      </main>
    </Document>
  );
}

function Document({
  title,
  live = false,
  passkeys = false,
  children,
}: PropsWithChildren<{ title: string; live?: boolean; passkeys?: boolean }>) {
  return (
    <>
      {raw('<!doctype html>')}
      <html lang={spoken.locale}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>{title}</title>
          <link rel="icon" href="data:," />
          <link rel="stylesheet" href={paths.stylesheet} />
          {live && <script type="module" src={paths.script} />}
          {passkeys && <script type="module" src={paths.passkeyScript} />}
        </head>
        <body>
          <a class="skip" href="#main">
            {t.skip}
          </a>
          {children}
        </body>
      </html>
    </>
  );
}

function Warning({ warning, frame }: { warning: StandingWarning; frame: Frame }) {
  switch (warning.kind) {
    case 'no-box':
      return (
        <Banner>
          {t.warnings.noBox} {frame.may.has('box.change') && <a href={paths.box}>{t.warnings.noBoxLink}</a>}
        </Banner>
      );
    case 'box-away':
      return (
        <Banner>
          {t.warnings.boxAway(formatMoment(warning.since, frame))}{' '}
          {frame.may.has('box.change') && <a href={paths.box}>{t.warnings.boxAwayLink}</a>}
        </Banner>
      );
    case 'clock-not-trusted':
      return <Banner>{t.warnings.clockNotTrusted}</Banner>;
    case 'plain-http':
      return <Banner>{t.warnings.plainHttp}</Banner>;
  }
}

function Banner({ children }: { children?: Child }) {
  return (
    <p class="warning">
      <span class="sign" aria-hidden="true">
        !
      </span>
      <span>{children}</span>
    </p>
  );
}

/** The mark: a stair gate, as four bars between two rails. */
function Gate() {
  return (
    <svg class="gate" width="26" height="22" viewBox="0 0 26 22" aria-hidden="true" focusable="false">
      <path
        d="M2 4h22M2 18h22M4 2v18M10 4v14M16 4v14M22 2v18"
        fill="none"
        stroke="currentColor"
        stroke-width="2.5"
        stroke-linecap="round"
      />
    </svg>
  );
}
