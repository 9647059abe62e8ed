/** Whether the server has answered with an error, so that the command is over. */
export function isReply(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError';
}

/** The driver keeps the command, with its keys and values, beside its errors; they do not belong into a log. */
export function withoutCommand(error: unknown): unknown {
  if (error instanceof Error && 'command' in error) delete error.command;
  return error;
}
