package keys

import (
	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

func objectSpecs() []command.Spec {
	specs := []command.Spec{
		{Name: "encoding", Since: "2.2.3", Summary: "Returns how the value of a key is represented.", Handler: objectEncoding},
		{Name: "freq", Since: "4.0.0", Summary: "Returns the access counter of a key, under an LFU policy.", Handler: objectFreq},
		{Name: "idletime", Since: "2.2.3", Summary: "Returns the seconds since a key was last used, unless under an LFU policy.", Handler: objectIdleTime},
		{Name: "refcount", Since: "2.2.3", Summary: "Returns how many references there are to a value: 1.", Handler: objectRefCount},
	}
	for i := range specs {
		s := &specs[i]
		s.Syntax, s.Arity, s.Flags, s.Tips = "key", 3, command.ReadOnly, []string{tipOutput}
		s.Keys = command.Key(2, command.RO)
	}
	specs = append(specs, command.Spec{
		Name: "help", Arity: 2, Flags: command.Loading | command.Stale | command.NoTx, Since: "6.2.0",
		Summary: "Lists the subcommands of OBJECT.", Handler: command.Help,
	})
	for i := range specs {
		specs[i].Parent, specs[i].Complexity = "object", "O(1)"
	}
	return append(specs, command.Spec{
		Name: "object", Arity: -2, Since: "2.2.3", Complexity: "Depends on subcommand.",
		Summary: "Tells how keys are kept.",
	})
}

const policyChange = " Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust."

var (
	errNotLFU = rediserr.New("An LFU maxmemory policy is not selected, access frequency not tracked." + policyChange)
	errLFU    = rediserr.New("An LFU maxmemory policy is selected, idle time not tracked." + policyChange)
)

// object writes what show makes of a key, or null if there is none.
func object(c *command.Ctx, show func(engine.Object) error) error {
	o, ok := c.Tx.Object(c.Args[2])
	if !ok {
		c.Out.Null()
		return nil
	}
	return show(o)
}

func objectEncoding(c *command.Ctx) error {
	return object(c, func(o engine.Object) error {
		name, err := command.Encoding(c.Tx, c.Args[2], &o)
		if err == nil {
			c.Out.Text(name)
		}
		return err
	})
}

func objectFreq(c *command.Ctx) error {
	return object(c, func(o engine.Object) error {
		if !c.Services.Engine.LFU() {
			return errNotLFU
		}
		c.Out.Int(int64(o.Frequency))
		return nil
	})
}

func objectIdleTime(c *command.Ctx) error {
	return object(c, func(o engine.Object) error {
		if c.Services.Engine.LFU() {
			return errLFU
		}
		c.Out.Int(o.Idle / 1000)
		return nil
	})
}

func objectRefCount(c *command.Ctx) error {
	return object(c, func(engine.Object) error {
		c.Out.Int(1)
		return nil
	})
}
