package json

import (
	"kvd/resp/command"
)

// takeConditions takes IFREV and IFVER off the end of a line, of which at least so
// many words must be left. No JSON text is one of these words, so they are never
// taken for a value.
func takeConditions(c *command.Ctx, least int) (args [][]byte, cond command.Guard, err error) {
	args = c.Args
	for len(args) >= least+2 {
		known, err := cond.Option(args[len(args)-2], args[len(args)-1])
		if err != nil {
			return nil, cond, err
		}
		if !known {
			break
		}
		args = args[:len(args)-2]
	}
	return args, cond, nil
}
