/**
 * Give permission: the usual with one tap, everything else with a form that is filled in already; and the page that
 * shows what the box said to it.
 */
import { formatAt, formatDayBefore, formatDuration, formatMoment } from './format.ts';
import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import type { Choice, GiveModel, GrantResultModel, UsualGrant } from './models.ts';
import { EMERGENCY_MINUTES, reasonIds } from './models.ts';
import {
  capitalise,
  ErrorSummary,
  FieldErrorText,
  Form,
  FormId,
  GrantMarks,
  GrantStateLine,
  grantLine,
  isOver,
  scopeText,
  TextField,
  Tile,
  Time,
  targetsText,
  targetText,
} from './parts.tsx';
import { paths } from './paths.ts';
import { Picture, PictureSheet, pictureOf } from './pictures.tsx';
import { AlsoAllowed, canBeExtended, MoreTime, storyText } from './story.tsx';

const t = spoken.give;

/** Up to this many devices are tiles in one grid; beyond it they fold into their groups. */
const DEVICES_IN_ONE_GRID = 12;
const OFFERED_SHOWN = 6;

export function GivePage(model: GiveModel) {
  const { frame, box, opening, usual, dayBefore, request, values, errors } = model;
  return (
    <Page frame={frame} page="give" title={t.title} hasErrors={errors.length > 0}>
      <h1>{t.title}</h1>
      <ErrorSummary errors={errors} />
      {box.kind === 'away' && <p class="note">{t.boxAway}</p>}
      {box.kind === 'none' && <p class="note">{t.boxNone}</p>}
      {opening.kind !== 'open' && box.kind !== 'none' && <p class="note">{t.notOpen}</p>}
      {request !== null && (
        <section class="card" aria-labelledby="answering-title">
          <h2 id="answering-title">{t.answering}</h2>
          <p>
            {spoken.now.requestLine(
              request.askedBy === '' ? spoken.now.someone : request.askedBy,
              scopeText(request.scope),
              request.deviceName ?? spoken.unnamedDevice,
            )}
            {request.reason !== '' && <>: {spoken.now.because(request.reason)}</>}
          </p>
        </section>
      )}
      {dayBefore !== null && request === null && (
        <Again
          id="day-before"
          title={t.asBefore(formatDayBefore(dayBefore.at, frame))}
          grants={dayBefore.grants}
          formId={model.formId}
        />
      )}
      {usual.length > 0 && request === null && (
        <Again id="usual" title={t.usual} grants={usual} formId={model.formId} />
      )}
      <Form action={paths.give}>
        <FormId id={model.formId} />
        <input type="hidden" name="request" value={values.request} />
        <DeviceChoice {...model} />
        <ScopeChoice {...model} />
        <UntilChoice {...model} />
        <LaterChoice {...model} />
        <PersonChoice {...model} />
        <ReasonChoice {...model} />
        <details open={errors.some(({ field }) => ['purpose', 'mode'].includes(field))}>
          <summary>{t.details}</summary>
          <PurposeChoice {...model} />
          <fieldset>
            <legend>{t.mode}</legend>
            <div class="tiles">
              {(['verbal', 'written'] as const).map((mode) => (
                <Tile name="mode" value={mode} checked={values.mode === mode}>
                  {t.modes[mode]}
                </Tile>
              ))}
            </div>
          </fieldset>
        </details>
        <p class="actions sticky">
          <button class="primary large" type="submit">
            {t.button}
          </button>
        </p>
      </Form>
      {model.emergency !== null && (
        <section class="card emergency" aria-labelledby="emergency-title">
          <h2 id="emergency-title">{t.emergency}</h2>
          <p>{t.emergencyText(EMERGENCY_MINUTES, model.emergency.name)}</p>
          <Form action={paths.emergency}>
            <FormId id={model.formId} />
            <button class="danger" name="target" value={model.emergency.key} type="submit">
              {t.emergencyButton(EMERGENCY_MINUTES)}
            </button>
          </Form>
        </section>
      )}
      <p>
        <a href={paths.note}>{t.noteLink}</a>
      </p>
      <p class="hint">{t.limits}</p>
    </Page>
  );
}

