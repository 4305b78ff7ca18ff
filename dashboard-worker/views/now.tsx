/**
 * Now: is the gate working, are we open, who is waiting, what is allowed, what needs attention.
 *
 * Its sections are live regions: the script exchanges them as they change, and a reload does without it.
 */
import { attentionText } from './attention.ts';
import { formatAgo, formatAt, formatDuration, formatMoment, type When } from './format.ts';
import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import type { AttentionItem, BoxPresence, Frame, GrantModel, NowModel, OpeningState, RequestModel } from './models.ts';
import { refusalReasonIds, yesReasonIds } from './models.ts';
import {
  capitalise,
  Form,
  GrantMarks,
  GrantStateLine,
  grantLine,
  isOver,
  StateLine,
  scopeText,
  targetsText,
} from './parts.tsx';
import { paths } from './paths.ts';
import { refusalReasonText, yesReasonText } from './reason-words.ts';
import { withReason } from './record-sentence.ts';
import { AlsoAllowed, canBeExtended, MoreTime, storyText } from './story.tsx';

const t = spoken.now;

export function NowPage({ frame, box, opening, sessionEndsAt, closesAt, grants, requests, attention }: NowModel) {
  const over = grants.filter(({ state }) => isOver(state));
  const live = grants.filter(({ state, from }) => !isOver(state) && from <= frame.nowMs);
  const booked = grants.filter(({ state, from }) => !isOver(state) && from > frame.nowMs);
  return (
    <Page
      frame={frame}
      page="now"
      title={t.title}
      live
      changesAt={[opening.until, ...grants.flatMap(({ from, until }) => [from, until])]}
    >
      <h1>{t.title}</h1>
      <div class="columns">
        <section id="live-gate" class="card" data-live aria-labelledby="gate-title">
          <h2 id="gate-title">{t.gate}</h2>
          <BoxLine box={box} frame={frame} />
        </section>
        <section id="live-opening" class="card" data-live aria-labelledby="opening-title">
          <h2 id="opening-title">{t.opening}</h2>
          <p>{openingText(opening, frame)}</p>
        </section>
      </div>
      {/* Outside the region below, whose "2 minutes ago" changes all the time: only a new count is read out. */}
      <p id="live-count" class="hidden" role="status" data-live>
        {requests.length === 0 ? t.noRequests : spoken.layout.waitingCount(requests.length)}
      </p>
      <section id="live-requests" data-live aria-labelledby="requests-title">
        <h2 id="requests-title">{t.requests}</h2>
        {requests.length === 0 ? (
          <p>{t.noRequests}</p>
        ) : (
          <ul class="plain">
            {requests.map((request) => (
              <Request request={request} frame={frame} sessionEndsAt={sessionEndsAt} closesAt={closesAt} />
            ))}
          </ul>
        )}
      </section>
      <section id="live-grants" data-live aria-labelledby="grants-title">
        <h2 id="grants-title">{t.allowed}</h2>
        {live.length === 0 ? <p>{t.nothingAllowed}</p> : <Grants grants={live} frame={frame} />}
        {booked.length > 0 && (
          <>
            <h3>{t.booked}</h3>
            <Grants grants={booked} frame={frame} />
          </>
        )}
        {over.length > 0 && (
          <>
            <h3>{t.over}</h3>
            <Grants grants={over} frame={frame} />
          </>
        )}
        <p class="actions">
          {frame.may.has('grant.give') && (
            <a class="button primary" href={paths.give}>
              {t.give}
            </a>
          )}
          <a class="button quiet" href={paths.now}>
            {t.reload}
          </a>
        </p>
      </section>
      <section id="live-attention" data-live aria-labelledby="attention-title">
        <h2 id="attention-title">{t.attention}</h2>
        {attention.length === 0 ? (
          <p>{t.noAttention}</p>
        ) : (
          <ul class="plain">
            {attention.map((item) => (
              <li class="attention">
                <Attention item={item} frame={frame} />
              </li>
            ))}
          </ul>
        )}
      </section>
    </Page>
  );
}

export function openingText(opening: OpeningState, when: When): string {
  const until = opening.until === null ? null : formatMoment(opening.until, when);
  switch (opening.kind) {
    case 'open':
      return until === null ? t.openNoEnd : t.open(until);
    case 'break':
      return until === null ? t.onBreakNoEnd : t.onBreak(until);
    case 'closed':
      return until === null ? t.closedNoEnd : t.closed(until);
  }
}

function BoxLine({ box, frame }: { box: BoxPresence; frame: Frame }) {
  switch (box.kind) {
    case 'working':
      return <StateLine kind="in-force">{t.boxWorking(formatAgo(box.lastHeardAt, frame.nowMs))}</StateLine>;
    case 'away':
      return (
        <>
          <StateLine kind="waiting">{t.boxAway(formatMoment(box.since, frame))}</StateLine>
          <ul>
            {t.boxAwayStillWorks.map((sentence) => (
              <li>{sentence}</li>
            ))}
          </ul>
        </>
      );
    case 'none':
      return (
        <>
          <StateLine kind="refused">{t.boxNone}</StateLine>
          {frame.may.has('box.change') && (
            <p>
              <a class="button" href={paths.box}>
                {t.pairBox}
              </a>
            </p>
          )}
        </>
      );
  }
}

