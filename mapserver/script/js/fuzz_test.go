package js

import (
	"errors"
	"testing"
	"time"

	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
)

// FuzzRun compiles and runs anything with small limits: it must end, with an error
// that has a class, and must not take the process down.
func FuzzRun(f *testing.F) {
	const every = 10 // all of them run in their own test
	for _, list := range [][]attack{timeAttacks, memoryAttacks} {
		for i := 0; i < len(list); i += every {
			f.Add(list[i].source)
		}
	}
	f.Add("const {a, ...b} = {a: 1, c: 2}; return `${a} ${b.c}`")
	f.Add("label: for (const x of [1, 2]) { if (x) continue label; break }")
	f.Add("return a?.b ?? c ?. [1] ** 2")
	f.Fuzz(func(t *testing.T, source string) {
		const longest = 10 * time.Second
		r := newRig(t, script.Limits{Call: 20 * time.Millisecond, Memory: 8 << 20})
		defer r.engine.Close()
		start := time.Now()
		for _, vars := range [][]script.Var{nil, {{Name: "data", Value: value.Null}}} {
			_, err := r.do("fuzz.js", source, vars...)
			var fault *script.Error
			if err != nil && (!errors.As(err, &fault) || fault.Class == "" || fault.Message == "") {
				t.Errorf("no proper error: %#v", err)
			}
		}
		if took := time.Since(start); took > longest {
			t.Errorf("it took %v", took)
		}
	})
}

// FuzzCompile compiles anything, also as TypeScript.
func FuzzCompile(f *testing.F) {
	f.Add("let x: number = 1", true)
	f.Add("enum A { b = 'c' } namespace N { export const x = 1 }", true)
	f.Add("class A<T> { constructor(private x: T) {} }", true)
	f.Add("}) ; (function() {", false)
	f.Add("//# sourceMappingURL=/etc/passwd", false)
	f.Fuzz(func(t *testing.T, source string, typed bool) {
		file := "fuzz.js"
		if typed {
			file = "fuzz.ts"
		}
		_, err := Language{}.Compile(file, []byte(source))
		var fault *script.Error
		if err != nil && !errors.As(err, &fault) {
			t.Errorf("not a *script.Error: %v", err)
		}
	})
}
