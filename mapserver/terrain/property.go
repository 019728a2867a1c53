package terrain

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/overworld-gg/overworld/mapserver/value"
)

// property is a custom property of a layer, tile or object.
type property struct {
	Name  string      `json:"name"`
	Value value.Value `json:"value"`
}

// properties are custom properties in the file's order.
type properties []property

// UnmarshalJSON reads the list of today's Tiled and the object of Tiled 1.1.
func (p *properties) UnmarshalJSON(data []byte) error {
	if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		return json.Unmarshal(data, (*[]property)(p))
	}
	v, err := value.ParseJSON(data)
	if err != nil {
		return err
	}
	for name, v := range v.Dict().All() {
		*p = append(*p, property{name, v})
	}
	return nil
}

func (p properties) dict() *value.Dict {
	d := &value.Dict{}
	for _, it := range p {
		d.Set(it.Name, it.Value)
	}
	return d
}

// blocks tells whether the properties say that what carries them cannot be
// walked on.
func (p properties) blocks() (bool, error) {
	blocks := false
	for _, it := range p {
		if !slices.Contains([]string{"walkable", "collision", "collides"}, it.Name) {
			continue
		}
		if it.Value.Kind() != value.Bool {
			return false, fmt.Errorf("the property %q must be of type bool, true or false, not a %s", it.Name, it.Value.Kind())
		}
		blocks = blocks || it.Value.Bool() == (it.Name != "walkable")
	}
	return blocks, nil
}
