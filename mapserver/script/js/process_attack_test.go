package js

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/overworld-gg/overworld/mapserver/script"
)

// processAttacks are programs that try to take the map's time or memory. Each runs as
// the body of a function under the budget, and must be stopped.
var processAttacks = map[string]string{
	"loop":               `for (;;) {}`,
	"loop in try":        `for (;;) { try { for (;;) {} } catch (e) {} finally { for (;;) {} } }`,
	"loop in finally":    `try { for (;;) {} } finally { for (;;) {} }`,
	"promise loop":       `const f = () => Promise.resolve().then(f); f()`,
	"async loop":         `(async () => { for (;;) await null })()`,
	"tick loop":          `const f = () => process.nextTick(f); f()`,
	"microtask loop":     `const f = () => queueMicrotask(f); f()`,
	"unhandled loop":     `process.on('unhandledRejection', () => { Promise.reject(1) }); Promise.reject(1)`,
	"generator":          `function* g() { for (;;) yield 1 } [...g()]`,
	"getter":             `const o = { get x() { for (;;) {} } }; o.x`,
	"getter to host":     `return { get x() { for (;;) {} } }`,
	"proxy":              `const p = new Proxy({}, { get() { for (;;) {} } }); p.x`,
	"proxy to host":      `return new Proxy({}, { ownKeys() { for (;;) {} } })`,
	"toJSON":             `return { toJSON() { for (;;) {} } }`,
	"native iterator":    `[...{ [Symbol.iterator]() { return this }, next: Object.prototype.valueOf }]`,
	"bound iterator":     `const it = { next: Object.bind(null, { done: false }) }; [...{ [Symbol.iterator]: () => it }]`,
	"Array iterator":     `new Set({ [Symbol.iterator]: () => ({ next: Array }) })`,
	"Error iterator":     `Array.from({ [Symbol.iterator]: () => ({ next: Error }) })`,
	"constructor next":   `Array.from({ [Symbol.iterator]: () => ({ next: [].constructor }) })`,
	"RegExp next":        `Array.from({ [Symbol.iterator]: () => ({ next: /a/.constructor }) })`,
	"Function next":      `Array.from({ [Symbol.iterator]: () => ({ next: Function.prototype.constructor.bind(0) }) })`,
	"Map.get next":       `const m = new Map([[undefined, {}]]); m.next = Map.prototype.get; Array.from({ [Symbol.iterator]: () => m })`,
	"yield star":         `function* g() { yield* { [Symbol.iterator]() { return this }, next: Object.prototype.valueOf } } [...g()]`,
	"sparse spread":      `const a = []; a.length = 4e9; [...a]`,
	"sparse walk":        `const a = []; a.length = 4e9; a.forEach(() => {})`,
	"array-like":         `Array.prototype.forEach.call({ length: 1e15 }, () => {})`,
	"array-like getter":  `let n = 0; Array.prototype.indexOf.call({ get length() { return n++ ? 1e15 : 1 } }, 1); for (;;) {}`,
	"array-like proxy":   `let n = 0; Array.prototype.indexOf.call(new Proxy({}, { get: (t, k) => k === 'length' ? (n++ ? 1e15 : 1) : undefined }), 1); for (;;) {}`,
	"Array.from length":  `Array.from({ length: 1e9 })`,
	"apply":              `Math.max.apply(null, { length: 1e9 })`,
	"Reflect.apply":      `Reflect.apply(Math.max, null, { length: 1e9 })`,
	"regex":              `/(x+x+)+y\1/.test('x'.repeat(60))`,
	"regex lookahead":    `/^(?=(x+x+)+y)\w/.exec('x'.repeat(60))`,
	"regex in replace":   `'x'.repeat(60).replace(/(x+x+)+y\1/g, '')`,
	"regex in split":     `'x'.repeat(60).split(/(x+x+)+y\1/)`,
	"regex in match":     `'x'.repeat(60).match(/(x+x+)+y\1/g)`,
	"regex in matchAll":  `[...'x'.repeat(60).matchAll(/(x+x+)+y\1/g)]`,
	"sort":               `new Array(1 << 20).fill(1).sort()`,
	"thenable":           `const t = { then(f) { f(t) } }; Promise.resolve(t)`,
	"bigint power":       `let n = 3n; for (;;) n = n * n`,
	"ownKeys":            `Object.keys(new Proxy({}, { ownKeys: () => ({ length: 1e15 }) }))`,
	"JSON sparse":        `const a = []; a.length = 4e9; JSON.stringify(a)`,
	"valueOf":            `for (;;) +{ valueOf() { for (;;) {} } }`,
	"Function":           `new Function('for (;;) {}')()`,
	"AsyncFunction":      `(async () => {}).constructor('for (;;) {}')()`,
	"class getter":       `class A { static get [Symbol.species]() { for (;;) {} } } A[Symbol.species]`,
	"iterator return":    `for (const x of { [Symbol.iterator]: () => ({ next: () => ({}), return() { for (;;) {} } }) }) { for (;;) {} }`,
	"new Array":          `new Array(1e9)`,
	"Array":              `Array(1e9)`,
	"array fill":         `new Array(5e7).fill(0)`,
	"repeat":             `'x'.repeat(1e9)`,
	"repeat twice":       `'x'.repeat(1e7).repeat(100)`,
	"padStart":           `'x'.padStart(1e9)`,
	"padEnd":             `'x'.padEnd(2 ** 31)`,
	"doubling":           `let s = 'x'; for (;;) s += s`,
	"template":           `const s = 'x'.repeat(1 << 23); const t = s + s + s + s; return ` + "`${t}${t}${t}${t}${t}${t}${t}${t}${t}${t}${t}`.length",
	"concat":             `const s = 'x'.repeat(1 << 22); s.concat(s, s, s, s, s, s, s, s, s, s, s)`,
	"join":               `const s = 'x'.repeat(1 << 20); new Array(1000).fill(s).join('')`,
	"join nested":        `const s = 'x'.repeat(1 << 20); const a = [s, s, s, s, s, s, s, s]; String(new Array(100).fill(a))`,
	"join separator":     `new Array(1000).join('x'.repeat(1 << 20))`,
	"replaceAll":         `'x'.repeat(1 << 16).replaceAll('x', 'y'.repeat(1 << 16))`,
	"replace regex":      `'x'.repeat(1 << 16).replace(/x/g, 'y'.repeat(1 << 16))`,
	"replace dollars":    `'x'.repeat(1 << 20).replace(/./g, "$'")`,
	"replace function":   `const s = 'y'.repeat(1 << 20); 'x'.repeat(1 << 16).replace(/x/g, s.valueOf.bind(s))`,
	"split":              `'x'.repeat(1 << 23).split('')`,
	"Buffer.alloc":       `Buffer.alloc(1e9)`,
	"Buffer.allocUnsafe": `Buffer.allocUnsafe(1e9)`,
	"new Buffer":         `new Buffer(1e9)`,
	"Buffer.from":        `Buffer.from({ length: 1e9 })`,
	"Buffer.concat":      `Buffer.concat([Buffer.alloc(1)], 1e9)`,
	"ArrayBuffer":        `new ArrayBuffer(1e9)`,
	"Uint8Array":         `new Uint8Array(1e9)`,
	"Uint8Array ctor":    `new (new Uint8Array(1)).constructor(1e9)`,
	"Float64Array":       `new Float64Array(1e8)`,
	"typed from":         `Uint8Array.from({ length: 1e9 })`,
	"randomBytes":        `require('crypto').randomBytes(1e9)`,
	"JSON text":          `JSON.stringify(new Array(1000).fill('x'.repeat(1 << 20)))`,
	"array growth":       `const a = []; for (;;) a.push({ a, n: a.length })`,
	"object growth":      `const o = {}; for (let i = 0; ; i++) o['k' + i] = 'v' + i`,
	"map growth":         `const m = new Map(); for (let i = 0; ; i++) m.set(i, {})`,
	"closure growth":     `let f = () => 0; for (;;) { const g = f; f = () => g }`,
	"buffer growth":      `const a = []; for (;;) a.push(Buffer.alloc(1 << 20))`,
	"spread of bytes":    `return { ...Buffer.alloc(1 << 23) }`,
	"keys of bytes":      `Object.keys(Buffer.alloc(1 << 23))`,
	"assign text":        `Object.assign({}, 'x'.repeat(1 << 23))`,
	"asUintN":            `BigInt.asUintN(2 ** 52, -1n)`,
	"inspect":            `const a = []; for (let i = 0; i < 30; i++) a.push([a, a, a]); for (;;) require('util').inspect(a, { depth: Infinity })`,
}

