package lua

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
	v, err := r.do("test.lua", source, vars...)
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

func TestVarsAreRestored(t *testing.T) {
	r := newRig(t, patient)
	r.must("a = 'global' b = nil")
	got := r.must("local seen = a .. tostring(b) a = 'changed' b = 'changed' c = 'kept' return seen",
		script.Var{Name: "a", Value: value.FromString("call")}, script.Var{Name: "b", Value: value.FromNumber(2)})
	if got.Str() != "call2" {
		t.Errorf("the call saw %q", got.Str())
	}
	if got := r.must("return tostring(a) .. tostring(b) .. tostring(c)"); got.Str() != "globalnilkept" {
		t.Errorf("afterwards %q", got.Str())
	}
	_, err := r.do("e.lua", "error('x')", script.Var{Name: "a", Value: value.FromNumber(1)})
	if got := r.must("return a"); err == nil || got.Str() != "global" {
		t.Errorf("after an error a = %v", got)
	}
}

func TestCodeIsMadeOnce(t *testing.T) {
	r := newRig(t, patient)
	c, err := r.load("count.lua", "n = (n or 0) + 1 return n")
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

func TestProgramInManyEngines(t *testing.T) {
	p, err := Language{}.Compile("p.lua", []byte("local s = 0 for i = 1, 1000 do s = s + #('x' .. i) end total = s return s"))
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
	first.must("mine = object object.x = 2", object)
	second.must("mine = object object.x = object.x + 1", object)
	if got := second.must("return tostring(mine == object) .. object.x", object); got.Str() != "true3" {
		t.Errorf("second engine: %v", got.Str())
	}
	// The first engine still works with the proxy that it kept.
	if got := first.must("return mine.x"); got.Num() != 3 {
		t.Errorf("first engine: %v", got.Num())
	}
}

func TestNewEnginesAreAlike(t *testing.T) {
	source := "local t = {} for i = 1, 5 do t[i] = math.random(1000) end for k in pairs({a=1,b=2,c=3}) do t[#t+1] = k end for k in pairs(_G) do t[#t+1] = k end return table.concat(t, ' ')"
	a, b := newRig(t, patient).must(source), newRig(t, patient).must(source)
	if a.Str() != b.Str() {
		t.Errorf("%s\n%s", a.Str(), b.Str())
	}
}

func TestTimeCountsForTheOutermostCall(t *testing.T) {
	r := newRig(t, script.Limits{Call: 20 * time.Millisecond})
	// Each inner call is short; together they never end.
	_, err := r.do("outer.lua", "while true do pcall(host.run, 'for i = 1, 1000 do end') end")
	if class(t, err) != script.Timeout {
		t.Errorf("ended with %v", err)
	}
	for range 3 { // the next calls have their own time
		r.must("for i = 1, 1000 do end")
	}
}

func TestTimeoutPosition(t *testing.T) {
	r := newRig(t, script.Limits{Call: 5 * time.Millisecond})
	_, err := r.do("slow.lua", "local function spin()\n  while true do\n  end\nend\n\nspin()\n")
	var fault *script.Error
	if !errors.As(err, &fault) || fault.File != "slow.lua" || fault.Line < 2 || fault.Line > 3 || !strings.HasSuffix(fault.Trace, "slow.lua:6: in main chunk") {
		t.Errorf("%+v", fault)
	}
}

func TestClock(t *testing.T) {
	r := newRig(t, patient)
	got := r.must("local a = os.clock() for i = 1, 1e6 do end local b = os.clock() return {a, b}").Items()
	a, b := got[0].Num(), got[1].Num()
	if a < 0 || b <= a {
		t.Errorf("os.clock() went from %v to %v", a, b)
	}
	if steps := b * 50000; steps-float64(int64(steps+0.5)) > 1e-6 {
		t.Errorf("%v is no multiple of 20 µs", b)
	}
	if later := r.must("return os.clock()").Num(); later < b {
		t.Errorf("the next call's clock is %v, before %v", later, b)
	}
}

func TestOutputIsBounded(t *testing.T) {
	r := newRig(t, patient)
	r.must("for i = 1, 200 do print(i) pcall(error, 'x') end")
	if n := strings.Count(r.log.String(), "\n"); n != script.MaxRecords+1 {
		t.Errorf("%d records", n)
	}
	if want := fmt.Sprintf("msg=\"script output left out\" records=%d", 400-script.MaxRecords); !strings.Contains(r.log.String(), want) {
		t.Errorf("the log does not tell what is missing: %q", r.log.String()[max(0, r.log.Len()-200):])
	}
	r.log.Reset()
	r.must("print(('x'):rep(100000))")
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
	r.must("big = ('x'):rep(1000000)")
	if got := r.engine.Memory() - idle; got < 1e6 || got > 1.1e6 {
		t.Errorf("a text of 1e6 bytes counts %d", got)
	}
	r.must("same = {big, big, {big}} big = nil")
	if got := r.engine.Memory() - idle; got > 1.1e6 {
		t.Errorf("one text in three places counts %d", got)
	}
	r.must("same = nil local hidden = ('y'):rep(1000000) function get() return hidden end")
	if got := r.engine.Memory() - idle; got < 1e6 || got > 1.1e6 {
		t.Errorf("a text in a closure counts %d", got)
	}
	r.must("get = nil list = {} list[200000] = 1 list[200000] = nil")
	if got := r.engine.Memory() - idle; got < 200000*16 {
		t.Errorf("an emptied list of 200000 slots counts %d", got)
	}
}

func TestMemoryOfLocals(t *testing.T) {
	r := newRig(t, script.Limits{Call: time.Minute, Memory: 8 << 20})
	_, err := r.do("locals.lua", "local t = {} local function f(n) local s = ('x'):rep(1e6) .. n f(n + 1) return s end f(1)")
	if class(t, err) != script.Memory {
		t.Errorf("ended with %v", err)
	}
	if r.engine.Exhausted() {
		t.Error("what only locals held must not exhaust the engine")
	}
	r.must("return 1")
}

func TestLeakAcrossCalls(t *testing.T) {
	r := newRig(t, script.Limits{Call: time.Minute, Memory: 8 << 20})
	c, err := r.load("leak.lua", "all = all or {} for i = 1, 100 do all[#all + 1] = {i, tostring(i)} end")
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	for ; calls < 5000 && err == nil; calls++ {
		_, err = r.engine.Call(c, nil)
	}
	if class(t, err) != script.Memory {
		t.Fatalf("after %d calls: %v, %d bytes", calls, err, r.engine.Memory())
	}
	// Two more calls: the first one measures again, the second one knows.
	for range 2 {
		if _, err := r.engine.Call(c, nil); class(t, err) != script.Memory {
			t.Errorf("a full engine runs on: %v", err)
		}
	}
	if !r.engine.Exhausted() {
		t.Error("not exhausted")
	}
}

func TestMemoryIsFreedByTheScript(t *testing.T) {
	r := newRig(t, script.Limits{Call: time.Minute, Memory: 8 << 20})
	for range 50 { // 50 times half of the limit, let go each time
		r.must("t = {} for i = 1, 4 do t[i] = ('x'):rep(1000000) .. i end t = nil")
	}
	if r.engine.Exhausted() {
		t.Error("exhausted by garbage")
	}
}

func TestGarbageIsNotCondemned(t *testing.T) {
	r := newRig(t, script.Limits{Call: time.Minute, Memory: 8 << 20})
	r.must("for i = 1, 300000 do local t = {i, {i}, 'x' .. i} end")
	r.must("local s = '' for i = 1, 3000 do s = s .. 'some more text ' end return #s")
}

func TestCompileErrors(t *testing.T) {
	deep := strings.Repeat("(", 3000) + "1" + strings.Repeat(")", 3000)
	for _, c := range []struct{ name, source, want string }{
		{"token", "x = = 1", "f.lua:1:5: syntax error near '='"},
		{"line", "\n\nlocal 5", "f.lua:3:7: syntax error near '5'"},
		{"end", "if x then\n", "f.lua:1: syntax error at the end of the file; is an 'end', a quote or a bracket missing?"},
		{"quote", "x = 'abc\n", "f.lua:2: unterminated string near 'abc'"},
		{"break", "break", "f.lua:1: no loop to break"},
		{"vararg", "function f() return ... end", "f.lua:1: cannot use '...' outside a vararg function"},
		{"not a call", "x", "parse error"},
		{"binary", "\x1bLua", "f.lua: this is a compiled Lua file; only Lua source text is accepted"},
		{"nesting", "x = " + strings.Repeat("{", 3000) + strings.Repeat("}", 3000), "f.lua:1: blocks and expressions nest deeper than 1000 levels here"},
		{"functions", strings.Repeat("local function f() ", 1500) + strings.Repeat("end ", 1500), "nest deeper"},
		{"locals", "local a" + strings.Repeat(", b", 300), "too many local variables"},
		{"registers", "f(" + strings.Repeat("1,", 300) + "1)", "register overflow"},
		{"upvalues", upvalues(), "uses more than 255 variables"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Language{}.Compile("f.lua", []byte(c.source))
			if class(t, err) != script.Compile || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
	for _, ok := range []string{"", "\xef\xbb\xbfreturn 1", "return " + deep, "-- only a comment", "x = 'a'" + strings.Repeat(" .. 'b'", 5000), "x = 1" + strings.Repeat(" + 1", 900)} {
		if _, err := newRig(t, patient).do("ok.lua", ok); err != nil {
			t.Errorf("%.40q: %v", ok, err)
		}
	}
}

// upvalues is a function that uses 300 variables of two functions around it.
func upvalues() string {
	var b strings.Builder
	names := func(from, to int) string {
		var list []string
		for i := from; i < to; i++ {
			list = append(list, fmt.Sprintf("v%d", i))
		}
		return strings.Join(list, ",")
	}
	fmt.Fprintf(&b, "local %s\nlocal function f() local %s\nreturn function() ", names(0, 150), names(150, 300))
	for i := range 300 {
		fmt.Fprintf(&b, "v%d = %d ", i, i)
	}
	b.WriteString("end end")
	return b.String()
}

func TestLanguage(t *testing.T) {
	p, err := Language{}.Compile("a/b.lua", nil)
	if err != nil || p.File() != "a/b.lua" || (Language{}).Name() != "lua" || (Language{}).Extensions()[0] != ".lua" {
		t.Errorf("%v %v", p, err)
	}
}

func TestHiddenPartsOfTables(t *testing.T) {
	if tableFields.array == nil || tableFields.keys == nil {
		t.Error("gopher-lua's table has changed: memory is measured wrongly")
	}
}

func TestEnvFunctionsAndGlobals(t *testing.T) {
	e := Language{}.NewEngine(script.Env{
		Functions: []*script.Function{{Name: "a.b.c", Call: func(script.Object, []value.Value) (value.Value, error) { return value.FromNumber(4), nil }}},
		Globals:   []script.Var{{Name: "a.n", Value: value.FromNumber(3)}, {Name: "list", Value: value.FromList(value.FromNumber(1))}},
	})
	p, _ := Language{}.Compile("x.lua", []byte("print('without a log') return a.b.c() + a.n + list[1]"))
	c, err := e.Load(p)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := e.Call(c, nil); err != nil || v.Num() != 8 {
		t.Errorf("%v, %v", v.Num(), err)
	}
	e.Close()
}
