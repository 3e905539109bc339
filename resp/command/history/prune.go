package history

import (
	"math"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

var (
	errLongTag  = rediserr.Coded("LIMIT", "tag is longer than 1024 bytes")
	errNoRule   = rediserr.New("PRUNE needs KEEP or OLDER")
	errSelector = rediserr.New("syntax error: KEY, MATCH or COLL is needed")
)

// prune implements VER.PRUNE.
func prune(c *command.Ctx) error {
	keys, next := selectKeys(c)
	if keys.word == "" || keys.word == "PREFIX" {
		return errSelector
	}
	var how engine.Pruning
	run := engine.PruneNow
	s := c.Options(next)
	for s.Next() {
		switch word := s.Option(); word {
		case "KEEP":
			if how.Keep = uint64(s.Count()); how.Keep == 0 {
				s.Fail(rediserr.Syntax)
			}
		case "OLDER":
			how.Before = c.Now.UnixMilli() - seconds(&s)
		case "DRYRUN":
			run = engine.PruneDry
		default:
			s.Fail(command.SyntaxNear([]byte(word)))
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	if how == (engine.Pruning{}) {
		return errNoRule
	}
	return pruneAll(c, keys, run, func(h *engine.History, _ []byte, run engine.PruneRun) (engine.Pruned, error) {
		return h.Prune(how, run)
	})
}

// seconds reads a time span and returns it in milliseconds.
func seconds(s *command.Options) int64 {
	n := s.Count()
	if n > math.MaxInt64/1_000_000 {
		s.Fail(rediserr.NotInteger)
	}
	return n * 1000
}

// pruning removes versions of one key, or finds them.
type pruning func(h *engine.History, key []byte, run engine.PruneRun) (engine.Pruned, error)

// pruneAll prunes the versions of each key and writes what went. A dry run comes
// first: what cannot be read ends the command before anything is changed.
func pruneAll(c *command.Ctx, keys selector, run engine.PruneRun, fn pruning) error {
	if !c.Services.Disk.Persistent() {
		return engine.ErrNoHistory
	}
	list, err := keys.keys(c)
	if err != nil {
		return err
	}
	sum, err := pruneEach(c, list, engine.PruneDry, fn)
	if err == nil && run == engine.PruneNow {
		sum, err = pruneEach(c, list, run, fn)
	}
	if err != nil {
		return err
	}
	if err := pointPrune.Err(); err != nil {
		return err
	}
	c.Out.Map(2)
	c.Out.Text("versions")
	c.Out.Int(sum.Versions)
	c.Out.Text("bytes")
	c.Out.Int(sum.Bytes)
	return nil
}

func pruneEach(c *command.Ctx, keys [][]byte, run engine.PruneRun, fn pruning) (sum engine.Pruned, err error) {
	for _, key := range keys {
		h, err := c.Tx.History(key)
		if err != nil {
			return sum, err
		}
		p, err := fn(&h, key, run)
		if err != nil {
			return sum, err
		}
		sum.Versions += p.Versions
		sum.Bytes += p.Bytes
	}
	return sum, nil
}

// retain implements VER.RETAIN.
func retain(c *command.Ctx) error {
	keys, next := selectKeys(c)
	if keys.word == "PREFIX" {
		return errSelector
	}
	run := engine.PruneNow
	s := c.Options(next)
	for s.Next() {
		if s.Option() != "DRYRUN" {
			s.Fail(command.SyntaxNear([]byte(s.Option())))
		}
		run = engine.PruneDry
	}
	if err := s.Err(); err != nil {
		return err
	}
	return pruneAll(c, keys, run, func(h *engine.History, key []byte, run engine.PruneRun) (engine.Pruned, error) {
		p, ok := c.Services.Engine.PolicyOf(key)
		if !ok {
			return engine.Pruned{}, nil
		}
		return h.Retain(&p, run)
	})
}

// verify implements VER.VERIFY.
func verify(c *command.Ctx) error {
	keys, _ := selectKeys(c)
	if keys.word != "KEY" && keys.word != "MATCH" {
		return errSelector
	}
	if !c.Services.Disk.Persistent() {
		return engine.ErrNoHistory
	}
	list, err := keys.keys(c)
	if err != nil {
		return err
	}
	var faults []string
	for _, key := range list {
		h, err := c.Tx.History(key)
		if err != nil {
			return err
		}
		for _, fault := range h.Verify() {
			faults = append(faults, string(key)+": "+fault)
		}
	}
	c.Out.Array(len(faults))
	for _, fault := range faults {
		c.Out.Text(fault)
	}
	return nil
}

// forget implements VER.FORGET.
func forget(c *command.Ctx) error {
	if len(c.Args) > 3 {
		return rediserr.WrongArgs(c.Command.FullName)
	}
	h, err := c.Tx.History(c.Args[1])
	if err != nil {
		return err
	}
	n := int64(1)
	if len(c.Args) == 2 {
		n, err = h.ForgetAll()
	} else {
		var number uint64
		if number, err = command.VersionNumber(&h, c.Args[2]); err == nil {
			err = h.Forget(number)
		}
	}
	if err != nil {
		return err
	}
	c.Out.Int(n)
	return nil
}
