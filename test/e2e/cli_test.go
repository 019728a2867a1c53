package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every bad command line gets its sentence, and no stack.
func TestBadCommandLines(t *testing.T) {
	empty := t.TempDir()
	bad := t.TempDir()
	for name, text := range map[string]string{
		"world.yaml": "map: nowhere.tmj\nspwans: []\nevents: {t: {actions: {run: }}}\n", "events/t/run.lua": "x = = 1\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(bad, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(bad, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		args []string
		code int
		want []string
	}{
		{[]string{"overworld", "run"}, 1, []string{"which game?"}},
		{[]string{"overworld", "run", empty}, 1, []string{"has neither a world.yaml nor a GameMap manifest"}},
		{[]string{"overworld", "run", filepath.Join(empty, "x")}, 1, []string{"no such file"}},
		{[]string{"overworld", "run", meadow, meadow}, 1, []string{`there is another map called "meadow"`}},
		{[]string{"overworld", "run", meadow, "--first-port", "99999"}, 1, []string{"--first-port is 99999"}},
		{[]string{"overworld", "run", meadow, "--listen", "nowhere"}, 1, []string{"missing port", "--listen"}},
		{[]string{"overworld", "run", meadow, "--log", "xml"}, 1, []string{`--log must be text or json, not "xml"`}},
		{[]string{"overworld", "run", meadow, "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--tls-cert", "x.pem"}, 1, []string{"--tls-cert and --tls-key"}},
		{[]string{"overworld", "run", meadow, "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--tls-cert", "x.pem", "--tls-key", "y.pem"}, 1, []string{"reading the certificate", "x.pem"}},
		{[]string{"overworld", "run", bad, "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--first-port", "0"}, 1, []string{"events/t/run.lua:1", `unknown key "spwans"`, "nowhere.tmj"}},
		{[]string{"overworld", "bundle", "check"}, 1, []string{"give the folder of one bundle"}},
		{[]string{"overworld", "bundle", "check", bad}, 2, []string{"events/t/run.lua:1:", "world.yaml:2:1: unknown key", `world.yaml:1:6: map names the file "nowhere.tmj"`}},
		{[]string{"overworld", "bundle", "check", meadow}, 0, []string{"the bundle is fine"}},
		{[]string{"overworld", "bots", "--players", "0"}, 1, []string{"--players is 0: it must be from 1 to 20000"}},
		{[]string{"overworld", "bots", "--behaviour", "sleep"}, 1, []string{"walk, fight, chat and mix"}},
		{[]string{"overworld", "bots", "--url", "http://127.0.0.1:1", "--players", "1"}, 1, []string{"no server answers", "connection refused", "overworld run DIR"}},
		{[]string{"overworld", "fly"}, 1, []string{`unknown command "fly"`}},
		{[]string{"overworld", "bundle", "pack", bad}, 1, []string{"the bundle cannot run", "events/t/run.lua:1:"}},
		{[]string{"overworld", "bundle", "pack", empty}, 1, []string{"the bundle has no files"}},
		{[]string{"overworld", "bundle", "pack", meadow}, 0, []string{"kind: ScriptBundle", "name: meadow-files"}},
		{[]string{"mapserver"}, 1, []string{`"config"`}},
		{[]string{"mapserver", "--config", meadow + "/gamemap.yaml", "--bundle", meadow}, 1, []string{"who may come in?", "--keys", "--keeper"}},
		{[]string{"mapserver", "--config", meadow + "/gamemap.yaml", "--slots", empty}, 1, []string{"--slots needs --wanted"}},
		{[]string{"mapserver", "--config", meadow + "/gamemap.yaml", "--slots", empty, "--wanted", "x", "--bundle", meadow}, 1, []string{"--bundle or with --slots, not with both"}},
		{[]string{"operator"}, 1, []string{`"keeper-url"`, `"mapserver-image"`}},
		{[]string{"operator", "--mapserver-image", "x", "--keeper-url", "gateway"}, 1, []string{`--keeper-url must begin with http:// or https://, it is "gateway"`}},
		{[]string{"operator", "--mapserver-image", "x", "--keeper-url", "http://x", "--mapserver-pull-policy", "Maybe"}, 1, []string{"must be Always, IfNotPresent or Never"}},
		{[]string{"operator", "--mapserver-image", "x", "--keeper-url", "http://x", "--kubeconfig", "", "--log-level", "loud"}, 1, []string{"--log-level must be debug, info, warn or error"}},
		{[]string{"operator", "--mapserver-image", "x", "--keeper-url", "http://x", "--kubeconfig", ""}, 1, []string{"name a kubeconfig file with --kubeconfig"}},
		{[]string{"mapserver", "--config", "x.yaml", "--keys", "k.pem"}, 1, []string{"x.yaml", "no such file"}},
		{[]string{"mapserver", "--config", meadow + "/world.yaml", "--keys", "k.pem"}, 1, []string{"has 0 GameMaps"}},
		{[]string{"mapserver", "--config", meadow + "/gamemap.yaml", "--keys", "k.pem"}, 1, []string{"which bundle?"}},
		{[]string{"mapserver", "--config", meadow + "/gamemap.yaml", "--bundle", meadow, "--keys", meadow + "/world.yaml"}, 1, []string{"world.yaml"}},
	} {
		out, code := program(t, c.args[0], c.args[1:]...)
		if code != c.code {
			t.Errorf("%v ends with %d, want %d:\n%s", c.args, code, c.code, out)
		}
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("%v says nothing of %q:\n%s", c.args, want, out)
			}
		}
		if strings.Contains(out, "goroutine ") {
			t.Errorf("%v panics:\n%s", c.args, out)
		}
	}
}

// A taken port is told, with what to do about it.
func TestTakenPort(t *testing.T) {
	g := run(t, t.TempDir(), meadow)
	address := strings.TrimPrefix(g.url, "http://")
	out, code := program(t, "overworld", "run", meadow, "--data", t.TempDir(), "--listen", address)
	if code != 1 || !strings.Contains(out, "address already in use") || !strings.Contains(out, "--listen") {
		t.Errorf("ends with %d: %s", code, out)
	}
}
