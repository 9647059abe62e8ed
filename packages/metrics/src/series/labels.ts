/** What a label may be given as; it is written as a text. */
export type LabelValue = string | number | boolean;

/** A value for each label name. */
export type Labels<Name extends string = string> = Readonly<Record<Name, LabelValue>>;

/** The value of every label of the series that stands for all those beyond the limit of a metric. */
export const OVERFLOW_VALUE = '__overflow__';
