package js

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/overworld-gg/overworld/mapserver/script"
)

// TestProcessIsLikeNode runs a program whose output was written by Node.js 20.
func TestProcessIsLikeNode(t *testing.T) {
	source, err := os.ReadFile("testdata/node/compat.js")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/node/compat.want")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(source), "console.log(out.join('\\n'))", "{ exports.out = out }", 1)
	r := newProcessRig(t, map[string]string{
		"compat.js": text, "shim.js": "exports.go = () => { require('./compat.js') }; exports.out = () => require('./compat.js').out",
	}, func(c *script.ProcessConfig) { c.Limits.Call = 10 * time.Second })
	r.mustCall("go", "", "null")
	v, err := r.call("out", "")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, line := range v.Items() {
		got.WriteString(line.Str() + "\n")
	}
	if file := os.Getenv("NODE_GOT"); file != "" {
		_ = os.WriteFile(file, []byte(got.String()), 0o600)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); diff != "" {
		t.Errorf("(-node +got)\n%s", diff)
	}
}
