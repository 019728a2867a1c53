// Package lua runs Lua 5.1 scripts behind the seam of mapserver/script, in the
// environment of the LuaSandbox service (docs: reference my-fantasy, 2.6). It is
// the only package that knows gopher-lua.
//
// What is exact and what is estimated: the time budget is checked between
// instructions and inside every library function that loops, so a call ends a
// few milliseconds after its limit at the latest. The size of a string is
// checked before it is built. Tables, closures and numbers are measured
// afterwards, by a walk over everything that scripts can reach (memory.go) when
// the process's heap has grown: a map may overshoot its limit by about a quarter
// before it is stopped.
//
// Lists of the host become tables that start at index 1 (the original service
// started at 0): that is what # and ipairs work with.
package lua

import (
	"bytes"
	"errors"
	"fmt"

	glua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"

	"github.com/overworld-gg/overworld/mapserver/script"
)

// Language is Lua 5.1. The zero Language is ready to use.
type Language struct{}

var _ script.Language = Language{}

// Name returns "lua".
func (Language) Name() string { return "lua" }

// Extensions returns ".lua".
func (Language) Extensions() []string { return []string{".lua"} }

// program is a compiled file. It is never changed, so engines share it.
type program struct {
	file  string
	proto *glua.FunctionProto
	size  int // of the source, an upper bound for its longest text
}

// File is the path below the bundle's folder.
func (p *program) File() string { return p.file }

// maxUpvalues is what one byte in gopher-lua's prototype can count; it does not
// check itself.
const maxUpvalues = 255

// Compile parses and compiles one file. Errors are *script.Error.
func (Language) Compile(file string, source []byte) (prog script.Program, err error) {
	defer func() {
		if r := recover(); r != nil { // the compiler panics for what it cannot do
			prog, err = nil, compileError(file, 0, fmt.Sprint(r))
		}
	}()
	source = bytes.TrimPrefix(source, []byte("\xef\xbb\xbf")) // editors on Windows write it
	if len(source) > 0 && source[0] == '\x1b' {
		return nil, compileError(file, 0, "this is a compiled Lua file; only Lua source text is accepted")
	}
	chunk, err := parse.Parse(bytes.NewReader(source), file)
	if err != nil {
		return nil, parseError(file, source, err)
	}
	chunk, err = rewrite(file, chunk)
	if err != nil {
		return nil, err
	}
	proto, err := glua.Compile(chunk, file)
	if err != nil {
		return nil, parseError(file, source, err)
	}
	if f := overfull(proto); f != nil {
		return nil, compileError(file, f.LineDefined, fmt.Sprintf(
			"this function uses more than %d variables of the functions around it; put some of them into a table", maxUpvalues))
	}
	return &program{file: file, proto: proto, size: len(source)}, nil
}

// overfull finds a function that uses more outer variables than can be counted.
func overfull(p *glua.FunctionProto) *glua.FunctionProto {
	if len(p.DbgUpvalues) > maxUpvalues {
		return p
	}
	for _, inner := range p.FunctionPrototypes {
		if f := overfull(inner); f != nil {
			return f
		}
	}
	return nil
}

func compileError(file string, line int, message string) *script.Error {
	return &script.Error{Class: script.Compile, File: file, Line: line, Message: message}
}

func parseError(file string, source []byte, err error) error {
	var syntax *parse.Error
	var late *glua.CompileError
	switch {
	case errors.As(err, &syntax):
		return syntaxError(file, source, syntax)
	case errors.As(err, &late):
		return compileError(file, late.Line, late.Message)
	default:
		return compileError(file, 0, err.Error())
	}
}

func syntaxError(file string, source []byte, e *parse.Error) *script.Error {
	out := compileError(file, e.Pos.Line, e.Message)
	out.Column = e.Pos.Column
	if e.Pos.Line == parse.EOF {
		out.Line = bytes.Count(bytes.TrimRight(source, "\r\n"), []byte("\n")) + 1
		out.Column = 0
		out.Message = e.Message + " at the end of the file; is an 'end', a quote or a bracket missing?"
		return out
	}
	token := e.Token
	if len(token) > 40 {
		token = token[:40] + "..."
	}
	out.Message = fmt.Sprintf("%s near '%s'", e.Message, token)
	return out
}
