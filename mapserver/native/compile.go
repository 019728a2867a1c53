package native

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/overworld-gg/overworld/mapserver/bundle"
	"github.com/overworld-gg/overworld/mapserver/game"
	"github.com/overworld-gg/overworld/mapserver/script"
)

// compiled is a bundle that has been read and compiled, and not run yet.
type compiled struct {
	revision string
	loaded   *bundle.Loaded
	programs map[string]program // by file
}

// program is a compiled file and the language that it is written in.
type program struct {
	script.Program
	language int // index into the languages
}

// Check reads and compiles a bundle and returns all that is wrong with it.
func Check(b *game.Bundle, languages []script.Language) bundle.Problems {
	_, problems := compile(b, languages)
	return problems
}

func compile(b *game.Bundle, languages []script.Language) (*compiled, bundle.Problems) {
	loaded, problems := bundle.Load(b)
	c := &compiled{revision: b.Revision, loaded: loaded, programs: map[string]program{}}
	for file, source := range loaded.Schema.Files {
		i := slices.IndexFunc(languages, func(l script.Language) bool {
			return slices.Contains(l.Extensions(), path.Ext(file))
		})
		if i < 0 {
			problems.Add(bundle.Problem{File: file, Message: fmt.Sprintf("code in %s files cannot be run: write it in %s", path.Ext(file), extensions(languages))})
			continue
		}
		p, err := languages[i].Compile(file, source)
		if err != nil {
			problems.Add(compileProblem(file, err))
			continue
		}
		c.programs[file] = program{Program: p, language: i}
	}
	return c, problems
}

func compileProblem(file string, err error) bundle.Problem {
	var fault *script.Error
	if errors.As(err, &fault) {
		return bundle.Problem{File: file, Line: fault.Line, Column: fault.Column, Message: fault.Message}
	}
	return bundle.Problem{File: file, Message: err.Error()}
}

func extensions(languages []script.Language) string {
	var all []string
	for _, l := range languages {
		all = append(all, l.Extensions()...)
	}
	return strings.Join(all, " or ")
}
