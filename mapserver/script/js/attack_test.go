package js

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
)

// attack is a script that tries to take the process down. It must end as want
// says, and the engine must run the next script.
type attack struct {
	name, source string
	want         string // classes that it may end with; "ok" for no error
}

var timeAttacks = []attack{
	{"loop", "for (;;) {}", "timeout"},
	{"while", "while (true);", "timeout"},
	{"do", "do {} while (true)", "timeout"},
	{"try in a loop", "for (;;) { try { for (;;) {} } catch (e) {} }", "timeout"},
	{"try once", "try { for (;;) {} } catch (e) { globalThis.survived = true } globalThis.survived = true", "timeout"},
	{"finally", "try { for (;;) {} } finally { globalThis.handled = true; for (;;) {} }", "timeout"},
	{"finally with return", "function f() { try { for (;;) {} } finally { return f() } } f()", "timeout"},
	{"labels", "a: for (;;) { b: for (;;) { continue a } }", "timeout"},
	{"generator", "function* g() { for (;;) yield 1 } for (const x of g()) {}", "timeout"},
	{"generator with finally", "function* g() { try { for (;;) yield 1 } finally { for (;;) {} } } for (const x of g()) { break }", "timeout"},
	{"spread of a generator", "function* g() { for (;;) yield 1 } [...g()]", "timeout memory"},
	{"arguments from a generator", "function* g() { for (;;) yield 1 } Math.max(...g())", "timeout memory"},
	{"async loop", "(async () => { for (;;) await 0 })()", "timeout"},
	{"promise loop", "function f() { return Promise.resolve().then(f) } f()", "timeout"},
	{"promise flood", "function f() { Promise.resolve().then(f); Promise.resolve().then(f) } f()", "timeout memory"},
	{"promises without code", "let a, b; const p = new Promise(r => a = r), q = new Promise(r => b = r); p.then = q.then = undefined; a(q); b(p); delete p.then; delete q.then; p.then()", "timeout ok"},
	{"thenable of a method", "const x = {}, p = Promise.resolve(x); x.then = p.then.bind(p); p.then(() => {})", "timeout ok"},
	{"await of a thenable", "(async () => { await { then(r) { r(this) } } })()", "timeout ok"},
	{"getter", "const o = { get x() { return this.x } }; for (;;) { o.y }", "timeout"},
	{"getter loop", "({ get x() { for (;;) {} } }).x", "timeout"},
	{"toString", "'' + { toString() { for (;;) {} } }", "timeout"},
	{"valueOf", "+{ valueOf() { for (;;) {} } }", "timeout"},
	{"toPrimitive", "`${{ [Symbol.toPrimitive]() { for (;;) {} } }}`", "timeout"},
	{"toJSON", "JSON.stringify({ toJSON() { for (;;) {} } })", "timeout"},
	{"getter for the host", "host.echo({ get x() { for (;;) {} } })", "timeout"},
	{"getter in a result", "return { get x() { for (;;) {} } }", "timeout"},
	{"message of an error", "throw { get message() { for (;;) {} } }", "timeout"},
	{"text of an error", "throw { message: { toString() { for (;;) {} } } }", "timeout"},
	{"name of an error", "const e = new Error('x'); Object.defineProperty(e, 'name', { get() { for (;;) {} } }); throw e", "timeout"},
	{"reason of a rejection", "Promise.reject({ get message() { for (;;) {} } })", "timeout"},
	{"proxy get", "new Proxy({}, { get() { for (;;) {} } }).x", "timeout"},
	{"proxy keys", "Object.keys(new Proxy({}, { ownKeys() { for (;;) {} } }))", "timeout"},
	{"proxy for the host", "host.echo(new Proxy({}, { ownKeys() { for (;;) {} } }))", "timeout"},
	{"proxy of proxies", "let p = {}; for (let i = 0; i < 40; i++) p = new Proxy(p, p); for (;;) p.x", "timeout runtime"},
	{"iterator", "for (const x of { [Symbol.iterator]() { return { next() { return { done: false } } } } }) {}", "timeout"},
	{"iterator close", "for (const x of { [Symbol.iterator]() { return { next() { return {} }, return() { for (;;) {} } } } }) break", "timeout"},
	{"constructor", "for (;;) try { new (class { constructor() { for (;;) {} } })() } catch {}", "timeout"},
	{"constructor of constructors", "(function () {}).constructor('for (;;) {}')()", "timeout"},
	{"Function", "new Function('for (;;) {}')()", "timeout"},
	{"GeneratorFunction", "const G = Object.getPrototypeOf(function* () {}).constructor; [...G('for (;;) {}')()]", "timeout"},
	{"AsyncFunction", "const A = Object.getPrototypeOf(async () => {}).constructor; A('for (;;) {}')()", "timeout"},
	{"eval", "eval('for (;;) {}')", "timeout"},
	{"indirect eval", "(0, eval)('for (;;) {}')", "timeout"},
	{"comparator", "[3, 2, 1].sort(() => { for (;;) {} })", "timeout"},
	{"sort of a huge list", "const a = []; for (let i = 0; i < 3e5; i++) a.push('x' + i % 1000); for (;;) a.sort()", "timeout"},
	{"reviver", "JSON.parse('[1]', () => { for (;;) {} })", "timeout"},
	{"replacer", "JSON.stringify([1], () => { for (;;) {} })", "timeout"},
	{"replace", "'x'.replace(/x/, () => { for (;;) {} })", "timeout"},
	{"catastrophic expression", "/(a+)+$/.test('a'.repeat(5000) + 'b'); for (;;) {}", "timeout"},
	{"with a back reference", "/(a*)*\\1b/.test('a'.repeat(5000)); for (;;) {}", "timeout runtime"},
	{"with a look ahead", "/^(?=(a+)+$)x/.test('a'.repeat(50) + 'b')", "timeout runtime ok"},
	{"with a look ahead, caught", "for (;;) { try { /^(?=(a+)+$)x/.test('a'.repeat(50) + 'b') } catch {} }", "timeout"},
	{"global replace with look ahead", "'a'.repeat(30000).replace(/(?=(a+)+b)/g, '')", "timeout runtime"},
	{"global match", "for (;;) 'a'.repeat(1e5).match(/a/g)", "timeout"},
	{"split", "for (;;) 'a'.repeat(1e5).split(/a/)", "timeout"},
	{"linear but large", "for (;;) /((((x?){10}){10}){9})y/.test('x'.repeat(1e6))", "timeout runtime"},
	{"exec replaced", "RegExp.prototype.exec = () => ({ index: 0, 0: '', length: 1 }); 'x'.replace(/x/g, '')", "timeout memory"},
	{"nested host calls", "host.run('for (;;) {}')", "timeout"},
	{"nested host calls caught", "for (;;) { try { host.run('for (;;) {}') } catch {} }", "timeout"},
	{"error loop", "for (;;) { try { throw new Error('x') } catch {} }", "timeout"},
	{"print loop", "for (;;) print('x')", "timeout"},
	{"print of a getter", "print({ get x() { for (;;) {} } })", "timeout"},
	{"print of a text", "print({ __proto__: null, toString() { for (;;) {} } }, new (class X { toString() { for (;;) {} } })()); for (;;) {}", "timeout"},
	{"object walk", "for (;;) for (const k in world) {}", "timeout"},
	{"keys of an object", "for (;;) Object.keys(world)", "timeout"},
	{"long list-likes", "for (const f of Object.getOwnPropertyNames(Array.prototype)) { try { Array.prototype[f].call({ length: 2 ** 53 - 1 }, () => {}) } catch {} } for (;;) {}", "timeout"},
	{"long holes", "const a = []; a.length = 2 ** 32 - 1; for (const f of Object.getOwnPropertyNames(Array.prototype)) { try { a[f](() => {}) } catch {} } for (;;) {}", "timeout"},
	{"length that changes", "let n = 0; const o = { get length() { return n++ ? 2 ** 53 - 1 : 1 } }; for (const f of Object.getOwnPropertyNames(Array.prototype)) { try { Array.prototype[f].call(o, () => {}) } catch {} } for (;;) {}", "timeout"},
	{"length that is an object", "let n = 0; const o = { length: { valueOf() { return n++ ? 2 ** 53 - 1 : 1 } } }; for (const f of Object.getOwnPropertyNames(Array.prototype)) { try { Array.prototype[f].call(o, () => {}) } catch {} } for (;;) {}", "timeout"},
	{"join of itself", "const a = []; a.push(a, a); for (;;) a.join()", "timeout"},
	{"dates", "for (;;) new Date('2020-01-01').toString()", "timeout"},
	{"class fields", "class A { x = (() => { for (;;) {} })() } new A()", "timeout"},
	{"static block", "class A { static { for (;;) {} } }", "timeout"},
	{"default parameter", "(function (a = (() => { for (;;) {} })()) {})()", "timeout"},
	{"tagged template", "((s) => { for (;;) {} })`x`", "timeout"},
	{"species", "class A extends Array { static get [Symbol.species]() { for (;;) {} } } new A(1, 2).map(x => x); for (;;) {}", "timeout"},
	{"hasInstance", "1 instanceof { [Symbol.hasInstance]() { for (;;) {} } }", "timeout"},
	{"search of long texts", "const a = 'é'.repeat(1e6), b = 'é'.repeat(5e5) + 'x'; for (;;) { try { a.indexOf(b) } catch {} }", "timeout"},
	{"number of a long text", "const a = '9'.repeat(4e6); for (;;) { parseInt(a); Number(a) }", "timeout memory"},
	{"recursion through promises", "const p = { then(r) { r(p) } }; (async () => { await p })(); for (let i = 0; i < 100; i++) Promise.resolve(p)", "ok timeout"},
	{"recursion caught", "function f() { try { f() } catch { f() } } for (;;) f()", "timeout runtime"},
}

