package main

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"slices"
)

// machines are the computers that images are made for, by Go's names.
var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// check refuses what could not start in an image with nothing else in it. Without
// it the mistake shows in the cluster, as "no such file or directory".
func check(program []byte, arch string) error {
	want, ok := machines[arch]
	if !ok {
		return fmt.Errorf("-arch must be amd64 or arm64, not %q", arch)
	}
	file, err := elf.NewFile(bytes.NewReader(program))
	if err != nil {
		return fmt.Errorf("reading it as a Linux program: %w (build it with GOOS=linux)", err)
	}
	if file.Machine != want {
		return fmt.Errorf("it is built for %s and not for %s: build it with GOARCH=%s, or say -arch", file.Machine, arch, arch)
	}
	dynamic := func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP }
	if slices.ContainsFunc(file.Progs, dynamic) {
		return errors.New("it needs libraries that the image does not have: build it with CGO_ENABLED=0")
	}
	return nil
}
