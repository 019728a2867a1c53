export { Client, type ClientOptions, type Socket, type SocketConstructor, type State } from './client.js';
export { CommandError, ConnectionError, SignInError, type Next } from './errors.js';
export type { Unsubscribe } from './emitter.js';
export { Motion, type MotionOptions, type Place } from './motion.js';
export type { Ack } from './pace.js';
export { entityTypes, type Change, type EntityType, type Group, type Json, type Packet, type PendingEvent } from './protocol.js';
export { World, type Entity } from './world.js';
