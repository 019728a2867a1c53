import { SignInError } from './errors.js';
import type { Ticket } from './protocol.js';

/** Asks the gateway to let a player in. */
export async function signIn(
  request: typeof fetch,
  url: string,
  path: 'auth' | 'register' | 'resume',
  fields: Record<string, string>,
): Promise<Ticket> {
  let answer: Response;
  try {
    answer = await request(`${url}/server/signin/${path}`, { method: 'POST', body: new URLSearchParams(fields) });
  } catch (cause) {
    throw new SignInError(`The server at ${url} does not answer.`, 0, undefined);
  }
  let reply: Partial<Ticket & { error: string }>;
  try {
    reply = (await answer.json()) as typeof reply;
  } catch {
    throw new SignInError(`The server at ${url} does not answer as a game does (status ${answer.status}).`, answer.status);
  }
  if (reply.error || !reply.token || !reply.host || !reply.id) {
    const after = Number(answer.headers.get('Retry-After'));
    throw new SignInError(reply.error || 'The server\u2019s answer has no token.', answer.status, after > 0 ? after : undefined);
  }
  return { id: reply.id, token: reply.token, host: reply.host, map: reply.map ?? '', resume: reply.resume ?? '' };
}
