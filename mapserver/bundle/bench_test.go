package bundle

import (
	"testing"

	"golang.org/x/tools/txtar"
)

// BenchmarkLoad measures a small bundle: what a reload costs beside the running map.
func BenchmarkLoad(b *testing.B) {
	a, err := txtar.ParseFile("testdata/full.txtar")
	if err != nil {
		b.Fatal(err)
	}
	files, lib := splitCase(a)
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := load(files, lib); problems.Err() != nil {
			b.Fatal(problems)
		}
	}
}
