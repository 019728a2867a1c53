package js

import (
	"testing"

	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/script/lua"
	"github.com/overworld-gg/overworld/mapserver/value"
)

// twins are the same code in both languages.
var twins = []struct{ name, js, lua string }{
	{"Nothing", "", ""},
	{"Event", "object.x = object.x + data.n; if (object.x > 1e6) object.x = 0", "object.x = object.x + data.n if object.x > 1e6 then object.x = 0 end"},
	{"Proxy10", "const o = object; for (let i = 0; i < 10; i++) o.x = o.x + 1", "local o = object for i = 1, 10 do o.x = o.x + 1 end"},
	{"Method", "object.move(1, 2)", "object.move(1, 2)"},
	{"Walk", "for (const k in world) world[k]", "for k, v in pairs(world) do end"},
	{"Table", "return host.echo({a: 1, b: [1, 2, 3]}).a", "return host.echo({a = 1, b = {1, 2, 3}}).a"},
	{"Sum1000", "let n = 0; for (let i = 1; i <= 1000; i++) n += i % 7; return n", "local n = 0 for i = 1, 1000 do n = n + i % 7 end return n"},
	{"Add1000", "let n = 0; for (let i = 1; i <= 1000; i++) n = n + i; return n", "local n = 0 for i = 1, 1000 do n = n + i end return n"},
	{"Text1000", "let s; for (let i = 0; i < 1000; i++) s = 'a' + i + 'b'", "local s for i = 1, 1000 do s = 'a' .. i .. 'b' end"},
	{"Push1000", "const a = []; for (let i = 0; i < 1000; i++) a.push(i)", "local t = {} for i = 1, 1000 do t[#t + 1] = i end"},
	{"Call1000", "function f(a) { return a } for (let i = 0; i < 1000; i++) f(i)", "local function f(a) return a end for i = 1, 1000 do f(i) end"},
	{"Replace", "'hello world '.repeat(20).replace(/(\\w+) (\\w+)/g, '$2 $1')", "local s = ('hello world '):rep(20):gsub('(%w+) (%w+)', '%2 %1')"},
}

// BenchmarkCall compares calls in JavaScript with the same in Lua.
func BenchmarkCall(b *testing.B) {
	for _, c := range twins {
		b.Run(c.name+"/js", func(b *testing.B) { benchmark(b, Language{}, "bench.js", c.js) })
		b.Run(c.name+"/lua", func(b *testing.B) { benchmark(b, lua.Language{}, "bench.lua", c.lua) })
	}
}

func benchmark(b *testing.B, language script.Language, file, source string) {
	world := testWorld()
	hero, _ := world.Get("hero")
	e := language.NewEngine(script.Env{
		Functions: testFunctions(nil), Globals: []script.Var{{Name: "world", Value: value.FromRef(world)}}, Limits: patient,
	})
	defer e.Close()
	p, err := language.Compile(file, []byte(source))
	if err != nil {
		b.Fatal(err)
	}
	c, err := e.Load(p)
	if err != nil {
		b.Fatal(err)
	}
	data := &value.Dict{}
	data.Set("n", value.FromNumber(1))
	vars := []script.Var{{Name: "object", Value: hero}, {Name: "data", Value: value.FromDict(data)}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Call(c, vars); err != nil {
			b.Fatal(err)
		}
	}
}

// What making a map's engine takes.
func BenchmarkNewEngine(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Language{}.NewEngine(script.Env{Limits: patient}).Close()
	}
}
