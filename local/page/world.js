// A plain client of the native protocol: it signs in, keeps a mirror of the world
// from what the map sends, and draws it as text.
const types = ['players', 'enemys', 'animals', 'objects'];
const $ = (id) => document.getElementById(id);

let socket = null;
let self = 0;
let entities = new Map();
let groups = {};
let ground = null; // {x, y, width, height, blocked}
let drawn = false;

$('unbuilt').hidden = !location.search.includes('unbuilt');

// --- signing in ---

$('sign-in').addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = new URLSearchParams({ login: $('login').value, password: $('password').value });
  busy(true);
  try {
    const answer = await fetch('/server/signin/' + (event.submitter?.dataset.path ?? 'auth'), { method: 'POST', body: form });
    const reply = await answer.json();
    if (reply.error) return refuse(reply.error);
    enter(reply);
  } catch {
    refuse('The server does not answer.');
  } finally {
    busy(false);
  }
});

function busy(on) {
  for (const button of $('sign-in').querySelectorAll('button')) button.disabled = on;
}

function refuse(text) {
  $('refusal').textContent = text;
  $('refusal').hidden = false;
}

// --- the connection ---

function enter({ id, token, host, map }) {
  self = id;
  ground = readGround(map);
  $('refusal').hidden = true;
  $('door').hidden = true;
  $('world').hidden = false;
  const scheme = location.protocol === 'https:' ? 'wss://' : 'ws://';
  const mine = socket = new WebSocket(scheme + host + '/?HTTP_AUTHORIZATION=' + btoa(id + ':' + token));
  state('connecting');
  mine.onopen = () => state('connected');
  mine.onmessage = (event) => receive(JSON.parse(event.data));
  mine.onclose = (event) => {
    if (mine !== socket) return;
    state(event.reason || 'disconnected', true);
    socket = null;
  };
  $('view').focus();
}

function state(text, bad = false) {
  $('state').textContent = text;
  $('state').classList.toggle('bad', bad);
}

$('leave').addEventListener('click', () => {
  socket?.close();
  socket = null;
  entities.clear();
  $('world').hidden = true;
  $('door').hidden = false;
});

function send(action, params = {}) {
  socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify({ action, command_id: Date.now(), ...params }));
}

// --- what the map sends ---

function receive(packet) {
  if (packet.error) note(packet.error, 'bad');
  if (packet.reconnect) {
    note('On to ' + packet.map + '.');
    const previous = socket;
    fetchGround(packet).then((map) => enter({ ...packet, map }));
    socket = null;
    previous?.close();
    return;
  }
  if (packet.action === 'load/index') {
    entities = new Map();
    groups = {};
  }
  for (const [name, group] of Object.entries(packet.timeouts ?? {})) groups[name] = { ...groups[name], ...group };
  if (packet.timeouts) drawActions();
  for (const type of types) {
    const list = packet[type];
    if (!list) continue;
    for (const change of Array.isArray(list) ? list : Object.values(list)) merge(type, change);
  }
  for (const theirs of Object.values(packet.commands ?? {})) {
    $('who').textContent = `${me()?.login ?? ''} · ${Math.max(0, Date.now() - theirs.command_id - theirs.wait_time * 1000).toFixed(0)} ms`;
  }
  const known = ['action', 'error', 'timeouts', 'commands', 'sides', ...types];
  const rest = Object.entries(packet).filter(([key]) => !known.includes(key));
  if (rest.length) note(describe(Object.fromEntries(rest)), 'said');
  later();
}

function merge(type, change) {
  const key = type + '_' + change.id;
  if (change.action === 'remove') {
    entities.delete(key);
    return;
  }
  const old = entities.get(key);
  if (!old && !change.prefab) return;
  entities.set(key, {
    ...old, ...change, type,
    components: { ...old?.components, ...change.components },
    events: { ...old?.events, ...change.events },
  });
}

