package stream

import (
	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

var (
	errNeedsKey = rediserr.New("The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.")
	errBusy     = rediserr.Coded("BUSYGROUP", "Consumer Group name already exists")
	errRead     = rediserr.New("value for ENTRIESREAD must be positive or -1")
)

// noGroup is the error for a group that a key does not have.
func noGroup(group, key []byte) error {
	return coded("No such consumer group '%s' for key name '%s'", text(group), text(key))
}

// noKeyOrGroup is noGroup where the key may be missing too.
func noKeyOrGroup(key, group []byte) error {
	return coded("No such key '%s' or consumer group '%s'", text(key), text(group))
}

// coded returns an error with the code NOGROUP.
func coded(format string, args ...any) error {
	return rediserr.Coded("NOGROUP", rediserr.Newf(format, args...).Text)
}

// groupOptions are the options of XGROUP CREATE and SETID.
type groupOptions struct {
	create bool
	read   int64
}

// parseGroup reads options from argument 5 on. name is the subcommand's.
func parseGroup(c *command.Ctx, name string) (opt groupOptions, err error) {
	opt.read = engine.StreamUnknown
	for i := 5; i < len(c.Args); i++ {
		switch {
		case name == "create" && is(c.Args[i], "MKSTREAM"):
			opt.create = true
		case is(c.Args[i], "ENTRIESREAD") && i+1 < len(c.Args):
			i++
			if opt.read, err = c.Int(i); err != nil {
				return opt, err
			}
			if opt.read < 0 && opt.read != engine.StreamUnknown {
				return opt, errRead
			}
		default:
			return opt, rediserr.SubcommandSyntax("xgroup", c.Args[1])
		}
	}
	return opt, nil
}

// groupStream returns the stream of an XGROUP subcommand, which must exist.
func groupStream(c *command.Ctx) (engine.Stream, error) {
	s, err := c.Tx.Stream(c.Args[2])
	if err == nil && !s.Exists() {
		err = errNeedsKey
	}
	return s, err
}

// groupOf is groupStream with the group, which must exist too.
func groupOf(c *command.Ctx) (engine.Stream, *engine.StreamGroup, error) {
	s, err := groupStream(c)
	if err != nil {
		return s, nil, err
	}
	g := s.Group(c.Args[3])
	if g == nil {
		return s, nil, noGroup(c.Args[3], c.Args[2])
	}
	return s, g, nil
}

// maxCreate is the most words that XGROUP CREATE has.
const maxCreate = 8

// create implements XGROUP CREATE.
func create(c *command.Ctx) error {
	opt, err := parseGroup(c, "create")
	if err != nil {
		return err
	}
	s, err := c.Tx.Stream(c.Args[2])
	if err != nil {
		return err
	}
	if !s.Exists() && !opt.create {
		return errNeedsKey
	}
	if len(c.Args) > maxCreate {
		return rediserr.SubcommandSyntax("xgroup", c.Args[1])
	}
	id := s.Last()
	if string(c.Args[4]) != "$" {
		if id, err = parseID(c.Args[4], 0); err != nil {
			return err
		}
	}
	if s.Group(c.Args[3]) != nil {
		return errBusy
	}
	s.CreateGroup(c.Args[3], id, opt.read)
	c.Out.OK()
	return nil
}

// setID implements XGROUP SETID.
func setID(c *command.Ctx) error {
	opt, err := parseGroup(c, "setid")
	if err != nil {
		return err
	}
	s, g, err := groupOf(c)
	if err != nil {
		return err
	}
	if len(c.Args) != 5 && len(c.Args) != 7 {
		return rediserr.SubcommandSyntax("xgroup", c.Args[1])
	}
	id := s.Last()
	if string(c.Args[4]) != "$" {
		if id, err = parseBound(c.Args[4], 0); err != nil {
			return err
		}
	}
	s.SetGroup(g, id, opt.read)
	c.Out.OK()
	return nil
}

// destroy implements XGROUP DESTROY.
func destroy(c *command.Ctx) error {
	s, err := groupStream(c)
	if err != nil {
		return err
	}
	g := s.Group(c.Args[3])
	if g == nil {
		c.Out.Int(0)
		return nil
	}
	if err := c.Heavy(g.PendingLen()); err != nil {
		return err
	}
	s.DestroyGroup(g)
	c.Out.Int(1)
	return nil
}

// createConsumer implements XGROUP CREATECONSUMER.
func createConsumer(c *command.Ctx) error {
	s, g, err := groupOf(c)
	if err != nil {
		return err
	}
	n := int64(0)
	if s.CreateConsumer(g, c.Args[4]) {
		n = 1
	}
	c.Out.Int(n)
	return nil
}

// delConsumer implements XGROUP DELCONSUMER.
func delConsumer(c *command.Ctx) error {
	s, g, err := groupOf(c)
	if err != nil {
		return err
	}
	who := g.Consumer(c.Args[4])
	if who == nil {
		c.Out.Int(0)
		return nil
	}
	n := int64(who.PendingLen())
	if err := c.Heavy(int(n)); err != nil {
		return err
	}
	s.DeleteConsumer(g, who)
	c.Out.Int(n)
	return nil
}
