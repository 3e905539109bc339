package keys

import (
	"math"
	"time"

	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/reply"
)

func waitSpecs() []command.Spec {
	specs := []command.Spec{
		{
			Name: "wait", Syntax: "numreplicas timeout{integer}", Arity: 3, Flags: command.NoScript, Since: "3.0.0",
			Summary: "Waits until replicas have the writes of this connection.", Handler: wait,
		},
		{
			Name: "waitaof", Syntax: "numlocal{integer} numreplicas timeout{integer}", Arity: 4, Flags: command.Blocking, Since: "7.2.0",
			Summary: "Waits until the writes of this connection are on disk, here and on replicas.", Handler: waitAOF,
		},
	}
	for i := range specs {
		s := &specs[i]
		s.Flags, s.Complexity = s.Flags|command.NoTx, "O(1)"
		s.Categories = command.CatConnection | command.NoFamilyCategories
		s.Tips = []string{tipAllShards, "response_policy:agg_min"}
	}
	return specs
}

var (
	errTimeout    = rediserr.New("timeout is not an integer or out of range")
	errLocalRange = rediserr.New("value is out of range, value must between 0 and 1")
	errNoJournal  = rediserr.New("WAITAOF cannot be used when numlocal is set but appendonly is disabled.")
)

// replicas is how many replicas there are.
const replicas = 0

// wait implements WAIT. There are no replicas, so who asks for some waits for
// the whole time.
func wait(c *command.Ctx) error {
	want, err := c.Int(1)
	if err != nil {
		return err
	}
	timeout, err := parseTimeout(c.Args[2])
	if err != nil {
		return err
	}
	if want > replicas {
		return c.Block(timeout, func(w *reply.Writer) { w.Int(replicas) })
	}
	c.Out.Int(replicas)
	return nil
}

// waitAOF implements WAITAOF: it waits for an fsync of all that the replies of
// this connection depend on so far.
func waitAOF(c *command.Ctx) error {
	local, remote, timeout, err := parseWaitAOF(c)
	if err != nil {
		return err
	}
	disk := c.Services.Disk
	if local > 0 && !disk.Persistent() {
		return errNoJournal
	}
	needed := c.Sess.Needed()
	synced := func() int64 {
		if disk.Persistent() && disk.Synced() >= needed {
			return 1
		}
		return 0
	}
	show := func(w *reply.Writer) {
		w.Array(2)
		w.Int(synced())
		w.Int(replicas)
	}
	if synced() < local || remote > replicas {
		return c.BlockOnDisk(timeout, show)
	}
	show(c.Out)
	return nil
}

func parseWaitAOF(c *command.Ctx) (local, remote int64, timeout time.Duration, err error) {
	local, err = c.Int(1)
	switch {
	case err != nil:
		return 0, 0, 0, err
	case local < 0 || local > 1:
		return 0, 0, 0, errLocalRange
	}
	if remote, err = c.Count(2); err != nil {
		return 0, 0, 0, err
	}
	timeout, err = parseTimeout(c.Args[3])
	return local, remote, timeout, err
}

// parseTimeout reads a number of milliseconds; 0 is for ever.
func parseTimeout(arg []byte) (time.Duration, error) {
	ms, err := command.ParseInt(arg)
	switch {
	case err != nil:
		return 0, errTimeout
	case ms < 0:
		return 0, rediserr.NegativeTimeout
	}
	return time.Duration(min(ms, math.MaxInt64/int64(time.Millisecond))) * time.Millisecond, nil
}
