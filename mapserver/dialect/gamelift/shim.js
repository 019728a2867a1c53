'use strict';
// What a Realtime script sees: the session that init gets, players, messages. The
// relay itself is in Go (game.go); host has its functions.
const util = require('util');

const players = new Map();
// Some type declarations say that getPlayers returns an array.
Object.defineProperty(players, 'length', { get() { return players.size; } });
let script = {};

function bytes(payload) {
  if (payload === undefined || payload === null) return Buffer.alloc(0);
  if (Buffer.isBuffer(payload)) return payload;
  if (payload instanceof Uint8Array || payload instanceof ArrayBuffer || Array.isArray(payload)) return Buffer.from(payload);
  return Buffer.from(typeof payload === 'string' ? payload : String(payload), 'utf8');
}

class GameMessage {
  constructor(opCode, sender, payload) {
    this.opCode = opCode;
    this.sender = sender;
    this.payload = bytes(payload);
    this.reliable = true;
    this.targetPlayer = 0;
    this.targetGroup = 0;
  }

  getPayloadAsText() {
    return this.payload.toString('utf8');
  }

  toString() {
    return `GameMessage{opCode: ${this.opCode}, sender: ${this.sender}, payload: ${this.payload.length} bytes}`;
  }
}

function write(level, values) {
  console[level](util.format(...values));
}

const logger = {
  debug: (...values) => write('debug', values),
  info: (...values) => write('info', values),
  warn: (...values) => write('warn', values),
  error: (...values) => write('error', values),
  fatal: (...values) => write('error', values),
  cxfatal: (...values) => write('error', values),
};

// Sending never throws: scripts send to players who have just gone.
function send(message, player, group, reliable) {
  if (message === null || typeof message !== 'object' || !Number.isInteger(message.opCode)) {
    logger.error('A message must be made by newTextGameMessage or newBinaryGameMessage, not be', util.inspect(message));
    return;
  }
  if (!Number.isInteger(player) || !Number.isInteger(group)) {
    logger.error('A message needs a peer id or a group id to go to, not', group === 0 ? player : group);
    return;
  }
  const sender = Number.isInteger(message.sender) ? message.sender : -1;
  host.send(message.opCode, sender, bytes(message.payload), player, group, reliable);
}

const session = {
  getServerId: () => -1,
  getAllPlayersGroupId: () => -1,
  getGameSessionId: () => host.gameSessionId(),
  getPlayers: () => players,
  getLogger: () => logger,
  newTextGameMessage: (opCode, sender, text) => new GameMessage(opCode, sender, text),
  newBinaryGameMessage: (opCode, sender, payload) => new GameMessage(opCode, sender, payload),
  sendMessage: (message, peer) => send(message, peer, 0, false),
  sendReliableMessage: (message, peer) => send(message, peer, 0, true),
  sendGroupMessage: (message, group) => send(message, 0, group, false),
  sendReliableGroupMessage: (message, group) => send(message, 0, group, true),
  broadcastGroupMembershipUpdate(group, target) {
    if (Number.isInteger(group) && Number.isInteger(target)) host.broadcastMembership(group, target);
    else logger.error('broadcastGroupMembershipUpdate needs two group ids, not', group, target);
  },
  processEnding() {
    host.ending();
    return Promise.resolve('success');
  },
};

// What a callback that is not there answers.
function ask(name, args, absent) {
  const callback = script[name];
  if (typeof callback !== 'function') return absent;
  return callback(...args) === true;
}

exports.start = (entry, args) => {
  const loaded = require(entry);
  script = (loaded && loaded.ssExports) || {};
  if (typeof script.init !== 'function') {
    throw new Error(`${entry} must export ssExports with a function init: exports.ssExports = {init, ...}`);
  }
  script.init(session);
  return ask('onProcessStarted', [args], true);
};

exports.maxPlayers = () => {
  const n = script.configuration && script.configuration.maxPlayers;
  return Number.isInteger(n) && n > 0 ? n : 0;
};

exports.startGameSession = (gameSession) => {
  if (typeof script.onStartGameSession === 'function') script.onStartGameSession(gameSession);
};

exports.connect = (peerId, playerSessionId, payload) =>
  ask('onPlayerConnect', [{ payload, peerId, player: { peerId, playerSessionId } }], true);

exports.accepted = (peerId, playerSessionId) => {
  const player = { peerId, playerSessionId };
  players.set(peerId, player);
  if (typeof script.onPlayerAccepted === 'function') script.onPlayerAccepted(player);
};

exports.disconnect = (peerId) => {
  try {
    if (typeof script.onPlayerDisconnect === 'function') script.onPlayerDisconnect(peerId);
  } finally {
    players.delete(peerId);
  }
};

exports.message = (opCode, sender, payload, targetPlayer, targetGroup, reliable) => {
  const message = new GameMessage(opCode, sender, payload);
  message.targetPlayer = targetPlayer;
  message.targetGroup = targetGroup;
  message.reliable = reliable;
  if (targetPlayer === -1) {
    if (typeof script.onMessage === 'function') script.onMessage(message);
    return false;
  }
  return ask(targetPlayer > 0 ? 'onSendToPlayer' : 'onSendToGroup', [message], true);
};

// Whether a message must be shown to the script: relaying costs nothing otherwise.
exports.listens = () => ({
  player: typeof script.onSendToPlayer === 'function',
  group: typeof script.onSendToGroup === 'function',
  server: typeof script.onMessage === 'function',
});

exports.joinGroup = (group, peerId) => ask('onPlayerJoinGroup', [group, peerId], true);
exports.leaveGroup = (group, peerId) => ask('onPlayerLeaveGroup', [group, peerId], true);
exports.healthy = () => ask('onHealthCheck', [], true);
exports.terminate = () => {
  if (typeof script.onProcessTerminate === 'function') script.onProcessTerminate();
};