var memoryAttacks = []attack{
	{"doubling", "let s = 'x'; for (;;) s += s", "memory"},
	{"doubling of letters", "let s = 'é'; for (;;) s += s", "memory"},
	{"doubling caught", "let s = 'x'; try { for (;;) s += s } catch { globalThis.survived = true } finally { globalThis.handled = true }", "memory"},
	{"template", "let s = 'x'; for (;;) s = `${s}${s}${s}${s}`", "memory"},
	{"repeat", "'x'.repeat(1e9)", "memory"},
	{"repeat too often", "'xy'.repeat(2 ** 30)", "memory runtime"},
	{"repeat in a list", "const a = []; for (;;) a.push('x'.repeat(1e6) + a.length)", "memory"},
	{"padStart", "'x'.padStart(1e9)", "memory"},
	{"padEnd", "'x'.padEnd(1e9, 'ab')", "memory"},
	{"concat of texts", "const s = 'x'.repeat(1e6); s.concat(s, s, s, s)", "memory"},
	{"join", "Array(1e6).join('x'.repeat(1000))", "memory"},
	{"join of texts", "Array(1000).fill('x'.repeat(1e5)).join('')", "memory"},
	{"join of a hole", "new Array(4e9).join('x')", "runtime memory"},
	{"new Array", "new Array(1e9); Array(4e9)", "ok"},
	{"fill", "new Array(1e9).fill(0)", "runtime memory"},
	{"Array.from", "Array.from({ length: 1e9 })", "runtime memory"},
	{"Array.from of a hole", "Array.from(new Array(1e9))", "memory"},
	{"Array.from with a function", "Array.from({ length: 1e9 }, (_, i) => i)", "runtime memory"},
	{"spread of a hole", "[...new Array(1e9)]", "memory"},
	{"arguments of a hole", "Math.max(...new Array(1e9))", "memory"},
	{"apply", "Math.max.apply(null, new Array(1e9))", "runtime"},
	{"apply of a list-like", "Math.max.apply(null, { length: 1e9 })", "runtime"},
	{"Reflect.apply", "Reflect.apply(Math.max, null, { length: 1e9 })", "runtime"},
	{"Reflect.construct", "Reflect.construct(Array, { length: 1e9 })", "runtime"},
	{"fromCharCode", "String.fromCharCode.apply(null, { length: 1e9 })", "runtime"},
	{"String.raw", "String.raw({ raw: { length: 1e9 } })", "runtime"},
	{"flat", "const a = []; a.length = 4e9; [a].flat()", "runtime"},
	{"typed array", "new Uint8Array(1e9)", "memory"},
	{"typed array of floats", "new Float64Array(1e9)", "memory"},
	{"typed array from", "Uint8Array.from({ length: 1e9 })", "memory runtime"},
	{"array buffer", "new ArrayBuffer(1e10)", "memory"},
	{"constructor of a typed array", "new (new Uint8Array(1).constructor)(1e9)", "memory"},
	{"typed arrays", "const a = []; for (;;) a.push(new Uint8Array(1e5))", "memory"},
	{"splice", "const a = [1]; for (;;) a.splice(0, 0, ...a)", "memory runtime"},
	{"concat", "let a = [1]; for (;;) a = a.concat(a)", "memory runtime"},
	{"list", "const a = []; for (;;) a.push(1)", "memory runtime"},
	{"list by index", "const a = []; for (let i = 0; ; i++) a[i] = i", "memory"},
	{"list of lists", "let a = []; for (;;) a = [a]", "memory"},
	{"fields", "const o = {}; for (let i = 0; ; i++) o['k' + i] = i", "memory"},
	{"numbers as fields", "const o = {}; for (let i = 0; ; i++) o[i * 1000] = i", "memory"},
	{"map", "const m = new Map(); for (let i = 0; ; i++) m.set(i, {})", "memory"},
	{"set", "const m = new Set(); for (let i = 0; ; i++) m.add('x' + i)", "memory"},
	{"closures", "let f = () => 1; for (;;) { const g = f; f = () => g }", "memory"},
	{"generators", "const a = []; function* g() { yield [1, 2, 3] } for (;;) { const i = g(); i.next(); a.push(i) }", "memory"},
	{"promises", "const a = []; for (;;) a.push(new Promise(() => {}))", "memory"},
	{"pending reactions", "const p = new Promise(() => {}); for (;;) p.then(() => {})", "memory"},
	{"jobs", "for (;;) Promise.resolve([1, 2, 3, 4]).then(() => {})", "memory"},
	{"symbols", "const o = {}; for (;;) o[Symbol()] = 1", "memory"},
	{"errors", "const a = []; for (;;) a.push(new Error('x'))", "memory"},
	{"split", "'x'.repeat(2e6).split('')", "memory"},
	{"replace by growth", "let s = 'x'.repeat(1000); for (;;) s = s.replaceAll('x', 'xxxxxxxxxx')", "memory"},
	{"replace by an expression", "let s = 'x'.repeat(1000); for (;;) s = s.replace(/x/g, '$&$&$&$&$&$&$&$&')", "memory"},
	{"replace by what is around", "'x'.repeat(100000).replace(/x/g, \"$`$'\")", "memory"},
	{"replace by a function", "const l = 'x'.repeat(1e6); 'x'.repeat(1000).replace(/x/g, () => l)", "memory"},
	{"JSON of lists", "JSON.parse('[' + '[],'.repeat(5e5) + '[]]')", "memory"},
	{"JSON that nests", "JSON.parse('['.repeat(1e6))", "runtime"},
	{"JSON of a deep list", "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; JSON.stringify(a)", "runtime memory"},
	{"JSON of a long hole", "JSON.stringify(new Array(4e9))", "runtime"},
	{"JSON without end", "function f() { return { get a() { return f() } } } JSON.stringify(f())", "runtime"},
	{"JSON of a text", "let s = '\"'.repeat(1e6); for (;;) s = JSON.stringify(s)", "memory"},
	{"text of a deep list", "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; String(a)", "runtime memory"},
	{"comparing deep lists", "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; a == 'x'", "runtime memory"},
	{"recursion", "function f() { return 1 + f() } f()", "runtime"},
	{"recursion with arguments", "function f(...a) { return f(1, ...a) } f()", "runtime memory"},
	{"recursion through getters", "const o = { get x() { return this.x } }; o.x", "runtime"},
	{"recursion through toString", "const o = { toString() { return '' + this } }; '' + o", "runtime"},
	{"recursion through map", "function f() { [1].map(f) } f()", "runtime"},
	{"recursion through sort", "function f() { [2, 1].sort(() => { f(); return 0 }) } f()", "runtime"},
	{"recursion through replace", "function f(s) { return s.replace(/x/, f) } f('x')", "runtime"},
	{"recursion through the host", "globalThis.x = () => host.run('x()'); x()", "runtime"},
	{"recursion through JSON", "const o = { toJSON() { return JSON.stringify(o) } }; JSON.stringify(o)", "runtime"},
	{"recursion through Function", "const f = new Function('return f()'); globalThis.f = f; f()", "runtime"},
	{"a proxy as its own prototype", "const t = {}, p = new Proxy(t, {}); Object.setPrototypeOf(t, p); t.x", "runtime"},
	{"a proxy as its own handler", "const h = {}, p = new Proxy({}, h); Object.setPrototypeOf(h, p); p.x", "runtime"},
	{"a revocable proxy as its own prototype", "const t = {}, { proxy } = Proxy.revocable(t, {}); Object.setPrototypeOf(t, proxy); 'x' in t", "runtime"},
	{"proxies around proxies", "let p = {}; for (let i = 0; i < 1e5; i++) p = new Proxy(p, {}); p.x", "runtime memory"},
	{"bound functions around bound functions", "let f = () => 1; for (let i = 0; i < 1e5; i++) f = f.bind(null); f()", "runtime memory"},
	{"prototypes of prototypes", "let o = {}; for (let i = 0; i < 1e5; i++) o = Object.create(o); return o.x", "ok memory"},
	{"classes of classes", "let C = class {}; for (let i = 0; i < 1e5; i++) C = class extends C {}; new C()", "runtime memory"},
	{"deep code", "eval('('.repeat(60000))", "runtime"},
	{"long code", "new Function('x;'.repeat(1e6))", "runtime memory"},
	{"a huge expression", "new RegExp('('.repeat(10000))", "runtime"},
	{"a long expression", "new RegExp('a'.repeat(1e6))", "runtime"},
	{"a repeating expression", "new RegExp('(((((x{100}){100}){100}){100}){100})').test('x'.repeat(1e5))", "runtime ok timeout"},
	{"BigInt", "BigInt(2)", "runtime"},
	{"BigInt in eval", "eval('2n ** 1000000000n')", "runtime"},
	{"keys of a long text", "Object.keys('x'.repeat(2e6))", "runtime"},
	{"list for the host", "host.echo(new Array(4e9))", "runtime"},
	{"result of a hole", "return new Array(4e9)", "runtime"},
	{"result that nests", "let a = []; for (let i = 0; i < 1e4; i++) a = [a]; return a", "runtime"},
	{"result of the host", "const s = 'x'.repeat(1e6), a = []; for (;;) a.push(host.echo(s + a.length))", "memory"},
	{"what the host parses", "const a = []; for (;;) a.push(host.parse('[1,2,3,4,5,6,7,8]'))", "memory"},
}

