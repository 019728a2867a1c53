package native

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// The example session of the protocol's page is what the game says, byte for byte.
func TestProtocolPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```session\n")
	session, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("docs/protocol.md has no session")
	}
	a, err := txtar.ParseFile("testdata/protocol_session.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(session, play(t, a)); diff != "" {
		t.Errorf("(-page +game)\n%s", diff)
	}
}
