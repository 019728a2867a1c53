import { CommandError } from './errors.js';
import type { Group, Json } from './protocol.js';

/** What an acknowledged command tells. */
export interface Ack {
  /** Milliseconds to the server and back, without the time that the command waited there. */
  ping: number;
}

interface Waiting {
  action: string;
  params: Record<string, Json>;
  resolve: (ack: Ack) => void;
  reject: (error: Error) => void;
}

interface Sent extends Waiting {
  id: number;
  at: number;
}

interface Lane {
  /** When the next command of the group may be sent, on the pace's clock. */
  free: number;
  queued?: Waiting | undefined;
  sent: Sent[];
  timer?: ReturnType<typeof setTimeout> | undefined;
}

/** How many commands of a group may be without an answer. */
const unanswered = 2;
/** How long a command waits for its answer, in milliseconds. */
const patience = 10_000;
/** The shortest pause between two commands of a group, in milliseconds. */
const shortest = 150;

export interface PaceOptions {
  groups: () => Record<string, Group>;
  /** Sends a command; id is what it is acknowledged by. */
  send: (action: string, id: number, params: Record<string, Json>) => void;
  now: () => number;
}

/**
 * Sends commands no faster than the map carries them out. Of several commands of
 * a group that have to wait, the last one counts: who presses a key all the time
 * wants to walk where it points now.
 */
export class Pace {
  #lanes = new Map<string, Lane>();
  #lastID = 0;
  #pings: number[] = [];

  constructor(private readonly options: PaceOptions) {}

  /** The mean of the last pings in milliseconds, undefined before the first. */
  get ping(): number | undefined {
    if (this.#pings.length === 0) return undefined;
    return this.#pings.reduce((a, b) => a + b) / this.#pings.length;
  }

  /** Sends a command as soon as it may be sent. */
  command(action: string, params: Record<string, Json> = {}): Promise<Ack> {
    const [group = '', event = 'index'] = action.split('/');
    const known = this.options.groups()[group];
    if (!known?.actions[event]) return Promise.reject(new CommandError(refusal(action, known)));
    let lane = this.#lanes.get(group);
    if (!lane) this.#lanes.set(group, (lane = { free: 0, sent: [] }));
    const mine = lane;
    return new Promise((resolve, reject) => {
      mine.queued?.reject(new CommandError(`${mine.queued.action} was replaced by a later command.`));
      mine.queued = { action, params, resolve, reject };
      this.#advance(group, mine);
    });
  }

  #advance(group: string, lane: Lane): void {
    const now = this.options.now();
    this.#forget(lane, now);
    if (!lane.queued || lane.sent.length >= unanswered) return this.#wakeForOldest(group, lane, now);
    if (now < lane.free) return this.#wake(group, lane, lane.free - now);
    const id = (this.#lastID = Math.max(Math.floor(now), this.#lastID + 1));
    const command = lane.queued;
    lane.queued = undefined;
    lane.sent.push({ ...command, id, at: now });
    lane.free = now + Math.max(shortest, 1000 * (this.options.groups()[group]?.timeout ?? 0));
    this.options.send(command.action, id, command.params);
    this.#wakeForOldest(group, lane, now);
  }

  /** Wakes when the oldest command without an answer is to be given up. */
  #wakeForOldest(group: string, lane: Lane, now: number): void {
    this.#wake(group, lane, lane.sent[0] && lane.sent[0].at + patience - now);
  }

  #wake(group: string, lane: Lane, after: number | undefined): void {
    clearTimeout(lane.timer);
    lane.timer = after === undefined ? undefined : setTimeout(() => this.#advance(group, lane), after);
  }

  /** Gives up on commands that nobody has answered: the map ran another one instead. */
  #forget(lane: Lane, now: number): void {
    while (lane.sent[0] && now - lane.sent[0].at >= patience) {
      lane.sent.shift()!.reject(new CommandError('The map did not carry the command out.'));
    }
  }

  /** Takes in an acknowledgement. */
  acknowledged(group: string, id: number, waitSeconds: number): void {
    const lane = this.#lanes.get(group);
    if (!lane) return;
    while (lane.sent[0] && lane.sent[0].id < id) lane.sent.shift()!.reject(new CommandError('The map ran a later command instead.'));
    const sent = lane.sent[0]?.id === id ? lane.sent.shift() : undefined;
    if (sent) {
      const ping = Math.max(0, this.options.now() - sent.at - 1000 * waitSeconds);
      this.#pings.push(ping);
      if (this.#pings.length > 10) this.#pings.shift();
      sent.resolve({ ping });
    }
    this.#advance(group, lane);
  }

  /** The map has refused something: the oldest command without an answer is meant. */
  refused(text: string): void {
    let oldest: Lane | undefined;
    for (const lane of this.#lanes.values()) {
      if (lane.sent[0] && (!oldest || lane.sent[0].at < oldest.sent[0]!.at)) oldest = lane;
    }
    oldest?.sent.shift()?.reject(new CommandError(text));
  }

  /** Ends all that waits: the connection is gone. */
  reset(why: string): void {
    for (const lane of this.#lanes.values()) {
      clearTimeout(lane.timer);
      for (const command of [...lane.sent, ...(lane.queued ? [lane.queued] : [])]) command.reject(new CommandError(why));
    }
    this.#lanes.clear();
  }
}

function refusal(action: string, group: Group | undefined): string {
  if (!group) return `The map has no events of the group of ${action}.`;
  const open = Object.keys(group.actions).filter((name) => group.actions[name]);
  return `${action} is not an event that players may call; of its group these are: ${open.join(', ') || 'none'}.`;
}
