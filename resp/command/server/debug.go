package server

import (
	"errors"
	"strings"
	"time"

	"kvd/engine"
	"kvd/internal/glob"
	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/reply"
)

// DEBUG is one command to clients: its subcommands are not in the table.
var debugSpecs = []command.Spec{
	{
		Name: "debug", Syntax: "subcommand [arg ...]", Arity: -2,
		Flags: command.Admin | command.NoScript | command.Loading | command.Stale | command.Slow,
		Since: "1.0.0", Complexity: "Depends on the subcommand",
		Summary: "Tools for tests and for finding faults.", Handler: debugCommand,
	},
}

// errDebug is the error where enable-debug-command does not allow DEBUG.
var errDebug = rediserr.New("DEBUG command not allowed. If the enable-debug-command option is set to \"local\", " +
	"you can run it from a local connection, otherwise you need to set this option in the configuration file, " +
	"and then restart the server.")

// debugTool is a subcommand of DEBUG.
type debugTool struct {
	name, syntax, summary string
	// least and most are how many arguments it takes; most < 0: any number.
	least, most int
	run         func(*command.Ctx) error
}

// debugTools are the subcommands but HELP, which lists them.
var debugTools = [...]debugTool{
	{"change-repl-id", "", "Does nothing: there is no replication.", 0, 0, debugNothing},
	{"digest", "", "Returns a hash of all keys and values, whatever their order.", 0, 0, debugDigest},
	{"digest-value", "[key ...]", "Returns a hash of the value of each key.", 0, -1, debugDigestValue},
	{"error", "text", "Returns an error with this text.", 1, 1, debugError},
	{"htstats", "dbid [full]", "Returns figures of a database's index.", 1, 2, debugIndex},
	{"htstats-key", "key", "Returns figures of a large set, hash or sorted set.", 1, 1, debugTable},
	{"jmap", "", "Does nothing: there is no such report.", 0, 0, debugNothing},
	{"listpack", "key", "Writes to the log how a small hash or sorted set is held.", 1, 1, debugListpack},
	{"loadaof", "", "Loads everything from disk again.", 0, 0, debugLoadAOF},
	{"log", "text", "Writes a line to the log.", 1, 1, debugLog},
	{"object", "key", "Describes how a key is held in memory.", 1, 2, debugObject},
	{"populate", "count [prefix] [size]", "Makes strings with the keys prefix:0, prefix:1 and so on.", 1, 3, debugPopulate},
	{"protocol", "type", "Returns a value of a type of the protocol.", 1, 1, debugProtocol},
	{"quicklist", "key [0|1]", "Writes to the log how a list is held.", 1, 2, debugQuicklist},
	{"quicklist-packed-threshold", "size", "Checks the size and does nothing.", 1, 1, debugThreshold},
	{"reload", "[option ...]", "Folds the journal into the file, drops memory and loads it again.", 0, -1, debugReload},
	{"replicate", "target [arg ...]", "Does nothing: there is no replication.", 1, -1, debugNothing},
	{"set-active-expire", "0|1", "Chooses whether keys are deleted as soon as they expire.", 1, 1, debugActiveExpire},
	{"set-disable-deny-scripts", "0|1", "Does nothing: there are no scripts.", 1, 1, debugNothing},
	{"set-skip-checksum-validation", "0|1", "Does nothing: checksums are always looked at.", 1, 1, debugNothing},
	{"sleep", "seconds", "Lets this client wait; unlike in redis-server the others go on.", 1, 1, debugSleep},
	{"stringmatch-len", "pattern text", "Reports whether a pattern matches a text.", 2, 2, debugMatch},
}

// debugCommand implements DEBUG.
func debugCommand(c *command.Ctx) error {
	if !c.Config().EnableDebugCommand.Allows(origin(c)) {
		return errDebug
	}
	args := len(c.Args) - 2
	name := strings.ToLower(string(c.Args[1]))
	if name == "help" && args == 0 {
		debugHelp(c.Out)
		return nil
	}
	for i := range debugTools {
		t := &debugTools[i]
		if t.name == name && args >= t.least && (t.most < 0 || args <= t.most) {
			return t.run(c)
		}
	}
	return rediserr.SubcommandSyntax("debug", c.Args[1])
}

func debugHelp(out *reply.Writer) {
	lines := []string{"DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"}
	for _, t := range debugTools {
		usage := strings.ToUpper(t.name)
		if t.syntax != "" {
			usage += " " + t.syntax
		}
		lines = append(lines, usage, "    "+t.summary)
	}
	lines = append(lines, "HELP", "    Lists the subcommands of DEBUG.")
	out.Array(len(lines))
	for _, line := range lines {
		out.Status(line)
	}
}

func debugNothing(c *command.Ctx) error {
	c.Out.OK()
	return nil
}

// debugSleep parks the client, so that the others go on. What is no number is
// no time.
func debugSleep(c *command.Ctx) error {
	const most = float64(1<<62) / float64(time.Second)
	seconds, err := command.ParseFloat(c.Args[2])
	if err != nil || seconds <= 0 {
		c.Out.OK()
		return nil
	}
	wait := time.Duration(min(seconds, most) * float64(time.Second))
	return &command.Block{Timeout: max(wait, time.Millisecond), Works: true, OnTimeout: (*reply.Writer).OK}
}

func debugError(c *command.Ctx) error {
	c.Out.Raw([]byte("-" + rediserr.OneLine(string(c.Args[2])) + "\r\n"))
	return nil
}

// debugMatch shows what the patterns of KEYS, SCAN and others match.
func debugMatch(c *command.Ctx) error {
	pattern := c.Args[2]
	if glob.TooLong(pattern) {
		return rediserr.New("pattern is too long")
	}
	matches := int64(0)
	if glob.Match(pattern, c.Args[3]) {
		matches = 1
	}
	c.Out.Int(matches)
	return nil
}

func debugLog(c *command.Ctx) error {
	c.Services.Process.Log(string(c.Args[2]))
	c.Out.OK()
	return nil
}

func debugActiveExpire(c *command.Ctx) error {
	n, err := c.Int(2)
	c.Services.Engine.SetActiveExpire(err == nil && n != 0)
	c.Out.OK()
	return nil
}

// withKey calls fn with a transaction that has locked key: DEBUG does not say in
// the table which of its words are keys. A value that is on disk only is fetched
// and fn called again.
func withKey(c *command.Ctx, db int, key []byte, fn func(*engine.Tx) error) error {
	if c.Tx.Locked() {
		return fn(c.Tx)
	}
	e := c.Services.Engine
	for {
		tx := e.BeginKey(db, c.Now.UnixMilli(), engine.NoTouch, key)
		err := fn(tx)
		coldDB, coldKey := tx.Cold()
		c.Sess.Needs(tx.Commit().Seq)
		if !errors.Is(err, engine.ErrCold) {
			return err
		}
		if err := e.Fetch(coldDB, coldKey); err != nil {
			return err
		}
	}
}
