package command

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteDocs writes the manual of all commands as Markdown, by group. The same
// table gives the same text.
func WriteDocs(w io.Writer, t *Table) error {
	groups := map[string][]*Command{}
	for _, c := range t.All() {
		if c.Handler != nil {
			groups[c.Group] = append(groups[c.Group], c)
		}
	}
	names := make([]string, 0, len(groups))
	for name := range groups {
		names = append(names, name)
	}
	slices.Sort(names)

	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "# Commands\n\nWritten by `make docs` from the command table; do not edit.\n")
	for _, name := range names {
		fmt.Fprintf(out, "\n## %s\n", name)
		for _, c := range groups[name] {
			writeDoc(out, c)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the manual of commands: %w", err)
	}
	return nil
}

func writeDoc(out io.Writer, c *Command) {
	fmt.Fprintf(out, "\n### %s\n\n    %s\n\n%s\n\n", strings.ReplaceAll(strings.ToUpper(c.FullName), "|", " "), c.Usage(), c.Summary)
	if d := c.Deprecated; d != nil {
		fmt.Fprintf(out, "Deprecated since %s: use %s.\n\n", d.Since, d.ReplacedBy)
	}
	fmt.Fprintf(out, "- Since: %s\n- Complexity: %s\n", c.Since, c.Complexity)
	if flags := c.Flags.Names(); len(flags) > 0 {
		fmt.Fprintf(out, "- Flags: %s\n", strings.Join(flags, ", "))
	}
	fmt.Fprintf(out, "- Categories: @%s\n", strings.Join(c.Categories.Names(), " @"))
	for _, h := range c.History {
		fmt.Fprintf(out, "- %s: %s\n", h.Version, h.Text)
	}
}
