package js

import (
	"testing"
	"time"

	"github.com/overworld-gg/overworld/mapserver/script"
)

// processOddities are programs that may do as they like, as long as the host goes on
// soon.
var processOddities = map[string]string{
	"bigint shift":        `return String(1n << 10000000000n).length`,
	"bigint shift loop":   `let n = 1n; for (;;) n = n << 1000000n`,
	"bigint text":         `BigInt('9'.repeat(9999)).toString(); for (;;) BigInt('9'.repeat(9999))`,
	"bigint power":        `return 3n ** 100000000n`,
	"Math.pow":            `return Math.pow(3n, 100000000n)`,
	"flat":                `const a = []; a.push(a, a); a.flat(Infinity)`,
	"deep arrays":         `let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return String(a).length`,
	"deep JSON":           `let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return JSON.stringify(a).length`,
	"deep JSON text":      `JSON.parse('['.repeat(1e6))`,
	"deep proxies":        `let p = {}; for (let i = 0; i < 2e4; i++) p = new Proxy(p, {}); return p.x`,
	"deep prototypes":     `let p = {}; for (let i = 0; i < 1e5; i++) p = Object.create(p); return p.x`,
	"deep binds":          `let f = () => 1; for (let i = 0; i < 1e5; i++) f = f.bind(0); return f()`,
	"deep promises":       `let p = Promise.resolve(); for (let i = 0; i < 1e4; i++) p = p.then(() => p); return p`,
	"deep getters":        `const o = { get x() { return this.x } }; return o.x`,
	"deep toString":       `const o = { toString() { return '' + o } }; return String(o)`,
	"deep map":            `const f = () => [1].map(f); return f()`,
	"deep apply":          `const f = (...a) => f.apply(null, a); return f(1)`,
	"deep native apply":   `const a = []; const f = Reflect.apply; return f(f, null, [f, null, [f, null, [f, null, a]]])`,
	"deep async":          `const f = async () => f(); return f()`,
	"deep require":        `return require('./index.js').go()`,
	"deep sort":           `const f = () => [2, 1].sort(f); return f()`,
	"deep JSON replacer":  `const f = () => JSON.stringify({ toJSON: f }); return f()`,
	"deep inspect":        `let a = {}; const b = a; for (let i = 0; i < 1e4; i++) a = a.a = {}; return require('util').inspect(b, { depth: Infinity }).length`,
	"deep clone":          `let a = {}; const b = a; for (let i = 0; i < 1e4; i++) a = a.a = {}; structuredClone(b)`,
	"deep regex":          `new RegExp('('.repeat(30000) + ')'.repeat(30000))`,
	"big regex":           `new RegExp('((((a{1000}){1000}){1000}){1000})')`,
	"big regex 2":         `new RegExp('(?:(?=a)a{1000}){1000}').test('a'.repeat(1e5))`,
	"deep source":         `new Function('return ' + '('.repeat(50000) + '1' + ')'.repeat(50000))`,
	"big source":          `new Function('return [' + '1,'.repeat(1e6) + ']')()`,
	"many timers":         `for (;;) setTimeout(() => {}, 1)`,
	"many immediates":     `for (;;) setImmediate(() => {})`,
	"message getter":      `throw { get message() { for (;;) {} } }`,
	"stack getter":        `const e = new Error('x'); Object.defineProperty(e, 'stack', { get() { for (;;) {} } }); Promise.reject(e)`,
	"name getter":         `throw Object.assign(Object.create(Error.prototype), { get name() { throw this }, message: 'm' })`,
	"toString throws":     `throw { toString() { throw this } }`,
	"null prototype":      `throw Object.create(null)`,
	"proxy thrown":        `throw new Proxy(new Error('x'), { get() { throw 1 } })`,
	"symbol thrown":       `throw Symbol('s')`,
	"thenable returned":   `return { then(f) { f(this) } }`,
	"proxied array":       `return new Proxy([], { get(t, k) { return k === 'length' ? 1e9 : 1 } })`,
	"revoked":             `const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy`,
	"length of an array":  `const a = []; a.length = 4e9; return a`,
	"reverse":             `const a = []; a.length = 4e9; a.reverse()`,
	"for in":              `const b = Buffer.alloc(1 << 23); let n = 0; for (const k in b) n++; return n`,
	"arguments":           `return ((...a) => a.length)(...new Array(1e6))`,
	"fromCharCode":        `return String.fromCharCode(...new Array(1e5).fill(65)).length`,
	"set typed":           `new Uint8Array(1e6).set({ length: 1e15 })`,
	"species":             `class A extends Array { static get [Symbol.species]() { return function () { return new Proxy([], {}) } } } return new A(1e5).map((x) => x).length`,
	"defineProperty":      `Object.defineProperty(Object.prototype, 'x', { get() { for (;;) {} } }); return 1`,
	"Symbol.iterator":     `Array.prototype[Symbol.iterator] = function* () { for (;;) yield 1 }; const [a, ...b] = [1]`,
	"then":                `Promise.prototype.then = function () { return this }; return (async () => { await 1 })()`,
	"toJSON of all":       `Object.prototype.toJSON = function () { return [this] }; return { a: 1 }`,
	"exit in a getter":    `return { get x() { process.exit(1) } }`,
	"exit in exit":        `process.on('exit', () => process.exit(2)); process.exit(1)`,
	"throw in exit":       `process.on('exit', () => { throw new Error('x') }); process.exit(1)`,
	"loop in exit":        `process.on('exit', () => { for (;;) {} }); process.exit(1)`,
	"emit taken":          `process.emit = process.listenerCount = () => { throw 1 }; Promise.reject(1); throw 2`,
	"nothing callable":    `process.nextTick = setTimeout = null; globalThis.Error = null; require('none')`,
	"resolve by native":   `new Promise((f) => f({ then: Promise.resolve.bind(Promise) }))`,
	"hash of much":        `const h = require('crypto').createHash('sha512'); const b = Buffer.alloc(1 << 23); for (;;) h.update(b)`,
	"date":                `for (;;) new Date(8.64e15).toLocaleString()`,
	"parseFloat":          `return parseFloat('1'.repeat(1 << 23))`,
	"number text":         `return (1e300).toString(2).length + Number('1'.repeat(1e6))`,
	"weak":                `const w = new WeakMap(); for (;;) w.set({}, {})`,
	"finalization":        `return typeof FinalizationRegistry + typeof WeakRef`,
	"split by nothing":    `return 'x'.repeat(1 << 20).split('').length`,
	"console of much":     `const a = new Array(1e5).fill({ a: { b: [1, 2, 3] } }); for (;;) console.log(a, 'x'.repeat(1e6))`,
	"url":                 `for (;;) new URL('http://a/' + '../'.repeat(1e5))`,
	"querystring":         `return Object.keys(require('querystring').parse('a=1&'.repeat(1e6))).length`,
	"compare":             `const s = 'é'.repeat(1 << 22); for (;;) s.localeCompare(s + 'a')`,
	"normalize":           `const s = 'é'.repeat(1 << 22); for (;;) s.normalize('NFD')`,
	"interval of nothing": `setInterval(() => { for (;;) {} }, 0)`,
}

func TestProcessSurvives(t *testing.T) {
	for name, body := range processOddities {
		t.Run(name, func(t *testing.T) {
			r := newProcessRig(t, map[string]string{"index.js": "exports.go = function () {\n" + body + "\n}"},
				func(c *script.ProcessConfig) { c.Limits.Call = patientCall })
			_, _ = r.call("none", "")
			started := time.Now()
			v, err := r.call("go", "")
			r.step(10 * time.Millisecond)
			took := time.Since(started)
			t.Logf("%s %s: %.60s, %.200v", name, took.Round(time.Millisecond), processShow(v), err)
			if took > hang {
				t.Errorf("it took %s", took)
			}
		})
	}
}
