import { Emitter, type Unsubscribe } from './emitter.js';
import { entityTypes, type Change, type EntityType, type Group, type Json, type Packet, type PendingEvent } from './protocol.js';

/** An entity as the client knows it. It is changed in place by what comes in. */
export interface Entity {
  readonly id: number;
  readonly key: string;
  readonly type: EntityType;
  map_id: string | number;
  prefab: string;
  x: number;
  y: number;
  z: number;
  sort: number;
  side: string;
  action: string;
  speed: number;
  created: string;
  login?: string;
  readonly components: Record<string, Json>;
  readonly events: Record<string, PendingEvent>;
}

type WorldEvents = {
  /** The whole world has come; all that was known before is gone. */
  reset: [world: World];
  added: [entity: Entity];
  /** change holds what is new, and the id. */
  changed: [entity: Entity, change: Change];
  removed: [entity: Entity];
  /** A component of an entity has another value. */
  component: [entity: Entity, name: string, value: Json, old: Json | undefined];
};

/** The mirror of a map: it is kept from the full state and the changes. */
export class World extends Emitter<WorldEvents> {
  readonly entities = new Map<string, Entity>();
  /** The groups of events that a client may use. */
  groups: Record<string, Group> = {};
  /** The maps on the sides of this one. */
  sides: Record<string, string | number> = {};

  /** The entity with that key, for example "players_24". */
  get(key: string): Entity | undefined {
    return this.entities.get(key);
  }

  /** Subscribes to one component, of whatever entity. */
  onComponent(name: string, listener: (entity: Entity, value: Json, old: Json | undefined) => void): Unsubscribe {
    return this.on('component', (entity, changed, value, old) => {
      if (changed === name) listener(entity, value, old);
    });
  }

  /** Takes over what a packet says of the world. */
  apply(packet: Packet): void {
    const whole = packet.action === 'load/index';
    if (whole) {
      this.entities.clear();
      this.groups = {};
    }
    if (packet.sides) this.sides = packet.sides;
    if (packet.timeouts) this.#regroup(packet.timeouts);
    for (const type of entityTypes) {
      const list = packet[type];
      if (!list) continue;
      if (Array.isArray(list)) for (const change of list) this.#merge(type, change);
      else for (const key in list) this.#merge(type, list[key]!);
    }
    if (whole) this.emit('reset', this);
  }

  #regroup(timeouts: Record<string, Partial<Group>>): void {
    for (const [name, { timeout, actions }] of Object.entries(timeouts)) {
      const known = (this.groups[name] ??= { timeout: 1, actions: {} });
      if (timeout !== undefined) known.timeout = timeout;
      if (actions) known.actions = actions;
    }
  }

  #merge(type: EntityType, change: Change): void {
    const key = `${type}_${change.id}`;
    const entity = this.entities.get(key);
    if (change.action === 'remove') {
      if (!entity) return;
      this.entities.delete(key);
      this.emit('removed', entity);
    } else if (entity) {
      this.#change(entity, change);
    } else if (change.prefab !== undefined) {
      this.#add(type, key, change);
    }
  }

  #add(type: EntityType, key: string, change: Change): void {
    const entity: Entity = {
      map_id: '', prefab: '', x: 0, y: 0, z: 0, sort: 0, side: '', action: '', speed: 0, created: '',
      ...(change as Partial<Entity>),
      id: change.id, key, type,
      components: { ...change.components },
      events: { ...change.events },
    };
    this.entities.set(key, entity);
    this.emit('added', entity);
  }

  #change(entity: Entity, change: Change): void {
    const fields = entity as unknown as Record<string, unknown>;
    for (const field in change) {
      if (field === 'components') this.#components(entity, change.components!);
      else if (field === 'events') for (const g in change.events) entity.events[g] = { ...entity.events[g], ...change.events[g] };
      else if (field !== 'id' && field !== 'key' && field !== 'type') fields[field] = change[field as keyof Change];
    }
    this.emit('changed', entity, change);
  }

  #components(entity: Entity, changed: Record<string, Json>): void {
    const heard = this.heard('component');
    for (const name in changed) {
      const old = entity.components[name];
      entity.components[name] = changed[name]!;
      if (heard && old !== changed[name]) this.emit('component', entity, name, changed[name]!, old);
    }
  }
}
