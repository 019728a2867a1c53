package lua

import (
	"math"
	"strconv"

	"github.com/yuin/gopher-lua/ast"

	"github.com/overworld-gg/overworld/mapserver/script"
)

// The two operations that gopher-lua carries out in one instruction without any
// bound, and that no hook between instructions can stop, are turned into calls
// of our own functions before the code is compiled:
//
//	a .. b .. c   becomes   (concat)(a, b, c)
//	t[k] = v      becomes   t[(index)(k)] = v     (and so in { [k] = v })
//
// The functions are locals around the author's file whose names no script can
// write, so they are upvalues everywhere and no setfenv or global can reach them.
const (
	concatName = "(concat)"
	indexName  = "(index)"
)

const (
	// maxNesting bounds the depth of blocks and expressions: the compiler
	// recurses on Go's stack, whose overflow would end the process.
	maxNesting = 1000
	// maxOperands is how many operands of one concatenation go into one call; a
	// call's arguments must fit into the registers of a function. Longer chains
	// are put together from groups, so that a __concat in such a chain may see
	// other neighbours than in C Lua, which refuses chains of that length.
	maxOperands = 100
	groupSize   = 30
	// smallIndex is the largest array index that is written without a check.
	smallIndex = 1024
)

type rewriter struct {
	file  string
	depth int
	err   *script.Error
	// vararg tells for the function being walked whether it uses "...".
	vararg bool
}

// rewrite returns the chunk that, called with the two guards, returns the
// author's chunk as a function.
func rewrite(file string, chunk []ast.Stmt) ([]ast.Stmt, error) {
	r := &rewriter{file: file}
	chunk = r.block(chunk)
	if r.err != nil {
		return nil, r.err
	}
	last := 1
	if n := len(chunk); n > 0 {
		last = max(chunk[n-1].Line(), chunk[n-1].LastLine())
	}
	body := &ast.FunctionExpr{ParList: &ast.ParList{HasVargs: r.vararg}, Stmts: chunk}
	body.SetLine(0) // no author's function starts there: it marks the main chunk
	body.SetLastLine(last)
	guards := &ast.LocalAssignStmt{Names: []string{concatName, indexName}, Exprs: []ast.Expr{&ast.Comma3Expr{}}}
	return []ast.Stmt{guards, &ast.ReturnStmt{Exprs: []ast.Expr{body}}}, nil
}

// enter counts a level of nesting and tells whether to go on.
func (r *rewriter) enter(at ast.PositionHolder) bool {
	r.depth++
	if r.depth > maxNesting && r.err == nil {
		r.err = compileError(r.file, at.Line(), "blocks and expressions nest deeper than "+strconv.Itoa(maxNesting)+" levels here")
	}
	return r.err == nil
}

func (r *rewriter) block(stmts []ast.Stmt) []ast.Stmt {
	for i, s := range stmts {
		if r.enter(s) {
			r.stmt(s)
		}
		r.depth--
		if _, label := s.(*ast.LabelStmt); label && i+1 < len(stmts) && jumpsFirst(stmts[i+1:]) {
			tail := landing(stmts[i+1:], s)
			return append(stmts[:i+1:i+1], r.block(tail)...)
		}
	}
	return stmts
}

func (r *rewriter) stmt(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		r.assign(s)
	case *ast.LocalAssignStmt:
		r.exprs(s.Exprs)
	case *ast.FuncCallStmt:
		s.Expr = r.expr(s.Expr)
	case *ast.FuncDefStmt:
		r.funcDef(s)
	case *ast.ReturnStmt:
		r.exprs(s.Exprs)
	case *ast.DoBlockStmt:
		r.block(s.Stmts)
	default:
		r.control(s)
	}
}

func (r *rewriter) control(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.WhileStmt:
		s.Condition = r.expr(s.Condition)
		s.Stmts = landing(r.block(s.Stmts), s)
	case *ast.RepeatStmt:
		s.Stmts = landing(r.block(s.Stmts), s)
		s.Condition = r.expr(s.Condition)
	case *ast.IfStmt:
		s.Condition = r.expr(s.Condition)
		r.block(s.Then)
		r.block(s.Else)
	case *ast.NumberForStmt:
		s.Init, s.Limit = r.expr(s.Init), r.expr(s.Limit)
		if s.Step != nil {
			s.Step = r.expr(s.Step)
		}
		r.block(s.Stmts)
	case *ast.GenericForStmt:
		r.exprs(s.Exprs)
		s.Stmts = landing(r.block(s.Stmts), s)
	}
}

func (r *rewriter) funcDef(s *ast.FuncDefStmt) {
	if s.Name.Func != nil {
		s.Name.Func = r.expr(s.Name.Func)
	}
	if s.Name.Receiver != nil {
		s.Name.Receiver = r.expr(s.Name.Receiver)
	}
	r.function(s.Func)
}

func (r *rewriter) assign(s *ast.AssignStmt) {
	for _, left := range s.Lhs {
		if a, ok := left.(*ast.AttrGetExpr); ok {
			a.Object, a.Key = r.expr(a.Object), r.storeKey(a.Key)
		}
	}
	r.exprs(s.Rhs)
	for i := range min(len(s.Lhs), len(s.Rhs)) {
		if _, ok := s.Lhs[i].(*ast.IdentExpr); ok {
			s.Rhs[i] = singleCall(s, i)
		}
	}
}

