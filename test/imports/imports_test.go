// Package imports holds the rules of who may import whom. A rule that is only
// prose rots in a month.
package imports

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/overworld-gg/overworld/"

// rule says what a package, or a folder of packages, may import of ours.
type rule struct {
	of      string
	allowed []string
	why     string
}

// rules are the table of the design, section 3, and the packages that joined the
// layout since (docs/decisions). The first rule that fits a package counts; "/..."
// means the folder and all below. Packages without a rule are the programs'.
var rules = []rule{
	{"api/...", nil, "users import the types cheaply"},
	{"mapserver/value", nil, "neutral values are below everything"},
	{"mapserver/loop", nil, "the loop knows no game"},
	{"mapserver/game", nil, "the seam knows neither side"},
	{"mapserver/world", []string{"mapserver/game", "mapserver/loop", "mapserver/value"}, "the world runs in a test without sockets, scripts and files"},
	{"mapserver/wire", []string{"mapserver/value", "mapserver/world"}, "bytes to values, no I/O"},
	{"mapserver/terrain", []string{"mapserver/value", "mapserver/world"}, "it makes what the world asks for"},
	{"mapserver/bundle/...", []string{"mapserver/game", "mapserver/value", "mapserver/world", "mapserver/terrain"}, "it reads files, and runs nothing"},
	{"mapserver/script", []string{"mapserver/game", "mapserver/value"}, "neutral to languages and games"},
	{"mapserver/script/...", []string{"mapserver/script", "mapserver/value"}, "an engine converts values and knows no game"},
	{"mapserver/slot", []string{"mapserver/game"}, "it reads files, and runs nothing"},
	{"mapserver/token", nil, "both programs use it"},
	{"mapserver/keeper", nil, "a client is its protocol"},
	{"mapserver/session", []string{"mapserver/game", "mapserver/token"}, "connections know no game"},
	{"mapserver/report", []string{"mapserver/game", "mapserver/loop"}, "it is filled in by who builds the server"},
	{"mapserver/config", []string{"mapserver/game"}, "small: no packages of Kubernetes in a map server"},
	{"mapserver/native", []string{"mapserver/bundle", "mapserver/game", "mapserver/keeper", "mapserver/script", "mapserver/value", "mapserver/wire", "mapserver/world"}, "the native game never sees an engine or a socket"},
	{"mapserver/dialect/...", []string{"mapserver/game", "mapserver/script", "mapserver/value"}, "a dialect never sees an engine or a socket"},
	{"controllers/...", []string{"api/...", "mapserver", "mapserver/config", "mapserver/game", "mapserver/native", "mapserver/report", "mapserver/slot"}, "it compiles bundles as map servers do, and reads what they report"},
	{"gateway/...", []string{"api/...", "gateway/...", "mapserver/token"}, "the gateway never imports a world"},
	{"bots", nil, "players know the protocol from the outside"},
}

// fences say who alone may import a module of others.
var fences = []struct {
	module string
	in     []string
}{
	{"github.com/yuin/gopher-lua", []string{"mapserver/script/lua"}},
	{"github.com/dop251/goja", []string{"mapserver/script/js"}},
	{"github.com/dop251/goja_nodejs", []string{"mapserver/script/js"}},
	{"github.com/dlclark/regexp2", []string{"mapserver/script/js"}},
	{"github.com/evanw/esbuild", []string{"mapserver/script/js"}},
	{"google.golang.org/protobuf", []string{"mapserver/dialect/gamelift"}},
	{"github.com/gorilla/websocket", []string{"mapserver/session", "bots", "test/..."}},
	{"github.com/jackc/pgx", []string{"gateway/store"}},
	{"modernc.org/sqlite", []string{"gateway/store"}},
	{"github.com/pressly/goose", []string{"gateway/store"}},
	{"database/sql", []string{"gateway/store"}},
	{"sigs.k8s.io/controller-runtime", []string{"test/cluster", "controllers/...", "gateway/directory", "cmd/..."}},
	{"k8s.io/client-go", []string{"test/cluster", "controllers/...", "gateway/directory", "cmd/..."}},
	{"k8s.io/api", []string{"test/cluster", "api/...", "controllers/...", "cmd/operator"}},
	{"k8s.io/apimachinery", []string{"test/cluster", "api/...", "controllers/...", "gateway/directory", "cmd/..."}},
}

// standardOnly may import nothing of others at all.
var standardOnly = []string{"mapserver/value", "mapserver/loop", "mapserver/game", "mapserver/world", "mapserver/wire", "mapserver/terrain", "mapserver/script", "mapserver/keeper", "mapserver/native"}

// goPackage is a package as go list tells it.
type goPackage struct {
	ImportPath string
	Imports    []string
}

func list(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var packages []goPackage
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for decoder.More() {
		var p goPackage
		if err := decoder.Decode(&p); err != nil {
			t.Fatal(err)
		}
		p.ImportPath = strings.TrimPrefix(p.ImportPath, module)
		packages = append(packages, p)
	}
	if len(packages) < 20 {
		t.Fatalf("only %d packages were found", len(packages))
	}
	return packages
}

// fits tells whether a package is what a pattern names.
func fits(pkg, pattern string) bool {
	folder, below := strings.CutSuffix(pattern, "/...")
	return pkg == folder || below && strings.HasPrefix(pkg, folder+"/")
}

func fitsAny(pkg string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return fits(pkg, p) })
}

func TestOwnImports(t *testing.T) {
	for _, p := range list(t) {
		i := slices.IndexFunc(rules, func(r rule) bool { return fits(p.ImportPath, r.of) })
		if i < 0 {
			continue
		}
		for _, imported := range p.Imports {
			own, ok := strings.CutPrefix(imported, module)
			if ok && !fitsAny(own, rules[i].allowed) {
				t.Errorf("%s imports %s: %s", p.ImportPath, own, rules[i].why)
			}
		}
	}
}

func TestFences(t *testing.T) {
	for _, p := range list(t) {
		for _, imported := range p.Imports {
			for _, f := range fences {
				if fits(imported, f.module+"/...") && !fitsAny(p.ImportPath, f.in) {
					t.Errorf("%s imports %s: only %s may", p.ImportPath, imported, strings.Join(f.in, ", "))
				}
			}
			first, _, _ := strings.Cut(imported, "/")
			if strings.Contains(first, ".") && !strings.HasPrefix(imported, module) && slices.Contains(standardOnly, p.ImportPath) {
				t.Errorf("%s imports %s: it may import the standard library only", p.ImportPath, imported)
			}
		}
	}
}

// Every rule is about a package that there is.
func TestRulesAreAlive(t *testing.T) {
	packages := list(t)
	for _, r := range rules {
		if !slices.ContainsFunc(packages, func(p goPackage) bool { return fits(p.ImportPath, r.of) }) {
			t.Errorf("there is no package %s", r.of)
		}
	}
}
