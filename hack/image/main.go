// Command image packs one static program as a container image: nothing else is in
// it, it runs as nobody, and the same program gives the same bytes.
//
//	image -ref overworld/gateway:dev -binary bin/gateway -o bin/images/gateway.tar
package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// options are the flags.
type options struct {
	ref, binary, out  string
	user, arch, about string
}

func main() {
	log.SetFlags(0)
	var o options
	flag.StringVar(&o.ref, "ref", "", "`NAME:TAG` of the image")
	flag.StringVar(&o.binary, "binary", "", "`FILE` that is a static program; it becomes the entrypoint")
	flag.StringVar(&o.out, "o", "", "`FILE` to write, for docker load or ctr images import")
	flag.StringVar(&o.user, "user", "65532:65532", "`UID:GID` that the program runs as")
	flag.StringVar(&o.arch, "arch", runtime.GOARCH, "`ARCH` that the program is built for: amd64 or arm64")
	flag.StringVar(&o.about, "version", "", "`TEXT` for the label org.opencontainers.image.version")
	flag.Parse()
	if err := o.run(); err != nil {
		log.Fatal("image: ", err)
	}
}

func (o options) run() error {
	if o.ref == "" || o.binary == "" || o.out == "" {
		return errors.New("-ref, -binary and -o must be given")
	}
	ref, err := name.NewTag(o.ref)
	if err != nil {
		return fmt.Errorf("reading -ref: %w", err)
	}
	image, err := o.image()
	if err != nil {
		return fmt.Errorf("packing %s: %w", o.binary, err)
	}
	if err := os.MkdirAll(filepath.Dir(o.out), 0o755); err != nil {
		return err
	}
	if err := tarball.WriteToFile(o.out, ref, image); err != nil {
		return fmt.Errorf("writing %s: %w", o.out, err)
	}
	return nil
}

func (o options) image() (v1.Image, error) {
	program, err := os.ReadFile(o.binary)
	if err != nil {
		return nil, err
	}
	if err := check(program, o.arch); err != nil {
		return nil, err
	}
	files, err := layer(filepath.Base(o.binary), program)
	if err != nil {
		return nil, err
	}
	l, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(files)), nil })
	if err != nil {
		return nil, err
	}
	image, err := mutate.AppendLayers(empty.Image, l)
	if err != nil {
		return nil, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	return mutate.ConfigFile(image, o.config(config.DeepCopy()))
}

// config describes the image. The times are fixed, so that it can be built again.
func (o options) config(config *v1.ConfigFile) *v1.ConfigFile {
	config.OS, config.Architecture = "linux", o.arch
	config.Created = v1.Time{Time: time.Unix(0, 0).UTC()}
	config.Config = v1.Config{
		Entrypoint: []string{"/" + filepath.Base(o.binary)}, User: o.user, WorkingDir: "/",
		Labels: map[string]string{
			"org.opencontainers.image.title":    "Overworld " + filepath.Base(o.binary),
			"org.opencontainers.image.licenses": "Apache-2.0",
			"org.opencontainers.image.source":   "https://github.com/overworld-gg/overworld",
		},
	}
	if o.about != "" {
		config.Config.Labels["org.opencontainers.image.version"] = o.about
	}
	return config
}

// layer is a tar with the program, and the folders that mounts are put into.
func layer(name string, program []byte) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, h := range []*tar.Header{
		{Name: "etc/", Mode: 0o755, Typeflag: tar.TypeDir},
		{Name: "tmp/", Mode: 0o1777, Typeflag: tar.TypeDir},
		{Name: name, Mode: 0o755, Typeflag: tar.TypeReg, Size: int64(len(program))},
	} {
		h.ModTime = time.Unix(0, 0)
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
	}
	if _, err := w.Write(program); err != nil {
		return nil, err
	}
	return out.Bytes(), w.Close()
}