const (
	// hang is when a program counts as one that does not come back, on whatever machine.
	hang = time.Minute
	// patientCall is a budget that a call which does little never comes near to.
	patientCall = 200 * time.Millisecond
)

func TestProcessAttacks(t *testing.T) {
	for name, body := range processAttacks {
		t.Run(name, func(t *testing.T) {
			r := newProcessRig(t, map[string]string{"index.js": "exports.ok = () => 1\nexports.go = function () {\n" + body + "\n}"},
				func(c *script.ProcessConfig) { c.Limits.Call = patientCall })
			r.well()
			started := time.Now()
			v, err := r.call("go", "")
			if took := time.Since(started); took > hang {
				t.Errorf("it took %s", took)
			}
			var fault *script.Error
			if !errors.As(err, &fault) || fault.Class != script.Timeout && fault.Class != script.Memory {
				t.Fatalf("got %v, %v, want a fault of time or memory", processShow(v), err)
			}
			between := strings.HasSuffix(name, " loop") || name == "thenable" // of functions, where nothing has a position
			if (fault.File != "index.js" || fault.Line < 1) && !between {
				t.Errorf("the fault is at %q", fault.At())
			}
			if !r.p.(*process).Exhausted() {
				r.well()
			}
		})
	}
}

// well calls what takes next to no time: on a machine that is busy even that may be
// more than its budget, and then it is called again.
func (r *processRig) well() {
	r.t.Helper()
	var err error
	for range 20 {
		if _, err = r.call("ok", ""); err == nil || processFault(err).Class != script.Timeout {
			break
		}
	}
	if err != nil {
		r.t.Errorf("the process is not well: %v", err)
	}
}
