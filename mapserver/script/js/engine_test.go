package js

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
)

// must runs a file that is to succeed.
func (r *rig) must(source string, vars ...script.Var) value.Value {
	r.t.Helper()
	v, err := r.do("test.js", source, vars...)
	if err != nil {
		r.t.Fatalf("%s: %v", source, err)
	}
	return v
}

// class is the class of an error of Call, "" for none.
func class(t testing.TB, err error) script.Class {
	t.Helper()
	if err == nil {
		return ""
	}
	var fault *script.Error
	if !errors.As(err, &fault) {
		t.Fatalf("not a *script.Error: %v", err)
	}
	return fault.Class
}

func TestVarsAreTheCallsOwn(t *testing.T) {
	r := newRig(t, patient)
	r.must("globalThis.a = 'global'")
	a := script.Var{Name: "a", Value: value.FromString("call")}
	if got := r.must("const seen = a; a = 'changed'; return seen + typeof b + globalThis.a", a); got.Str() != "callundefinedglobal" {
		t.Errorf("the call saw %q", got.Str())
	}
	// A file may declare names like those of its variables.
	got := r.must("const data = 5; let object; return data", script.Var{Name: "object", Value: value.FromNumber(1)})
	if got.Num() != 5 || r.must("return a").Str() != "global" {
		t.Errorf("its own data is %v", got.Num())
	}
}

func TestCodeIsMadeOnce(t *testing.T) {
	r := newRig(t, patient)
	c, err := r.load("count.js", "globalThis.n = (globalThis.n || 0) + 1; return n")
	if err != nil {
		t.Fatal(err)
	}
	for want := range 3 {
		if v, err := r.engine.Call(c, nil); err != nil || v.Num() != float64(want+1) {
			t.Errorf("call %d: %v, %v", want, v.Num(), err)
		}
	}
	if _, err := newRig(t, patient).engine.Call(c, nil); class(t, err) != script.Runtime {
		t.Errorf("code of another engine ran: %v", err)
	}
}

// Code without variables is a script: what it declares is global, and events see it.
func TestInitCodeDeclaresGlobals(t *testing.T) {
	r := newRig(t, patient)
	r.must("const a = 1; let b = 2; var c = 3; function d() { return 4 } class E { static f = 5 }")
	if got := render(r.must("b++; return [a, b, c, d(), E.f]", script.Var{Name: "data", Value: value.Null})); got != "[1,3,3,4,5]" {
		t.Errorf("events see %s", got)
	}
	_, err := r.do("e.js", "function own() {} return typeof own", script.Var{Name: "data", Value: value.Null})
	if got := r.must("return typeof own"); err != nil || got.Str() != "undefined" {
		t.Errorf("an event's function is a global %s, %v", got.Str(), err)
	}
}

func TestProgramInManyEngines(t *testing.T) {
	p, err := Language{}.Compile("p.js", []byte("let s = 0; for (let i = 1; i <= 1000; i++) s += ('x' + i).length; return s"))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			e := Language{}.NewEngine(script.Env{Limits: patient})
			defer e.Close()
			c, err := e.Load(p)
			if err != nil {
				t.Error(err)
				return
			}
			for range 20 {
				if v, err := e.Call(c, nil); err != nil || v.Num() != 3893 {
					t.Errorf("%v, %v", v.Num(), err)
				}
			}
		})
	}
	wg.Wait()
}

func TestObjectsSurviveAReload(t *testing.T) {
	hero := newFake("x", value.FromNumber(1))
	first, second := newRig(t, patient), newRig(t, patient)
	object := script.Var{Name: "object", Value: value.FromRef(hero)}
	first.must("globalThis.mine = object; object.x = 2", object)
	second.must("globalThis.mine = object; object.x = object.x + 1", object)
	if got := second.must("return String(mine === object) + object.x", object); got.Str() != "true3" {
		t.Errorf("second engine: %v", got.Str())
	}
	if got := first.must("return mine.x"); got.Num() != 3 { // it still works
		t.Errorf("first engine: %v", got.Num())
	}
}

