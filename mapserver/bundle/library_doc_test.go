package bundle

import (
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/overworld-gg/overworld/mapserver/game"
)

const libraryPage = "../../docs/library.md"

// reference is a part of the page that is made of a feature's files.
var reference = regexp.MustCompile(`(?s)<!-- feature (\w+) -->\n.*?<!-- end -->`)

// TestLibraryPage holds docs/library.md true: what it lists of each feature is
// made of the feature's files. Run it with -update after a change of the library.
func TestLibraryPage(t *testing.T) {
	page, err := os.ReadFile(libraryPage)
	if err != nil {
		t.Fatal(err)
	}
	lib, err := library()
	if err != nil {
		t.Fatal(err)
	}
	names, err := featureNames(lib)
	if err != nil {
		t.Fatal(err)
	}
	want := reference.ReplaceAllStringFunc(string(page), func(part string) string {
		name := reference.FindStringSubmatch(part)[1]
		names = slices.DeleteFunc(names, func(n string) bool { return n == name })
		l, err := readFeature(lib, name)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("<!-- feature %s -->\n\n%s<!-- end -->", name, featureText(l))
	})
	if len(names) > 0 {
		t.Errorf("docs/library.md has no part for %v: write <!-- feature NAME --> and <!-- end -->", names)
	}
	if *update {
		if err := os.WriteFile(libraryPage, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(page)); diff != "" {
		t.Errorf("docs/library.md is out of date: go test ./mapserver/bundle -run TestLibraryPage -update\n%s", diff)
	}
}

// TestLibraryPageExamples loads what docs/library.md shows of world.yaml.
func TestLibraryPageExamples(t *testing.T) {
	page, err := os.ReadFile(libraryPage)
	if err != nil {
		t.Fatal(err)
	}
	features, err := Features()
	if err != nil {
		t.Fatal(err)
	}
	use := "use: ["
	for _, f := range features {
		use += f.Name + ", "
	}
	blocks := regexp.MustCompile("(?ms)^( *)```yaml\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(blocks) == 0 {
		t.Fatal("docs/library.md has no example")
	}
	for _, block := range blocks {
		text := strings.ReplaceAll("\n"+block[2], "\n"+block[1], "\n")
		if !strings.Contains(text, "use:") {
			text = use + "]\n" + text
		}
		if _, problems := Load(game.NewBundle(map[string][]byte{WorldFile: []byte(text)})); len(problems) > 0 {
			t.Errorf("%s\n%v", text, problems)
		}
	}
}

// featureText is what the page says of a feature.
func featureText(l *layer) string {
	var b strings.Builder
	b.WriteString(said(l.root) + "\n\n")
	var needs []string
	for _, n := range items(child(l.root, "needs")) {
		needs = append(needs, fmt.Sprintf("[%s](#%s)", n.Value, n.Value))
	}
	if len(needs) > 0 {
		b.WriteString("Needs " + list(needs) + "; `use` brings that along.\n\n")
	}
	writeComponents(&b, child(l.root, "components"))
	writeEvents(&b, l, child(l.root, "events"))
	writeFunctions(&b, string(l.files["init.lua"]))
	return b.String()
}

func writeComponents(b *strings.Builder, components *yaml.Node) {
	if components == nil {
		return
	}
	b.WriteString("| component | of | default | |\n|---|---|---|---|\n")
	for name, c := range pairs(components) {
		kind := scalar(c, "type")
		if scalar(c, "private") == "true" {
			kind += ", private"
		}
		row(b, "`"+name.Value+"` ("+kind+")", of(c), orElse(scalar(c, "default"), "–"), said(c))
	}
	b.WriteString("\n")
}

func writeEvents(b *strings.Builder, l *layer, events *yaml.Node) {
	if events == nil {
		return
	}
	b.WriteString("| event | of | pause | who may call it | parameters | |\n|---|---|---|---|---|---|\n")
	for group, g := range pairs(events) {
		pause := orElse(scalar(g, "timeout"), "1") + " s"
		if file := "events/" + group.Value + "/_timeout.lua"; l.files[file] != nil {
			pause = "`_timeout.lua`"
		}
		about := said(g)
		for name, a := range pairs(child(g, "actions")) {
			who := "code"
			if scalar(a, "public") == "true" {
				who = "players"
			}
			row(b, "`"+group.Value+"/"+name.Value+"`", of(g), pause, who, params(a), orElse(said(a), about))
		}
	}
	b.WriteString("\n")
}

func params(action *yaml.Node) string {
	var out []string
	for name, p := range pairs(child(action, "params")) {
		text := "`" + name.Value + "` (" + scalar(p, "type")
		switch {
		case scalar(p, "required") == "true":
			text += ", required"
		case scalar(p, "default") != "":
			text += ", default " + scalar(p, "default")
		}
		for _, bound := range []string{"min", "max"} {
			if v := scalar(p, bound); v != "" {
				text += ", " + bound + " " + v
			}
		}
		text += ")"
		if doc := said(p); doc != "" {
			text += ": " + doc
		}
		out = append(out, text)
	}
	return orElse(strings.Join(out, "; "), "–")
}

// function is a function of Lua with the comment above it.
var function = regexp.MustCompile(`(?m)((?:^--.*\n)*)^function (\w+\.\w+\([^)]*\))`)

func writeFunctions(b *strings.Builder, init string) {
	found := function.FindAllStringSubmatch(init, -1)
	if len(found) == 0 {
		return
	}
	b.WriteString("| function | |\n|---|---|\n")
	for _, f := range found {
		row(b, "`"+f[2]+"`", strings.Join(strings.Fields(strings.ReplaceAll(f[1], "-- ", " ")), " "))
	}
	b.WriteString("\n")
}

func row(b *strings.Builder, cells ...string) {
	for _, c := range cells {
		b.WriteString("| " + strings.ReplaceAll(c, "|", `\|`) + " ")
	}
	b.WriteString("|\n")
}

func of(declared *yaml.Node) string {
	var types []string
	for _, n := range items(child(declared, "of")) {
		types = append(types, n.Value)
	}
	return orElse(strings.Join(types, ", "), "all")
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func said(n *yaml.Node) string { return scalar(n, "doc") }

func scalar(n *yaml.Node, key string) string {
	if v := child(n, key); v != nil {
		return v.Value
	}
	return ""
}

// TestLibraryFunctions wants a comment above every function that a feature offers:
// docs/library.md shows it.
func TestLibraryFunctions(t *testing.T) {
	lib, err := library()
	if err != nil {
		t.Fatal(err)
	}
	names, err := featureNames(lib)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		l, err := readFeature(lib, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range function.FindAllStringSubmatch(string(l.files["init.lua"]), -1) {
			if f[1] == "" {
				t.Errorf("%s: %s has no comment", path.Join("library", name, "init.lua"), f[2])
			}
			if !strings.HasPrefix(f[2], name+".") {
				t.Errorf("%s: %s does not begin with the feature's name", path.Join("library", name, "init.lua"), f[2])
			}
		}
	}
}
