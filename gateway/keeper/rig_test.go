package keeper

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/overworld-gg/overworld/gateway/directory"
	"github.com/overworld-gg/overworld/gateway/store"
)

// rig is a Handler over a real database with the maps meadow and forest, whose
// keys are their names, and the player anna on meadow.
type rig struct {
	*testing.T
	handler *Handler
	store   *faulty
	maps    *directory.Static
	anna    int64
}

// faulty is a database that can be broken.
type faulty struct {
	*store.Store
	fault error
}

func (f *faulty) Save(ctx context.Context, b store.Save) ([]store.Skipped, error) {
	if f.fault != nil {
		return nil, f.fault
	}
	return f.Store.Save(ctx, b)
}

func newRig(t *testing.T) *rig {
	t.Helper()
	now := func() time.Time { return time.UnixMilli(1_700_000_000_000).UTC() }
	db, err := store.OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "test.db"), now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	r := &rig{T: t, store: &faulty{Store: db}, maps: directory.NewStatic("meadow")}
	for i, id := range []string{"meadow", "forest"} {
		if err := db.SetMapKey(t.Context(), id, HashKey(id)); err != nil {
			t.Fatal(err)
		}
		r.maps.Set(id, directory.Place{Host: "192.0.2.7", Port: 7001 + i})
	}
	a, err := db.CreateAccount(t.Context(), "anna", "$hash", "meadow")
	if err != nil {
		t.Fatal(err)
	}
	r.anna = a.ID
	r.handler = New(Config{State: r.store, Directory: r.maps, Issue: func(id int64, login, mapID string) (string, error) {
		if mapID == "unsigned" {
			return "", errors.New("no key")
		}
		return fmt.Sprintf("%s@%s#%d", login, mapID, id), nil
	}})
	return r
}

type answer struct {
	status int
	body   string
	header http.Header
	Code   string
	Error  string
}

func (r *rig) send(method, path, key, body string) answer {
	r.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, req)
	a := answer{status: w.Code, body: w.Body.String(), header: w.Header()}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		r.Errorf("%s: the answer %q is not JSON: %v", path, w.Body, err)
	}
	return a
}

// as sends a request of a map.
func (r *rig) as(mapID, what, body string) answer {
	r.Helper()
	return r.send(http.MethodPost, "/keeper/v1/maps/"+mapID+"/"+what, mapID, body)
}

func (r *rig) ok(mapID, what, body, want string) {
	r.Helper()
	if a := r.as(mapID, what, body); a.status != http.StatusOK || a.body != want {
		r.Errorf("%s of %s with %s: %d %s\nwant %s", what, mapID, body, a.status, a.body, want)
	}
}

func (r *rig) refused(name string, a answer, status int, code, text string) {
	r.Helper()
	if a.status != status || a.Code != code || a.Error != text {
		r.Errorf("%s: %d %s %q\nwant %d %s %q", name, a.status, a.Code, a.Error, status, code, text)
	}
}