// What one map's scripts do to their prototypes, no other map sees.
func TestPrototypesOfOtherMaps(t *testing.T) {
	first, second := newRig(t, patient), newRig(t, patient)
	first.must("Object.prototype.bad = 1; Array.prototype.push = null; globalThis.JSON = null; (class extends Function {})")
	if got := second.must("const a = []; a.push(1); return [typeof {}.bad, JSON.stringify(a)]"); render(got) != `["undefined","[1]"]` {
		t.Errorf("another map has %s", render(got))
	}
	// The values that the host makes are not changed by them either.
	if got := first.must("return host.echo({a: [1]})"); render(got) != `{"a":[1]}` {
		t.Errorf("the same map has %s", render(got))
	}
}

func TestNothingOfTheHost(t *testing.T) {
	r := newRig(t, patient)
	for _, name := range []string{"require", "process", "module", "exports", "Buffer", "fetch", "XMLHttpRequest", "WebSocket", "Worker",
		"WebAssembly", "importScripts", "setTimeout", "SharedArrayBuffer", "Atomics", "global", "window", "BigInt", "java", "Go"} {
		if got := r.must("return typeof " + name); got.Str() != "undefined" {
			t.Errorf("there is %s: %s", name, got.Str())
		}
	}
	for _, source := range []string{
		"return Function('return this')() === globalThis",
		"return (() => {}).constructor('return typeof require + typeof process')() === 'undefinedundefined'",
		"return (async () => {}).constructor !== undefined",
		"return new Function('a', 'b', 'return a + b')(1, 2) === 3",
		"return eval('var x = 5; x + 1') === 6",
		"return Object.getOwnPropertyNames(world.hero.position).join() === 'name,length' || Object.getOwnPropertyNames(world.hero.position).join() === 'length,name'",
		"return world.hero.position.constructor === Function",
		"try { globalThis['%text'] = null; return false } catch { return globalThis['%text'] !== null }",
		"return Object.getPrototypeOf(world) === Object.prototype",
	} {
		if got := r.must(source); !got.Bool() {
			t.Errorf("%s: %s", source, render(got))
		}
	}
	if _, err := r.do("i.js", "import('fs')"); err == nil {
		t.Error("import() ran")
	}
}

func TestNewEnginesAreAlike(t *testing.T) {
	source := "const t = []; for (let i = 0; i < 5; i++) t.push(Math.random()); for (const k of Object.getOwnPropertyNames(globalThis)) t.push(k); return t.join(' ')"
	a, b := newRig(t, patient).must(source), newRig(t, patient).must(source)
	if a.Str() != b.Str() {
		t.Errorf("%s\n%s", a.Str(), b.Str())
	}
}

func TestTimeCountsForTheOutermostCall(t *testing.T) {
	r := newRig(t, script.Limits{Call: 500 * time.Millisecond})
	// Each inner call is short; together they never end.
	_, err := r.do("outer.js", "for (;;) { try { host.run('for (let i = 0; i < 1000; i++) {}') } catch {} }")
	if class(t, err) != script.Timeout {
		t.Errorf("ended with %v", err)
	}
	for range 3 { // the next calls have their own time
		r.must("for (let i = 0; i < 1000; i++) {}")
	}
}

func TestTimeoutPosition(t *testing.T) {
	r := newRig(t, script.Limits{Call: 200 * time.Millisecond})
	_, err := r.do("slow.js", "function spin(n) {\n  for (;;) {\n    n.x++ }\n}\n\nspin({}); return 1\n")
	var fault *script.Error
	if !errors.As(err, &fault) || fault.File != "slow.js" || fault.Line != 3 || !strings.HasSuffix(fault.Trace, "slow.js:6:5: in main chunk") {
		t.Errorf("%v\n%s", fault, fault.Trace)
	}
}

