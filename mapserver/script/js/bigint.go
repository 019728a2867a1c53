package js

import (
	"math/big"
	"reflect"
	"regexp"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
)

// bigIntText finds what may be a BigInt; most code has none, and is not searched.
var bigIntText = regexp.MustCompile(`[0-9a-fA-F_]n\b`)

// bigInt finds a BigInt literal in a tree, and tells where it is.
func bigInt(tree *ast.Program, code string) (at int, found bool) {
	if !bigIntText.MatchString(code) {
		return 0, false
	}
	s := searcher{}
	s.value(reflect.ValueOf(tree.Body), 0)
	return int(s.at) - tree.File.Base(), s.found
}

// searcher walks over a tree by reflection: the package ast has no walk of its own.
type searcher struct {
	at    file.Idx
	found bool
}

var bigType = reflect.TypeFor[*big.Int]()

func (s *searcher) value(v reflect.Value, depth int) {
	if s.found {
		return
	}
	switch v.Kind() {
	case reflect.Interface:
		s.value(v.Elem(), depth)
	case reflect.Pointer:
		s.pointer(v, depth)
	case reflect.Slice:
		for i := range v.Len() {
			s.value(v.Index(i), depth)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			s.value(v.Field(i), depth+1)
		}
	}
}

func (s *searcher) pointer(v reflect.Value, depth int) {
	if v.IsNil() {
		return
	}
	if n, ok := v.Interface().(*ast.NumberLiteral); ok {
		if reflect.TypeOf(n.Value) == bigType {
			s.at, s.found = n.Idx, true
		}
		return
	}
	if v.Type().Elem().PkgPath() == "github.com/dop251/goja/ast" {
		s.value(v.Elem(), depth)
	}
}
