/** The body of an answer, in pieces: between them the event loop has its turn. To be read once, by iterating, or as a whole. */
export interface Exposition extends AsyncIterable<Uint8Array> {
  /** The value of `Content-Type`. */
  readonly contentType: string;
  /** All of it, as a text; of the protobuf format it makes no sense. */
  text(): Promise<string>;
  /** All of it. */
  bytes(): Promise<Uint8Array>;
}
