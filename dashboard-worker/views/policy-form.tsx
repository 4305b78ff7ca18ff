/**
 * What every form that changes the policy has beside its fields: the version it is filled in from, and the button to the
 * page that says what would change (routes/policy-forms.ts).
 */
import type { PropsWithChildren } from 'hono/jsx';
import { spoken } from './language.ts';
import { Form } from './parts.tsx';

interface PolicyFormProps {
  readonly action: string;
  readonly version: number;
  /** Where nothing is changed; left out on a page that is itself the place to go back to. */
  readonly cancel?: string;
  /** Longer than a screen: the button stays in sight, and the form's own parts are the cards. */
  readonly long?: boolean;
}

export function PolicyForm({ action, version, cancel, long = false, children }: PropsWithChildren<PolicyFormProps>) {
  return (
    <Form action={action} {...(long ? {} : { class: 'card' })}>
      <input type="hidden" name="version" value={version} />
      {children}
      <p class={long ? 'actions sticky' : 'actions'}>
        <button class="primary" type="submit">
          {spoken.form.check}
        </button>
        {cancel !== undefined && (
          <a class="button quiet" href={cancel}>
            {spoken.form.cancel}
          </a>
        )}
      </p>
    </Form>
  );
}
