package js

import (
	"path"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"
	"github.com/evanw/esbuild/pkg/api"

	"github.com/overworld-gg/overworld/mapserver/script"
)

// The variables that modules see, as Node wraps them. The shim and the dialect's
// modules see host, the embedded ones binding.
const (
	nodeScope        = "exports, require, module, __filename, __dirname"
	nodeHostScope    = nodeScope + ", host"
	nodeBindingScope = nodeScope + ", binding"
)

// processParserOptions keep goja from reading files: it would load the source map
// that a comment names.
var processParserOptions = []parser.Option{parser.WithSourceMapLoader(func(string) ([]byte, error) { return nil, nil })}

// processSupported says what goja runs by itself, and what must be rewritten. Template
// literals and ** become calls that the guard sees: as instructions they would build
// texts and numbers of any size at one stroke; so would {...x} of a Buffer.
var processSupported = map[string]bool{
	"template-literal": false, "exponent-operator": false, "dynamic-import": false,
	"async-generator": false, "for-await": false, "logical-assignment": false, "decorators": false,
	"using": false, "object-rest-spread": false, "regexp-set-notation": false, "hashbang": false, "import-meta": false,
	"class-field": true, "class-static-field": true, "class-static-blocks": true,
	"class-private-field": true, "class-private-method": true, "class-private-accessor": true,
	"class-private-static-field": true, "class-private-static-method": true, "class-private-static-accessor": true,
}

// processCompile compiles a module: a function of the variables in scope. file is
// the name in positions.
func processCompile(file string, source []byte, scope string) (*goja.Program, error) {
	text, fault := processTransform(file, source, scope)
	if fault != nil {
		return nil, fault
	}
	return processParse(file, text)
}

func processParse(file, text string) (*goja.Program, error) {
	ast, err := goja.Parse(file, text, processParserOptions...)
	if err != nil {
		return nil, &script.Error{Class: script.Compile, Message: "SyntaxError: " + err.Error(), File: file}
	}
	program, err := goja.CompileAST(ast, false)
	if err != nil {
		return nil, &script.Error{Class: script.Compile, Message: "SyntaxError: " + err.Error(), File: file}
	}
	return program, nil
}

// processTransform makes goja's JavaScript of a file: TypeScript and ES modules become
// CommonJS; a source map keeps the author's positions.
func processTransform(file string, source []byte, scope string) (string, *script.Error) {
	result := api.Transform(string(source), api.TransformOptions{
		Sourcefile: path.Base(file), Loader: processLoader(file), Format: api.FormatCommonJS, Platform: api.PlatformNode,
		Target: api.ES2020, Supported: processSupported, Sourcemap: api.SourceMapInline, SourcesContent: api.SourcesContentExclude,
		Banner: "(function (" + scope + ") {", Footer: "\n})", LogLevel: api.LogLevelSilent, Charset: api.CharsetUTF8,
		TsconfigRaw: `{"compilerOptions":{"experimentalDecorators":true,"useDefineForClassFields":false}}`,
	})
	if len(result.Errors) == 0 {
		return string(result.Code), nil
	}
	first := result.Errors[0]
	fault := &script.Error{Class: script.Compile, Message: "SyntaxError: " + first.Text, File: file}
	if at := first.Location; at != nil {
		fault.Line, fault.Column = at.Line, at.Column+1
	}
	return "", fault
}

func processLoader(file string) api.Loader {
	switch path.Ext(file) {
	case ".ts", ".mts", ".cts":
		return api.LoaderTS
	case ".tsx":
		return api.LoaderTSX
	case ".jsx":
		return api.LoaderJSX
	}
	return api.LoaderJS
}

// processEval is the name of code that was made from text.
const processEval = "<eval>"

// evaluate compiles the text of a function, for Function and its like, and returns it.
func (p *process) evaluate(kind string, params []string, body string) (v goja.Value, err error) {
	p.guard.pause(func() {
		source := "return (" + kind + " anonymous(" + strings.Join(params, ",") + "\n) {\n" + body + "\n})"
		var program *goja.Program
		if program, err = processCompile(processEval, []byte(source), ""); err == nil {
			v, err = p.vm.RunProgram(program)
		}
	})
	if err != nil {
		return nil, err
	}
	fn, _ := goja.AssertFunction(v)
	return fn(goja.Undefined())
}
