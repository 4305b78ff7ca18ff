/** What is wrong with the fields of a form that makes an account. */

import * as z from 'zod/mini';
import { spoken } from '../views/language.ts';
import { type FieldError, NAME_MAX_LENGTH, PASSWORD_MIN_LENGTH } from '../views/models.ts';

const PASSWORD_MAX_LENGTH = 128;

const Email = z.email().check(z.maxLength(254));

export function checkNewAccount(form: {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}): FieldError[] {
  const errors = checkName('name', form.name, spoken.setup.problems.name);
  // The very check of the accounts library at sign-in: what it does not take could never sign in, with the link spent.
  if (!Email.safeParse(form.email.toLowerCase()).success) {
    errors.push({ field: 'email', message: spoken.form.problems.email });
  }
  return [...errors, ...checkNewPassword('password', form.password)];
}

export function checkNewPassword(field: string, password: string): FieldError[] {
  if (password.length < PASSWORD_MIN_LENGTH) {
    return [{ field, message: spoken.form.problems.tooShort(PASSWORD_MIN_LENGTH) }];
  }
  const tooLong = password.length > PASSWORD_MAX_LENGTH;
  return tooLong ? [{ field, message: spoken.form.problems.tooLong(PASSWORD_MAX_LENGTH) }] : [];
}

/** Of a person or a thing. `missing`: what is said where there is none. */
export function checkName(field: string, name: string, missing: string): FieldError[] {
  if (name === '') return [{ field, message: missing }];
  return name.length > NAME_MAX_LENGTH ? [{ field, message: spoken.form.problems.tooLong(NAME_MAX_LENGTH) }] : [];
}
