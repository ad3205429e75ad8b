/** Why a personality was not changed. */
export type PersonalityErrorCode = 'conflict' | 'deleted' | 'too_many' | 'busy';

export class PersonalityError extends Error {
  override readonly name = 'PersonalityError';
  readonly code: PersonalityErrorCode;

  constructor(code: PersonalityErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
