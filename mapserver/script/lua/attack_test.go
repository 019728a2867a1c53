package lua

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/overworld-gg/overworld/mapserver/script"
)

// attack is a script that tries to take the process down. It must end as want
// says, and the engine must run the next script.
type attack struct {
	name, source string
	want         string // classes that it may end with; "ok" for no error
}

var timeAttacks = []attack{
	{"loop", "while true do end", "timeout"},
	{"pcall in a loop", "while true do pcall(function() while true do end end) end", "timeout"},
	{"pcall once", "pcall(function() while true do end end) survived = true", "timeout"},
	{"xpcall with a handler", "xpcall(function() while true do end end, function() handled = true while true do end end) survived = true", "timeout"},
	{"loop in a handler", "xpcall(error, function() while true do end end)", "timeout"},
	{"metamethods", "local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end}) while true do pcall(function() return t[1] end) end", "timeout"},
	{"__tostring", "tostring(setmetatable({}, {__tostring = function() while true do end end}))", "timeout"},
	{"__pairs for the host", "host.echo(setmetatable({}, {__pairs = function() local n = 0 return function() n = n + 1 return n, 1 end end}))", "timeout memory"},
	{"endless gmatch", "for a in ('x'):rep(1000):gmatch('') do while true do end end", "timeout"},
	{"optional items", "local n = 30 return (('a'):rep(n)):match(('a?'):rep(n) .. ('a'):rep(n))", "timeout ok"},
	{"nested wildcards", "return (('a'):rep(20000)):find('.-.-.-.-x')", "timeout"},
	{"nested stars", "return (('a'):rep(20000)):find('a*a*a*a*a*b')", "timeout"},
	{"gsub with captures", "return (('a'):rep(20000)):gsub('(.-)(.-)(.-)x', '%1')", "timeout"},
	{"balance", "return (('('):rep(200000)):gsub('%b()', '')", "timeout"},
	{"back references", "return (('a'):rep(20000)):find('(a*)%1%1%1b')", "timeout"},
	{"bad comparator", "local t = {} for i = 1, 3000 do t[i] = i end table.sort(t, function(a, b) return true end) while true do end", "timeout"},
	{"sort of a huge list", "local t = {} for i = 1, 200000 do t[i] = i % 1000 end while true do table.sort(t) end", "timeout memory"},
	{"comparing long texts", "local a, b = ('x'):rep(3e6), ('x'):rep(3e6) while true do local c = a <= b end", "timeout"},
	{"adding long texts", "local a = ('1'):rep(3e6) while true do pcall(function() return a + 1 end) end", "timeout memory"},
	{"long text as key", "local a, t = ('x'):rep(3e6), {} while true do t[a] = 1 end", "timeout"},
	{"length of an emptied list", "local t = {} for i = 1, 200000 do t[i] = 1 end for i = 1, 200000 do t[i] = nil end while true do local n = #t end", "timeout memory"},
	{"next over an emptied list", "local t = {} t[250000] = 1 t[250000] = nil while true do next(t) end", "timeout"},
	{"upper in a loop", "local s = ('x'):rep(1e6) while true do s:upper() end", "timeout memory"},
	{"plain find", "local s = ('a'):rep(3e6) while true do s:find('b', 1, true) end", "timeout"},
	{"byte and char", "while true do string.char(('x'):rep(7000):byte(1, -1)) end", "timeout memory"},
	{"nested host calls", "host.run('while true do end')", "timeout"},
	{"nested host calls caught", "while true do pcall(host.run, 'while true do end') end", "timeout"},
	{"error loop", "while true do pcall(error, 'x') end", "timeout"},
	{"print loop", "while true do print('x') end", "timeout"},
	{"object walk", "while true do for k in pairs(world) do end end", "timeout"},
	{"goto", "::a:: goto a", "timeout"},
	{"deep pcall", "local function f() pcall(f) end while true do f() end", "timeout"},
	{"deep recursion caught", "local function f() f() end while true do pcall(f) end", "timeout memory"},
}

