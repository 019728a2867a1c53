package js

import (
	"errors"
	"math/big"
	"reflect"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
	"github.com/dop251/goja/unistring"

	"github.com/overworld-gg/overworld/mapserver/script"
)

// Adding texts is one instruction each, and twenty of them make a gibibyte of one
// kibibyte before a timer has looked once. So the compiled code checks the result of
// each addition that may be one of long texts. The functions that it calls have names
// that no script can write or change.
const (
	nameText  = "%text"  // returns a value, if it is no text that is too long
	nameJoin  = "%join"  // makes the text of a template
	nameParts = "%parts" // returns a value whose fields are few enough to be copied
)

// errRest says that code copies the rest of an object's fields, which goja does in one
// instruction; esbuild makes a loop of it.
var errRest = errors.New("the rest of an object's fields cannot be taken here")

// rewriter puts the checks into a tree.
type rewriter struct {
	// rest tells that the rest of an object's fields is taken.
	rest bool
	// big is a number of any size.
	big *ast.NumberLiteral
}

// rewrite changes tree in place.
func rewrite(tree *ast.Program) *rewriter {
	r := &rewriter{}
	r.walk(reflect.ValueOf(tree).Elem().FieldByName("Body"))
	return r
}

const astPath = "github.com/dop251/goja/ast"

var expressionType = reflect.TypeFor[ast.Expression]()

// walk visits all parts of a tree by reflection, as the package ast has no walk of
// its own, the inner ones first.
func (r *rewriter) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return
		}
		r.walk(v.Elem())
		if v.Type() == expressionType && v.CanSet() {
			if e := r.replacement(v.Interface().(ast.Expression)); e != nil {
				v.Set(reflect.ValueOf(e))
			}
		}
	case reflect.Pointer:
		if !v.IsNil() && v.Type().Elem().PkgPath() == astPath {
			r.note(v.Interface())
			r.walk(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			r.walk(v.Index(i))
		}
	case reflect.Struct:
		if v.Type().PkgPath() != astPath {
			return
		}
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; name != "DeclarationList" { // a list of what is in the body
				r.walk(v.Field(i))
			}
		}
	}
}

func (r *rewriter) note(node any) {
	switch n := node.(type) {
	case *ast.ObjectPattern:
		r.rest = r.rest || n.Rest != nil
	case *ast.NumberLiteral:
		if _, ok := n.Value.(*big.Int); ok && r.big == nil {
			r.big = n
		}
	case *ast.ObjectLiteral:
		for _, p := range n.Value {
			if s, ok := p.(*ast.SpreadElement); ok {
				s.Expression = call(nameParts, s.Expression)
			}
		}
	}
}

// replacement is what stands in the place of an expression, nil to leave it.
func (r *rewriter) replacement(e ast.Expression) ast.Expression {
	switch e := e.(type) {
	case *ast.BinaryExpression:
		if e.Operator == token.PLUS && !small(e.Left) && !small(e.Right) {
			return call(nameText, e)
		}
	case *ast.AssignExpression:
		if e.Operator == token.PLUS && !small(e.Right) {
			return call(nameText, e)
		}
	case *ast.TemplateLiteral:
		if e.Tag == nil && len(e.Expressions) > 1 {
			return call(nameJoin, parts(e)...)
		}
	}
	return nil
}

// parts are the texts and values of a template in their order.
func parts(e *ast.TemplateLiteral) []ast.Expression {
	var list []ast.Expression
	for i, element := range e.Elements {
		list = append(list, &ast.StringLiteral{Idx: element.Idx, Value: element.Parsed})
		if i < len(e.Expressions) {
			list = append(list, e.Expressions[i])
		}
	}
	return list
}

// call is a call of one of our functions.
func call(name unistring.String, args ...ast.Expression) ast.Expression {
	at := args[0].Idx0()
	return &ast.CallExpression{
		Callee: &ast.Identifier{Name: name, Idx: at}, LeftParenthesis: at, ArgumentList: args, RightParenthesis: args[len(args)-1].Idx1(),
	}
}

// smallText is the length up to which adding a text cannot make others grow quickly.
const smallText = 256

// small tells that an expression is a number, or a text that is short, whatever the
// variables are.
func small(e ast.Expression) bool {
	switch e := e.(type) {
	case *ast.NumberLiteral, *ast.BooleanLiteral, *ast.NullLiteral:
		return true
	case *ast.StringLiteral:
		return len(e.Value) <= smallText
	case *ast.UnaryExpression:
		return e.Operator != token.AWAIT
	case *ast.BinaryExpression:
		switch e.Operator {
		case token.MINUS, token.MULTIPLY, token.SLASH, token.REMAINDER, token.EXPONENT, token.AND, token.OR, token.EXCLUSIVE_OR,
			token.SHIFT_LEFT, token.SHIFT_RIGHT, token.UNSIGNED_SHIFT_RIGHT:
			return true
		case token.PLUS:
			return small(e.Left) && small(e.Right)
		}
	}
	return false
}

// openRewritten makes the functions that rewritten code calls.
func (m *machine) openRewritten() {
	for _, f := range []struct {
		name string
		call builtin
	}{{nameText, m.checkText}, {nameJoin, m.joinParts}, {nameParts, m.checkParts}} {
		_ = m.rt.GlobalObject().DefineDataProperty(f.name, m.function(f.name, 1, f.call), goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE)
	}
}

func (m *machine) checkText(call goja.FunctionCall) goja.Value {
	v := call.Arguments[0]
	if s, ok := v.(goja.String); ok && int64(s.Length()) > m.limits.Memory/textShare {
		m.condemn(script.Memory)
	}
	return v
}

func (m *machine) joinParts(call goja.FunctionCall) goja.Value {
	n := int64(0)
	for i, v := range call.Arguments {
		s := m.textOf(v)
		call.Arguments[i] = s
		n += int64(s.Length())
	}
	m.reserve(n)
	out := m.textOf(call.Arguments[0])
	if n < reserveFrom {
		for _, v := range call.Arguments[1:] {
			out = out.Concat(m.textOf(v))
		}
		return out
	}
	return m.guards.concat(goja.FunctionCall{This: out, Arguments: call.Arguments[1:]})
}

func (m *machine) checkParts(call goja.FunctionCall) goja.Value {
	m.checkKeys(call.Arguments[0])
	return call.Arguments[0]
}
