package lua

import (
	"testing"

	glua "github.com/yuin/gopher-lua"

	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
)

// bench calls a file b.N times.
func bench(b *testing.B, source string, vars ...script.Var) {
	b.Helper()
	r := newRig(b, patient)
	c, err := r.load("bench.lua", source)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.engine.Call(c, vars); err != nil {
			b.Fatal(err)
		}
	}
}

// What a call costs besides what it does.
func BenchmarkCall(b *testing.B) { bench(b, "") }

func BenchmarkCallVars(b *testing.B) {
	hero, _ := testWorld().Get("hero")
	bench(b, "", script.Var{Name: "object", Value: hero}, script.Var{Name: "data", Value: value.FromDict(nil)})
}

// Ten reads and ten writes of an object's field.
func BenchmarkProxy10(b *testing.B) {
	hero, _ := testWorld().Get("hero")
	bench(b, "local o = object for i = 1, 10 do o.x = o.x + 1 end", script.Var{Name: "object", Value: hero})
}

func BenchmarkMethod(b *testing.B) {
	hero, _ := testWorld().Get("hero")
	bench(b, "object.move(1, 2)", script.Var{Name: "object", Value: hero})
}

func BenchmarkConcat1000(b *testing.B) {
	bench(b, "local s for i = 1, 1000 do s = 'a' .. i .. 'b' end")
}
func BenchmarkStore1000(b *testing.B) { bench(b, "local t = {} for i = 1, 1000 do t[i] = i end") }
func BenchmarkPcall1000(b *testing.B) {
	bench(b, "local f = function() end for i = 1, 1000 do pcall(f) end")
}
func BenchmarkGsub(b *testing.B) {
	bench(b, "local s = ('hello world '):rep(100):gsub('(%w+) (%w+)', '%2 %1')")
}

const loop = "local n = 0 for i = 1, 100000 do n = n + i % 7 end return n"

// BenchmarkHook runs half a million instructions under the budget;
// BenchmarkNoHook runs the same on plain gopher-lua.
func BenchmarkHook(b *testing.B) { bench(b, loop) }

func BenchmarkNoHook(b *testing.B) {
	L := glua.NewState()
	defer L.Close()
	fn, err := L.LoadString(loop)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		L.Push(fn)
		L.Call(0, 0)
	}
}

func BenchmarkPlainConcat1000(b *testing.B) {
	L := glua.NewState()
	defer L.Close()
	fn, err := L.LoadString("local s for i = 1, 1000 do s = 'a' .. i .. 'b' end")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		L.Push(fn)
		L.Call(0, 0)
	}
}

func BenchmarkHeapSize(b *testing.B) {
	var h heap
	for b.Loop() {
		h.size()
	}
}

func BenchmarkNewEngine(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Language{}.NewEngine(script.Env{}).Close()
	}
}

func BenchmarkMemoryWalk100k(b *testing.B) {
	r := newRig(b, patient)
	if _, err := r.do("a.lua", "all = {} for i = 1, 100000 do all[i] = {i} end"); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		r.engine.Memory()
	}
}
