package js

import (
	"reflect"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

const (
	// processShift is the name of the function that looks at what is shifted by. No
	// source can name it.
	processShift = "%shift"
	// processShiftMost is how many bits a BigInt may be shifted by at once: as an
	// instruction, << would make numbers of any size.
	processShiftMost = 4096
)

// processRewrite puts a call of processShift around the right side of each << that is
// no plain number.
func processRewrite(program *ast.Program) { processRewriteNode(reflect.ValueOf(program.Body)) }

func processRewriteNode(v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface:
		processRewriteNode(v.Elem())
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		processRewriteShift(v.Interface())
		if e := v.Elem(); e.Kind() == reflect.Struct && e.Type().PkgPath() == processASTPath {
			processRewriteNode(e)
		}
	case reflect.Slice:
		for i := range v.Len() {
			processRewriteNode(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			// Lists of declarations name variables that are in the tree, too.
			if v.Type().Field(i).IsExported() && v.Type().Field(i).Name != "DeclarationList" {
				processRewriteNode(v.Field(i))
			}
		}
	}
}

func processRewriteShift(node any) {
	switch n := node.(type) {
	case *ast.BinaryExpression:
		if n.Operator == token.SHIFT_LEFT {
			n.Right = processGuarded(n.Right)
		}
	case *ast.AssignExpression:
		if n.Operator == token.SHIFT_LEFT {
			n.Right = processGuarded(n.Right)
		}
	}
}

var processASTPath = reflect.TypeFor[ast.Program]().PkgPath()

func processGuarded(right ast.Expression) ast.Expression {
	if n, ok := right.(*ast.NumberLiteral); ok {
		if _, plain := n.Value.(int64); plain {
			return right
		}
	}
	return &ast.CallExpression{
		Callee: &ast.Identifier{Name: processShift, Idx: right.Idx0()}, LeftParenthesis: right.Idx0(),
		ArgumentList: []ast.Expression{right}, RightParenthesis: right.Idx1(),
	}
}

// installShift makes the function that processRewrite calls.
func (n *processNative) installShift() error {
	fn := n.vm.ToValue(func(call goja.FunctionCall) goja.Value {
		by := call.Argument(0)
		if obj, ok := by.(*goja.Object); ok {
			by = obj.ToNumber()
		}
		if goja.IsBigInt(by) && len(by.String()) > 5 || goja.IsBigInt(by) && n.vm.ToValue(by.String()).ToInteger() > processShiftMost {
			panic(n.rangeError("Maximum BigInt size exceeded"))
		}
		return by
	})
	return n.vm.GlobalObject().DefineDataProperty(processShift, fn, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE)
}
