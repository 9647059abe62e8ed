/** The file that two processes share. */
export interface LockInput {
  readonly file: string;
}
