package bundle

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/overworld-gg/overworld/mapserver/game"
)

// TestDocs holds docs/bundle.md and the schema together: every key is named
// there, and the example loads.
func TestDocs(t *testing.T) {
	page, err := os.ReadFile("../../docs/bundle.md")
	if err != nil {
		t.Fatal(err)
	}
	walk(schemaTree(t), func(table map[string]any) {
		for key := range asTable(table["properties"]) {
			if !strings.Contains(string(page), "`"+key+"`") && !strings.Contains(string(page), "`"+key+":") &&
				key != "needs" {
				t.Errorf("docs/bundle.md does not name the key %s", key)
			}
		}
	})
	example := regexp.MustCompile("(?s)```yaml\n(map: .*?)```").FindSubmatch(page)
	if example == nil {
		t.Fatal("docs/bundle.md has no example")
	}
	_, problems := Load(game.NewBundle(map[string][]byte{
		WorldFile: example[1], "events/chat/say.lua": nil,
		"meadow.tmj": []byte(`{"orientation":"orthogonal","width":30,"height":20,"tilewidth":16,"tileheight":16,
			"tilesets":[{"firstgid":1}],"layers":[{"type":"tilelayer","width":30,"height":20,
			"data":[` + strings.TrimSuffix(strings.Repeat("1,", 600), ",") + `]}]}`),
	}))
	if len(problems) > 0 {
		t.Errorf("the example of docs/bundle.md:\n%v", problems)
	}
}
