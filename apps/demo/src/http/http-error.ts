import type { OutgoingHttpHeaders } from 'node:http';

/** A failure that is the answer: its status and message are shown to the client. */
export class HttpError extends Error {
  readonly status: number;
  /** Stable and machine-readable, such as `bad_parameter`. */
  readonly code: string;
  readonly headers: OutgoingHttpHeaders;

  constructor(status: number, code: string, message: string, headers: OutgoingHttpHeaders = {}) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** 400, naming the parameter. */
export function badParameter(name: string, expected: string): HttpError {
  return new HttpError(400, 'bad_parameter', `${name} must be ${expected}`);
}

/** 404 for a thing of the service's domain. */
export function notFound(what: string): HttpError {
  return new HttpError(404, 'not_found', `there is no ${what}`);
}
