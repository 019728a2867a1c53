package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCommand(t *testing.T) {
	dir := t.TempDir()
	maps := filepath.Join(dir, "maps.yaml")
	if err := os.WriteFile(maps, []byte("maps: {meadow: {port: 7001}}"), 0o600); err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(dir, "bad.yaml")
	if err := os.WriteFile(bad, []byte("maps: {..: {port: 7001}}"), 0o600); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	local := []string{"--listen", "127.0.0.1:0", "--keeper-listen", "127.0.0.1:0"}
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"stops in order", []string{"--data", data, "--maps", maps}, ""},
		{"no flags", nil, "where to keep the data? Give a folder with --data"},
		{"database", []string{"--database", "mysql://root:secret@x/", "--kube-namespace", "x", "--kubeconfig", maps}, "reading where the cluster is"},
		{"no maps", []string{"--data", data}, "which maps? Give either --maps, a file that lists them, or --kube-namespace"},
		{"start of a file", []string{"--data", data, "--maps", maps, "--start", "cave"}, "--start is for --kube-namespace"},
		{"argument", []string{"x"}, `unknown command "x"`},
		{"no file", []string{"--data", data, "--maps", "missing.yaml"}, "reading directory of maps: open missing.yaml"},
		{"map id", []string{"--data", data, "--maps", bad}, `map id ".." must be of letters, digits`},
		{"proxies", []string{"--data", data, "--maps", maps, "--trusted-proxies", "all"},
			`--trusted-proxies must list networks such as 10.0.0.0/8, it has "all"`},
		{"half of https", []string{"--data", data, "--maps", maps, "--tls-cert", "x"}, "https needs both a certificate and its key"},
	}
	for _, test := range tests {
		ctx, stop := context.WithCancel(t.Context())
		cmd := command()
		cmd.SetArgs(append(test.args, local...))
		cmd.SetOut(io.Discard)
		cmd.SetErr(io.Discard)
		if test.want == "" {
			cmd.SetErr(stopAt{"listening", stop})
		}
		err := cmd.ExecuteContext(ctx)
		if (err == nil) != (test.want == "") || (err != nil && !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v, want %s", test.name, err, test.want)
		}
		stop()
	}
}

// stopAt calls stop when the log has a text.
type stopAt struct {
	text string
	stop func()
}

func (s stopAt) Write(p []byte) (int, error) {
	if strings.Contains(string(p), s.text) {
		s.stop()
	}
	return len(p), nil
}