/** What was allowed by word of mouth earlier today: the same questions, for the record only. */
export function NotePage(model: GiveModel) {
  const { frame, values, errors } = model;
  const words = spoken.note;
  return (
    <Page frame={frame} page="give" title={words.title} hasErrors={errors.length > 0}>
      <h1>{words.title}</h1>
      <ErrorSummary errors={errors} />
      <p class="lead">{words.intro}</p>
      <Form action={paths.note}>
        <FormId id={model.formId} />
        <input type="hidden" name="until" value="time" />
        <input type="hidden" name="mode" value="verbal" />
        <input type="hidden" name="request" value="" />
        <DeviceChoice {...model} />
        <ScopeChoice {...model} />
        <fieldset>
          <legend>
            <h2>{words.when}</h2>
          </legend>
          <div class="row">
            <TextField name="fromTime" label={words.from} type="time" value={values.fromTime} errors={errors} />
            <TextField name="untilTime" label={words.until} type="time" value={values.untilTime} errors={errors} />
          </div>
        </fieldset>
        <PersonChoice {...model} />
        <ReasonChoice {...model} />
        <PurposeChoice {...model} />
        <p class="actions sticky">
          <button class="primary large" type="submit">
            {words.button}
          </button>
        </p>
      </Form>
      <p>
        <a href={paths.give}>{words.instead}</a>
      </p>
    </Page>
  );
}

function PurposeChoice({ values }: GiveModel) {
  return (
    <fieldset>
      <legend>{t.purpose}</legend>
      <div class="tiles">
        {(['personal', 'official', 'emergency'] as const).map((purpose) => (
          <Tile name="purpose" value={purpose} checked={values.purpose === purpose}>
            {t.purposes[purpose]}
          </Tile>
        ))}
      </div>
    </fieldset>
  );
}

interface AgainProps {
  readonly id: string;
  readonly title: string;
  readonly grants: readonly UsualGrant[];
  readonly formId: string;
}

/** What was given before, each given again from now on by one tap. */
function Again({ id, title, grants, formId }: AgainProps) {
  return (
    <section aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      <ul class="plain tiles">
        {grants.map((one) => (
          <li>
            <Form action={paths.repeat}>
              <FormId id={formId} />
              <button class="usual" name="grant" value={one.grantId} type="submit">
                <strong>{spoken.grant.line(capitalise(scopeText(one.scope)), targetsText(one.targets))}</strong>
                <span>{t.usualDuration(formatDuration(one.minutes))}</span>
                <span>{one.reason}</span>
              </button>
            </Form>
          </li>
        ))}
      </ul>
    </section>
  );
}

function DeviceChoice({ groups, devices, values, errors }: GiveModel) {
  const tile = (choice: Choice) => (
    <Tile name="target" value={choice.key} checked={values.targets.includes(choice.key)} several>
      {choice.name}
    </Tile>
  );
  return (
    <fieldset id="target" class={errors.some(({ field }) => field === 'target') ? 'wrong' : undefined}>
      <legend>
        <h2>{t.device}</h2>
      </legend>
      <p class="hint">{t.deviceHint}</p>
      <FieldErrorText field="target" errors={errors} />
      <h3>{t.devices}</h3>
      {devices.length === 0 && (
        <p>
          {t.noDevices} <a href={paths.newDevice}>{t.noDevicesLink}</a>
        </p>
      )}
      {devices.length <= DEVICES_IN_ONE_GRID ? (
        <div class="tiles">{devices.map(tile)}</div>
      ) : (
        [...new Set(devices.map(({ groupName }) => groupName))].map((groupName) => {
          const inGroup = devices.filter((device) => device.groupName === groupName);
          return (
            <details open={inGroup.some(({ key }) => values.targets.includes(key))}>
              <summary>{t.devicesOf(groupName, inGroup.length)}</summary>
              <div class="tiles">{inGroup.map(tile)}</div>
            </details>
          );
        })
      )}
      <h3>{t.groups}</h3>
      <div class="tiles">{groups.map(tile)}</div>
    </fieldset>
  );
}

