// Package web holds the browser game, as `make web` builds it. A Go build without
// Node works, too: then there is none.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:demo/dist
var dist embed.FS

// Demo returns the files of the browser game; ok is false when they have not been
// built.
func Demo() (files fs.FS, ok bool) {
	files, err := fs.Sub(dist, "demo/dist/site")
	if err != nil {
		return nil, false
	}
	_, err = fs.Stat(files, "index.html")
	return files, err == nil
}
