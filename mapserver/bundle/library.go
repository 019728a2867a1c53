package bundle

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// FeatureFile is the name of the file that declares a feature of the library.
const FeatureFile = "feature.yaml"

// libraryPrefix is put before the paths of the library's files.
const libraryPrefix = "library/"

// All files, those that begin with _ (_timeout.lua) too.
//
//go:embed all:library
var embedded embed.FS

// Feature describes a feature of the built-in library.
type Feature struct {
	Name  string
	Doc   string
	Needs []string
	// Files are its code files, below its folder.
	Files []string
}

// Features lists the built-in library by name.
func Features() ([]Feature, error) {
	lib, err := library()
	if err != nil {
		return nil, err
	}
	return features(lib)
}

func features(lib fs.FS) ([]Feature, error) {
	names, err := featureNames(lib)
	if err != nil {
		return nil, err
	}
	features := make([]Feature, 0, len(names))
	for _, name := range names {
		l, err := readFeature(lib, name)
		if err != nil {
			return nil, err
		}
		f := Feature{Name: name, Files: l.paths()}
		f.Doc, _ = text(child(l.root, "doc"))
		for _, n := range items(child(l.root, "needs")) {
			f.Needs = append(f.Needs, n.Value)
		}
		features = append(features, f)
	}
	return features, nil
}

func library() (fs.FS, error) {
	lib, err := fs.Sub(embedded, "library")
	if err != nil {
		return nil, fmt.Errorf("opening the built-in library: %w", err)
	}
	return lib, nil
}

// featureNames are the folders that hold a feature.yaml, in order.
func featureNames(lib fs.FS) ([]string, error) {
	files, err := fs.Glob(lib, "*/"+FeatureFile)
	if err != nil {
		return nil, fmt.Errorf("listing the built-in library: %w", err)
	}
	for i, f := range files {
		files[i] = path.Dir(f)
	}
	slices.Sort(files)
	return files, nil
}

func readFeature(lib fs.FS, name string) (*layer, error) {
	l := &layer{feature: name, file: libraryPrefix + name + "/" + FeatureFile, files: map[string][]byte{}}
	sub, err := fs.Sub(lib, name)
	if err != nil {
		return nil, fmt.Errorf("opening feature %s: %w", name, err)
	}
	err = fs.WalkDir(sub, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		l.files[p], err = fs.ReadFile(sub, p)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading feature %s: %w", name, err)
	}
	root, err := parseYAML(l.files[FeatureFile])
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", l.file, err)
	}
	if root == nil {
		root = &yaml.Node{Kind: yaml.MappingNode, Line: 1, Column: 1}
	}
	l.root = root
	return l, nil
}

// useFeatures makes a layer of each feature that the bundle uses, after those
// of the features that it needs.
func (l *loader) useFeatures() {
	for _, n := range items(child(l.own.root, "use")) {
		if name, ok := text(n); ok {
			l.use(name, setting{n, l.own}, nil)
		}
	}
}

// use adds feature name, which from asked for; chain are the features that are
// waiting for it.
func (l *loader) use(name string, from setting, chain []string) {
	if slices.Contains(chain, name) {
		l.report(from, "the features need each other in a circle: %s", strings.Join(append(chain, name), " -> "))
		return
	}
	if slices.Contains(l.out.Features, name) {
		return
	}
	names, err := featureNames(l.library)
	if err == nil && !slices.Contains(names, name) {
		l.report(from, "there is no feature %s in the library%s; it has %s", short(name), near(name, names), cmp.Or(list(names), "none"))
		return
	}
	feature, err := readFeature(l.library, name)
	if err != nil {
		l.report(from, "the feature %q cannot be used: %v", name, errors.Unwrap(err))
		return
	}
	if s, err := compiled(); err == nil {
		checkStructure(s.feature, feature.root, l.reporter(feature))
	}
	for _, n := range items(child(feature.root, "needs")) {
		if need, ok := text(n); ok {
			l.use(need, setting{n, feature}, append(slices.Clone(chain), name))
		}
	}
	if !slices.Contains(l.out.Features, name) {
		l.out.Features = append(l.out.Features, name)
		l.layers = append(l.layers, feature)
	}
}
