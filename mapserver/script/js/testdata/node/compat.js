// Each line is what Node.js 20 prints for it (compat.want was written by it).
const util = require('util')
const path = require('node:path')
const { EventEmitter, once } = require('events')
const url = require('url')
const querystring = require('querystring')
const crypto = require('crypto')
const assert = require('assert')
const { StringDecoder } = require('string_decoder')
const out = []
const show = (name, f) => {
  let text
  try { text = util.inspect(f()) } catch (e) { text = `throws ${e.name} ${e.code || ''} ${e.message.split('\n')[0]}` }
  out.push(`${name}: ${text}`)
}
// inspect and format
class Point { constructor(x, y) { this.x = x; this.y = y } get len() { return 5 } }
class Named extends Point { toString() { return 'n' } }
const circular = { name: 'c', inner: { list: [1] } }
circular.self = circular
circular.inner.up = circular.inner
const values = [
  1, -0, 1.5, NaN, 10n, 'it', "it's", 'a"b\'c', 'line\nbreak\t\\', true, null, undefined, Symbol('s'), Symbol.for('x'),
  [], [1, 2, 3], [[]], [[[[1]]]], [1, , 3], new Array(5), [undefined, null], Object.assign([1, 2], { extra: 1 }),
  {}, { a: 1 }, { 'a-b': 1, 2: 3, valid_1: 2 }, { a: { b: { c: { d: 1 } } } }, { f() {}, g: () => {}, h: class A {}, i: class B extends Point {} },
  { get a() { return 1 }, set a(v) {}, get b() { return 1 }, set c(v) {} }, { [Symbol('k')]: 1 }, Object.create(null), Object.create({ a: 1 }),
  new Point(1, 2), new Named(1, 2), new Map([['a', 1], [{ k: 1 }, [2]]]), new Set([1, 'a', { b: 1 }]), new Map(), new Set(), new WeakMap(),
  new Date(0), new Date(NaN), /a+b/gi, function named() {}, function () {}, async () => {}, async function af() {}, function* gen() {}, Math.max, class {},
  Buffer.from('hello'), Buffer.alloc(0), Buffer.alloc(60), new Uint8Array([1, 2, 3]), new Float32Array(2), new ArrayBuffer(3), 
  Promise.resolve(4), new Promise(() => {}), circular, [circular], new Number(3), new String('abc'), new Boolean(false),
  Array.from({ length: 20 }, (_, i) => i), Array.from({ length: 120 }, (_, i) => i), Array.from({ length: 30 }, (_, i) => 'item' + i),
  { long: 'x'.repeat(100), other: 'y'.repeat(30) }, ['x'.repeat(40), 'y'.repeat(40)], [{ a: 1, b: 2 }, { a: 3, b: 4 }],
  { players: [{ id: 1, name: 'Ann', pos: { x: 1, y: 2 } }, { id: 2, name: 'Bob', pos: { x: 3, y: 4 } }], tick: 12, open: true },
  { a: [1, 2, [3, 4, [5, [6]]]], b: new Map([['k', new Set([1])]]) }, (function () { return arguments })(1, 2), globalThis === global, JSON, Math,
  new Proxy({ a: 1 }, {}), new Proxy([1, 2], {}), [1.5, 2.25, 100, 3, 4, 5, 6, 7], ['a', 'b', 'c', 'd', 'e', 'f', 'g'], 
  { [util.inspect.custom](depth, options) { return 'CUSTOM ' + depth } }, [[1, 2, 3], [4, 5, 6], [7, 8, 9]], { a: 1, b: 'x', c: [1, 2, { d: 1 }], e: null, f: undefined },
]
values.forEach((v, i) => show('inspect ' + i, () => ({ toString: () => '', [util.inspect.custom]: () => util.inspect(v) })))
show('depth', () => util.inspect({ a: { b: { c: { d: 1 } } } }, { depth: null }))
show('depth 0', () => util.inspect({ a: { b: 1 }, c: [1] }, { depth: 0 }))
show('hidden', () => util.inspect([1], { showHidden: true }))
show('compact', () => util.inspect({ a: 1, b: [1] }, { compact: false }))
show('breakLength', () => util.inspect({ a: 1, b: { c: 2 } }, { breakLength: Infinity }))
show('sorted', () => util.inspect({ b: 1, a: 2 }, { sorted: true }))
for (const args of [['%s %d', 'a', '42', 'more'], ['%i %f', 4.7, '1.5x'], ['%j', { a: 1 }], ['%o', [1]], ['%O', { a: { b: 1 } }], ['%%', 1], ['100%', 1], ['%s', null, undefined], ['%s', { a: 1 }], ['%s', [1, 2]],
  ['%x', 1], [1, 2, 'a'], ['a', { b: 1 }], ['%s'], ['%d', '0x10'], ['%s', 12n], ['%s', Symbol('a')], ['%c styled', 'css'], [{}, '%s'], ['%s', -0], ['%s', () => 1], [''], [undefined], []]) {
  show('format', () => util.format(...args))
}
show('isDeepStrictEqual', () => [util.isDeepStrictEqual({ a: [1] }, { a: [1] }), util.isDeepStrictEqual([1], ['1']), util.isDeepStrictEqual(new Set([{ a: 1 }]), new Set([{ a: 1 }])), util.isDeepStrictEqual(NaN, NaN)])
show('inherits', () => { function A() {} function B() {} A.prototype.hi = () => 1; util.inherits(B, A); return [new B().hi(), B.super_ === A, new B() instanceof A] })
show('types', () => ['isDate', 'isRegExp', 'isMap', 'isPromise', 'isNativeError', 'isTypedArray'].map((n) => [new Date(), /a/, new Map(), Promise.resolve(), new TypeError(), new Uint8Array(1)].map((v) => util.types[n](v) ? 1 : 0).join('')))
show('TextEncoder', () => [...new util.TextEncoder().encode('aé€😀')])
show('TextDecoder', () => new util.TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 97, 0xc3, 0xa9, 0xff])))
// Buffer
const b = Buffer.from('héllo wörld')
const cases = {
  from: () => [Buffer.from([1, 256, -1, 'a', 3.7]), Buffer.from('zz', 'hex'), Buffer.from('616', 'hex'), Buffer.from('aGk', 'base64'), Buffer.from('a-_b', 'base64url'), Buffer.from('aé', 'latin1'), Buffer.from('aé', 'utf16le'), Buffer.from('é', 'ascii')],
  fromOther: () => [Buffer.from(Buffer.from('a')), Buffer.from(new Uint8Array([1, 2]).buffer), Buffer.from({ type: 'Buffer', data: [1, 2] }), Buffer.from(new String('s')), new Buffer.from('n'), Buffer.from({ length: 2, 0: 5 })],
  fromBad: () => Buffer.from(5), fromNull: () => Buffer.from(null), old: () => [Buffer('a'), new Buffer('b'), new Buffer(2), new Buffer([1])],
  toString: () => ['utf8', 'hex', 'base64', 'base64url', 'latin1', 'ascii', 'utf16le', 'ucs2', 'binary'].map((e) => b.toString(e)),
  part: () => [b.toString('utf8', 1, 3), b.toString('utf8', 5), b.toString('utf8', -5, 2), b.toString('hex', 3, 1), String(b)], badEncoding: () => b.toString('nope'),
  broken: () => Buffer.from([0xe2, 0x82, 97, 0xff, 0xc3]).toString(), lone: () => Buffer.from('\ud800a'),
  alloc: () => [Buffer.alloc(3, 'ab'), Buffer.alloc(3, 7), Buffer.alloc(2, ''), Buffer.alloc(4, 'YQ==', 'base64'), Buffer.allocUnsafe(2)], allocBad: () => Buffer.alloc('3'), allocNegative: () => Buffer.alloc(-1),
  byteLength: () => [Buffer.byteLength('é'), Buffer.byteLength('aGk=', 'base64'), Buffer.byteLength(new ArrayBuffer(3)), Buffer.byteLength('ff', 'hex')],
  concat: () => [Buffer.concat([Buffer.from('a'), new Uint8Array([98])]), Buffer.concat([Buffer.from('abc')], 2), Buffer.concat([Buffer.from('a')], 3), Buffer.concat([])], concatBad: () => Buffer.concat('a'),
  compare: () => [Buffer.compare(Buffer.from('a'), Buffer.from('b')), Buffer.from('b').compare(Buffer.from('a')), Buffer.from('a').equals(Buffer.from('a')), Buffer.from('abc').compare(Buffer.from('xbc'), 1, 3, 1, 3)],
  slice: () => { const c = Buffer.from('abcdef'); const s = c.slice(1, 4); s[0] = 90; return [c, s, c.subarray(-2), c.slice(2) instanceof Buffer, Buffer.isBuffer(s), s.buffer === c.buffer] },
  copy: () => { const t = Buffer.alloc(5); return [b.copy(t, 1, 0, 3), t, b.copy(t, 4), t] },
  fill: () => [Buffer.alloc(5).fill('abc'), Buffer.alloc(5).fill(300), Buffer.alloc(5).fill('é', 1, 4), Buffer.alloc(4).fill(Buffer.from('xy')), Buffer.alloc(3).fill('61', 'hex')],
  write: () => { const t = Buffer.alloc(8); return [t.write('héé', 1), t, t.write('abcdefghij', 4), t, t.write('ff00', 0, 'hex'), t, t.write('éé', 0, 3), t] }, writeBad: () => Buffer.alloc(2).write('a', 5),
  indexOf: () => [b.indexOf('l'), b.indexOf('wö'), b.indexOf(108, 4), b.indexOf('zz'), b.lastIndexOf('l'), b.includes('llo'), b.indexOf(Buffer.from('o')), b.indexOf('l', -4), b.lastIndexOf('l', 3), b.indexOf('')],
  ints: () => { const t = Buffer.alloc(16); return [t.writeUInt8(255, 0), t.writeInt16LE(-2, 1), t.writeUInt32BE(0xdeadbeef, 3), t.writeDoubleLE(1.5, 7), t.readUInt8(0), t.readInt16LE(1), t.readUInt32BE(3), t.readDoubleLE(7), t.readInt8(0), t.readUint16BE(1), t] },
  floats: () => { const t = Buffer.alloc(8); t.writeFloatBE(0.5); return [t.readFloatBE(), t.readFloatLE(), t] },
  big: () => { const t = Buffer.alloc(8); t.writeBigInt64LE(-5n); return [t.readBigInt64LE(), t.readBigUInt64LE(), t] },
  wide: () => { const t = Buffer.alloc(6); t.writeUIntBE(0x123456789a, 0, 5); t.writeIntLE(-3, 3, 3); return [t.readUIntBE(0, 3), t.readIntLE(3, 3), t.readIntBE(3, 3), t] },
  outOfRange: () => Buffer.alloc(2).readUInt32LE(0), outOfRange2: () => Buffer.alloc(5).readUInt32LE(2), notInt: () => Buffer.alloc(5).readUInt8(1.5), tooBig: () => Buffer.alloc(5).writeUInt8(256),
  json: () => [JSON.stringify(Buffer.from('hi')), JSON.stringify({ b: Buffer.from([1]) })], swap: () => Buffer.from([1, 2, 3, 4]).swap16(), iterate: () => [[...Buffer.from('ab')], [...Buffer.from('ab').entries()], [...Buffer.from('ab').keys()]],
  methods: () => [Buffer.from('abc').map((x) => x + 1), Buffer.from('abc').filter((x) => x > 97), Buffer.from('cab').sort(), Buffer.from('abc').reverse(), Buffer.from('ab').at(-1)],
  identity: () => [Buffer.name, Buffer.length, Buffer.from('a').constructor === Buffer, Buffer.prototype instanceof Uint8Array, typeof Buffer.poolSize, Buffer.isEncoding('UTF-8'), Buffer.isEncoding('x')],
  base: () => [atob('aGk='), btoa('hi')], ofArray: () => Buffer.of(1, 2),
}
for (const name of Object.keys(cases)) show('buffer ' + name, cases[name])
// path
const P = ['/a/b/../c/./d.txt', 'a//b/', '', '.', '..', '/', '/..', './x', 'x/../..', '.hidden', 'a.b.c', '/a/b/', 'file.', 'a/.b']
show('normalize', () => P.map(path.normalize))
show('dirname', () => P.map(path.dirname))
show('basename', () => P.map((p) => path.basename(p)))
show('extname', () => P.map(path.extname))
show('parse', () => P.slice(0, 6).concat(P.slice(9)).map(path.parse).map((p) => JSON.stringify(p)))
show('join', () => [path.join('a', '..', '/b', 'c'), path.join(), path.join('/a', '../..', 'b'), path.join('', 'a'), path.join('./a', './b/')])
show('resolve', () => [path.resolve('/a', 'b', '../c'), path.resolve('/a', '/b', 'c'), path.resolve('/a/b/', '.')])
show('relative', () => [path.relative('/a/b/c', '/a/d'), path.relative('/a', '/a'), path.relative('/a/b', '/a/b/c')])
show('format', () => [path.format({ dir: '/a', base: 'b.c' }), path.format({ root: '/', name: 'a', ext: '.b' }), path.isAbsolute('/a'), path.isAbsolute('a')])
show('path type', () => path.join(1))
show('suffix', () => [path.basename('a.txt', '.txt'), path.basename('a.txt', 'txt'), path.basename('.txt', '.txt')])
// events
show('events', () => {
  const e = new EventEmitter()
  const log = []
  e.on('newListener', (n) => log.push('new ' + String(n)))
  e.on('a', (...args) => log.push('a', ...args))
  e.prependListener('a', () => log.push('first'))
  e.once('a', function () { log.push('once', this === e) })
  const off = () => log.push('off')
  e.on('a', off)
  log.push(e.emit('a', 1, 2), e.emit('none'))
  e.off('a', off)
  e.emit('a', 3)
  log.push(e.listenerCount('a'), e.eventNames(), e.listeners('a').length, e.getMaxListeners())
  e.removeAllListeners('a')
  log.push(e.emit('a'))
  return log
})
show('error event', () => new EventEmitter().emit('error', new TypeError('bad')))
show('error event 2', () => new EventEmitter().emit('error', 'text'))
show('listener type', () => new EventEmitter().on('a', 1))
show('extends', () => { class E extends EventEmitter {} const e = new E(); let n = 0; e.on('x', () => n++); e.emit('x'); function Old() { EventEmitter.call(this) } util.inherits(Old, EventEmitter); const o = new Old(); o.on('y', () => n++); o.emit('y'); return n })
show('removed in emit', () => { const e = new EventEmitter(); const log = []; const two = () => log.push(2); e.on('a', () => { log.push(1); e.off('a', two) }); e.on('a', two); e.emit('a'); e.emit('a'); return log })
// url
const U = ['http://user:pa%20ss@host.com:8080/p/a/t/h?query=string&a=1#hash', 'https://example.org', '/relative?x=1#y', 'mailto:a@b.c', '//host/path', 'ws://h:80/x', 'http://[::1]:3000/']
for (const u of U) show('url.parse', () => { const p = url.parse(u); return [p.protocol, p.slashes, p.auth, p.host, p.port, p.hostname, p.hash, p.search, p.query, p.pathname, p.path, p.href] })
show('url.parse query', () => url.parse('/a?x=1&x=2', true).query.x)
show('URL', () => { const u = new URL('../b?x=1&y=a%20b#h', 'http://u:p@Host.com:80/a/c/d'); u.searchParams.append('z', 'q r'); return [u.href, u.host, u.origin, u.username, u.pathname, u.search, u.hash, u.searchParams.get('y'), String(u), JSON.stringify(u)] })
show('URL bad', () => new URL('nope'))
show('params', () => { const p = new URLSearchParams('a=1&b=2&a=3'); p.delete('b'); p.set('c', 'x y'); return [p.getAll('a'), p.toString(), [...p], p.has('a')] })
show('url.format', () => [url.format({ protocol: 'http', host: 'a.b', pathname: 'x', query: { q: 1 } }), url.resolve('http://a.b/c/d', '../e'), url.resolve('/one/two', 'three')])
show('querystring', () => [querystring.parse('a=1&b=2&a=3&c&d=%20x+y').a, querystring.parse('c&d=%20x+y').d, querystring.stringify({ a: [1, 2], b: 'x y', c: true, d: null }), querystring.escape('a&b'), querystring.parse('a:1;b:2', ';', ':').b])
// crypto
for (const h of ['md5', 'sha1', 'sha256', 'sha512', 'SHA-256']) show('hash ' + h, () => crypto.createHash(h).update('a').update(Buffer.from('b')).digest('hex'))
show('hmac', () => [crypto.createHmac('sha256', 'key').update('data').digest('base64'), crypto.createHmac('md5', Buffer.from('k')).update('x').digest()])
show('hash bad', () => crypto.createHash('nope'))
show('random', () => [crypto.randomBytes(8).length, crypto.randomInt(5) < 5, crypto.randomInt(3, 4), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID())])
show('equal', () => [crypto.timingSafeEqual(Buffer.from('a'), Buffer.from('a')), crypto.timingSafeEqual(Buffer.from('a'), Buffer.from('b'))])
show('equal bad', () => crypto.timingSafeEqual(Buffer.from('a'), Buffer.from('bc')))
// assert
for (const [name, f] of Object.entries({
  ok: () => assert(0, 'zero'), equal: () => assert.equal(1, '1'), strictEqual: () => assert.strictEqual(1, 2), deep: () => assert.deepStrictEqual({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }),
  deepBad: () => assert.deepStrictEqual([1], [2], 'differs'), throws: () => assert.throws(() => { throw new TypeError('x y') }, /x y/), throwsType: () => assert.throws(() => { throw new TypeError('x') }, TypeError),
  throwsNot: () => assert.throws(() => {}), fail: () => assert.fail('f'), loose: () => assert.deepEqual([1, '2'], ['1', 2]), match: () => assert.match('abc', /b/), notEqual: () => assert.notStrictEqual(1, 1, 'same'),
  error: () => assert.ok(false, new RangeError('own')), throwsObject: () => assert.throws(() => { throw Object.assign(new Error('m'), { code: 'C' }) }, { code: 'C', message: 'm' }), ifError: () => assert.ifError(null),
})) show('assert ' + name, f)
show('decoder', () => { const d = new StringDecoder('utf8'); return [d.write(Buffer.from([0xe2, 0x82])), d.write(Buffer.from([0xac, 97])), d.end(Buffer.from([0xc3]))] })
show('clone', () => { const a = { d: new Date(5), m: new Map([[1, { x: 1 }]]), l: [1, [2]], u: undefined }; a.self = a; const c = structuredClone(a); return [c, c !== a, c.self === c, c.d instanceof Date] })
show('clone bad', () => structuredClone({ a: Symbol('s') }))
show('process', () => [typeof process.pid, process.platform, process.version.slice(0, 4), process.argv.length >= 2, typeof process.uptime(), typeof process.hrtime.bigint(), process.hrtime().length, Object.keys(process.memoryUsage()), Object.keys(process.cpuUsage()), typeof process.env, Object.prototype.toString.call(process)])
show('globals', () => ['global', 'Buffer', 'setImmediate', 'queueMicrotask', 'structuredClone', 'URL', 'TextEncoder', 'performance', 'AbortController', 'EventTarget', 'atob', 'crypto'].filter((n) => globalThis[n] === undefined))
show('module', () => [typeof module.exports, typeof require.resolve, module.id === '.' || module.id === __filename, path.basename(__filename), typeof require.cache, require.main === module])
show('timeout', () => { const t = setTimeout(() => {}, 1); const had = t.hasRef(); t.unref(); const has = t.hasRef(); clearTimeout(t); clearTimeout(undefined); clearInterval(null); return [had, has, typeof +t, t.constructor.name] })
show('timeout bad', () => setTimeout('code', 1))
show('syntax', () => { const { a, ...rest } = { a: 1, b: 2, c: 3 }; let x = null; x ??= 4; const o = { ...rest, x }; class C { #p = 1; static s = 2; get p() { return this.#p } static { C.t = 3 } } return [a, rest, o?.y?.z, x, 2 ** 10, `t${a}${[1, 2]}`, new C().p, C.s, C.t, [...'ab', ...[1]], 1_000, String.raw`a\n${1}`, (() => { try { throw 1 } catch { return 2 } })()] })
show('async syntax', () => { (async () => { const log = []; async function* g() { yield 1; yield 2 } for await (const x of g()) log.push(x); out.push('for await: ' + util.inspect(log)); finish() })(); return 1 })
const finish = () => console.log(out.join('\n'))
