package js

import (
	"strings"
	"testing"
	"time"

	"github.com/overworld-gg/overworld/mapserver/script"
)

// processEscapes are ways out of a program. Each is an expression that must not be
// "out", and may throw.
var processEscapes = map[string]string{
	"Function":              `Function('return typeof host + typeof binding')() === 'undefinedundefined' ? 'in' : 'out'`,
	"constructor":           `(() => {}).constructor('return typeof host')() === 'undefined' ? 'in' : 'out'`,
	"global names":          `['host', 'binding', 'Go', 'goja', '__go', 'require2'].some((n) => n in globalThis) ? 'out' : 'in'`,
	"function of host":      `Object.keys(game.send).length + Object.getOwnPropertyNames(game.send).filter((n) => !['name', 'length', 'prototype'].includes(n)).length ? 'out' : 'in'`,
	"host by caller":        `(function () { try { return (function () { return arguments.callee.caller })() } catch (e) { return null } })() ? 'out' : 'in'`,
	"shim's arguments":      `(() => { try { return game.call.arguments || game.call.caller } catch (e) { return null } })() ? 'out' : 'in'`,
	"module's parent":       `[module.parent, module.children, require.main].some((m) => m && m.exports && m.exports.host) ? 'out' : 'in'`,
	"require.cache":         `Object.keys(require.cache).length ? 'out' : 'in'`,
	"internal modules":      `['bootstrap', 'guard', 'inspect', 'equal', 'clone', 'received', 'eventtarget', 'node:bootstrap', 'node:shim.js', 'node:dialect/x', '/node:shim.js', './node:shim.js', 'internal/bootstrap'].filter((n) => { try { require(n); return true } catch (e) { return false } }).join() || 'in'`,
	"public by prefix":      `['node:fs/../bootstrap', 'fs/../../x', 'node:/etc/passwd'].filter((n) => { try { require(n); return true } catch (e) { return false } }).join() || 'in'`,
	"process.binding":       `process.binding('fs') ? 'out' : 'in'`,
	"mainModule":            `process.mainModule ? 'out' : 'in'`,
	"timer's handle":        `(() => { const t = setTimeout(() => {}, 1e9); return Reflect.ownKeys(t).length ? 'out' : 'in' })()`,
	"hash's insides":        `(() => { const h = require('crypto').createHash('md5'); return Reflect.ownKeys(h).length ? 'out' : 'in' })()`,
	"Go's fields":           `[process, Buffer, console, require, module, setTimeout, URL, new URL('http://a'), new URLSearchParams('a')].flatMap((o) => { const all = []; for (let p = o; p && p !== Object.prototype; p = Object.getPrototypeOf(p)) all.push(...Reflect.ownKeys(p)); return all }).filter((n) => typeof n === 'string' && /^(WrapBytes|Export|Runtime|Interrupt|RunString|Host|User|Scheme|Query)$/.test(n)).join() || 'in'`,
	"error's Go value":      `(() => { try { game.fail() } catch (e) { return e.value === undefined && Object.keys(e).length === 0 ? 'in' : 'out' } })()`,
	"error's stack":         `(() => { try { null.x } catch (e) { return /\/root|\/usr|\.go:/.test(e.stack) ? 'out' : 'in' } })()`,
	"function's text":       `[setTimeout, require, game.send, Array.prototype.map, process.exit, Buffer.from, new URL('http://a').toString].map(String).join().match(/github|\.go\b/) ? 'out' : 'in'`,
	"function's name":       `[require, require.resolve, game.send, setTimeout, Array, Array.prototype.map, Object.getOwnPropertyDescriptor(URL.prototype, 'href').get].map((f) => f.name).join().match(/github|goja/) ? 'out' : 'in'`,
	"prepareStackTrace":     `(() => { Error.prepareStackTrace = (e, frames) => frames; const s = new Error('x').stack; return typeof s === 'string' || s === undefined ? 'in' : s.some((f) => f.getFunction && f.getFunction()) ? 'out' : 'in' })()`,
	"environment":           `[process.env.PATH, process.env.HOME, process.env.KUBERNETES_SERVICE_HOST].join('') ? 'out' : 'in'`,
	"os":                    `require('os').hostname() + require('os').userInfo().username + JSON.stringify(require('os').networkInterfaces()) === 'mapmap{}' ? 'in' : 'out'`,
	"over-read":             `Buffer.from('abc').slice(0, 100).length + Buffer.alloc(3).toString('hex', 0, 1000).length + Buffer.from('ab').copy(Buffer.alloc(9), 0, 0, 99) === 11 ? 'in' : 'out'`,
	"allocUnsafe":           `[Buffer.allocUnsafe(5e4), Buffer.allocUnsafeSlow(5e4), new Buffer(5e4)].every((b) => b.every((x) => x === 0)) ? 'in' : 'out'`,
	"one buffer's memory":   `Buffer.from('ab').buffer.byteLength === 2 ? 'in' : 'out'`,
	"DataView over-read":    `(() => { try { new DataView(new ArrayBuffer(2)).getInt32(0); return 'out' } catch (e) { return 'in' } })()`,
	"negative":              `(() => { try { Buffer.alloc(4).readUInt8(-1); return 'out' } catch (e) { return 'in' } })()`,
	"source map":            `Function('return 1\n//# sourceMappingURL=file:///etc/passwd')() === 1 ? 'in' : 'out'`,
	"wrapper":               `Function('}), (globalThis.broke = 1, function () {')() ? 'out' : globalThis.broke && typeof host !== 'undefined' ? 'out' : 'in'`,
	"WebAssembly":           `typeof WebAssembly + typeof SharedArrayBuffer + typeof Atomics === 'undefinedundefinedundefined' ? 'in' : 'out'`,
	"fetch":                 `typeof fetch + typeof XMLHttpRequest + typeof WebSocket === 'undefinedundefinedundefined' ? 'in' : 'out'`,
	"this of the module":    `(function () { return this })() === globalThis && globalThis.constructor.name !== 'Runtime' ? 'in' : 'out'`,
	"ReadFile by promises":  `require('fs').promises.constants && require('fs').realpathSync('/app/../etc') ? 'out' : 'in'`,
	"host stays as it is":   `(() => { try { game.host.send = null } catch (e) {} return typeof game.check() === 'function' ? 'in' : 'out' })()`,
	"prototype of function": `(() => { Function.prototype.apply = function () { return 'taken' }; const ok = game.call(); return ok === 1 ? 'in' : 'out' })()`,
}