/** Answered where it stands, each answer with one tap; it takes the words that are chosen beside it. */
function Request({
  request,
  frame,
  sessionEndsAt,
  closesAt,
}: {
  request: RequestModel;
} & Pick<NowModel, 'frame' | 'sessionEndsAt' | 'closesAt'>) {
  const reasonField = `reason-${request.id}`;
  const yesField = `yes-${request.id}`;
  const askedBy = request.askedBy === '' ? t.someone : request.askedBy;
  return (
    <li class="card request">
      <h3>{t.requestLine(askedBy, scopeText(request.scope), request.deviceName ?? spoken.unnamedDevice)}</h3>
      <p>
        {request.reason !== '' && <>{t.because(request.reason)} </>}
        {t.requestAsked(formatDuration(request.minutes), formatAgo(request.askedAt, frame.nowMs))}
      </p>
      {frame.may.has('request.answer') && (
        <Form action={paths.answerRequest(request.id)} class="answers">
          <button class="primary" name="answer" value="10" type="submit">
            {t.yes10}
          </button>
          <button class="primary" name="answer" value="30" type="submit">
            {t.yes30}
          </button>
          {sessionEndsAt !== null && (
            <button class="primary" name="answer" value="session" type="submit">
              {t.yesSession(formatAt(sessionEndsAt, frame))}
            </button>
          )}
          {closesAt !== null && (
            <button class="primary" name="answer" value="close" type="submit">
              {t.yesClose(formatAt(closesAt, frame))}
            </button>
          )}
          <span class="words">
            <label class="hidden" for={yesField}>
              {t.yesReason}
            </label>
            <select id={yesField} name="yesReason">
              {yesReasonIds.map((id) => (
                <option value={id}>{id === 'none' ? t.yesWithoutWords : t.yesWith(yesReasonText(id))}</option>
              ))}
            </select>
          </span>
          <span class="words">
            <label class="hidden" for={reasonField}>
              {t.noReason}
            </label>
            <select id={reasonField} name="reason">
              {refusalReasonIds.map((id) => (
                <option value={id}>{refusalReasonText(id)}</option>
              ))}
            </select>
            <button name="answer" value="no" type="submit">
              {t.no}
            </button>
          </span>
        </Form>
      )}
      {frame.may.has('grant.give') && (
        <p>
          <a href={`${paths.give}?request=${encodeURIComponent(request.id)}`}>{t.change}</a>
        </p>
      )}
    </li>
  );
}

function Grants({ grants, frame }: { grants: readonly GrantModel[]; frame: Frame }) {
  return (
    <ul class="plain">
      {grants.map((grant) => (
        <Grant grant={grant} frame={frame} />
      ))}
    </ul>
  );
}

function Grant({ grant, frame }: { grant: GrantModel; frame: Frame }) {
  const over = isOver(grant.state) || grant.state.kind === 'ending';
  const scope = capitalise(scopeText(grant.scope));
  const target = targetsText(grant.targets);
  const changed = grant.told.some(({ kind }) => kind === 'extended' || kind === 'joined');
  const { askedBy, grantedBy } = grant;
  const by = askedBy === '' || askedBy === grantedBy ? grantedBy : spoken.grant.byFor(grantedBy, askedBy);
  return (
    <li class="card grant">
      <div>
        <h3>
          <a href={paths.grant(grant.id)}>{grantLine(grant, frame)}</a>
        </h3>
        <GrantStateLine state={grant.state} frame={frame} />
        <p class="detail">
          <GrantMarks grant={grant} />
          {withReason(by, grant.reason)}
        </p>
        <AlsoAllowed grant={grant} frame={frame} />
        {changed && <p class="detail">{grant.told.map((step) => storyText(step, frame)).join(' ')}</p>}
      </div>
      {canBeExtended(grant) && frame.may.has('grant.give') && (
        <MoreTime
          grant={grant}
          frame={frame}
          back="now"
          minutes={[10]}
          sessionEndsAt={null}
          closesAt={null}
          of={spoken.grant.line(scope, target)}
        />
      )}
      {!over && frame.may.has('grant.give') && (
        <Form action={paths.endGrant(grant.id)}>
          <input type="hidden" name="back" value="now" />
          <button type="submit">
            {grant.from > frame.nowMs ? t.cancel : t.endNow}
            <span class="hidden">: {spoken.grant.line(scope, target)}</span>
          </button>
        </Form>
      )}
    </li>
  );
}

function Attention({ item, frame }: { item: AttentionItem; frame: Frame }) {
  const way = wayTo(item, frame);
  if (item.kind === 'alert') {
    return (
      <p>
        {item.text} <span class="hint">{t.alertSince(formatMoment(item.since, frame))}</span>
      </p>
    );
  }
  return (
    <p>
      {attentionText(item, frame)} {way !== null && <a href={way.href}>{way.words}</a>}
    </p>
  );
}

/** To where it is mended, for whoever may; null where nothing on the dashboard mends it. */
function wayTo(item: AttentionItem, { may }: Frame): { readonly href: string; readonly words: string } | null {
  switch (item.kind) {
    case 'overlap':
    case 'alert':
    case 'refusal':
      return null;
    case 'channel':
      return may.has('channel.change') ? { href: paths.channels, words: spoken.channels.look } : null;
    case 'lax-network':
      return may.has('policy.change') ? { href: paths.networks, words: t.laxNetworkLink } : null;
    case 'user-left':
    case 'stray-addresses':
      return may.has('device.change') ? { href: paths.device(item.device), words: t.changeDevice } : null;
    case 'no-devices':
      return may.has('device.change') ? { href: paths.newDevice, words: t.nameDevices } : null;
  }
}