var memoryAttacks = []attack{
	{"doubling", "local s = 'x' while true do s = s .. s end", "memory"},
	{"doubling by four", "local s = 'x' while true do s = s .. s .. s .. s end", "memory"},
	{"doubling caught", "local s = 'x' pcall(function() while true do s = s .. s end end) survived = true", "memory"},
	{"rep", "return ('x'):rep(1e9)", "memory"},
	{"rep overflow", "return ('xy'):rep(2^62)", "memory"},
	{"rep in a list", "local t = {} while true do t[#t + 1] = ('x'):rep(1e6) .. #t end", "memory"},
	{"format width", "return ('%1000000000d'):format(1)", "runtime"},
	{"format", "local s = ('x'):rep(1e6) for i = 1, 40 do s = ('%s%s'):format(s, s) end", "memory"},
	{"quote", "local s = ('\"'):rep(1e6) for i = 1, 40 do s = ('%q'):format(s) end", "memory"},
	{"gsub", "local s = ('x'):rep(1000) while true do s = s:gsub('x', 'xxxxxxxxxx') end", "memory timeout"},
	{"gsub function", "local s = ('x'):rep(1e6) s = ('x'):rep(100):gsub('x', function() return s end)", "memory"},
	{"table.concat", "local t = {} for i = 1, 1000 do t[i] = ('x'):rep(1e5) end return table.concat(t)", "memory"},
	{"concat separator", "local t = {} for i = 1, 1000 do t[i] = '' end return table.concat(t, ('x'):rep(1e5))", "memory"},
	{"list", "local t = {} local i = 1 while true do t[i] = i i = i + 1 end", "memory timeout"},
	{"hash", "local t = {} local i = 1 while true do t['k' .. i] = i i = i + 1 end", "memory timeout"},
	{"tables", "local t while true do t = {t} end", "memory timeout"},
	{"closures", "local f while true do local g = f f = function() return g end end", "memory timeout"},
	{"huge index", "local t = {} t[1e8] = 1 return #t", "ok"},
	{"large indexes", "local all = {} for i = 1, 1e6 do local t = {} t[200000] = 1 all[i] = t end", "memory"},
	{"large constant keys", "local all = {} for i = 1, 1e6 do all[i] = {[200000] = 1} end", "memory"},
	{"large index in a call", "local all = {} for i = 1, 1e6 do local t = {} rawset(t, 200000, 1) all[i] = t end", "memory"},
	{"table.insert far away", "local all = {} for i = 1, 1e6 do local t = {} table.insert(t, 200000, 1) all[i] = t end", "memory"},
	{"multiple assignment", "local all = {} for i = 1, 1e6 do local t = {} t[200000], t[2] = 1, 2 all[i] = t end", "memory"},
	{"recursion", "local function f() return 1 + f() end return f()", "runtime"},
	{"recursion with arguments", "local function f(...) return f(1, ...) end return f()", "runtime memory timeout"},
	{"recursion through metamethods", "local t = {} setmetatable(t, {__index = function(t, k) return t[k] end}) return t.x", "runtime"},
	{"recursion through tostring", "local t = {} setmetatable(t, {__tostring = function(t) return tostring(t) end}) return tostring(t)", "runtime"},
	{"recursion through concat", "local t = {} setmetatable(t, {__concat = function(a, b) return t .. b end}) return t .. 1", "runtime"},
	{"recursion through gsub", "local function f(s) return (s:gsub('.', f)) end return f('x')", "runtime"},
	{"recursion through sort", "local function f() table.sort({1, 2, 3}, function(a, b) f() return a < b end) end f()", "runtime"},
	{"recursion through pcall", "local function f() assert(pcall(f)) end f()", "runtime"},
	{"recursion through the host", "function x() host.run('x()') end x()", "runtime"},
	{"recursion with pcall at the end", "local n = 0 local function f() n = n + 1 f() end pcall(f) return n", "ok"},
	{"unpack", "return unpack({}, 1, 1e8)", "runtime"},
	{"unpack into a table", "local t = {} for i = 1, 7000 do t[i] = i end local all = {} while true do all[#all + 1] = {unpack(t)} end", "memory timeout"},
	{"environments", "local t = {} while true do t[#t + 1] = setfenv(function() end, {}) end", "memory timeout"},
	{"upvalues of the host's lists", "local t = {} while true do t[#t + 1] = host.parse('[1,2,3,4,5,6,7,8]') end", "memory timeout"},
	{"sparse host tables", "local t = {} while true do t[#t + 1] = host.parse('{\"200000\":1}') end", "memory timeout"},
	{"result of the host", "local s = ('x'):rep(1e6) local t = {} while true do t[#t + 1] = host.echo(s .. #t) end", "memory"},
}

func TestTimeAttacks(t *testing.T) {
	runAttacks(t, timeAttacks, script.Limits{Call: 60 * time.Millisecond, Memory: 64 << 20})
}

func TestMemoryAttacks(t *testing.T) {
	runAttacks(t, memoryAttacks, script.Limits{Call: 5 * time.Second, Memory: 16 << 20})
}

func runAttacks(t *testing.T, attacks []attack, limits script.Limits) {
	for _, a := range attacks {
		t.Run(a.name, func(t *testing.T) {
			r := newRig(t, limits)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, err := r.do("attack.lua", a.source)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			t.Logf("%v, allocated %d MiB, system %+d MiB: %v", took, (after.TotalAlloc-before.TotalAlloc)>>20, int64(after.Sys-before.Sys)>>20, err)
			got := "ok"
			var fault *script.Error
			if errors.As(err, &fault) {
				got = string(fault.Class)
			} else if err != nil {
				t.Fatalf("not a *script.Error: %v", err)
			}
			if !strings.Contains(" "+a.want+" ", " "+got+" ") {
				t.Errorf("ended with %s (%v), want %s", got, err, a.want)
			}
			if got == string(script.Timeout) && fault.Message != script.TimeoutText || got == string(script.Memory) && fault.Message != script.MemoryText {
				t.Errorf("message %q", fault.Message)
			}
			if v, err := r.do("after.lua", "return tostring(survived) .. tostring(handled)"); err != nil || v.Str() != "nilnil" {
				t.Errorf("the engine is not well afterwards: %v, %v", v.Str(), err)
			}
		})
	}
}
