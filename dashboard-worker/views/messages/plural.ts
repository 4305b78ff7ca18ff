/**
 * Which of a language's forms goes with a count. English has two, Welsh six (Unicode CLDR, plural rules): a catalogue asks for
 * those that its language has, and counts by no rule of its own.
 */

/** Of a language by its BCP 47 tag. The function throws a RangeError for a count whose form is not given: a bug. */
export function pluralsOf<Form extends Intl.LDMLPluralRule>(
  locale: string,
): (count: number, forms: Readonly<Record<Form, string>>) => string {
  const rules = new Intl.PluralRules(locale);
  return (count, forms) => {
    const form = rules.select(count);
    if (Object.hasOwn(forms, form)) return forms[form as Form];
    throw new RangeError(`${count} in ${locale} takes the form "${form}", which is not among ${Object.keys(forms)}`);
  };
}

/** Of the English catalogue. */
export const plural = pluralsOf<'one' | 'other'>('en-GB');
