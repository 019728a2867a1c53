package target

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// launch says how the map server is started: this is the one place that knows
// its flags and its launch file.
func (o *Overworld) launch(address string, l Load) ([]string, error) {
	manifest := `apiVersion: overworld.dev/v1alpha1
kind: GameMap
metadata:
  name: ` + mapID + `
spec:
  tickRate: ` + strconv.Itoa(l.Rate) + `
  maxPlayers: ` + strconv.Itoa(max(1, l.Players)) + `
`
	file := filepath.Join(o.Dir, "gamemap.yaml")
	if err := os.WriteFile(file, []byte(manifest), 0o600); err != nil {
		return nil, fmt.Errorf("writing the launch file: %w", err)
	}
	return []string{"--config", file, "--bundle", o.bundleDir(), "--keys", o.keyFile(), "--listen", address}, nil
}
