/** What an error says, fit for messages to users: the message alone; of what is no error, its text. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
