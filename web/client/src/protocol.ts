// The frames of the native protocol (docs/protocol.md), as TypeScript sees them.

/** The entity types, in the order in which packets list them. */
export const entityTypes = ['players', 'enemys', 'animals', 'objects'] as const;
export type EntityType = (typeof entityTypes)[number];

/** What JSON can say. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** A pending event of an entity; all null when nothing is pending. */
export interface PendingEvent {
  action?: string | null;
  data?: Json;
  command_id?: number | null;
  /** When the group may run again, in unix seconds; for one's own player only. */
  time?: number;
}

/** What a packet says of one entity: its id, and what has changed. */
export interface Change {
  id: number;
  key?: string;
  type?: EntityType;
  map_id?: string | number;
  prefab?: string;
  x?: number;
  y?: number;
  z?: number;
  sort?: number;
  side?: string;
  action?: string;
  speed?: number;
  created?: string;
  login?: string;
  sides?: Record<string, string | number>;
  components?: Record<string, Json>;
  events?: Record<string, PendingEvent>;
}

/** A group of events: how often it may run, and what a client may call. */
export interface Group {
  /** The pause after an event, in seconds. */
  timeout: number;
  /** Whether a client may call the event, by its name. */
  actions: Record<string, boolean>;
}

type List = Change[] | Record<string, Change>;

/** One packet of a map. All fields may be missing; scripts send others, too. */
export interface Packet {
  action?: string;
  players?: List;
  enemys?: List;
  animals?: List;
  objects?: List;
  timeouts?: Record<string, Partial<Group>>;
  commands?: Record<string, { command_id: number; wait_time: number }>;
  sides?: Record<string, string | number>;
  error?: string;
  reconnect?: boolean;
  /** In how many seconds the map closes; null: it stays after all. */
  drain?: number | null;
  host?: string;
  port?: number;
  token?: string;
  id?: number;
  map?: string | number;
  [field: string]: unknown;
}

/** What signing in gives. */
export interface Ticket {
  id: number;
  /** Good for one connection, within 30 seconds. */
  token: string;
  /** Where the map is, "address:port". */
  host: string;
  /** The Tiled map in base64, empty if there is none. */
  map: string;
  /** Signs in again without the password, for a week. */
  resume: string;
}

const own = new Set<string>([...entityTypes, 'action', 'timeouts', 'commands', 'sides', 'error', 'reconnect', 'drain', 'host', 'port', 'token', 'id', 'map']);

/** The fields of a packet that the game's scripts have sent, undefined if none. */
export function scriptFields(packet: Packet): Record<string, Json> | undefined {
  if (packet.reconnect) return undefined;
  let out: Record<string, Json> | undefined;
  for (const field in packet) {
    if (!own.has(field)) (out ??= {})[field] = packet[field] as Json;
  }
  return out;
}