function describe(packet) {
  const chat = packet.chat ?? packet;
  if (chat.text) return `${chat.login ?? chat.from ?? chat.name ?? ''}: ${chat.text}`;
  return JSON.stringify(packet);
}

async function fetchGround({ token }) {
  try {
    const answer = await fetch('/server/signin/get_map', { method: 'POST', body: new URLSearchParams({ token, side: 'center' }) });
    return (await answer.json()).map;
  } catch {
    return '';
  }
}

// --- the ground, from the Tiled map ---

function readGround(base64) {
  if (!base64) return null;
  try {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const map = JSON.parse(new TextDecoder().decode(bytes));
    $('map').textContent = map.properties?.find((p) => p.name === 'name')?.value ?? '';
    return { width: map.width, height: map.height, blocked: blockedTiles(map) };
  } catch {
    return null;
  }
}

function blockedTiles(map) {
  const blocked = new Set();
  const walls = new Set();
  for (const set of map.tilesets ?? []) {
    for (const tile of set.tiles ?? []) {
      if (blocks(tile)) walls.add(set.firstgid + tile.id);
    }
  }
  for (const layer of map.layers ?? []) {
    if (!Array.isArray(layer.data)) continue;
    layer.data.forEach((gid, i) => {
      const tile = gid & 0x1fffffff;
      if (tile && (blocks(layer) || walls.has(tile))) blocked.add(i);
    });
  }
  return blocked;
}

function blocks(thing) {
  return (thing.properties ?? []).some((p) => (p.name === 'walkable' && p.value === false) || (['collision', 'collides'].includes(p.name) && p.value === true));
}

// --- drawing ---

function me() {
  return entities.get('players_' + self);
}

function later() {
  if (drawn) return;
  drawn = true;
  requestAnimationFrame(() => {
    drawn = false;
    draw();
  });
}

// What is shown: size.cols by size.rows tiles from (left, top); a tile is two
// characters wide and a line high.
const size = { cols: 0, rows: 0, left: 0, top: 0, width: 0, height: 19 };

function measure() {
  const probe = document.createElement('span');
  probe.textContent = '0'.repeat(100);
  $('tiles').replaceChildren(probe);
  size.width = (probe.getBoundingClientRect().width / 100) * 2;
}

function draw() {
  const hero = me();
  if (!hero) return;
  if (!$('map').textContent) $('map').textContent = hero.map_id;
  $('who').textContent ||= hero.login;
  const view = $('view');
  if (!size.width) measure();
  size.cols = Math.max(11, Math.floor(view.clientWidth / size.width));
  size.rows = Math.max(7, Math.floor(view.clientHeight / size.height));
  size.left = Math.floor(hero.x) - (size.cols >> 1);
  size.top = Math.floor(hero.y) - (size.rows >> 1);
  const cells = new Map();
  for (const type of [...types].reverse()) {
    for (const e of entities.values()) {
      if (e.type === type) cells.set(Math.floor(e.x) + ',' + Math.floor(e.y), e);
    }
  }
  cells.set(Math.floor(hero.x) + ',' + Math.floor(hero.y), hero);
  const rows = [];
  for (let y = size.top; y < size.top + size.rows; y++) {
    let row = '';
    for (let x = size.left; x < size.left + size.cols; x++) row += cell(x, y, cells.get(x + ',' + y), hero);
    rows.push(row);
  }
  $('tiles').innerHTML = rows.join('\n');
  drawSelf(hero);
  drawNear(hero);
}

function cell(x, y, e, hero) {
  if (e) return `<b class="${e === hero ? 'self' : e.type}">${escape((e === hero ? '@' : (e.type === 'players' ? e.login : e.prefab)?.[0]) ?? '?')}</b> `;
  if (!ground) return '· ';
  if (x < 0 || y < 0 || x >= ground.width || y >= ground.height) return '  ';
  return ground.blocked.has(y * ground.width + x) ? '<span class="wall">▒</span> ' : '· ';
}

