/** Why an event was refused; stable codes that are counted, searched and tested by. */
export type RefusalReason =
  | "notAnEvent"
  | "undecodable"
  | "tooDeep"
  | "tooLarge"
  | "duplicateField"
  | "forbiddenField"
  | "missingField"
  | "wrongKind"
  | "badId"
  | "foreignBid"
  | "badText"
  | "unknownType"
  | "unknownRegion"
  | "unknownCurrency"
  | "badPrice"
  | "tooManyDecimals"
  | "negativePrice"
  | "priceOutOfRange"
  | "priceMacroEmpty"
  | "badTimestamp"
  | "timestampOutOfRange"
  | "timestampInFuture"
  | "badCode";

/** One refused event: what is wrong, where, and how to mend it. */
export interface Refusal {
  readonly kind: "refusal";
  readonly reason: RefusalReason;
  /** The field at fault, by its JSON name; "" where the event as a whole is. */
  readonly field: string;
  /** What stood there, shortened to {@link SHOWN_LENGTH_MAX} characters. */
  readonly value: string;
  /** What to do about it, one sentence. */
  readonly mend: string;
}

const SHOWN_LENGTH_MAX = 60;

/** Builds a refusal; `value` is shortened and control characters are made visible. */
export function refuse(reason: RefusalReason, field: string, value: string, mend: string): Refusal {
  return { kind: "refusal", reason, field, value: shortened(value), mend };
}

/** A refusal as one sentence and its mend, e.g. `badPrice bid_price "NaN". Use a decimal number.` */
export function refusalText({ reason, field, value, mend }: Refusal): string {
  return `${reason}${field === "" ? "" : ` ${field}`} "${value}". ${mend}`;
}

function shortened(value: string): string {
  const head = value.slice(0, SHOWN_LENGTH_MAX);
  const visible = JSON.stringify(head.toWellFormed()).slice(1, -1);
  return value.length > SHOWN_LENGTH_MAX ? `${visible}…` : visible;
}
