/** The fields that make an account, wherever somebody begins: by the set-up link, or by an invitation. */
import { spoken } from './language.ts';
import { type FieldError, NAME_MAX_LENGTH, PASSWORD_MIN_LENGTH } from './models.ts';
import { TextField } from './parts.tsx';

interface NewAccountFieldsProps {
  readonly values: { readonly name: string; readonly email: string };
  readonly nameHint: string;
  readonly errors: readonly FieldError[];
}

export function NewAccountFields({ values, nameHint, errors }: NewAccountFieldsProps) {
  return (
    <>
      <TextField
        name="name"
        label={spoken.setup.name}
        hint={nameHint}
        value={values.name}
        errors={errors}
        autocomplete="name"
        maxLength={NAME_MAX_LENGTH}
        required
      />
      <TextField
        name="email"
        label={spoken.setup.email}
        hint={spoken.setup.emailHint}
        type="email"
        value={values.email}
        errors={errors}
        autocomplete="username"
        required
        verbatim
      />
      <NewPasswordField label={spoken.setup.password} errors={errors} />
    </>
  );
}

export function NewPasswordField({ label, errors }: { label: string; errors: readonly FieldError[] }) {
  return (
    <TextField
      name="password"
      label={label}
      hint={spoken.setup.passwordHint(PASSWORD_MIN_LENGTH)}
      type="password"
      errors={errors}
      autocomplete="new-password"
      minLength={PASSWORD_MIN_LENGTH}
      required
    />
  );
}
