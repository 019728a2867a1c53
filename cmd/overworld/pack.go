package main

import (
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"github.com/overworld-gg/overworld/mapserver"
	"github.com/overworld-gg/overworld/mapserver/config"
	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/native"
)

// maxInline is how much text a manifest is given as it is: kubectl apply notes a
// copy of it in an annotation, which may have 256 KiB. maxPacked is what fits into
// a ConfigMap.
const (
	maxInline = 200_000
	maxPacked = 1_000_000
)

func packCommand() *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:   "pack DIR",
		Short: "Write a bundle as manifests for kubectl apply",
		Long: "pack checks the bundle in a folder and writes it as a ScriptBundle. Small bundles of texts have their files\n" +
			"in it; others are an archive in a ConfigMap that the ScriptBundle names: apply those with --server-side.",
		Example: "  overworld bundle pack examples/meadow | kubectl apply --server-side -f -",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return pack(cmd.OutOrStdout(), args[0], name) },
	}
	cmd.Flags().StringVar(&name, "name", "", "`NAME` of the ScriptBundle; default: that of the folder")
	return cmd
}

func pack(out io.Writer, dir, name string) error {
	b, err := game.ReadBundle(os.DirFS(dir))
	if err != nil {
		return err
	}
	if err := native.Check(b, mapserver.Languages()).Err(); err != nil {
		return fmt.Errorf("the bundle cannot run:\n%w", err)
	}
	if name == "" {
		name = config.NameOf(dir)
	}
	manifests, err := manifestsOf(b, name)
	if err != nil {
		return err
	}
	for i, m := range manifests {
		text, err := yaml.Marshal(m)
		if err != nil {
			return err
		}
		if i > 0 {
			_, _ = fmt.Fprintln(out, "---")
		}
		if _, err := out.Write(text); err != nil {
			return err
		}
	}
	return nil
}

// object is a manifest.
type object map[string]any

func manifestsOf(b *game.Bundle, name string) ([]object, error) {
	bundle := func(spec object) object {
		return object{"apiVersion": config.APIVersion, "kind": "ScriptBundle", "metadata": object{"name": name}, "spec": spec}
	}
	if files, ok := texts(b); ok {
		return []object{bundle(object{"files": files})}, nil
	}
	archive, err := b.Archive()
	if err != nil {
		return nil, err
	}
	if len(archive) > maxPacked {
		return nil, fmt.Errorf("the bundle takes %d bytes compressed: a ConfigMap holds %d; leave out what maps do not need", len(archive), maxPacked)
	}
	source := name + "-files"
	return []object{
		{"apiVersion": "v1", "kind": "ConfigMap", "metadata": object{"name": source}, "binaryData": object{name + ".zip": archive}},
		bundle(object{"source": object{"configMap": object{"name": source}}}),
	}, nil
}

// texts are the files of a bundle, false if they are not all texts or too large.
func texts(b *game.Bundle) (map[string]string, bool) {
	files, total := map[string]string{}, 0
	for name, text := range b.Files {
		if !utf8.Valid(text) {
			return nil, false
		}
		files[name] = string(text)
		total += len(text)
	}
	return files, total <= maxInline
}
