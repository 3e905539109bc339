package server

import (
	"kvd/internal/glob"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// commandList implements COMMAND LIST.
func commandList(c *command.Ctx) error {
	keep, err := listFilter(c)
	if err != nil {
		return err
	}
	var names []string
	for _, cmd := range c.Services.Table.All() {
		if keep(cmd) {
			names = append(names, cmd.FullName)
		}
	}
	c.Out.Array(len(names))
	for _, name := range names {
		c.Out.Text(name)
	}
	return nil
}

// listFilter returns what decides whether a command is listed. A category or
// module that does not exist has no commands.
func listFilter(c *command.Ctx) (func(*command.Command) bool, error) {
	keep := func(*command.Command) bool { return true }
	s := c.Options(2)
	for s.Next() {
		if s.Option() != "FILTERBY" || s.Left() != 2 {
			s.Fail(rediserr.Syntax)
			break
		}
		s.Next()
		switch s.Option() {
		case "MODULE":
			s.Arg()
			keep = func(*command.Command) bool { return false }
		case "ACLCAT":
			category, ok := command.ParseCategory(string(s.Arg()))
			keep = func(cmd *command.Command) bool { return ok && cmd.Categories.Has(category) }
		case "PATTERN":
			pattern := s.Arg()
			if glob.TooLong(pattern) {
				s.Fail(rediserr.Syntax)
			}
			keep = func(cmd *command.Command) bool { return glob.MatchFold(pattern, []byte(cmd.FullName)) }
		default:
			s.Fail(rediserr.Syntax)
		}
	}
	return keep, s.Err()
}