function ScopeChoice({ offered, categories, values, errors }: GiveModel) {
  const shown = offered.slice(0, OFFERED_SHOWN);
  const onTop = new Set(shown.map(({ key }) => key));
  const tile = (choice: Choice) => (
    <Tile name="scope" value={choice.key} checked={values.scope === choice.key}>
      {choice.category !== undefined && <Picture of={pictureOf(choice.category)} />}
      {choice.key === 'all-social' && <Picture of="all" />}
      {choice.name}
    </Tile>
  );
  return (
    <fieldset id="scope" class={errors.some(({ field }) => field === 'scope') ? 'wrong' : undefined}>
      <legend>
        <h2>{t.what}</h2>
      </legend>
      <FieldErrorText field="scope" errors={errors} />
      <PictureSheet />
      <div class="tiles">
        {shown.map((choice) =>
          tile(choice.key.startsWith('category:') ? { ...choice, name: t.wholeCategory(choice.name) } : choice),
        )}
        {!onTop.has('all-social') && tile({ key: 'all-social', name: t.allSocial })}
      </div>
      <details open={shown.length === 0 || !['', 'all-social', ...onTop].includes(values.scope)}>
        <summary>{t.more}</summary>
        {categories.map((category) => {
          // A choice stands once: one field may not have the same value checked in two places.
          const choices = [{ key: category.key, name: t.wholeCategory(category.name) }, ...category.services].filter(
            ({ key }) => !onTop.has(key),
          );
          return (
            <details open={choices.some(({ key }) => key === values.scope)}>
              <summary>
                {category.category !== undefined && <Picture of={pictureOf(category.category)} />}
                {category.name}
              </summary>
              <div class="tiles">{choices.map(tile)}</div>
            </details>
          );
        })}
      </details>
    </fieldset>
  );
}

function UntilChoice({ frame, sessionEndsAt, closesAt, values, errors }: GiveModel) {
  const tile = (value: string, words: string) => (
    <Tile name="until" value={value} checked={values.until === value}>
      {words}
    </Tile>
  );
  return (
    <fieldset id="until" class={errors.some(({ field }) => field.startsWith('until')) ? 'wrong' : undefined}>
      <legend>
        <h2>{t.until}</h2>
      </legend>
      <FieldErrorText field="until" errors={errors} />
      <div class="tiles">
        {tile('10', t.minutes(10))}
        {tile('30', t.minutes(30))}
        {tile('60', t.minutes(60))}
        {sessionEndsAt !== null && tile('session', t.session(formatAt(sessionEndsAt, frame)))}
        {closesAt !== null && tile('close', t.close(formatAt(closesAt, frame)))}
        {tile('time', t.time)}
      </div>
      <TextField name="untilTime" label={t.timeField} type="time" value={values.untilTime} errors={errors} />
    </fieldset>
  );
}

function LaterChoice({ today, values, errors }: GiveModel) {
  const used = values.fromDate !== '' || values.fromTime !== '';
  return (
    <details open={used || errors.some(({ field }) => field.startsWith('from'))}>
      <summary>{t.later}</summary>
      <p class="hint">{t.laterHint}</p>
      <div class="row">
        <TextField name="fromTime" label={t.fromTime} type="time" value={values.fromTime} errors={errors} />
        <TextField name="fromDate" label={t.fromDate} type="date" value={values.fromDate} errors={errors} min={today} />
      </div>
    </details>
  );
}

/** Nothing is chosen beforehand: whether somebody allows it for themselves is theirs to say. */
function PersonChoice({ values, errors }: GiveModel) {
  return (
    <fieldset id="forWhom" class={errors.some(({ field }) => field === 'forWhom') ? 'wrong' : undefined}>
      <legend>
        <h2>{t.who}</h2>
      </legend>
      <FieldErrorText field="forWhom" errors={errors} />
      <div class="tiles">
        {(['me', 'other'] as const).map((whom) => (
          <Tile name="forWhom" value={whom} checked={values.forWhom === whom}>
            {t.forWhom[whom]}
          </Tile>
        ))}
      </div>
      <TextField
        name="askedBy"
        label={t.askedBy}
        value={values.askedBy}
        errors={errors}
        autocomplete="off"
        maxLength={80}
      />
    </fieldset>
  );
}

function ReasonChoice({ values, errors }: GiveModel) {
  return (
    <fieldset id="reason">
      <legend>
        <h2>{t.why}</h2>
      </legend>
      <FieldErrorText field="reason" errors={errors} />
      <div class="tiles">
        {reasonIds.map((id) => (
          <Tile name="reason" value={id} checked={values.reason === id}>
            {capitalise(spoken.reasons[id])}
          </Tile>
        ))}
      </div>
      <TextField
        name="reasonText"
        label={t.reasonText}
        hint={t.reasonTextHint}
        value={values.reasonText}
        errors={errors}
        autocomplete="off"
        maxLength={400}
      />
    </fieldset>
  );
}

