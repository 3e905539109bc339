package conformance

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"kvd/internal/app"
	"kvd/resp/command"
)

// TestEveryCommand makes sure that every command of the table is in its file.
func TestEveryCommand(t *testing.T) {
	table, err := command.NewTable(app.Families()...)
	if err != nil {
		t.Fatal(err)
	}
	played := map[string]bool{}
	for _, s := range scripts(t) {
		file := s.name[strings.LastIndexByte(s.name, '/')+1:]
		for _, args := range s.commands() {
			if c, err := table.Find(args); err == nil && (c.Name == file || c.Parent == file) {
				played[c.FullName] = true
			}
		}
	}
	for _, c := range table.All() {
		if c.Handler != nil && !played[c.FullName] {
			file := c.Name
			if c.Parent != "" {
				file = c.Parent
			}
			t.Errorf("%s: there is no line with it in %s/*/%s.txt", c.FullName, dir, file)
		}
	}
}

// commands returns the lines that a script sends.
func (s *script) commands() (list [][][]byte) {
	for i := range s.sections {
		for j := range s.sections[i].steps {
			var args [][]byte
			for _, a := range s.sections[i].steps[j].args {
				args = append(args, []byte(a))
			}
			if len(args) > 0 {
				list = append(list, args)
			}
		}
	}
	return list
}

// errorExceptions are errors that no file can show, with the reason.
var errorExceptions = map[string]string{
	"BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.":     "it takes a script without an end: the tests of resp have one",
	"BUSY Redis is busy running a function. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.": "it takes a function without an end",
	"UNKILLABLE Sorry the script already executed write commands against the dataset. " +
		"You can either wait the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.": "it takes a script without an end: the tests of resp have one",
	"ERR FUNCTION LOAD timeout":                                        "the clock of a server in process stands still",
	"LIMIT the documents of the reply are larger than 268435456 bytes": "it takes so many bytes",
	"TIMEOUT the search took longer than %s ms":                        "the clock of a server in process stands still: the tests of resp/command/doc have it",
	"ERR reached lua stack limit":                                      "redis-server nests deeper: the tests of resp/script have it",
	"ERR internal error":                                               "only a fault of ours causes it",
	"ERR Errors trying to SHUTDOWN. Check logs.":                       "no shutdown of ours fails",
	"ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a local connection, " +
		"otherwise you need to set this option in the configuration file, and then restart the server.": "the setting is fixed at start: the tests of resp/command/server have it",
	"ERR There was an error trying to save the ACLs. Please check the server logs for more information": "no file of users: the tests of resp/command/acl have one",
	"ERR Error loading ACLs, opening file '%s': %s":                                                     "no file of users: the tests of resp/command/acl have one",
	"ERR Elements are too large to be stored":                                                           "it takes an entry of over a gigabyte",
	"MISCONF Errors writing to the journal: %s":                                                         "the disk has to fail: the tests of resp make it",
	"IOERR error or timeout reading from target instance":                                               "it takes another server: tests/exchange has one",
	"ERR Target instance replied with error: %s":                                                        "it takes another server: tests/exchange has one",
	"ERR a key was written while it was on its way; it is here as it is, and there as it was":           "it takes another server: tests/exchange has one",
	"ERR kvd does not follow other servers here":                                                        "every server that internal/app makes can follow others",
	"LOADING Redis is loading the dataset in memory":                                                    "a server in process has loaded before it listens",
}

// TestEveryError makes sure that every error that the code can answer is in some
// file.
func TestEveryError(t *testing.T) {
	shown := map[string]bool{}
	for _, s := range scripts(t) {
		for i := range s.sections {
			for j := range s.sections[i].steps {
				for _, p := range s.sections[i].steps[j].expected {
					p.errors(shown)
				}
			}
		}
	}
	for text, place := range declaredErrors(t) {
		if errorExceptions[text] != "" {
			continue
		}
		if !shows(shown, text) {
			t.Errorf("%s: no file has the error %q", place, text)
		}
	}
}

// errors adds the errors of a written reply to shown.
func (p *pattern) errors(shown map[string]bool) {
	if p == nil {
		return
	}
	if p.kind == kindError && p.shape == shapeValue {
		shown[p.text] = true
	}
	for i := range p.items {
		p.items[i].errors(shown)
	}
}

// shows reports whether an error was shown; what a format fills in may be
// anything.
func shows(shown map[string]bool, text string) bool {
	if shown[text] {
		return true
	}
	parts := regexp.MustCompile(`%[-+.*0-9]*[a-z]`).Split(text, -1)
	if len(parts) == 1 {
		return false
	}
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	re := regexp.MustCompile("^(?s)" + strings.Join(parts, ".*") + "$")
	for s := range shown {
		if re.MatchString(s) {
			return true
		}
	}
	return false
}

// declaredErrors returns every error text in the source of the server, and
// where it stands.
func declaredErrors(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	files := token.NewFileSet()
	for _, root := range []string{"../../internal/rediserr", "../../resp"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if d.IsDir() && d.Name() == "wire" {
				return filepath.SkipDir // what is no command at all is for the tests of that package
			}
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(files, path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if text := errorText(n); text != "" {
					found[text] = files.Position(n.Pos()).String()
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// errorText returns the text of an error that a node makes with rediserr, or
// nothing for other nodes.
func errorText(n ast.Node) string {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return ""
	}
	name := ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok && x.Name == "rediserr" {
			name = f.Sel.Name
		}
	}
	switch {
	case (name == "New" || name == "Newf") && len(call.Args) > 0:
		return prefixed("ERR", literal(call.Args[0]))
	case name == "Coded" && len(call.Args) == 2:
		return prefixed(literal(call.Args[0]), literal(call.Args[1]))
	}
	return ""
}

func prefixed(code, text string) string {
	if code == "" || text == "" {
		return ""
	}
	return code + " " + text
}

// literal returns the value of a text that is written out, joined or not. A part
// that is not written out stands in it as something to be filled in.
func literal(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, _ := strconv.Unquote(e.Value) // numbers are no texts
		return s
	case *ast.BinaryExpr:
		if text := literal(e.X) + literal(e.Y); text != "" {
			return orFilled(literal(e.X)) + orFilled(literal(e.Y))
		}
	}
	return ""
}

func orFilled(text string) string {
	if text == "" {
		return "%s"
	}
	return text
}