function escape(text) {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}

function drawSelf(hero) {
  const shown = Object.entries(hero.components).filter(([, v]) => v !== null && typeof v !== 'object');
  const rows = [['place', `${round(hero.x)}, ${round(hero.y)}`], ...shown];
  $('self').replaceChildren(...rows.flatMap(([name, v]) => {
    const dt = document.createElement('dt');
    const dd = document.createElement('dd');
    dt.textContent = name;
    dd.textContent = typeof v === 'number' ? round(v) : v;
    return [dt, dd];
  }));
}

function drawNear(hero) {
  const near = [...entities.values()]
    .filter((e) => e !== hero)
    .map((e) => ({ e, d: Math.hypot(e.x - hero.x, e.y - hero.y) }))
    .sort((a, b) => a.d - b.d)
    .slice(0, 8);
  const body = $('near').tBodies[0];
  body.replaceChildren(...near.map(({ e, d }) => {
    const row = document.createElement('tr');
    const hp = e.components.hp;
    for (const text of [`${e.login ?? e.prefab} ${e.id}`, hp === undefined || hp === null ? '' : `${round(hp)} hp`, `${d.toFixed(1)} tiles`]) {
      row.insertCell().textContent = text;
    }
    row.dataset.key = e.key;
    return row;
  }));
}

function round(n) {
  return Math.round(n * 100) / 100;
}

function drawActions() {
  const buttons = Object.entries(groups).flatMap(([group, { actions }]) => Object.entries(actions ?? {})
    .filter(([, open]) => open)
    .map(([name]) => {
      const button = document.createElement('button');
      button.className = 'second';
      button.textContent = group + '/' + name;
      button.onclick = () => act(group + '/' + name);
      return button;
    }));
  $('actions').replaceChildren(...buttons);
}

// act calls an action; what needs a target gets the nearest creature.
function act(action) {
  const [group] = action.split('/');
  if (group === 'fight' || group === 'attack') {
    const row = [...$('near').rows].find((r) => /^(enemys|animals)_/.test(r.dataset.key ?? ''));
    if (!row) return note('Nobody is near.');
    return send(action, { target: row.dataset.key });
  }
  if (group === 'chat') {
    $('words').value = '';
    return $('words').focus();
  }
  send(action);
}

function note(text, kind = '') {
  const item = document.createElement('li');
  item.textContent = text;
  item.className = kind;
  $('log').append(item);
  while ($('log').children.length > 100) $('log').firstChild.remove();
  $('log').scrollTop = $('log').scrollHeight;
}

// --- playing ---

const keys = { ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right' };
let last = 0;

$('view').addEventListener('keydown', (event) => {
  const side = keys[event.key];
  if (!side) return;
  event.preventDefault();
  const pause = Math.max(150, (groups.move?.timeout ?? 0) * 1000);
  if (Date.now() - last < pause) return;
  last = Date.now();
  send('move/' + side);
});

$('view').addEventListener('click', (event) => {
  $('view').focus();
  const box = $('tiles').getBoundingClientRect();
  const x = Math.floor((event.clientX - box.left) / size.width) + size.left;
  const y = Math.floor((event.clientY - box.top) / size.height) + size.top;
  if (groups.move?.actions?.to) send('move/to', { x, y });
});

$('say').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = $('words').value.trim();
  $('words').value = '';
  if (!text) return;
  const [first, ...rest] = text.split(' ');
  if (/^[A-Za-z_]\w*\/[A-Za-z_]\w*$/.test(first)) {
    return send(first, Object.fromEntries(rest.filter((p) => p.includes('=')).map((p) => {
      const [name, value] = p.split(/=(.*)/s);
      return [name, value !== '' && !isNaN(value) ? Number(value) : value];
    })));
  }
  if (groups.chat?.actions?.say) return send('chat/say', { text });
  note('This game has no chat. Type an action such as move/up.', 'bad');
});

addEventListener('resize', later);
