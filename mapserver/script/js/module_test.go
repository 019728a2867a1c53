package js

import (
	"strings"
	"testing"

	"github.com/dop251/goja"
)

// Modules are functions as Node.js makes them, whatever they are written as.
func TestCompileModule(t *testing.T) {
	for _, c := range []struct{ file, source, want, at string }{
		{"a.js", "#!/usr/bin/env node\nexports.x = require('b') + __filename.length", "9", ""},
		{"a.js", "exports.x = this === exports ? 1 : 2", "1", ""},
		{"a.mjs", "import { y } from 'b';\nexport const x = typeof y", "undefined", ""},
		{"a.ts", "import b = require('b');\nexport const x: number = (b as any) + 1", "6", ""},
		{"a.ts", "type X = 1;\n\nexport const x = null as any;\nx.y.z", "", "a.ts:4:3"},
		{"a.js", "null.x", "", "a.js:1:6"},
	} {
		m := newMachine(patient, testClock, nil)
		prog, head, err := compileModule(c.file, []byte(c.source))
		if err != nil {
			t.Errorf("%s: %v", c.source, err)
			continue
		}
		m.heads[c.file] = head
		exports := m.rt.NewObject()
		module := m.rt.NewObject()
		_ = module.Set("exports", exports)
		run := m.mustCallable(m.mustProgram(prog))
		require := m.rt.ToValue(func(goja.FunctionCall) goja.Value { return m.rt.ToValue(5) })
		_, err = run(exports, exports, require, module, m.rt.ToValue(c.file), goja.Undefined())
		if c.at != "" {
			if fault := m.fault(c.file, err); !strings.HasPrefix(fault.Error(), c.at) {
				t.Errorf("%s: %v, want an error at %s", c.source, fault, c.at)
			}
			continue
		}
		if got := module.Get("exports").ToObject(m.rt).Get("x"); err != nil || got.String() != c.want {
			t.Errorf("%s: %v, %v, want %s", c.source, got, err, c.want)
		}
	}
}
