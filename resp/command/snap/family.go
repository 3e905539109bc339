// Package snap implements the commands of snapshots: SNAP.CREATE and its sisters.
//
// Invariant: a handler only reads its line and writes its reply; all that is done,
// package snapshot does, which needs no lock of the keys from its caller.
package snap

import (
	"slices"
	"strings"

	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/snapshot"
)

// Family is the commands of snapshots.
var Family = command.Family{
	Group: "snapshot", Categories: command.CatSnap,
	Commands: slices.Concat(createSpecs(), listSpecs(), restoreSpecs(), removeSpecs(), scheduleSpecs(), jobSpecs(), helpSpecs()),
}

const since = "kvd 0.2.0"

const (
	// makes is the flags of commands that write snapshots, and reads of those that
	// look at them.
	makes = command.Admin | command.NoScript | command.NoMulti | command.NoTx | command.Slow | command.NoAsyncLoading
	reads = command.NoScript | command.NoTx | command.Slow
	// quick is the flags of those that only look at what is in memory.
	quick = command.NoScript | command.NoTx | command.Fast
)

// errNear says which word is none of the command's options.
func errNear(word string) error { return rediserr.Newf("syntax error near '%s'", word) }

var errYesNo = rediserr.New("argument must be 'yes' or 'no'")

// choice reads yes or no.
func choice(s *command.Options) snapshot.Choice {
	switch strings.ToLower(string(s.Arg())) {
	case "yes":
		return snapshot.Yes
	case "no":
		return snapshot.No
	}
	s.Fail(errYesNo)
	return snapshot.ByDefault
}

// fail returns an error as the client is told it.
func fail(err error) error { return snapshot.ClientError(err) }

// helpSpecs is the list of the family.
func helpSpecs() []command.Spec {
	return []command.Spec{{
		Name: "snap.help", Arity: 1, Flags: quick, Since: since, Complexity: "O(1)",
		Summary: "Lists the commands of snapshots.", Handler: help,
	}}
}

func help(c *command.Ctx) error {
	var lines []string
	for _, cmd := range c.Services.Table.All() {
		if strings.HasPrefix(cmd.FullName, "snap.") {
			lines = append(lines, cmd.Usage(), "    "+cmd.Summary)
		}
	}
	c.Out.Array(len(lines))
	for _, line := range lines {
		c.Out.Status(line)
	}
	return nil
}