func TestTimeAttacks(t *testing.T) {
	runAttacks(t, timeAttacks, script.Limits{Call: 60 * time.Millisecond, Memory: 64 << 20})
}

func TestMemoryAttacks(t *testing.T) {
	runAttacks(t, memoryAttacks, script.Limits{Call: 4 * time.Second, Memory: 16 << 20})
}

// longest is when an attack counts as one that is not stopped, on whatever machine.
const longest = time.Minute

// patiently runs a file that takes next to no time: on a machine that is busy even
// that may be more than its budget, and then it is run again.
func (r *rig) patiently(file, source string) (v value.Value, err error) {
	for range 20 {
		v, err = r.do(file, source)
		var fault *script.Error
		if !errors.As(err, &fault) || fault.Class != script.Timeout {
			break
		}
	}
	return v, err
}

func runAttacks(t *testing.T, attacks []attack, limits script.Limits) {
	for _, a := range attacks {
		t.Run(a.name, func(t *testing.T) {
			r := newRig(t, limits)
			defer r.engine.Close()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			// As events are called: the code is a function's body.
			_, err := r.do("attack.js", a.source, script.Var{Name: "data", Value: value.Null})
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			t.Logf("%v, allocated %d MiB, system %+d MiB: %v", took, (after.TotalAlloc-before.TotalAlloc)>>20, int64(after.Sys-before.Sys)>>20, err)
			if took > longest {
				t.Errorf("it took %v", took)
			}
			got := "ok"
			var fault *script.Error
			if errors.As(err, &fault) {
				got = string(fault.Class)
			} else if err != nil {
				t.Fatalf("not a *script.Error: %v", err)
			}
			want := a.want
			if strings.Contains(want, "memory") {
				want += " timeout" // on a slow machine it does not get so far
			}
			if !strings.Contains(" "+want+" ", " "+got+" ") {
				t.Errorf("ended with %s (%v), want %s", got, err, a.want)
			}
			if got == string(script.Timeout) && fault.Message != script.TimeoutText || got == string(script.Memory) && fault.Message != script.MemoryText {
				t.Errorf("message %q", fault.Message)
			}
			v, err := r.patiently("after.js", "return String(globalThis.survived) + globalThis.handled")
			if err != nil || v.Str() != "undefinedundefined" {
				t.Errorf("the engine is not well afterwards: %v, %v", v.Str(), err)
			}
		})
	}
}
