package js

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/parser"
	"github.com/evanw/esbuild/pkg/api"
	"github.com/go-sourcemap/sourcemap"

	"github.com/overworld-gg/overworld/mapserver/script"
)

const (
	// maxSource bounds a file. The parsers go deeper with each bracket, and the depth
	// of Go's stack is the only thing that stops them.
	maxSource = 4 << 20
	// maxNesting is how many brackets may be open at once; those in texts count.
	maxNesting = 20000
	// maxPrefix is how many signs that nest without brackets (!!!x) may follow each
	// other.
	maxPrefix = 2000
)

// source is code that goja parses: what esbuild made of it if need be.
type source struct {
	file string
	code string
	// author is the code as it was.
	author string
	// mapped tells that the code has a source map, whose first line is the second of
	// what is compiled.
	mapped  bool
	mapping []byte
	// body is what prepare compiled already.
	body *goja.Program
	// modules tells that import and export were turned into require and exports.
	modules bool
}

// prepare checks a file and turns it into what goja understands. JavaScript that
// goja understands is left as it is.
func prepare(file string, text []byte) (*source, error) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")) // editors on Windows write it
	if fault := tooDeep(file, text); fault != nil {
		return nil, fault
	}
	src := &source{file: file, code: string(text), author: string(text)}
	switch path.Ext(file) {
	case ".ts", ".mts", ".cts":
		return src.lower(api.LoaderTS, api.FormatDefault)
	}
	body, err := src.parse(bodyHead, bodyFoot)
	var own *script.Error
	switch {
	case err == nil:
		src.body = body
		return src, nil
	case errors.As(err, &own):
		return nil, src.syntaxError(err, len(bodyHead))
	}
	return src.lower(api.LoaderJS, api.FormatDefault)
}

// The head and the foot of a CommonJS module.
const (
	moduleHead = "(function (exports, require, module, __filename, __dirname) {"
	moduleFoot = "\n})"
)

// compileModule compiles a file as the function of a CommonJS module; import and
// export are turned into require and exports. head is what m.heads has to know of the
// file.
func compileModule(file string, text []byte) (prog *goja.Program, head int, err error) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(text, []byte("#!")) {
		text = append([]byte("//"), text...)
	}
	if fault := tooDeep(file, text); fault != nil {
		return nil, 0, fault
	}
	src := &source{file: file, code: string(text), author: string(text)}
	loader := api.LoaderJS
	switch path.Ext(file) {
	case ".ts", ".mts", ".cts":
		loader = api.LoaderTS
	default:
		if prog, err := src.parse(moduleHead, moduleFoot); err == nil {
			return prog, len(moduleHead), nil
		}
	}
	if src, err = src.lower(loader, api.FormatCommonJS); err != nil {
		return nil, 0, err
	}
	prog, err = src.compile(moduleHead, moduleFoot)
	return prog, 0, err
}

// lower compiles TypeScript, and JavaScript that is newer than goja.
func (s *source) lower(loader api.Loader, format api.Format) (*source, error) {
	result := api.Transform(s.code, api.TransformOptions{
		Loader:         loader,
		Format:         format,
		Target:         api.ES2017,
		Sourcefile:     path.Base(s.file),
		Sourcemap:      api.SourceMapExternal,
		SourcesContent: api.SourcesContentExclude,
		LogLevel:       api.LogLevelSilent,
		Supported:      map[string]bool{"bigint": true}, // goja's or our own message is better
		TsconfigRaw:    `{"compilerOptions":{"verbatimModuleSyntax":false}}`,
	})
	if len(result.Errors) > 0 {
		e := result.Errors[0]
		out := &script.Error{Class: script.Compile, File: s.file, Message: strings.TrimSuffix(e.Text, ":")}
		if e.Location != nil {
			out.Line, out.Column = e.Location.Line, e.Location.Column+1
		}
		return nil, s.explain(out)
	}
	mapping, err := shifted(result.Map)
	if err != nil {
		return nil, fmt.Errorf("compiling %s: %w", s.file, err)
	}
	code := result.Code
	if format == api.FormatDefault {
		code = emptyExport.ReplaceAllLiteral(code, []byte(";"))
	}
	return &source{file: s.file, code: string(code), author: s.author, mapped: true, mapping: mapping, modules: format == api.FormatCommonJS}, nil
}

// shifted is a source map for code with one more line before it.
func shifted(mapping []byte) ([]byte, error) {
	var m map[string]any
	if err := json.Unmarshal(mapping, &m); err != nil {
		return nil, err
	}
	m["mappings"] = ";" + fmt.Sprint(m["mappings"])
	return json.Marshal(m)
}

// text is what is parsed: the code between head and foot.
func (s *source) text(head, foot string) string {
	if !s.mapped {
		return head + s.code + foot
	}
	return head + "\n" + s.code + foot + "\n//# sourceMappingURL=data:application/json;base64," +
		base64.StdEncoding.EncodeToString(s.mapping)
}

