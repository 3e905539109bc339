package script

import (
	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/script"
)

var (
	errNegativeKeys  = rediserr.New("Number of keys can't be negative")
	errTooManyKeys   = rediserr.New("Number of keys can't be greater than number of args")
	errBadKeyCount   = rediserr.New("Bad number of keys provided")
	errNoDebugger    = rediserr.New("There is no debugger for scripts")
	errDebugMode     = rediserr.New("Use SCRIPT DEBUG YES/SYNC/NO")
	errScriptFlush   = rediserr.New("SCRIPT FLUSH only support SYNC|ASYNC option")
	errFunctionFlush = rediserr.New("FUNCTION FLUSH only supports SYNC|ASYNC option")
)

// eval implements EVAL and EVAL_RO.
func eval(c *command.Ctx) error {
	call, err := newCall(c, rediserr.NotInteger)
	if err != nil {
		return err
	}
	s, err := c.Services.Scripts.Evaluate(c.Args[1])
	if err != nil {
		return err
	}
	call.Name = s.Digest
	return inOwnDB(c, func() error { return c.Services.Scripts.Run(s, call) })
}

// evalSHA implements EVALSHA and EVALSHA_RO.
func evalSHA(c *command.Ctx) error {
	s, err := c.Services.Scripts.Get(c.Args[1])
	if err != nil {
		return err
	}
	call, err := newCall(c, rediserr.NotInteger)
	if err != nil {
		return err
	}
	call.Name = s.Digest
	return inOwnDB(c, func() error { return c.Services.Scripts.Run(s, call) })
}

// fcall implements FCALL and FCALL_RO.
func fcall(c *command.Ctx) error {
	name := string(c.Args[1])
	refresh(c)
	if !c.Services.Scripts.HasFunction(name) {
		return script.ErrNoFunction
	}
	call, err := newCall(c, errBadKeyCount)
	if err != nil {
		return err
	}
	call.Name = name
	return inOwnDB(c, func() error { return c.Services.Scripts.CallFunction(call) })
}

// inOwnDB runs a script, after which its client is in the database where it was.
func inOwnDB(c *command.Ctx, run func() error) error {
	db := c.Sess.DB
	err := run()
	c.Sess.DB = db
	return err
}

// newCall reads the keys and arguments of a line. badCount is the error for a
// number of keys that is none.
func newCall(c *command.Ctx, badCount error) (script.Call, error) {
	n, err := c.Int(2)
	switch {
	case err != nil:
		return script.Call{}, badCount
	case n > int64(len(c.Args)-3):
		return script.Call{}, errTooManyKeys
	case n < 0:
		return script.Call{}, errNegativeKeys
	}
	call := script.Call{
		Host: c.Client, Out: c.Out, Line: c.Args,
		Keys: c.Args[3 : 3+n], Args: c.Args[3+n:],
		OutOfMemory: c.Services.Engine.Full(),
	}
	if c.Command.Flags.Has(command.ReadOnly) {
		call.Access = script.ReadOnly
	}
	return call, nil
}

// debug implements SCRIPT DEBUG, which is refused but for what changes nothing.
func debug(c *command.Ctx) error {
	s := c.Options(2)
	s.Next()
	switch s.Option() {
	case "NO":
		c.Out.OK()
		return nil
	case "YES", "SYNC":
		return errNoDebugger
	}
	return errDebugMode
}

func exists(c *command.Ctx) error {
	c.Out.Array(len(c.Args) - 2)
	for _, digest := range c.Args[2:] {
		n := int64(0)
		if _, err := c.Services.Scripts.Get(digest); err == nil {
			n = 1
		}
		c.Out.Int(n)
	}
	return nil
}

func flush(c *command.Ctx) error {
	if !isFlushMode(c) {
		return errScriptFlush
	}
	c.Services.Scripts.Flush()
	c.Out.OK()
	return nil
}

// isFlushMode reports whether a FLUSH has no argument, or ASYNC or SYNC.
func isFlushMode(c *command.Ctx) bool {
	s := c.Options(2)
	return len(c.Args) == 2 || len(c.Args) == 3 && s.Next() && (s.Option() == "ASYNC" || s.Option() == "SYNC")
}

func load(c *command.Ctx) error {
	s, err := c.Services.Scripts.Load(c.Args[2])
	if err != nil {
		return err
	}
	c.Out.Text(s.Digest)
	return nil
}

func kill(c *command.Ctx) error {
	if err := c.Services.Scripts.Kill(script.Eval); err != nil {
		return err
	}
	c.Out.OK()
	return nil
}
