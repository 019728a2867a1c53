// A room in which everybody sees where the others are: a Realtime script such as runs on
// Amazon GameLift. Positions are relayed from player to player without it; chat goes
// through it, and newcomers are told who is here.
'use strict';

const OP_POSITION = 1; // relayed: to the group of all players
const OP_CHAT = 2; // to the server, which sends it on with the name
const OP_WELCOME = 3; // from the server: the name, and who is here
const OP_GONE = 4; // from the server: somebody has left

const names = new Map(); // by peer id
let session;
let logger;

function init(rtSession) {
  session = rtSession;
  logger = session.getLogger();
}

// The payload of the login is the name.
function onPlayerConnect(connectMsg) {
  const name = Buffer.from(connectMsg.payload).toString('utf8').trim();
  if (name === '' || name.length > 20) return false;
  names.set(connectMsg.peerId, name);
  return true;
}

function onPlayerAccepted(player) {
  const welcome = { you: names.get(player.peerId), here: Object.fromEntries(names) };
  tell(OP_WELCOME, welcome, player.peerId);
  logger.info(`${welcome.you} is here`);
}

function onPlayerDisconnect(peerId) {
  tellAll(OP_GONE, { peer: peerId, name: names.get(peerId) });
  names.delete(peerId);
}

function onMessage(gameMessage) {
  if (gameMessage.opCode !== OP_CHAT) return;
  tellAll(OP_CHAT, { name: names.get(gameMessage.sender), text: gameMessage.getPayloadAsText().slice(0, 200) });
}

// A position is two numbers; nothing else is relayed to everybody.
function onSendToGroup(gameMessage) {
  return gameMessage.opCode === OP_POSITION && gameMessage.payload.length === 8;
}

function tell(opCode, what, peerId) {
  session.sendReliableMessage(session.newTextGameMessage(opCode, session.getServerId(), JSON.stringify(what)), peerId);
}

function tellAll(opCode, what) {
  session.sendReliableGroupMessage(session.newTextGameMessage(opCode, session.getServerId(), JSON.stringify(what)), session.getAllPlayersGroupId());
}

exports.ssExports = {
  configuration: { maxPlayers: 100 },
  init,
  onPlayerConnect,
  onPlayerAccepted,
  onPlayerDisconnect,
  onMessage,
  onSendToGroup,
};