func TestOutputIsBounded(t *testing.T) {
	r := newRig(t, patient)
	r.must("for (let i = 0; i < 200; i++) print(i)")
	if n := strings.Count(r.log.String(), "\n"); n != script.MaxRecords+1 {
		t.Errorf("%d records", n)
	}
	if want := fmt.Sprintf("msg=\"script output left out\" records=%d", 200-script.MaxRecords); !strings.Contains(r.log.String(), want) {
		t.Errorf("the log does not tell what is missing: %q", r.log.String()[max(0, r.log.Len()-200):])
	}
	r.log.Reset()
	r.must("console.log('x'.repeat(100000))")
	if r.log.Len() > script.MaxText+200 || !strings.Contains(r.log.String(), "(100000 bytes)") {
		t.Errorf("a long text takes %d bytes", r.log.Len())
	}
}

func TestMemory(t *testing.T) {
	r := newRig(t, patient)
	idle := r.engine.Memory()
	if idle > 256<<10 {
		t.Errorf("an idle engine has %d bytes", idle)
	}
	r.must("globalThis.big = 'x'.repeat(1000000)")
	if got := r.engine.Memory() - idle; got < 1e6 || got > 1.1e6 {
		t.Errorf("a text of 1e6 bytes counts %d", got)
	}
	r.must("globalThis.same = [big, big, {big}]; big = null")
	if got := r.engine.Memory() - idle; got < 1e6 || got > 1.1e6 {
		t.Errorf("the same text four times counts %d", got)
	}
	r.must("same = null; const a = []; for (let i = 0; i < 10000; i++) a.push({x: i}); globalThis.add = () => a")
	if got := r.engine.Memory() - idle; got < 1e6 || got > 8e6 {
		t.Errorf("10000 objects that only a function knows count %d", got)
	}
}

// What a call leaves in globals beyond the limit ends all further ones.
func TestExhausted(t *testing.T) {
	r := newRig(t, script.Limits{Call: 20 * time.Second, Memory: 8 << 20})
	// What ends a call is the growth of the whole program: other tests may be a part of
	// it, and then there is less in globals than the limit.
	for range 20 {
		if _, err := r.do("grow.js", "globalThis.all ??= []; for (;;) all.push({})"); class(t, err) != script.Memory {
			t.Fatalf("ended with %v", err)
		}
		if r.engine.Exhausted() {
			break
		}
	}
	if !r.engine.Exhausted() {
		t.Fatal("there is no end to what globals hold")
	}
	if _, err := r.do("next.js", "return 1"); class(t, err) != script.Memory {
		t.Errorf("the next call ended with %v", err)
	}
	// Little by little is the same.
	r = newRig(t, script.Limits{Call: 20 * time.Second, Memory: 8 << 20})
	c, err := r.load("step.js", "globalThis.all ??= []; for (let i = 0; i < 1000; i++) all.push({}); return 1")
	if err != nil {
		t.Fatal(err)
	}
	for range 4000 {
		if _, err = r.engine.Call(c, nil); r.engine.Exhausted() {
			break
		}
	}
	if !r.engine.Exhausted() {
		t.Errorf("small calls do not fill the memory: %v", err)
	}
	if _, err := r.engine.Call(c, nil); class(t, err) != script.Memory {
		t.Errorf("a call afterwards ended with %v", err)
	}
}

func TestManyEnginesAtOnce(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			r := newRig(t, script.Limits{Call: 10 * time.Millisecond})
			defer r.engine.Close()
			for range 5 {
				if _, err := r.do("loop.js", "for (;;) {}"); class(t, err) != script.Timeout {
					t.Errorf("%d: %v", i, err)
				}
				if _, err := r.patiently("short.js", "return 1"); err != nil {
					t.Errorf("%d: %v", i, err)
				}
			}
		})
	}
	wg.Wait()
}
