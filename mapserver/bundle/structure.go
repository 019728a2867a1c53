package bundle

import (
	"bytes"
	_ "embed" // the schema
	"errors"
	"fmt"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// Schema is the JSON Schema (draft 2020-12) of world.yaml. It decides which keys
// there are and what they hold; docs/schema/world.schema.json is the same file,
// for editors.
//
//go:embed world.schema.json
var Schema []byte

// structure is the compiled schema.
type structure struct {
	doc            any // the schema itself, to look allowed keys up
	world, feature *jsonschema.Schema
}

const schemaURL = "https://github.com/overworld-gg/overworld/docs/schema/world.schema.json"

var compiled = sync.OnceValues(func() (*structure, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		return nil, fmt.Errorf("reading the schema of %s: %w", WorldFile, err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(schemaURL, doc); err != nil {
		return nil, fmt.Errorf("reading the schema of %s: %w", WorldFile, err)
	}
	s := &structure{doc: doc}
	if s.world, err = c.Compile(schemaURL); err != nil {
		return nil, fmt.Errorf("compiling the schema of %s: %w", WorldFile, err)
	}
	if s.feature, err = c.Compile(schemaURL + "#/$defs/feature"); err != nil {
		return nil, fmt.Errorf("compiling the schema of %s: %w", FeatureFile, err)
	}
	return s, nil
})

// checkStructure reports what the schema does not allow.
func checkStructure(schema *jsonschema.Schema, root *yaml.Node, report reportFunc) {
	told := map[*yaml.Node]bool{} // what is odd for YAML is not told again
	v := plain(root, 0, func(n *yaml.Node, format string, args ...any) {
		told[n] = true
		report(n, format, args...)
	})
	var fault *jsonschema.ValidationError
	if !errors.As(schema.Validate(v), &fault) {
		return
	}
	reportFault(fault, root, func(n *yaml.Node, format string, args ...any) {
		if !told[n] {
			report(n, format, args...)
		}
	})
}

// reportFault reports the leaves of the tree of faults.
func reportFault(e *jsonschema.ValidationError, root *yaml.Node, report reportFunc) {
	if len(e.Causes) == 0 {
		sentence(e, root, report)
		return
	}
	for _, c := range e.Causes {
		reportFault(c, root, report)
	}
}
