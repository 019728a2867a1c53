import { Emitter } from './emitter.js';
import { CommandError, connectionError, ConnectionError, SignInError } from './errors.js';
import { Pace, type Ack } from './pace.js';
import { scriptFields, type Json, type Packet, type Ticket } from './protocol.js';
import { signIn } from './signin.js';
import { World, type Entity } from './world.js';

/** How a client is doing. */
export type State = 'signed-out' | 'connecting' | 'playing' | 'waiting' | 'stopped';

/** The part of a WebSocket that the client needs; browsers', Node's and that of the package ws have it. */
export interface Socket {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: never) => void) | null;
  binaryType: string;
  readyState: number;
  send(data: string): void;
  close(code?: number): void;
}

export type SocketConstructor = new (url: string) => Socket;

export interface ClientOptions {
  /** Where players sign in, for example "http://127.0.0.1:8080". */
  url: string;
  /** Reconnects by itself when the connection is lost (true). */
  reconnect?: boolean;
  /** The pauses between tries, in milliseconds: the first, and the longest (500, 10,000). */
  backoff?: [first: number, longest: number];
  /** The WebSocket to use; by default the platform's, and on Node before 22 that of the package ws. */
  WebSocket?: SocketConstructor;
  fetch?: typeof fetch;
  /** A clock in milliseconds (Date.now). */
  now?: () => number;
}

type ClientEvents = {
  state: [state: State, error?: Error];
  /** What the map complained of. */
  error: [text: string];
  /** What the game's scripts have sent, for example {chat: {login, text}}. */
  packet: [fields: Record<string, Json>];
  /** The feature chat of the library. */
  chat: [message: { key: string; login: string; text: string }];
  /** The map closes in so many seconds, and the player is moved to another one then; null: it stays after all. */
  drain: [seconds: number | null];
  /** The player is on another map now. */
  map: [map: string | number];
};

/**
 * A player of a game on Overworld: signs in, keeps a mirror of the world, sends
 * commands, and comes back by itself when the connection is lost. The password is
 * not kept; resumeToken signs in again without it.
 */
export class Client extends Emitter<ClientEvents> {
  readonly world = new World();
  readonly #options: Required<Omit<ClientOptions, 'WebSocket'>> & { WebSocket: SocketConstructor | undefined };
  readonly #pace: Pace;
  #ticket: Ticket | undefined;
  #resume = '';
  #socket: Socket | undefined;
  #state: State = 'signed-out';
  #tries = 0;
  /** Whether the world has come since connect was called: only then is a lost connection taken up again. */
  #entered = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #complaint = '';

