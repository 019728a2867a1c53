package lua

import (
	"testing"
	"time"

	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
)

// fuzzLimits keep each input short.
var fuzzLimits = script.Limits{Call: 5 * time.Millisecond, Memory: 8 << 20}

// FuzzPattern runs all four functions on any pattern and subject.
func FuzzPattern(f *testing.F) {
	for _, s := range [][2]string{{"a*b", "aaab"}, {"(a)(b)%2", "abb"}, {"%f[%w]%w+", "one two"}, {"%b()", "((x))"}, {"[^%s-]+", "a-b"}, {"^(.-)$", "x"}, {"()", ""}, {"[a-", "b"}, {"%", "%"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, pattern, subject string) {
		r := newRig(t, fuzzLimits)
		vars := []script.Var{{Name: "p", Value: value.FromString(pattern)}, {Name: "s", Value: value.FromString(subject)}}
		r.check(t, `
			local ok = pcall(string.match, s, p)
			local a, b
			if ok then a, b = s:find(p) end
			if a and p:find("[^%w]") then
				assert(a >= 1 and b <= #s and b >= a - 1)
				assert(s:match(p) ~= nil)
			end
			pcall(function() local n = 0 for x in s:gmatch(p) do n = n + 1 assert(n <= #s + 1) end end)
			pcall(string.gsub, s, p, "%0%1")
			if ok then
				local same, n = s:gsub(p, "%0")
				assert(same == s and n <= #s + 1)
			end`, vars...)
	})
}

// check runs a script that may only end well or by a limit.
func (r *rig) check(t *testing.T, source string, vars ...script.Var) {
	t.Helper()
	_, err := r.do("fuzz.lua", source, vars...)
	if c := class(t, err); c != "" && c != script.Timeout && c != script.Memory {
		t.Errorf("%v", err)
	}
}

// FuzzFormat runs string.format with any format and values of all types.
func FuzzFormat(f *testing.F) {
	for _, s := range []string{"%d", "%5.2f|%-10s", "%q", "%%", "%#x %+g % e", "%c", "%", "%99.99f", "%100d", "%5.d", "%-05i", "%\xff"} {
		f.Add(s, "text", 1.5)
	}
	f.Fuzz(func(t *testing.T, format, text string, number float64) {
		r := newRig(t, fuzzLimits)
		vars := []script.Var{
			{Name: "f", Value: value.FromString(format)}, {Name: "s", Value: value.FromString(text)}, {Name: "n", Value: value.FromNumber(number)},
		}
		r.check(t, `pcall(string.format, f, s, n, s, n) pcall(string.format, f, n, s, n, s)
			pcall(string.format, f, n, n, n, n) pcall(string.format, f, {}, world, nil, true) pcall(string.format, f) pcall(os.date, f, n)
			pcall(tostring, n) pcall(tonumber, s, n) pcall(tonumber, s) pcall(string.rep, s, n) pcall(string.sub, s, n, -n) pcall(string.byte, s, n, n * 2) pcall(unpack, {1, 2}, n, n + 3)
			pcall(table.insert, {1}, n, s) pcall(table.remove, {1, 2}, n) pcall(table.concat, {1, 2}, s, n, n + 2) pcall(math.random, n) pcall(math.random, n, n * 2) pcall(select, n, 1, 2) pcall(os.time, {year = n, month = n, day = n})
			pcall(rawset, {}, n, 1) pcall(function() local t = {} t[n] = s return #t end) pcall(getfenv, n) pcall(setfenv, n, {}) pcall(error, s, n) pcall(math.ldexp, n, n) pcall(split, s, f) pcall(next, {1, 2, 3}, n)`, vars...)
	})
}

// FuzzJSON passes any JSON through Lua and back.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,2,{"b":null}]}`, `[]`, `{}`, `{"1":1,"2":2}`, `{"-0":1}`, `{"200000":{"200000":1}}`, `[null,1]`, `{"a":1e400}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := value.ParseJSON([]byte(text))
		if err != nil {
			return
		}
		newRig(t, fuzzLimits).check(t, `pcall(host.json, v) pcall(host.echo, v) return v`, script.Var{Name: "v", Value: v})
	})
}

// FuzzScript compiles and runs any text. Nothing may panic, hang or break the
// engine.
func FuzzScript(f *testing.F) {
	for _, a := range append(timeAttacks[:len(timeAttacks):len(timeAttacks)], memoryAttacks...) {
		f.Add(a.source)
	}
	for _, s := range []string{
		"for k in pairs(t or {}) do break end", "local function g(s) s, t = f(s), 1 return s end", "goto a ::a:: return 1", "return a .. b .. c()",
		"local t = {} t[1], t.x, t[{}] = 1, 2 return t", "return function(...) return ... end", "repeat local x = 1 until x", "x = {f(), [g()] = h(), 1; 2}", "a.b.c:d 'x' {1}", "return #'x' - -2 ^ 3",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		r := newRig(t, fuzzLimits)
		_, err := r.do("fuzz.lua", source)
		class(t, err)
		if v, err := r.do("after.lua", "local n = 1 for i = 1, 3 do n = n .. i end return n"); class(t, err) != script.Memory && v.Str() != "1123" {
			t.Errorf("the engine is not well afterwards: %v, %v", v.Str(), err)
		}
	})
}
