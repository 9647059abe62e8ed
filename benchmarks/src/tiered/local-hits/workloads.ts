/** An awaited hit of the call that loads what is missing. */
export const AWAITED = 'awaited hit';
/** A hit of the synchronous read. */
export const SYNCHRONOUS = 'synchronous hit';