  constructor(options: ClientOptions) {
    super();
    this.#options = {
      reconnect: true,
      backoff: [500, 10_000],
      fetch: (input, init) => fetch(input, init),
      now: Date.now,
      WebSocket: undefined,
      ...options,
      url: options.url.replace(/\/+$/, ''),
    };
    this.#pace = new Pace({ groups: () => this.world.groups, now: this.#options.now, send: (...command) => this.#send(...command) });
  }

  get state(): State {
    return this.#state;
  }

  /** The id of the player, 0 before signing in. */
  get id(): number {
    return this.#ticket?.id ?? 0;
  }

  /** One's own entity, undefined while it is not on the map. */
  get self(): Entity | undefined {
    return this.world.get(`players_${this.id}`);
  }

  /** The mean time to the map and back in milliseconds, undefined before the first command. */
  get ping(): number | undefined {
    return this.#pace.ping;
  }

  /** The Tiled map as text, empty if there is none. */
  get map(): string {
    return this.#ticket?.map ? decodeBase64(this.#ticket.map) : '';
  }

  /** Signs in again without the password, for a week: keep it, and give it to resume. */
  get resumeToken(): string {
    return this.#resume;
  }

  /** Makes an account and signs in. */
  async register(login: string, password: string): Promise<void> {
    this.#admit(await signIn(this.#options.fetch, this.#options.url, 'register', { login, password }));
  }

  /** Signs in. */
  async login(login: string, password: string): Promise<void> {
    this.#admit(await signIn(this.#options.fetch, this.#options.url, 'auth', { login, password }));
  }

  /** Signs in with the resumeToken of an earlier time. */
  async resume(token: string): Promise<void> {
    this.#admit(await signIn(this.#options.fetch, this.#options.url, 'resume', { resume: token }));
  }

  #admit(ticket: Ticket): void {
    this.#ticket = ticket;
    this.#resume = ticket.resume || this.#resume;
  }

  /** Connects to the map; the promise is kept once the world is there. */
  async connect(): Promise<void> {
    if (!this.#ticket) throw new SignInError('Sign in first: call register, login or resume.', 0);
    if (this.#socket) throw new Error('The client is connected already.');
    clearTimeout(this.#timer);
    this.#tries = 0;
    this.#entered = false;
    await this.#open(this.#ticket);
  }

  /** Ends the connection for good. */
  close(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(1000);
    this.#pace.reset('The connection was closed.');
    this.#become('stopped');
  }

  /**
   * Calls an event of one's own player, for example command('move/to', {x: 5, y: 7}),
   * as soon as the group's timeout allows. The promise is kept when the map has
   * carried it out, and broken with a CommandError when it has not.
   */
  command(action: string, params: Record<string, Json> = {}): Promise<Ack> {
    if (this.#state !== 'playing') return Promise.reject(new CommandError('There is no connection to the map.'));
    return this.#pace.command(action, params);
  }

  /** Asks for the whole world again. */
  reload(): void {
    this.#socket?.send('{"action":"load/index"}');
  }

  #send(action: string, id: number, params: Record<string, Json>): void {
    this.#socket?.send(JSON.stringify({ ...params, action, command_id: id }));
  }

  #become(state: State, error?: Error): void {
    this.#state = state;
    this.emit('state', state, ...(error ? [error] : ([] as [])));
  }

  async #open(ticket: Ticket): Promise<void> {
    this.#become('connecting');
    const Socket = this.#options.WebSocket ?? (await platformSocket());
    const scheme = this.#options.url.startsWith('https:') ? 'wss' : 'ws';
    const socket = new Socket(`${scheme}://${ticket.host}/?HTTP_AUTHORIZATION=${btoa(`${ticket.id}:${ticket.token}`)}`);
    this.#socket = socket;
    this.#complaint = '';
    await new Promise<void>((resolve, reject) => {
      socket.onmessage = ({ data }) => {
        if (socket === this.#socket) this.#receive(data, resolve);
      };
      socket.onerror = () => {}; // a close follows
      socket.onclose = ({ code, reason }) => {
        const error = connectionError(code, this.#complaint || reason);
        reject(error);
        if (socket === this.#socket) this.#closed(error);
      };
    });
  }

  #receive(data: unknown, loaded: () => void): void {
    const packet = JSON.parse(typeof data === 'string' ? data : new TextDecoder().decode(data as ArrayBuffer)) as Packet;
    if (packet.error) this.#complain(packet.error);
    if (packet.reconnect && packet.token) return this.#goOn(packet);
    this.world.apply(packet);
    if (packet.action === 'load/index') {
      this.#tries = 0;
      this.#entered = true;
      this.#become('playing');
      loaded();
    }
    for (const group in packet.commands) {
      const { command_id, wait_time } = packet.commands[group]!;
      this.#pace.acknowledged(group, command_id, wait_time);
    }
    if (packet.drain !== undefined) this.emit('drain', packet.drain);
    const fields = scriptFields(packet);
    if (!fields) return;
    this.emit('packet', fields);
    const chat = fields['chat'] as { key: string; login: string; text: string } | undefined;
    if (typeof chat?.text === 'string') this.emit('chat', chat);
  }

  #complain(text: string): void {
    this.#complaint = text;
    this.#pace.refused(text);
    this.emit('error', text);
  }

  /** Goes on at another map. */
  #goOn(packet: Packet): void {
    const ticket = this.#ticket!;
    const host = packet.host ?? ticket.host.replace(/:\d+$/, `:${packet.port}`);
    const old = this.#socket;
    this.#socket = undefined;
    old?.close(1000);
    this.#pace.reset('The player is on another map now.');
    this.#ticket = { ...ticket, host, token: packet.token! };
    this.emit('map', packet.map ?? '');
    this.#open(this.#ticket).catch(() => {}); // its close has been dealt with
  }

  #closed(error: ConnectionError): void {
    this.#socket = undefined;
    this.#pace.reset(error.message);
    if (!this.#options.reconnect || error.next !== 'reconnect' || !this.#entered || !this.#resume) {
      return this.#become('stopped', error);
    }
    this.#again(error);
  }

  /** Tries again after a pause that grows, and is never quite the same for all. */
  #again(error: Error, least = 0): void {
    const [first, longest] = this.#options.backoff;
    const pause = Math.max(least, Math.min(longest, first * 2 ** this.#tries++) * (0.5 + Math.random() / 2));
    this.#become('waiting', error);
    this.#timer = setTimeout(() => void this.#retry(), pause);
  }

  async #retry(): Promise<void> {
    try {
      await this.resume(this.#resume);
    } catch (error) {
      const refused = error as SignInError;
      if (refused.status >= 400 && refused.status < 500 && refused.status !== 429) return this.#become('stopped', refused);
      return this.#again(refused, 1000 * (refused.retryAfter ?? 0));
    }
    if (this.#state === 'waiting') await this.#open(this.#ticket!).catch(() => {}); // its close has been dealt with
  }
}

async function platformSocket(): Promise<SocketConstructor> {
  if (typeof WebSocket !== 'undefined') return WebSocket as unknown as SocketConstructor;
  try {
    const name = 'ws'; // not for bundlers: browsers have their own
    return ((await import(/* @vite-ignore */ name)) as { default: SocketConstructor }).default;
  } catch {
    throw new Error('This platform has no WebSocket: install the package ws, or give the option WebSocket.');
  }
}

function decodeBase64(text: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)));
}
