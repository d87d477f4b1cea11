// What is wrong with a configuration: one sentence for the operator, never with a secret in it.

export class ConfigError extends Error {
  override name = 'ConfigError';
  /** `usage`: it can't be read as what it should be; `refused`: it can be read, and is not allowed. */
  readonly kind: 'usage' | 'refused';

  constructor(kind: ConfigError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}
