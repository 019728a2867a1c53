// Package slot finds out which revision of its bundle a map's pod is to run.
//
// The pod has two folders, blue and green, each with one revision as an archive,
// and a file that names one of them: the annotation of the pod that the operator
// changes when another revision is to run. The kubelet brings all three up to
// date, each in its own time: a revision is taken only when folder and file agree.
package slot

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/overworld-gg/overworld/mapserver/game"
)

// ArchiveFile is the name of the archive in a slot's folder.
const ArchiveFile = "bundle.zip"

// ErrStale is what reading a slot gives that does not have the wanted revision
// yet: the kubelet is about to bring it.
var ErrStale = errors.New("the slot has another revision")

// Ref is a revision and where it is.
type Ref struct {
	// Slot is blue or green.
	Slot     string
	Revision string
}

// String is the form that Parse reads, such as "blue/0123456789ab".
func (r Ref) String() string { return r.Slot + "/" + r.Revision }

// Other is the other slot.
func (r Ref) Other() string {
	if r.Slot == "blue" {
		return "green"
	}
	return "blue"
}

// Parse reads a reference.
func Parse(text string) (Ref, error) {
	slot, revision, ok := strings.Cut(strings.TrimSpace(text), "/")
	if !ok || (slot != "blue" && slot != "green") || revision == "" {
		return Ref{}, fmt.Errorf("the wanted revision must be written as blue/REVISION or green/REVISION, not %q", text)
	}
	return Ref{Slot: slot, Revision: revision}, nil
}

// Source is where a pod finds its bundle.
type Source struct {
	// Files has the folders blue and green, each with an ArchiveFile.
	Files fs.FS
	// Wanted returns the text of the file that names the wanted revision.
	Wanted func() ([]byte, error)
	// Terrain is set in the bundles; see game.Bundle.
	Terrain string
}

// Ref returns which revision is wanted.
func (s Source) Ref() (Ref, error) {
	text, err := s.Wanted()
	if err != nil {
		return Ref{}, fmt.Errorf("reading the wanted revision: %w", err)
	}
	return Parse(string(text))
}

// Read returns the bundle of r. The error is ErrStale while the slot has another
// revision.
func (s Source) Read(r Ref) (*game.Bundle, error) {
	b, err := s.ReadSlot(r.Slot)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("slot %s is empty, and not revision %s: %w", r.Slot, r.Revision, ErrStale)
	}
	if err == nil && b.Revision != r.Revision {
		return nil, fmt.Errorf("slot %s has revision %s, not %s: %w", r.Slot, b.Revision, r.Revision, ErrStale)
	}
	return b, err
}

// ReadSlot returns the bundle in a slot, whatever its revision.
func (s Source) ReadSlot(slot string) (*game.Bundle, error) {
	data, err := fs.ReadFile(s.Files, slot+"/"+ArchiveFile)
	if err != nil {
		return nil, fmt.Errorf("reading slot %s: %w", slot, err)
	}
	b, err := game.ReadArchive(data)
	if err != nil {
		return nil, fmt.Errorf("reading slot %s: %w", slot, err)
	}
	b.Terrain = s.Terrain
	return b, nil
}
