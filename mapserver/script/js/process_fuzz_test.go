package js

import (
	"testing"
	"time"

	"github.com/overworld-gg/overworld/mapserver/script"
)

// FuzzProcess runs any text as a program: whatever it does, the host goes on.
func FuzzProcess(f *testing.F) {
	for _, body := range processAttacks {
		f.Add(body)
	}
	for _, expression := range processEscapes {
		f.Add("return " + expression)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if len(body) > 4096 {
			return
		}
		r := newProcessRig(t, map[string]string{"index.js": "exports.go = function () {\n" + body + "\n}"},
			func(c *script.ProcessConfig) { c.Limits = script.Limits{Call: 20 * time.Millisecond, Memory: 32 << 20} })
		started := time.Now()
		_, _ = r.call("go", "")
		r.step(10 * time.Millisecond)
		if took := time.Since(started); took > hang {
			t.Errorf("it took %s", took)
		}
	})
}
