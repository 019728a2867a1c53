import { Client, SignInError } from '@overworld-gg/client';
import { element, notice } from './dom.js';
import { Game } from './game.js';

// Who has played here before comes in without a word.
const remembered = 'overworld.resume';
const url = location.origin;
let client: Client | undefined;
let game: Game | undefined;

async function enter(signIn: (client: Client) => Promise<void>): Promise<void> {
  const next = new Client({ url });
  await signIn(next);
  client = next;
  localStorage.setItem(remembered, next.resumeToken);
  next.on('state', (state, error) => {
    if (state === 'playing') {
      localStorage.setItem(remembered, next.resumeToken);
      notice('');
    } else if (state === 'waiting') notice(`${error?.message ?? 'The connection was lost.'} Trying again …`);
    else if (state === 'stopped' && error) leave(error.message);
  });
  next.on('drain', (seconds) => notice(seconds === null ? '' : `This map closes in ${Math.ceil(seconds)} s: you will be moved to another one.`));
  await next.connect();
  element('door').hidden = true;
  element('hud').hidden = false;
  game = new Game(next);
}

function leave(why = ''): void {
  client?.close();
  client = undefined;
  game?.destroy();
  game = undefined;
  notice('');
  element('hud').hidden = true;
  element('door').hidden = false;
  refuse(why);
}

function refuse(text: string): void {
  element('refusal').textContent = text;
  element('refusal').hidden = text === '';
}

element('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  const way = ((event as SubmitEvent).submitter as HTMLButtonElement | null)?.value === 'login' ? 'login' : 'register';
  const login = element<HTMLInputElement>('login').value;
  const password = element<HTMLInputElement>('password').value;
  busy(true);
  refuse('');
  enter((client) => client[way](login, password))
    .catch((error: Error) => refuse(advice(error)))
    .finally(() => busy(false));
});

function advice(error: Error): string {
  if (error instanceof SignInError && error.status === 409) return `${error.message.replace(/:.*/, '')}. If it is yours, choose \u201cI have been here\u201d.`;
  return error.message;
}

function busy(on: boolean): void {
  for (const button of element('sign-in').querySelectorAll('button')) button.disabled = on;
}

element('leave').addEventListener('click', () => {
  localStorage.removeItem(remembered);
  leave();
});

const token = localStorage.getItem(remembered);
if (token) {
  busy(true);
  enter((client) => client.resume(token))
    .catch(() => localStorage.removeItem(remembered))
    .finally(() => busy(false));
}