func TestProcessEscapes(t *testing.T) {
	shim := `
const { send, fail } = host
globalThis.game = { send, fail, call: () => { host.send(1, 'x'); return 1 }, check: () => host.send, get host() { return undefined } }
module.exports = require('./index.js')`
	for name, expression := range processEscapes {
		t.Run(name, func(t *testing.T) {
			r := newProcessRig(t, map[string]string{"index.js": "exports.go = () => " + expression, "shim.js": shim})
			v, err := r.call("go", "")
			if err == nil && v.Str() != "in" {
				t.Errorf("got %s", processShow(v))
			}
			if err != nil && !strings.Contains(err.Error(), "not available") && !strings.Contains(err.Error(), "SyntaxError") && !strings.Contains(err.Error(), "ENOENT") {
				t.Error(err)
			}
		})
	}
}

// What one program does to its built-in objects is not seen by another.
func TestProcessesAreApart(t *testing.T) {
	bad := newProcessRig(t, map[string]string{"index.js": `
Object.prototype.polluted = 'yes'
Array.prototype.push = () => { throw new Error('taken') }
Function.prototype.call = Function.prototype.apply = () => 'taken'
Promise.prototype.then = () => { throw new Error('taken') }
String.prototype.split = JSON.stringify = JSON.parse = Buffer.from = console.log = () => 'taken'
require('util').inspect = require('events').prototype.emit = () => 'taken'
process.env.NAME = 'taken'
globalThis.Map = Symbol.iterator
Object.defineProperty(Array.prototype, '0', { set() { throw new Error('taken') }, configurable: true })
exports.go = () => 1`})
	bad.mustCall("go", "", "1")
	good := newProcessRig(t, map[string]string{"index.js": `
exports.go = () => [({}).polluted === undefined, [].push(1), JSON.stringify({ a: 1 }), require('util').inspect({ a: 1 }), process.env.NAME, new Map([[1, 2]]).get(1), Buffer.from('a').length]`})
	good.mustCall("go", "", `[true,1,"{\"a\":1}","{ a: 1 }","meadow",2,1]`)
	bad.mustCall("go", "", "1")
}

// Host functions given out do not run when a call is over.
func TestProcessHostAfterTimeout(t *testing.T) {
	r := newProcessRig(t, map[string]string{
		"index.js": "exports.go = (send) => { for (;;) { try { for (;;) {} } catch (e) {} finally { send(1, 'late') } } }",
		"shim.js":  "exports.go = () => require('./index.js').go(host.send)",
	}, func(c *script.ProcessConfig) { c.Limits.Call = 30 * time.Millisecond })
	if _, err := r.call("go", ""); err == nil || processFault(err).Class != script.Timeout {
		t.Errorf("got %v", err)
	}
	if len(r.lines) > 0 {
		t.Errorf("the host was called: %v", r.lines)
	}
}

// A program that keeps too much is exhausted, and says so at no cost.
func TestProcessExhausted(t *testing.T) {
	r := newProcessRig(t, map[string]string{"index.js": `
const kept = []
exports.keep = () => { for (let i = 0; i < 20000; i++) kept.push({ i, name: 'number ' + i, list: [i] }); return kept.length }`},
		func(c *script.ProcessConfig) { c.Limits.Memory = 16 << 20; c.Limits.Call = time.Second })
	for range 200 {
		if _, err := r.call("keep", ""); err != nil {
			if processFault(err).Class != script.Memory {
				t.Fatal(err)
			}
		}
	}
	if !r.p.Exhausted() {
		t.Fatalf("it holds %d bytes and goes on", r.p.Memory())
	}
	_, err := r.call("keep", "")
	if err == nil || err.Error() != script.MemoryText {
		t.Errorf("got %v", err)
	}
	r.step(time.Second)
}
