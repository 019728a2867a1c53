package directory

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"
)

// file is a directory as it is written by hand.
type file struct {
	// Start is the map for new players; with a single map it may be left out.
	Start string               `yaml:"start"`
	Maps  map[string]filePlace `yaml:"maps"`
}

type filePlace struct {
	// Host is what clients connect to; empty: the host of the gateway.
	Host string `yaml:"host"`
	Port int    `yaml:"port"`
	// Status is the base of the map server's status pages.
	Status string `yaml:"status"`
	// Map is the path of the Tiled map, relative to the file.
	Map   string            `yaml:"map"`
	Sides map[string]string `yaml:"sides"`
}

// ReadFile returns the directory that the YAML file at path describes:
//
//	start: meadow
//	maps:
//	  meadow:
//	    port: 7001
//	    host: play.example          # optional
//	    status: http://10.0.0.5:9001 # optional
//	    map: meadow.tmj              # optional
//	    sides: {left: forest}        # optional
func ReadFile(path string) (*Static, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading directory of maps: %w", err)
	}
	s, err := parseFile(text, filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("reading directory of maps: %s: %w", path, err)
	}
	return s, nil
}

func parseFile(text []byte, dir string) (*Static, error) {
	var f file
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(f.Maps) == 0 {
		return nil, errors.New("maps is empty: list each map with the port of its server")
	}
	ids := slices.Sorted(maps.Keys(f.Maps))
	if f.Start == "" && len(ids) == 1 {
		f.Start = ids[0]
	}
	if _, ok := f.Maps[f.Start]; !ok {
		return nil, fmt.Errorf("start must be one of the maps %q, it is %q", ids, f.Start)
	}
	s := NewStatic(f.Start)
	for _, id := range ids {
		p, err := f.Maps[id].place(dir)
		if err != nil {
			return nil, fmt.Errorf("maps.%s.%w", id, err)
		}
		for side, other := range p.Sides {
			if _, ok := f.Maps[other]; !ok {
				return nil, fmt.Errorf("maps.%s.sides.%s must be one of the maps %q, it is %q", id, side, ids, other)
			}
		}
		s.Set(id, p)
	}
	return s, nil
}

func (f filePlace) place(dir string) (Place, error) {
	p := Place{Host: f.Host, Port: f.Port, StatusURL: f.Status, Sides: f.Sides, State: Running}
	if f.Port < 1 || f.Port > 65535 {
		return p, fmt.Errorf("port must be from 1 to 65535, it is %d", f.Port)
	}
	if u, err := url.Parse(f.Status); f.Status != "" && (err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https")) {
		return p, fmt.Errorf("status must start with http:// or https:// and name a host, it is %q", f.Status)
	}
	if f.Map == "" {
		return p, nil
	}
	path := f.Map
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	var err error
	if p.Map, err = os.ReadFile(path); err != nil {
		return p, fmt.Errorf("map: %w", err)
	}
	return p, nil
}
