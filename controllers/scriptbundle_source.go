package controllers

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/overworld-gg/overworld/api/v1alpha1"
	"github.com/overworld-gg/overworld/mapserver"
	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/native"
)

// maxArchive is what fits into a ConfigMap beside its metadata.
const maxArchive = 1_000_000

// bundleFault is why the files of a ScriptBundle do not make a bundle.
type bundleFault struct {
	reason string
	err    error
}

func (f *bundleFault) Error() string { return f.err.Error() }

func faultf(reason, format string, args ...any) *bundleFault {
	return &bundleFault{reason, fmt.Errorf(format, args...)}
}

// packed is a bundle that compiles, as it goes into a slot.
type packed struct {
	bundle    *game.Bundle
	archive   []byte
	bytes     int64
	languages []string
}

// sourceOf returns the files of a ScriptBundle: of its spec, or of the ConfigMap
// that it names.
func sourceOf(ctx context.Context, c client.Reader, b *v1alpha1.ScriptBundle) (*game.Bundle, error) {
	if b.Spec.Source == nil {
		files := make(map[string][]byte, len(b.Spec.Files))
		for name, text := range b.Spec.Files {
			files[name] = []byte(text)
		}
		return fromFiles(files, "spec.files")
	}
	name := b.Spec.Source.ConfigMap.Name
	var source corev1.ConfigMap
	there, err := fetch(ctx, c, client.ObjectKey{Namespace: b.Namespace, Name: name}, &source)
	if err != nil {
		return nil, err
	}
	if !there {
		return nil, faultf("SourceMissing", "there is no ConfigMap %s in the namespace %s: make it with kubectl create configmap %s --from-file=DIR", name, b.Namespace, name)
	}
	return fromConfigMap(&source)
}

// fromConfigMap reads the files of a ConfigMap.
func fromConfigMap(source *corev1.ConfigMap) (*game.Bundle, error) {
	where := "ConfigMap " + source.Name
	files := make(map[string][]byte)
	for key, text := range source.Data {
		files[strings.ReplaceAll(key, "__", "/")] = []byte(text)
	}
	for key, data := range source.BinaryData {
		if path.Ext(key) != ".zip" {
			files[strings.ReplaceAll(key, "__", "/")] = data
			continue
		}
		archive, err := game.ReadArchive(data)
		if err != nil {
			return nil, faultf("SourceInvalid", "%s, %s: %w", where, key, err)
		}
		for name, text := range archive.Files {
			if files[name] != nil {
				return nil, faultf("SourceInvalid", "%s: %s is there twice, once in %s", where, name, key)
			}
			files[name] = text
		}
	}
	return fromFiles(files, where)
}

// fromFiles makes a bundle of files, with the rules of folders and archives.
func fromFiles(files map[string][]byte, where string) (*game.Bundle, error) {
	total := 0
	for name, text := range files {
		if err := game.CheckPath(name); err != nil {
			return nil, faultf("SourceInvalid", "%s: %w", where, err)
		}
		total += len(text)
	}
	switch {
	case len(files) == 0:
		return nil, faultf("SourceInvalid", "%s is empty: it must hold the bundle's files, world.yaml among them", where)
	case total > game.MaxBundleBytes:
		return nil, faultf("TooLarge", "%s: the files are larger than %d MiB together", where, game.MaxBundleBytes>>20)
	case len(files) > game.MaxBundleFiles:
		return nil, faultf("TooLarge", "%s: more than %d files", where, game.MaxBundleFiles)
	}
	return game.NewBundle(files), nil
}

// pack compiles the files of a ScriptBundle and packs them for a slot.
func pack(source *game.Bundle, spec *v1alpha1.ScriptBundleSpec) (*packed, error) {
	folder, file := path.Split(spec.Entry)
	if spec.Entry != "" && file != "world.yaml" {
		return nil, faultf("SourceInvalid", "spec.entry is %q: for the dialect World it must end in world.yaml", spec.Entry)
	}
	b, err := source.Below(folder)
	if err != nil {
		return nil, faultf("SourceInvalid", "spec.entry is %q: %w", spec.Entry, err)
	}
	if problems := native.Check(b, mapserver.Languages()); problems.Err() != nil {
		return nil, &bundleFault{"CompileFailed", problems.Err()}
	}
	out := &packed{bundle: b, languages: languagesOf(b)}
	if out.archive, err = b.Archive(); err != nil {
		return nil, err
	}
	if len(out.archive) > maxArchive {
		return nil, faultf("TooLarge", "the bundle takes %d bytes compressed: a ConfigMap holds %d; leave out what maps do not need, or split the bundle", len(out.archive), maxArchive)
	}
	for _, text := range b.Files {
		out.bytes += int64(len(text))
	}
	return out, nil
}

// languagesOf are the names of the languages that a bundle's files are written in.
func languagesOf(b *game.Bundle) []string {
	var out []string
	for _, l := range mapserver.Languages() {
		for _, ext := range l.Extensions() {
			if hasFile(b, ext) {
				out = append(out, l.Name())
				break
			}
		}
	}
	return out
}

func hasFile(b *game.Bundle, ext string) bool {
	for name := range b.Files {
		if path.Ext(name) == ext {
			return true
		}
	}
	return false
}

// faultOf tells a fault of the bundle from one of the cluster.
func faultOf(err error) (*bundleFault, bool) {
	var fault *bundleFault
	ok := errors.As(err, &fault)
	return fault, ok
}

// maxMessage bounds the text of a condition, which the API server limits to 32 KiB.
const maxMessage = 4000

// brief cuts a text to what a condition can hold, at a line's end.
func brief(text string) string {
	text = strings.ToValidUTF8(text, "?")
	if len(text) <= maxMessage {
		return text
	}
	cut := maxMessage
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	if line := strings.LastIndexByte(text[:cut], '\n'); line > 0 {
		cut = line
	}
	return text[:cut] + "\n(and more)"
}
