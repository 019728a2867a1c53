package target

import (
	"encoding/base64"
	"errors"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/overworld-gg/overworld/mapserver/bundle"
	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/token"
)

func TestBundleAndTokensAreGood(t *testing.T) {
	o, err := NewOverworld(t.Context(), OverworldConfig{Dir: t.TempDir(), Binary: "not started here"})
	if err != nil {
		t.Fatal(err)
	}
	b, err := game.ReadBundle(os.DirFS(o.bundleDir()))
	if err != nil {
		t.Fatal(err)
	}
	if _, problems := bundle.Load(b); len(problems) > 0 {
		t.Error(problems)
	}
	text, err := os.ReadFile(o.keyFile())
	if err != nil {
		t.Fatal(err)
	}
	keys, err := token.DecodePublic(text)
	if err != nil {
		t.Fatal(err)
	}
	id, signed, err := o.credentials(41)
	if err != nil {
		t.Fatal(err)
	}
	gate := token.Gate{Map: mapID, Verifier: token.NewVerifier(keys, 0)}
	r := httptest.NewRequest("GET", "/?HTTP_AUTHORIZATION="+base64.StdEncoding.EncodeToString([]byte("42:"+signed)), nil)
	if claims, err := gate.Verify(r, time.Now()); err != nil || claims.Player != 42 || id != 42 {
		t.Errorf("claims %+v, error %v", claims, err)
	}
}

func TestWithoutAMapserver(t *testing.T) {
	t.Chdir(t.TempDir())
	if _, err := NewOverworld(t.Context(), OverworldConfig{Dir: t.TempDir()}); !errors.Is(err, ErrNoMapserver) {
		t.Errorf("error %v", err)
	}
}
