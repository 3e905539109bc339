package command

import (
	"slices"
	"strings"

	"kvd/engine/doc/schema"
	"kvd/internal/rediserr"
	"kvd/resp/reply"
)

// SyntaxNear is the error for a word that is no option, in commands that
// redis-server does not have.
func SyntaxNear(word []byte) error {
	const most = 64
	return rediserr.Newf("syntax error near '%.*s'", most, word)
}

// WriteFault writes what is wrong with a document.
func WriteFault(out *reply.Writer, f *schema.Fault) {
	out.Map(4)
	for _, pair := range [...][2]string{
		{"pointer", f.Pointer}, {"keyword", f.Keyword}, {"message", f.Message}, {"schema", f.Schema},
	} {
		out.Text(pair[0])
		out.Text(pair[1])
	}
}

// FamilyHelp writes the commands whose names begin with prefix, with their syntax
// and summary, from the table.
func FamilyHelp(c *Ctx, prefix string) {
	var lines []string
	for _, cmd := range c.Services.Table.Commands() {
		if strings.HasPrefix(cmd.Name, prefix) {
			lines = append(lines, cmd.Usage(), "    "+cmd.Summary)
		}
	}
	lines = slices.Insert(lines, 0, strings.ToUpper(prefix)+"<command> [<arg> [value] [opt] ...]. Commands are:")
	c.Out.Array(len(lines))
	for _, line := range lines {
		c.Out.Status(line)
	}
}