// singleCall works around a fault of gopher-lua's compiler: a call that is
// assigned to the last parameter of a function overwrites the parameter before
// its arguments are read, unless the call is the last expression and open.
func singleCall(s *ast.AssignStmt, i int) ast.Expr {
	call, ok := s.Rhs[i].(*ast.FuncCallExpr)
	if !ok {
		return s.Rhs[i]
	}
	if i == len(s.Rhs)-1 && i == len(s.Lhs)-1 {
		call.AdjustRet = false // one result is wanted anyway
		return call
	}
	if i == len(s.Rhs)-1 && !call.AdjustRet {
		return call
	}
	call.AdjustRet = true
	table := &ast.TableExpr{Fields: []*ast.Field{{Value: call}}}
	table.SetLine(call.Line())
	first := &ast.NumberExpr{Value: "1"}
	first.SetLine(call.Line())
	out := &ast.AttrGetExpr{Object: table, Key: first}
	out.SetLine(call.Line())
	return out
}

func (r *rewriter) exprs(list []ast.Expr) {
	for i, e := range list {
		list[i] = r.expr(e)
	}
}

func (r *rewriter) expr(e ast.Expr) ast.Expr {
	defer func() { r.depth-- }()
	if !r.enter(e) {
		return e
	}
	switch e := e.(type) {
	case *ast.StringConcatOpExpr:
		return r.concat(e)
	case *ast.AttrGetExpr:
		e.Object, e.Key = r.expr(e.Object), r.expr(e.Key)
	case *ast.TableExpr:
		r.table(e)
	case *ast.FuncCallExpr:
		r.call(e)
	case *ast.FunctionExpr:
		r.function(e)
	case *ast.Comma3Expr:
		r.vararg = true
	default:
		r.operator(e)
	}
	return e
}

func (r *rewriter) operator(e ast.Expr) {
	switch e := e.(type) {
	case *ast.LogicalOpExpr:
		e.Lhs, e.Rhs = r.expr(e.Lhs), r.expr(e.Rhs)
	case *ast.RelationalOpExpr:
		e.Lhs, e.Rhs = r.expr(e.Lhs), r.expr(e.Rhs)
	case *ast.ArithmeticOpExpr:
		e.Lhs, e.Rhs = r.expr(e.Lhs), r.expr(e.Rhs)
	case *ast.UnaryMinusOpExpr:
		e.Expr = r.expr(e.Expr)
	case *ast.UnaryNotOpExpr:
		e.Expr = r.expr(e.Expr)
	case *ast.UnaryLenOpExpr:
		e.Expr = r.expr(e.Expr)
	}
}

func (r *rewriter) call(e *ast.FuncCallExpr) {
	if e.Func != nil {
		e.Func = r.expr(e.Func)
	}
	if e.Receiver != nil {
		e.Receiver = r.expr(e.Receiver)
	}
	r.exprs(e.Args)
}

func (r *rewriter) function(f *ast.FunctionExpr) {
	outer := r.vararg
	r.block(f.Stmts)
	r.vararg = outer
}

func (r *rewriter) table(e *ast.TableExpr) {
	for _, f := range e.Fields {
		if f.Key != nil {
			f.Key = r.storeKey(f.Key)
		}
		f.Value = r.expr(f.Value)
	}
}

// storeKey guards the key of a store unless it is known to be harmless.
func (r *rewriter) storeKey(key ast.Expr) ast.Expr {
	switch k := key.(type) {
	case *ast.StringExpr, *ast.TrueExpr, *ast.FalseExpr, *ast.NilExpr:
		return key
	case *ast.StringConcatOpExpr:
		return r.expr(key)
	case *ast.NumberExpr:
		if f, err := strconv.ParseFloat(k.Value, 64); err == nil && math.Abs(f) <= smallIndex {
			return key
		}
	}
	return guard(indexName, []ast.Expr{r.expr(key)}, key.Line())
}

// concat turns a chain of concatenations into one call. The chain is walked in
// a loop, since authors write long ones.
func (r *rewriter) concat(e *ast.StringConcatOpExpr) ast.Expr {
	operands := []ast.Expr{r.expr(e.Lhs)}
	right := e.Rhs
	for {
		next, ok := right.(*ast.StringConcatOpExpr)
		if !ok {
			break
		}
		operands = append(operands, r.expr(next.Lhs))
		right = next.Rhs
	}
	operands = append(operands, r.expr(right))
	for _, o := range operands {
		single(o)
	}
	for len(operands) > maxOperands {
		operands = grouped(operands, e.Line())
	}
	return guard(concatName, operands, e.Line())
}

// grouped concatenates operands group by group, in their order.
func grouped(operands []ast.Expr, line int) []ast.Expr {
	var out []ast.Expr
	for len(operands) > 0 {
		n := min(groupSize, len(operands))
		out = append(out, single(guard(concatName, operands[:n:n], line)))
		operands = operands[n:]
	}
	return out
}

// single makes a call or "..." give exactly one value as a last argument.
func single(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.FuncCallExpr:
		e.AdjustRet = true
	case *ast.Comma3Expr:
		e.AdjustRet = true
	}
	return e
}

func guard(name string, args []ast.Expr, line int) ast.Expr {
	fn := &ast.IdentExpr{Value: name}
	fn.SetLine(line)
	call := &ast.FuncCallExpr{Func: fn, Args: args}
	call.SetLine(line)
	return call
}