export function GrantResultPage(model: GrantResultModel) {
  const { frame, grant, sessionEndsAt, closesAt, overlaps } = model;
  const words = spoken.grantResult;
  const { state } = grant;
  const over = isOver(state) || state.kind === 'ending';
  return (
    <Page
      frame={frame}
      page="give"
      title={words.titles[state.kind]}
      live={!isOver(state)}
      changesAt={[grant.from, grant.until]}
    >
      <section id="live-grant" data-live aria-live="polite">
        <h1>{words.titles[state.kind]}</h1>
        <p class="lead">{grantLine(grant, frame)}</p>
        <GrantStateLine state={state} frame={frame} />
        <p>{resultSentence(model)}</p>
        <AlsoAllowed grant={grant} frame={frame} />
      </section>
      {overlaps.length > 0 && !over && (
        <section class="card attention" aria-labelledby="overlaps-title">
          <h2 id="overlaps-title">{words.stillBlocked}</h2>
          <ul>
            {overlaps.map(({ listName, serviceName }) => (
              <li>{spoken.now.overlap(listName, serviceName)}</li>
            ))}
          </ul>
          <p>{words.stillBlockedWhy}</p>
        </section>
      )}
      <div id="live-more" data-live>
        {canBeExtended(grant) && frame.may.has('grant.give') && (
          <>
            <h2>{spoken.grant.moreTime}</h2>
            <MoreTime
              grant={grant}
              frame={frame}
              back="grant"
              minutes={[10, 30]}
              sessionEndsAt={sessionEndsAt}
              closesAt={closesAt}
            />
          </>
        )}
      </div>
      <div id="live-actions" class="actions" data-live>
        {!over && frame.may.has('grant.give') && (
          <Form action={paths.endGrant(grant.id)}>
            <input type="hidden" name="back" value="grant" />
            <button type="submit">{grant.from > frame.nowMs ? spoken.now.cancel : spoken.now.endNow}</button>
          </Form>
        )}
        {(state.kind === 'sending' || state.kind === 'ending' || state.kind === 'waiting') && (
          <a class="button" href={paths.grant(grant.id)}>
            {spoken.now.reload}
          </a>
        )}
        <a class="button" href={paths.now}>
          {words.back}
        </a>
        {frame.may.has('grant.give') && (
          <a class="button" href={paths.give}>
            {words.another}
          </a>
        )}
      </div>
      <section class="card" aria-labelledby="details-title">
        <h2 id="details-title">{words.table}</h2>
        <p>
          <GrantMarks grant={grant} />
        </p>
        <dl>
          <dt>{words.who}</dt>
          <dd>
            {grant.targets.map((target) => (
              <div>{capitalise(targetText(target))}</div>
            ))}
          </dd>
          <dt>{words.what}</dt>
          <dd>{capitalise(scopeText(grant.scope))}</dd>
          <dt>{words.from}</dt>
          <dd>
            <Time at={grant.from} frame={frame} />
          </dd>
          <dt>{words.until}</dt>
          <dd>
            <Time at={grant.until} frame={frame} />
          </dd>
          {grant.reason !== '' && (
            <>
              <dt>{words.why}</dt>
              <dd>{capitalise(grant.reason)}</dd>
            </>
          )}
          <dt>{words.purpose}</dt>
          <dd>{spoken.grant.purpose[grant.purpose]}</dd>
          <dt>{words.mode}</dt>
          <dd>{spoken.grant.mode[grant.mode]}</dd>
          <dt>{words.forWhom}</dt>
          <dd>{grant.askedBy === '' ? words.forNobody : grant.askedBy}</dd>
          <dt>{words.grantedBy}</dt>
          <dd>{words.grantedAt(grant.grantedBy, formatMoment(grant.grantedAt, frame))}</dd>
        </dl>
        <div id="live-story" data-live>
          {grant.told.length > 1 && (
            <>
              <h3>{words.story}</h3>
              <ol>
                {grant.told.map((step) => (
                  <li>{storyText(step, frame)}</li>
                ))}
              </ol>
            </>
          )}
        </div>
      </section>
    </Page>
  );
}

function resultSentence({ frame, grant: { state, until } }: GrantResultModel): string {
  const words = spoken.grantResult.sentences;
  if (state.kind === 'ending' && state.boxAwaySince !== null) {
    return words.endingSince(formatMoment(state.boxAwaySince, frame), formatAt(until, frame));
  }
  if (state.kind === 'waiting' && state.boxAwaySince !== null) {
    return words.waitingSince(formatMoment(state.boxAwaySince, frame));
  }
  return words[state.kind];
}
