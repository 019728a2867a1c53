package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

func TestCheck(t *testing.T) {
	var asked atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/never" || asked.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer s.Close()
	for want, args := range map[string][]string{
		"":                           {"--url", s.URL + "/ready"},
		"503 Service Unavailable":    {"--url", s.URL + "/never", "--timeout", "1ms"},
		"which addresses?":           nil,
		"does not answer as it shou": {"--url", "http://127.0.0.1:1/", "--timeout", "1ms"},
	} {
		cmd := command()
		var out bytes.Buffer
		cmd.SetOut(&out)
		cmd.SetArgs(append([]string{"check"}, args...))
		err := cmd.ExecuteContext(t.Context())
		if want == "" && (err != nil || !strings.HasSuffix(out.String(), "/ready answers\n")) {
			t.Errorf("%v: %v, %s", args, err, out.String())
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%v: %v, want %s", args, err, want)
		}
	}
}