func (s *source) parse(head, foot string) (*goja.Program, error) {
	// Maps that the author's file names are files of the host.
	noFiles := parser.WithSourceMapLoader(func(string) ([]byte, error) { return nil, errors.New("no files") })
	tree, err := parser.ParseFile(nil, s.file, s.text(head, foot), 0, noFiles)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(head, "(") && !isBody(tree) {
		return nil, &script.Error{Class: script.Compile, File: s.file, Message: "the file closes a bracket that it does not open"}
	}
	r := rewrite(tree)
	switch {
	case r.big != nil:
		p := tree.File.Position(int(r.big.Idx) - tree.File.Base())
		return nil, &script.Error{Class: script.Compile, File: s.file, Line: p.Line, Column: p.Column,
			Message: "BigInt numbers cannot be used here: their size has no bounds"}
	case r.rest:
		return nil, errRest
	}
	return goja.CompileAST(tree, false)
}

// isBody tells that the code did not end the function around it.
func isBody(tree *ast.Program) bool {
	if len(tree.Body) != 1 {
		return false
	}
	statement, ok := tree.Body[0].(*ast.ExpressionStatement)
	if !ok {
		return false
	}
	_, ok = statement.Expression.(*ast.FunctionLiteral)
	return ok
}

// compile returns the code as a program. Errors are *script.Error.
func (s *source) compile(head, foot string) (prog *goja.Program, err error) {
	defer func() {
		if r := recover(); r != nil { // a fault of the compiler
			prog, err = nil, &script.Error{Class: script.Compile, File: s.file, Message: fmt.Sprint(r)}
		}
	}()
	prog, err = s.parse(head, foot)
	if err == nil {
		return prog, nil
	}
	return nil, s.explain(s.syntaxError(err, len(head)))
}

// syntaxError is an error of goja's in the author's terms.
func (s *source) syntaxError(err error, head int) *script.Error {
	out := &script.Error{Class: script.Compile, File: s.file, Message: err.Error()}
	var list parser.ErrorList
	var compiler *goja.CompilerSyntaxError
	var own *script.Error
	switch {
	case errors.As(err, &own):
		out = own
	case errors.As(err, &list) && len(list) > 0:
		out.Line, out.Column, out.Message = list[0].Position.Line, list[0].Position.Column, list[0].Message
	case errors.As(err, &compiler):
		out.Message = compiler.Message
		if compiler.File != nil {
			p := compiler.File.Position(compiler.Offset)
			out.Line, out.Column = p.Line, p.Column
		}
	}
	switch {
	case s.mapped && own == nil:
		s.unmap(out)
	case !s.mapped && out.Line == 1 && out.Column > head:
		out.Column -= head
	}
	return out
}

// unmap turns a position in what esbuild wrote into the author's.
func (s *source) unmap(out *script.Error) {
	m, err := sourcemap.Parse("", s.mapping)
	if err != nil {
		return
	}
	if _, _, line, column, ok := m.Source(out.Line, out.Column-1); ok {
		out.Line, out.Column = line, column+1
	}
}

var (
	moduleWord = regexp.MustCompile(`(?m)^[ \t]*(import|export)\b[ \t]*(type|interface|\{[ \t]*\})?`)
	// emptyExport is what authors write to make a file a module to their editor.
	emptyExport = regexp.MustCompile(`(?m)^export \{\s*\};?$`)
)

// explain says what to do about faults whose text does not.
func (s *source) explain(out *script.Error) *script.Error {
	if s.modules {
		return out
	}
	for _, at := range moduleWord.FindAllStringSubmatchIndex(s.author, -1) {
		line := strings.Count(s.author[:at[0]], "\n") + 1
		if erased := at[4] >= 0; !erased && (s.mapped || out.Line == line) {
			out.Line, out.Column = line, 1
			out.Message = "import and export cannot be used in this file, which is the body of a function: what files share is declared in init.js, and seen by all"
			break
		}
	}
	return out
}

// tooDeep refuses code that the parsers could not come back from.
func tooDeep(file string, text []byte) *script.Error {
	refuse := func(line int, message string) *script.Error {
		return &script.Error{Class: script.Compile, File: file, Line: line, Message: message}
	}
	if len(text) > maxSource {
		return refuse(0, fmt.Sprintf("the file has more than %d MiB", maxSource>>20))
	}
	depth, prefix, line := 0, 0, 1
	for _, c := range text {
		switch c {
		case '\n':
			line++
		case '(', '[', '{':
			depth++
			prefix = 0
		case ')', ']', '}':
			depth = max(0, depth-1)
			prefix = 0
		case '!', '~', '-', '+':
			prefix++
		case ' ', '\t', '\r':
		default:
			prefix = 0
		}
		if depth > maxNesting || prefix > maxPrefix {
			return refuse(line, "the code nests too deeply")
		}
	}
	return nil
}
