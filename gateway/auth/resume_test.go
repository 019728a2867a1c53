package auth

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestResume(t *testing.T) {
	r := newRig(t, nil)
	first := r.register("anna").SignedIn
	for _, path := range withSlash("/server/signin/resume", "/game/signin/resume") {
		a := r.post(path, "resume", first.Resume)
		if diff := cmp.Diff(first, a.SignedIn); diff != "" || a.status != http.StatusOK {
			t.Errorf("%s: %d (-want +got):\n%s", path, a.status, diff)
		}
	}
}

func TestBadResumes(t *testing.T) {
	r := newRig(t, nil)
	r.register("anna")
	for text, want := range map[string]string{
		"":                "resume is missing",
		"nonsense":        "you have been away for too long",
		"again:bob@#1":    "the account is not there any more",
		"again:anna@#999": "the account is not there any more",
	} {
		a := r.post("/server/signin/resume", "resume", text)
		if a.status < 400 || a.status > 401 || !strings.Contains(a.Error, want) {
			t.Errorf("%q: %d %s, want %q", text, a.status, a.body, want)
		}
	}
	for range 20 {
		if a := r.post("/server/signin/resume", "resume", "again:anna@#1"); a.status == http.StatusTooManyRequests {
			return
		}
	}
	t.Error("anybody may try without end")
}
