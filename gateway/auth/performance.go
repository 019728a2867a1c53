package auth

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/overworld-gg/overworld/gateway/directory"
)

const maxPerformance = 1 << 20

// performance passes on the page on which a map server tells the milliseconds of
// its events and its FPS.
func (h *Handler) performance(w http.ResponseWriter, r *http.Request) {
	allowAnyOrigin(w.Header(), http.MethodGet)
	w.Header().Set("Cache-Control", "no-store")
	// The page comes from where scripts run: it must not run any on our host.
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodOptions:
		w.WriteHeader(http.StatusNoContent)
		return
	default:
		w.Header().Set("Allow", "GET, HEAD, OPTIONS")
		writeText(w, http.StatusMethodNotAllowed, "this address takes GET requests only, not "+r.Method)
		return
	}
	mapID := r.PathValue("map")
	place, err := h.directory.Lookup(mapID)
	if errors.Is(err, directory.ErrUnknownMap) {
		writeText(w, http.StatusNotFound, fmt.Sprintf("there is no map %q", mapID))
		return
	}
	var page page
	if err == nil {
		page, err = h.fetchPerformance(r, place)
	}
	if err != nil {
		h.log.WarnContext(r.Context(), "fetching performance", "gamemap", mapID, "error", err)
		w.Header().Set("Retry-After", seconds(defaultRetry))
		writeText(w, http.StatusBadGateway, fmt.Sprintf(
			"the server of map %q does not answer now, it may be starting: try again in %s s", mapID, seconds(defaultRetry)))
		return
	}
	w.Header().Set("Content-Type", page.kind)
	_, _ = w.Write(page.body)
}

type page struct {
	kind string
	body []byte
}

func (h *Handler) fetchPerformance(r *http.Request, place directory.Place) (page, error) {
	if place.StatusURL == "" {
		return page{}, errors.New("the directory has no status address of the map")
	}
	url := strings.TrimSuffix(place.StatusURL, "/") + "/performance"
	req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		return page{}, err
	}
	resp, err := h.http.Do(req)
	if err != nil {
		return page{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return page{}, fmt.Errorf("HTTP status %s", resp.Status)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxPerformance+1))
	if err != nil {
		return page{}, err
	}
	if len(body) > maxPerformance {
		return page{}, fmt.Errorf("the page is larger than %d bytes", maxPerformance)
	}
	kind := "text/plain; charset=utf-8"
	if given, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type")); err == nil && given == "text/html" {
		kind = "text/html; charset=utf-8"
	}
	return page{kind: kind, body: body}, nil
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n")
}
