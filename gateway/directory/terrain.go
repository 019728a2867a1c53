package directory

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	terrainTimeout = 5 * time.Second
	maxTerrain     = 16 << 20
)

var terrainClient = &http.Client{Timeout: terrainTimeout}

// FetchTerrain reads the Tiled map of a map's server; statusURL is the base of its
// status pages.
func FetchTerrain(ctx context.Context, statusURL string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, statusURL+"/terrain", nil)
	if err != nil {
		return nil, err
	}
	resp, err := terrainClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", req.URL, resp.Status)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxTerrain+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", req.URL, err)
	}
	if len(text) > maxTerrain {
		return nil, fmt.Errorf("%s is larger than %d MiB", req.URL, maxTerrain>>20)
	}
	return text, nil
}
