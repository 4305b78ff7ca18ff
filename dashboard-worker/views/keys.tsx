/**
 * Keys for other programs: making one, which is shown once, revoking, and the documentation of the API.
 */
import { formatDay } from './format.ts';
import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import type { ApiDocumentationModel, ApiOperation, KeysModel } from './models.ts';
import { apiMatters, keyScopes } from './models.ts';
import { ErrorSummary, FieldErrorText, Form, FormId, Scroller, TextField, Tile } from './parts.tsx';
import { paths } from './paths.ts';

const t = spoken.keys;

export function KeysPage({ frame, keys, made, values, errors, formId }: KeysModel) {
  return (
    <Page frame={frame} page="account" title={t.title} hasErrors={errors.length > 0}>
      <h1>{t.title}</h1>
      <p class="lead">{t.intro}</p>
      <p>
        <a class="touch" href={paths.apiDocumentation}>
          {t.documentation}
        </a>
      </p>
      <ErrorSummary errors={errors} />
      {made !== null && (
        <section class="note" aria-labelledby="made-title">
          <h2 id="made-title">{t.shown(made.name)}</h2>
          <p>
            <code>{made.key}</code>
          </p>
          <p>{t.shownOnce}</p>
        </section>
      )}
      {keys.length === 0 && <p>{t.none}</p>}
      <ul class="plain">
        {keys.map(({ id, name, scopes, madeAt, usedAt }) => (
          <li class="card grant">
            <div>
              <h2>{name}</h2>
              <ul>
                {scopes.map((scope) => (
                  <li>{t.scopes[scope]}</li>
                ))}
              </ul>
              <p class="detail">
                {t.made(formatDay(madeAt, frame.timeZone))}{' '}
                {usedAt === null ? t.unused : t.used(formatDay(usedAt, frame.timeZone))}
              </p>
            </div>
            <Form action={paths.revokeKey(id)}>
              <button class="danger" type="submit">
                {t.revoke}
                <span class="hidden"> {name}</span>
              </button>
            </Form>
          </li>
        ))}
      </ul>
      <section class="card" aria-labelledby="make-title">
        <h2 id="make-title">{t.make}</h2>
        <Form action={paths.keys}>
          <FormId id={formId} />
          <TextField
            name="name"
            label={t.name}
            value={values.name}
            errors={errors}
            autocomplete="off"
            maxLength={80}
            required
          />
          <fieldset id="scopes" class={errors.some(({ field }) => field === 'scopes') ? 'wrong' : undefined}>
            <legend>{t.rights}</legend>
            <FieldErrorText field="scopes" errors={errors} />
            {keyScopes.map((scope) => (
              <Tile name="scopes" value={scope} checked={values.scopes.includes(scope)} several>
                {t.scopes[scope]}
              </Tile>
            ))}
          </fieldset>
          <button class="primary" type="submit">
            {t.makeButton}
          </button>
        </Form>
      </section>
    </Page>
  );
}

export function ApiDocumentationPage({ frame, base, operations }: ApiDocumentationModel) {
  const words = t.docs;
  const matters = apiMatters.flatMap((matter) => {
    const all = operations[matter] ?? [];
    return all.length === 0 ? [] : [{ matter, all }];
  });
  return (
    <Page frame={frame} page="account" title={words.title}>
      <h1>{words.title}</h1>
      <p class="lead">{words.intro(base)}</p>
      <ul>
        {words.conventions.map((sentence) => (
          <li>{sentence}</li>
        ))}
      </ul>
      <p class="actions">
        <a class="button" href={paths.openApi}>
          {words.machine}
        </a>
        <a class="button quiet" href={paths.keys}>
          {words.back}
        </a>
      </p>
      <ul class="row plain" aria-label={words.contents}>
        {matters.map(({ matter }) => (
          <li>
            <a class="touch" href={`#${matter}`}>
              {words.matters[matter]}
            </a>
          </li>
        ))}
        <li>
          <a class="touch" href="#left-out">
            {words.leftOutTitle}
          </a>
        </li>
      </ul>
      {matters.map(({ matter, all }) => (
        <section aria-labelledby={matter}>
          <h2 id={matter}>{words.matters[matter]}</h2>
          {all.map((operation) => (
            <OperationCard {...operation} />
          ))}
        </section>
      ))}
      <section aria-labelledby="left-out">
        <h2 id="left-out">{words.leftOutTitle}</h2>
        <ul>
          {words.leftOut.map((sentence) => (
            <li>{sentence}</li>
          ))}
        </ul>
      </section>
    </Page>
  );
}

function OperationCard({ method, path, scope, summary, query, body, answer }: ApiOperation) {
  const words = t.docs;
  return (
    <div class="card">
      <h3>{summary}</h3>
      <p class="code">
        {method} {path}
      </p>
      <p>{words.scope(words.needs[scope])}</p>
      <Schema title={words.query} of={summary} text={query} />
      <Schema title={words.body} of={summary} text={body} />
      <Schema title={words.answer} of={summary} text={answer} />
    </div>
  );
}

function Schema({ title, of, text }: { title: string; of: string; text: string | null }) {
  if (text === null) return null;
  return (
    <details>
      <summary>{title}</summary>
      <Scroller label={`${of}: ${title}`}>
        <pre>{text}</pre>
      </Scroller>
    </details>
  );
}
