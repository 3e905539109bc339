package command

import "strings"

// Help is the handler of every container's HELP: it writes the subcommands with
// their syntax and summary, from the table.
func Help(c *Ctx) error {
	container := c.Command.Container()
	lines := []string{
		strings.ToUpper(container.Name) + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
	}
	if container.Handler != nil {
		lines = append(lines, "(no subcommand)", "    "+container.Summary)
	}
	for _, sub := range container.Subcommands() {
		usage := strings.TrimPrefix(sub.Usage(), strings.ToUpper(container.Name)+" ")
		lines = append(lines, usage, "    "+sub.Summary)
	}
	c.Out.Array(len(lines))
	for _, line := range lines {
		c.Out.Status(line)
	}
	return nil
}
