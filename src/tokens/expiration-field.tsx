// The choice of how long a token lives. The date field shows when "Custom…" is chosen, by CSS alone.
import type { JSX } from 'preact';
import type { Outcome, Problem } from '../problems.ts';
import { Field, Select } from '../web/form.tsx';
import { type FormFields, textOf } from '../web/forms.ts';
import { usePage } from '../web/page-context.ts';
import { defaultDays, expiryFrom, presetDays } from './expiry.ts';
import { lastDate } from './lifetime.ts';

export interface Expiration {
  /** A preset's days (`30d`), `custom` or `never`. */
  readonly choice: string;
  /** Of the custom one, as the date field sends it: `2027-01-31`. */
  readonly date: string;
}

const defaultExpiration: Expiration = { choice: `${defaultDays}d`, date: '' };

export const expirationFields = ['expiration', 'expiration_date'] as const;

const presets = presetDays.map((days) => ({ value: `${days}d`, label: `${days} days` }));
const options = [
  ...presets,
  { value: 'custom', label: 'Custom…' },
  { value: 'never', label: 'No expiration' },
];

/** The expiration as it was chosen in a form; the default where the form doesn't tell. */
export function submittedExpiration(fields: FormFields): Expiration {
  const choice = textOf(fields, 'expiration');
  const date = textOf(fields, 'expiration_date');
  if (choice === '') return { ...defaultExpiration, date };
  return { choice, date };
}

/** @returns the instant, or what is wrong with the choice, told of the fields of the form */
export function readExpiration({ choice, date }: Expiration, now: number): Outcome<number | null> {
  const custom = choice === 'custom';
  if (custom && date === '') {
    const message = 'Choose the date on which the token is to expire.';
    return { ok: false, problems: [{ field: 'expiration_date', code: 'missing_field', message }] };
  }
  if (!custom && !options.some((option) => option.value === choice)) {
    const message = 'Choose one of the expirations.';
    return { ok: false, problems: [{ field: 'expiration', code: 'invalid', message }] };
  }
  const read = expiryFrom(custom ? date : choice, now);
  if (read.ok) return read;
  return { ok: false, problems: ofForm(read.problems, { choice, date }) };
}

/** Problems of the expiration, told of the field in which it was chosen. */
export function ofForm(problems: readonly Problem[], { choice }: Expiration): readonly Problem[] {
  const field = choice === 'custom' ? 'expiration_date' : 'expiration';
  return problems.map((problem) => (problem.field === 'expires_at' ? { ...problem, field } : problem));
}

/** What may be chosen where no token may live longer than that. */
function optionsWithin(maxDays: number | null): typeof options {
  if (maxDays === null) return options;
  return options.filter(
    ({ value }) => value === 'custom' || presetDays.some((days) => value === `${days}d` && days <= maxDays),
  );
}

export interface ExpirationFieldProps {
  /** Null: nothing was chosen yet. */
  readonly value: Expiration | null;
  /** The longest life that the instance allows; null: any. */
  readonly maxDays: number | null;
  readonly problems?: readonly Problem[];
}

export function ExpirationField({ value, maxDays, problems }: ExpirationFieldProps): JSX.Element {
  const { now } = usePage();
  const offered = optionsWithin(maxDays);
  const isOffered = (choice: string | undefined) => offered.some((option) => option.value === choice);
  // Of what is offered, the longest that is no longer than the default.
  const first = offered.findLast(
    ({ value }) => value !== 'custom' && Number.parseInt(value, 10) <= defaultDays,
  );
  const chosen = isOffered(value?.choice) ? value?.choice : (first?.value ?? 'custom');
  const tomorrow = new Date(now + 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
  return (
    <div class="expiration">
      <Select
        name="expiration"
        label="Expiration"
        options={offered}
        value={chosen ?? 'custom'}
        problems={problems}
        help={
          maxDays === null
            ? undefined
            : `Tokens of this instance may live for ${maxDays === 1 ? 'one day' : `${maxDays} days`} at most.`
        }
      />
      <div class="expiration-date">
        <Field
          type="date"
          name="expiration_date"
          label="Expiration date"
          value={value?.date ?? ''}
          min={tomorrow}
          max={maxDays === null ? undefined : lastDate(maxDays, now)}
          problems={problems}
          help="The token stops working as this day begins, at 00:00 UTC."
        />
      </div>
      <p class="expiration-never flash flash-warn">
        A token that never expires keeps working for whoever gets hold of it. We strongly recommend that you
        set an expiration date.
      </p>
    </div>
  );
}
