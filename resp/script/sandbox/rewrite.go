package sandbox

import (
	"strconv"

	"github.com/yuin/gopher-lua/ast"
)

// Names that no script can spell, of the functions that rewritten code calls.
const (
	concatName = "(concat)"
	indexName  = "(index)"
)

// maxSyntaxDepth is how deep a syntax tree may be. The compiler walks it by
// recursion, and so does the rewriter.
const maxSyntaxDepth = 4000

// rewriter turns operations that gopher-lua runs without asking anybody into
// calls: a concatenation, which would print numbers in another way than Lua 5.1
// and take any amount of memory, and the assignment to a computed index, which
// would fill an array up to it.
type rewriter struct {
	depth   int
	line    int
	tooDeep bool
}

func (r *rewriter) block(stmts []ast.Stmt) {
	for _, s := range stmts {
		r.stmt(s)
	}
}

// enter goes one level down and reports whether that is allowed.
func (r *rewriter) enter(line int) bool {
	r.depth++
	if r.depth > maxSyntaxDepth && !r.tooDeep {
		r.tooDeep, r.line = true, line
	}
	return !r.tooDeep
}

func (r *rewriter) stmt(stmt ast.Stmt) {
	if !r.enter(stmt.Line()) {
		return
	}
	defer func() { r.depth-- }()
	switch s := stmt.(type) {
	case *ast.AssignStmt:
		r.targets(s.Lhs)
		r.exprs(s.Rhs)
	case *ast.LocalAssignStmt:
		r.exprs(s.Exprs)
	case *ast.FuncCallStmt:
		r.expr(&s.Expr)
	case *ast.DoBlockStmt:
		r.block(s.Stmts)
	case *ast.WhileStmt:
		r.expr(&s.Condition)
		r.block(s.Stmts)
	case *ast.RepeatStmt:
		r.block(s.Stmts)
		r.expr(&s.Condition)
	case *ast.IfStmt:
		r.expr(&s.Condition)
		r.block(s.Then)
		r.block(s.Else)
	case *ast.NumberForStmt:
		r.expr(&s.Init)
		r.expr(&s.Limit)
		r.expr(&s.Step)
		r.block(s.Stmts)
	case *ast.GenericForStmt:
		r.exprs(s.Exprs)
		r.block(s.Stmts)
	case *ast.FuncDefStmt:
		r.block(s.Func.Stmts)
	case *ast.ReturnStmt:
		r.exprs(s.Exprs)
	}
}

func (r *rewriter) exprs(list []ast.Expr) {
	for i := range list {
		r.expr(&list[i])
	}
}

// expr rewrites *at and all below it.
func (r *rewriter) expr(at *ast.Expr) {
	if *at == nil || !r.enter((*at).Line()) {
		return
	}
	defer func() { r.depth-- }()
	switch e := (*at).(type) {
	case *ast.StringConcatOpExpr:
		*at = r.concat(e)
	case *ast.AttrGetExpr:
		r.expr(&e.Object)
		r.expr(&e.Key)
	case *ast.TableExpr:
		for _, f := range e.Fields {
			r.expr(&f.Key)
			r.expr(&f.Value)
			f.Key = checkedKey(f.Key, nil)
		}
	case *ast.FuncCallExpr:
		r.expr(&e.Func)
		r.expr(&e.Receiver)
		r.exprs(e.Args)
	case *ast.LogicalOpExpr:
		r.pair(&e.Lhs, &e.Rhs)
	case *ast.RelationalOpExpr:
		r.pair(&e.Lhs, &e.Rhs)
	case *ast.ArithmeticOpExpr:
		r.pair(&e.Lhs, &e.Rhs)
	case *ast.UnaryMinusOpExpr:
		r.expr(&e.Expr)
	case *ast.UnaryNotOpExpr:
		r.expr(&e.Expr)
	case *ast.UnaryLenOpExpr:
		r.expr(&e.Expr)
	case *ast.FunctionExpr:
		r.block(e.Stmts)
	case *ast.NumberExpr:
		// The compiler would read 010 as eight.
		if f, ok := ParseNumber(e.Value); ok {
			e.Value = strconv.FormatFloat(f, 'g', -1, 64)
		}
	}
}

func (r *rewriter) pair(a, b *ast.Expr) {
	r.expr(a)
	r.expr(b)
}

// maxOperands is how many operands of a concatenation one call takes: each
// needs a register, of which a function has 200.
const maxOperands = 40

// concat makes a call of "a .. b .. c", which the parser gives as a .. (b .. c).
func (r *rewriter) concat(e *ast.StringConcatOpExpr) ast.Expr {
	var operands []ast.Expr
	rest := ast.Expr(e)
	for len(operands) < maxOperands {
		next, ok := rest.(*ast.StringConcatOpExpr)
		if !ok {
			break
		}
		operands = append(operands, single(next.Lhs))
		rest = next.Rhs
	}
	operands = append(operands, single(rest))
	for i := range operands {
		r.expr(&operands[i])
	}
	return call(concatName, e, operands)
}

// targets rewrites the left side of an assignment.
func (r *rewriter) targets(list []ast.Expr) {
	for i := range list {
		r.expr(&list[i])
		if e, ok := list[i].(*ast.AttrGetExpr); ok {
			e.Key = checkedKey(e.Key, e.Object)
		}
	}
}

// smallIndex is up to where an index needs no check.
const smallIndex = 256

// checkedKey returns key, or a call that looks at it first. The call gets the
// table too where reading it twice is the same as reading it once.
func checkedKey(key, table ast.Expr) ast.Expr {
	switch k := key.(type) {
	case nil, *ast.StringExpr, *ast.TrueExpr, *ast.FalseExpr, *ast.NilExpr:
		return key
	case *ast.NumberExpr:
		if n, err := strconv.Atoi(k.Value); err == nil && n < smallIndex {
			return key
		}
	}
	args := []ast.Expr{single(key)}
	if name, ok := table.(*ast.IdentExpr); ok {
		again := &ast.IdentExpr{Value: name.Value}
		again.SetLine(name.Line())
		again.SetLastLine(name.LastLine())
		args = append(args, again)
	}
	return call(indexName, key, args)
}

// single keeps an expression with many values, as the last argument of a call,
// to its first one.
func single(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.FuncCallExpr:
		e.AdjustRet = true
	case *ast.Comma3Expr:
		e.AdjustRet = true
	}
	return e
}

// call makes a call of a function by name, at the place of another expression.
func call(name string, at ast.Expr, args []ast.Expr) *ast.FuncCallExpr {
	fn := &ast.IdentExpr{Value: name}
	c := &ast.FuncCallExpr{Func: fn, Args: args, AdjustRet: true}
	for _, node := range []ast.PositionHolder{fn, c} {
		node.SetLine(at.Line())
		node.SetLastLine(at.LastLine())
	}
	return c
}
