/**
 * Box: its pairing code in large print, its state, and how to set one up.
 */
import { upstreamPresetNamed } from '../../policy-rules/upstream-presets.ts';
import { formatAgo, formatCount, formatMoment } from './format.ts';
import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import type { BoxModel, BoxPresence, Frame } from './models.ts';
import { Form, StateLine } from './parts.tsx';
import { paths } from './paths.ts';
import { isThisMachine } from './this-machine.ts';

const t = spoken.box;

export function BoxPage({ frame, presence, pairing, dashboardUrl, details }: BoxModel) {
  // With a box that is paired a code is shown only to whoever has just made it, not to everybody who looks.
  const shown = details === null || frame.flash === 'pairing-code-made' ? pairing : null;
  return (
    <Page frame={frame} page="box" title={t.title}>
      <h1>{t.title}</h1>
      <Presence presence={presence} frame={frame} />
      {details !== null && <Details details={details} frame={frame} />}
      <section class="card" aria-labelledby="pairing-title">
        <h2 id="pairing-title">{t.pairing}</h2>
        {shown === null ? (
          <p>{details === null ? t.makeCodeHint : t.pairedHint}</p>
        ) : (
          <>
            <p>{t.pairingText}</p>
            <p class="pairing-code">{`${shown.code.slice(0, 4)} ${shown.code.slice(4)}`.trim()}</p>
            <p>{t.pairingUntil(formatMoment(shown.expiresAt, frame))}</p>
          </>
        )}
        <p>
          {t.dashboardAddress}: <code>{dashboardUrl}</code>
        </p>
        {isThisMachine(dashboardUrl) && <p class="note">{spoken.layout.thisMachine}</p>}
        <Form action={paths.newPairingCode}>
          <button class={pairing === null && details === null ? 'primary' : undefined} type="submit">
            {shown === null ? t.makeCode : t.makeCodeAgain}
          </button>
        </Form>
      </section>
      <section aria-labelledby="set-up-title">
        <h2 id="set-up-title">{t.setUp}</h2>
        <ol>
          {t.setUpSteps.map((step) => (
            <li>{step}</li>
          ))}
        </ol>
      </section>
      {details !== null && (
        <section aria-labelledby="remove-title">
          <h2 id="remove-title">{t.remove}</h2>
          <p>{t.removeText}</p>
          <Form action={paths.removeBox}>
            <button class="danger" type="submit">
              {t.removeButton}
            </button>
          </Form>
        </section>
      )}
    </Page>
  );
}

function Presence({ presence, frame }: { presence: BoxPresence; frame: Frame }) {
  switch (presence.kind) {
    case 'none':
      return <p class="lead">{t.none}</p>;
    case 'working':
      return <StateLine kind="in-force">{t.working(formatAgo(presence.lastHeardAt, frame.nowMs))}</StateLine>;
    case 'away':
      return (
        <>
          <StateLine kind="waiting">{t.away(formatMoment(presence.since, frame))}</StateLine>
          <p>{t.awayStillWorks}</p>
          <h2>{t.whatToCheck}</h2>
          <ol>
            {t.awaySteps.map((step) => (
              <li>{step}</li>
            ))}
          </ol>
        </>
      );
  }
}

function Details({ details, frame }: { details: NonNullable<BoxModel['details']>; frame: Frame }) {
  const { state } = details;
  return (
    <section class="card" aria-labelledby="details-title">
      <h2 id="details-title">{t.details}</h2>
      <dl>
        <dt>{t.name}</dt>
        <dd>{details.name}</dd>
        <dt>{t.version}</dt>
        <dd>{details.softwareVersion}</dd>
        <dt>{t.pairedAt}</dt>
        <dd>{formatMoment(details.pairedAt, frame)}</dd>
        <dt>{t.policy}</dt>
        <dd>
          {details.policyInForce === details.policySaved
            ? t.policyInForce(details.policySaved)
            : t.policyWaiting(details.policySaved)}
        </dd>
        {state !== null && (
          <>
            <dt>{t.startedAt}</dt>
            <dd>{formatMoment(state.startedAt, frame)}</dd>
            <dt>{t.clock}</dt>
            <dd>{state.clockTrusted ? t.clockGood : t.clockBad}</dd>
            <dt>{t.rules}</dt>
            <dd>{formatCount(state.rules)}</dd>
            <dt>{t.unnamed}</dt>
            <dd>{formatCount(state.unnamedDevices)}</dd>
            <dt>{t.answered}</dt>
            <dd>{formatCount(state.queriesTotal)}</dd>
            <dt>{t.blocked}</dt>
            <dd>{formatCount(state.blockedTotal)}</dd>
          </>
        )}
      </dl>
      {state === null ? (
        <p>{t.noState}</p>
      ) : (
        <>
          <h3>{t.upstreams}</h3>
          <p class="hint">{t.upstreamsText}</p>
          {state.upstreams.length === 0 ? (
            <p>{t.noUpstreams}</p>
          ) : (
            <ul>
              {state.upstreams.map((upstream) => (
                <li>
                  {upstream.name}: {upstream.healthy ? t.upstreamGood : t.upstreamBad}
                  <WhatItFilters name={upstream.name} />
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </section>
  );
}

/** What the box asks decides what is filtered beside the setting's own rules; for a preset the product knows it. */
function WhatItFilters({ name }: { name: string }) {
  const preset = upstreamPresetNamed(name);
  const text = preset === undefined ? t.upstreamUnknown : `${preset.filters} ${preset.doesNot}`;
  return <p class="hint">{text}</p>;
}
