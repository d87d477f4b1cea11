// Forms and their fields. Help and errors are tied to their field, and what was typed is kept by giving it back
// as `value`.
import type { ComponentChildren, InputHTMLAttributes, JSX } from 'preact';
import type { Problem } from '../problems.ts';
import { Icon } from './icon.tsx';
import { usePage } from './page-context.ts';

export interface FormProps {
  readonly action: string;
  readonly class?: string;
  readonly label?: string;
  readonly autocomplete?: 'on' | 'off';
  /** Sent by the script as soon as the page is there; its button is for who has none. */
  readonly goesOn?: boolean;
  readonly children: ComponentChildren;
}

/** A form that is posted, with the token that shows it to be ours. */
export function Form(props: FormProps): JSX.Element {
  const { action, class: more, label, autocomplete, goesOn, children } = props;
  const { token } = usePage();
  return (
    <form
      method="post"
      action={action}
      class={more}
      aria-label={label}
      autocomplete={autocomplete}
      data-goes-on={goesOn}
      // What the browser finds wrong is said by the server, in words tied to the field.
      noValidate
    >
      <input type="hidden" name="authenticity_token" value={token()} autocomplete="off" />
      {children}
    </form>
  );
}

interface FieldFrameProps {
  readonly name: string;
  readonly label: string;
  readonly help?: ComponentChildren;
  readonly problems?: readonly Problem[] | undefined;
  readonly required?: boolean;
}

interface Described {
  readonly id: string;
  readonly name: string;
  readonly required: boolean;
  readonly 'aria-describedby'?: string;
  readonly 'aria-invalid'?: 'true';
}

function describe({ name, help, problems, required = false }: FieldFrameProps): Described {
  const wrong = messagesOf(problems, name).length > 0;
  const described = [wrong ? `${name}-error` : '', help === undefined ? '' : `${name}-help`].filter(Boolean);
  return {
    id: name,
    name,
    required,
    ...(described.length === 0 ? {} : { 'aria-describedby': described.join(' ') }),
    ...(wrong ? { 'aria-invalid': 'true' as const } : {}),
  };
}

function messagesOf(problems: readonly Problem[] | undefined, name: string): readonly string[] {
  return (problems ?? []).filter((problem) => problem.field === name).map((problem) => problem.message);
}

function FieldFrame(props: FieldFrameProps & { readonly children: ComponentChildren }): JSX.Element {
  const messages = messagesOf(props.problems, props.name);
  return (
    <div class={`field${messages.length > 0 ? ' field-wrong' : ''}`}>
      <label class="field-label" for={props.name}>
        {props.label}
      </label>
      {props.children}
      {messages.length > 0 && (
        <p class="field-error" id={`${props.name}-error`}>
          <Icon name="alert-fill" /> {messages.join(' ')}
        </p>
      )}
      {props.help !== undefined && (
        <p class="field-help" id={`${props.name}-help`}>
          {props.help}
        </p>
      )}
    </div>
  );
}

export interface FieldProps extends FieldFrameProps {
  readonly type?: 'text' | 'email' | 'password' | 'date' | 'url' | 'search' | 'number';
  readonly value?: string;
  readonly autocomplete?: string;
  readonly autofocus?: boolean;
  readonly placeholder?: string;
  readonly maxLength?: number;
  readonly min?: string;
  readonly max?: string | undefined;
  readonly inputMode?: 'text' | 'numeric' | 'email';
  readonly spellcheck?: boolean;
}

/** A labelled text input. `name` is also its id, and the `field` of its problems. */
export function Field(props: FieldProps): JSX.Element {
  const {
    type = 'text',
    value,
    autocomplete,
    autofocus,
    placeholder,
    maxLength,
    min,
    max,
    inputMode,
  } = props;
  const attributes = {
    ...describe(props),
    type,
    value,
    autocomplete,
    autofocus,
    placeholder,
    maxLength,
    min,
    max,
    inputMode,
    spellcheck: props.spellcheck,
    autocapitalize: type === 'text' ? 'none' : undefined,
  } as InputHTMLAttributes<HTMLInputElement>;
  return (
    <FieldFrame {...props}>
      <input class="form-control" {...attributes} />
    </FieldFrame>
  );
}

export interface TextAreaProps extends FieldFrameProps {
  readonly value?: string;
  readonly rows?: number;
}

/** A labelled text of several lines, or of one that is very long. */
export function TextArea(props: TextAreaProps): JSX.Element {
  return (
    <FieldFrame {...props}>
      <textarea
        {...describe(props)}
        class="form-control input-monospace"
        rows={props.rows ?? 4}
        spellcheck={false}
        autocomplete="off"
      >
        {props.value ?? ''}
      </textarea>
    </FieldFrame>
  );
}

export interface SelectProps extends FieldFrameProps {
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly value: string;
}

export function Select(props: SelectProps): JSX.Element {
  return (
    <FieldFrame {...props}>
      <select {...describe(props)} class="form-select">
        {props.options.map((option) => (
          <option key={option.value} value={option.value} selected={option.value === props.value}>
            {option.label}
          </option>
        ))}
      </select>
    </FieldFrame>
  );
}

export interface CheckboxProps {
  readonly name: string;
  readonly value?: string;
  readonly label: ComponentChildren;
  readonly help?: ComponentChildren;
  readonly checked?: boolean;
  /** `radio`: one of several of the same name. */
  readonly type?: 'checkbox' | 'radio';
}

/** A box to tick (or a choice among several); its accessible name is the label alone, help describes it. */
export function Checkbox(props: CheckboxProps): JSX.Element {
  const { name, value = '1', label, help, checked = false, type = 'checkbox' } = props;
  const id = `${name}-${value}`.replace(/[^\w-]/g, '-');
  return (
    <div class="check">
      <input
        type={type}
        id={id}
        name={name}
        value={value}
        checked={checked}
        aria-describedby={help === undefined ? undefined : `${id}-help`}
      />
      <div>
        <label for={id}>{label}</label>
        {help !== undefined && (
          <p class="field-help" id={`${id}-help`}>
            {help}
          </p>
        )}
      </div>
    </div>
  );
}

/** All that is wrong with a form and belongs to none of its fields. */
export function FormProblems({
  problems,
  fields,
}: {
  readonly problems: readonly Problem[] | undefined;
  /** The names of the form's fields, whose problems stand beside them. */
  readonly fields: readonly string[];
}): JSX.Element | null {
  const rest = (problems ?? []).filter((problem) => !fields.includes(problem.field));
  if (rest.length === 0) return null;
  return (
    <div class="flash flash-error" role="alert">
      {rest.map((problem) => (
        <p key={problem.message}>{problem.message}</p>
      ))}
    </div>
  );
}
