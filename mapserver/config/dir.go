package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/overworld-gg/overworld/mapserver/game"
)

// worldFile tells that a folder is a bundle; realtimeFile, where there is none, that it
// is one of the dialect GameLift, if it has the word ssExports in it.
const (
	worldFile    = "world.yaml"
	realtimeFile = "index.js"
)

// GameLift is the dialect of a bundle with ssExports.
const GameLift = "GameLift"

// bundleIn notes in a map the bundle of a folder, if it is one.
func bundleIn(folder string, g *Map) bool {
	if exists(filepath.Join(folder, worldFile)) {
		g.BundleDir = folder
		return true
	}
	text, err := os.ReadFile(filepath.Join(folder, realtimeFile))
	if err != nil || !bytes.Contains(text, []byte("ssExports")) {
		return false
	}
	g.BundleDir, g.Dialect, g.Entry = folder, GameLift, realtimeFile
	return true
}

// ReadFile reads the manifests of one file; see Parse.
func ReadFile(path string) (Manifests, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Manifests{}, err
	}
	return Parse(path, data)
}

// ReadDir reads what a folder declares for a laptop. A folder with world.yaml is
// a bundle; a folder with GameMap manifests (*.yaml, *.yml) has its maps. A map
// whose bundle is not among the manifests runs the folder's own bundle, or that
// of the folder below that has the bundle's name. A bundle without a GameMap is
// one map, called as its folder.
func ReadDir(dir string) (Manifests, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return Manifests{}, err
	}
	if !info.IsDir() {
		return Manifests{}, fmt.Errorf("%s is a file: give the folder of a bundle, or one with GameMap manifests", dir)
	}
	out, err := readManifests(dir)
	if err != nil {
		return out, err
	}
	if len(out.Maps) == 0 {
		m := Default(NameOf(dir))
		if !bundleIn(dir, &m) {
			return out, fmt.Errorf("%s has neither a %s nor a GameMap manifest, nor an %s with ssExports: it is no bundle and no game", dir, worldFile, realtimeFile)
		}
		out.Maps = append(out.Maps, m)
		return out, nil
	}
	var problems []error
	for i := range out.Maps {
		problems = append(problems, out.findBundle(&out.Maps[i], dir))
	}
	return out, errors.Join(problems...)
}

// findBundle finds the folder of a map's bundle, if it is not a manifest.
func (m *Manifests) findBundle(g *Map, dir string) error {
	if m.Bundles[g.Bundle] != nil {
		return nil
	}
	for _, below := range []string{g.Bundle, filepath.Join("bundles", g.Bundle)} {
		if g.Bundle != "" && bundleIn(filepath.Join(dir, below), g) {
			return nil
		}
	}
	if bundleIn(dir, g) {
		return nil
	}
	return fmt.Errorf("%s: GameMap %s runs the bundle %q, and there is no ScriptBundle and no folder with a %s of that name", dir, g.ID, g.Bundle, worldFile)
}

// ours recognises the manifests among the YAML files of a folder.
var ours = regexp.MustCompile(`(?m)^apiVersion:\s*["']?` + regexp.QuoteMeta(apiGroup) + `/`)

func readManifests(dir string) (Manifests, error) {
	out := Manifests{Bundles: map[string]map[string]string{}}
	var problems []error
	for _, file := range Files(dir) {
		data, err := os.ReadFile(file)
		if err != nil {
			return out, err
		}
		if !ours.Match(data) {
			continue
		}
		one, err := Parse(file, data)
		problems = append(problems, err, out.merge(file, one))
	}
	return out, errors.Join(problems...)
}

func (m *Manifests) merge(file string, other Manifests) error {
	for _, g := range other.Maps {
		if slices.ContainsFunc(m.Maps, func(o Map) bool { return o.ID == g.ID }) {
			return fmt.Errorf("%s: there is another GameMap called %q", file, g.ID)
		}
		m.Maps = append(m.Maps, g)
	}
	for name, files := range other.Bundles {
		if m.Bundles[name] != nil {
			return fmt.Errorf("%s: there is another ScriptBundle called %q", file, name)
		}
		m.Bundles[name] = files
	}
	return nil
}

// Files are the YAML files of a folder that may hold manifests, in order.
func Files(dir string) []string {
	entries, _ := os.ReadDir(dir)
	var out []string
	for _, e := range entries {
		ext := filepath.Ext(e.Name())
		if !e.IsDir() && e.Name() != worldFile && !strings.HasPrefix(e.Name(), ".") && (ext == ".yaml" || ext == ".yml") {
			out = append(out, filepath.Join(dir, e.Name()))
		}
	}
	return out
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// NameOf makes the id of a map from the name of its folder.
func NameOf(dir string) string {
	if absolute, err := filepath.Abs(dir); err == nil {
		dir = absolute
	}
	name := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(filepath.Base(dir)), "-"), "-")
	if len(name) > 63 {
		name = strings.Trim(name[:63], "-")
	}
	if name == "" {
		return "map"
	}
	return name
}

// ReadBundle reads the bundle that a map runs, from its folder or its manifest.
func (m *Manifests) ReadBundle(g Map) (*game.Bundle, error) {
	b, err := m.readBundle(g)
	if err == nil {
		b.Terrain = g.Terrain
	}
	return b, err
}

func (m *Manifests) readBundle(g Map) (*game.Bundle, error) {
	if g.BundleDir != "" {
		return game.ReadBundle(os.DirFS(g.BundleDir))
	}
	files := map[string][]byte{}
	for path, text := range m.Bundles[g.Bundle] {
		files[path] = []byte(text)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("reading bundle: %w", game.ErrEmptyBundle)
	}
	return game.NewBundle(files), nil
}
