package js

import (
	"strings"
	"sync"

	"github.com/dop251/goja"

	"github.com/overworld-gg/overworld/mapserver/script"
)

// Language is JavaScript and TypeScript. The zero Language is ready to use.
type Language struct{}

var _ script.Language = Language{}

// Name returns "javascript".
func (Language) Name() string { return "javascript" }

// Extensions returns the endings of JavaScript's and TypeScript's files.
func (Language) Extensions() []string { return []string{".js", ".mjs", ".cjs", ".ts"} }

// variables are those that calls usually have.
var variables = []string{"object", "data", "value"}

// A file is the body of a strict function, called bodyName in traces, with the
// variables of its calls as parameters. It has braces of its own, so that it may
// declare names like theirs.
const (
	bodyName = "$main"
	bodyHead = `(function ` + bodyName + `(object, data, value) {"use strict";{`
	bodyFoot = "\n}})"
)

// globalHead is what stands before code that is not a function's body, as long as
// bodyHead so that positions are the same.
var globalHead = `"use strict";` + strings.Repeat(" ", len(bodyHead)-len(`"use strict";`))

// headWith is bodyHead for other parameters.
func headWith(names string) string {
	return `(function ` + bodyName + `(` + names + `) {"use strict";{`
}

// program is a compiled file. It is never changed, so engines share it.
type program struct {
	file string
	// body makes the function of the file.
	body   *goja.Program
	source *source
	// head is how long what stands before the code on its first line is, 0 if the code
	// has a source map.
	head int
	// global is the file as code whose declarations are global, nil if it cannot be
	// that. It is compiled when it is first asked for.
	global func() *goja.Program
}

// File is the path below the bundle's folder.
func (p *program) File() string { return p.file }

// Compile parses and compiles one file. Errors are *script.Error.
func (Language) Compile(file string, source []byte) (script.Program, error) {
	src, err := prepare(file, source)
	if err != nil {
		return nil, err
	}
	body := src.body
	if body == nil {
		if body, err = src.compile(bodyHead, bodyFoot); err != nil {
			return nil, err
		}
	}
	head := len(bodyHead)
	if src.mapped {
		head = 0
	}
	return &program{file: file, body: body, source: src, head: head, global: sync.OnceValue(func() *goja.Program {
		global, err := src.compile(globalHead, "")
		if err != nil { // it has a return
			return nil
		}
		return global
	})}, nil
}
