package sandbox

import (
	"errors"
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
	"github.com/yuin/gopher-lua/parse"
)

// Chunk is a compiled script. It does not change and may be loaded into any
// number of machines.
type Chunk struct{ proto *lua.FunctionProto }

// Compile compiles a script. name is what positions in errors begin with. The
// error is one line, "name:line: what is wrong".
func Compile(source, name string) (chunk *Chunk, err error) {
	if strings.HasPrefix(source, "#") { // the parser would take a shebang for a comment
		return nil, fmt.Errorf("%s:1: unexpected symbol near '#'", name)
	}
	stmts, err := parse.Parse(strings.NewReader(source), name)
	if err != nil {
		return nil, syntaxError(name, err)
	}
	r := rewriter{}
	r.block(stmts)
	if r.tooDeep {
		return nil, fmt.Errorf("%s:%d: chunk has too many syntax levels", name, r.line)
	}
	return translate(stmts, name)
}

// translate makes code of a syntax tree. The compiler of gopher-lua panics on
// what it did not foresee.
func translate(stmts []ast.Stmt, name string) (chunk *Chunk, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			chunk, err = nil, fmt.Errorf("%s:1: the script is too complex", name)
		}
	}()
	proto, err := lua.Compile(stmts, name)
	if err != nil {
		var failed *lua.CompileError
		if errors.As(err, &failed) {
			return nil, fmt.Errorf("%s:%d: %s", name, failed.Line, failed.Message)
		}
		return nil, fmt.Errorf("%s:1: %w", name, err)
	}
	return &Chunk{proto}, nil
}

// syntaxError words an error of the parser as Lua words it.
func syntaxError(name string, err error) error {
	var failed *parse.Error
	if !errors.As(err, &failed) {
		return fmt.Errorf("%s:1: %s", name, strings.TrimSpace(err.Error()))
	}
	token := failed.Token
	if failed.Pos.Line == parse.EOF || token == "" {
		return fmt.Errorf("%s:%d: unexpected symbol near '<eof>'", name, max(1, failed.Pos.Line))
	}
	if strings.HasPrefix(failed.Message, "syntax error") {
		return fmt.Errorf("%s:%d: unexpected symbol near '%s'", name, failed.Pos.Line, token)
	}
	return fmt.Errorf("%s:%d: %s near '%s'", name, failed.Pos.Line, failed.Message, token)
}
