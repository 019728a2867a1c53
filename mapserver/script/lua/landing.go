package lua

import (
	"github.com/yuin/gopher-lua/ast"
)

// gopher-lua's compiler shortens jumps that lead to jumps. A jump backwards to a
// jump that it has shortened already goes astray: in
//
//	for k in pairs(t) do break end
//
// the loop goes back to the start of the function. A body that may start with a
// jump therefore gets an instruction without effect before it.

// landing returns a loop's body, or what follows a label, so that it can be
// jumped to from below.
func landing(body []ast.Stmt, at ast.PositionHolder) []ast.Stmt {
	if !jumpsFirst(body) {
		return body
	}
	nothing := &ast.LocalAssignStmt{Names: []string{"(landing)"}}
	nothing.SetLine(at.Line())
	block := &ast.DoBlockStmt{Stmts: []ast.Stmt{nothing}}
	block.SetLine(at.Line())
	block.SetLastLine(at.Line())
	return append([]ast.Stmt{block}, body...)
}

// jumpsFirst tells whether the code of stmts may start with a jump.
func jumpsFirst(stmts []ast.Stmt) bool {
	for _, s := range stmts {
		switch s := s.(type) {
		case *ast.LabelStmt:
			continue
		case *ast.DoBlockStmt:
			if len(s.Stmts) == 0 {
				continue
			}
			return jumpsFirst(s.Stmts)
		case *ast.BreakStmt:
			return true
		case *ast.IfStmt:
			return constant(s.Condition)
		case *ast.WhileStmt:
			return constant(s.Condition)
		case *ast.RepeatStmt:
			return jumpsFirst(s.Stmts)
		default:
			return false
		}
	}
	return true // then comes the jump of the loop itself
}

// constant tells whether a condition may be decided without code.
func constant(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.TrueExpr, *ast.FalseExpr, *ast.NilExpr, *ast.NumberExpr, *ast.StringExpr:
		return true
	case *ast.UnaryNotOpExpr:
		return constant(e.Expr)
	case *ast.LogicalOpExpr:
		return constant(e.Lhs) || constant(e.Rhs)
	default:
		return false
	}
}
