package server

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"kvd/internal/rediserr"
	"kvd/resp/command"
)

const memoryTip = "request_policy:all_shards"

var memoryTips = []string{"nondeterministic_output", memoryTip, "response_policy:special"}

var memorySpecs = []command.Spec{
	{Name: "memory", Arity: -2, Since: "4.0.0", Summary: "Commands about memory."},
	{
		Parent: "memory", Name: "doctor", Arity: 2, Since: "4.0.0", Complexity: "O(1)",
		Summary: "Says in words what is remarkable about the use of memory.", Tips: memoryTips, Handler: memoryDoctor,
	},
	{
		Parent: "memory", Name: "help", Arity: 2, Flags: command.Loading | command.Stale | command.NoTx,
		Since: "4.0.0", Complexity: "O(1)",
		Summary: "Lists the subcommands of MEMORY.", Handler: command.Help,
	},
	{
		Parent: "memory", Name: "malloc-stats", Arity: 2, Since: "4.0.0", Complexity: "O(1)",
		Summary: "Returns the figures of the allocators.", Tips: memoryTips, Handler: memoryAllocators,
	},
	{
		Parent: "memory", Name: "purge", Arity: 2, Flags: command.Slow, Since: "4.0.0",
		Complexity: "O(N) where N is the memory that can be given back",
		Summary:    "Gives unused memory back to the system.",
		Tips:       []string{memoryTip, "response_policy:all_succeeded"}, Handler: memoryPurge,
	},
	{
		Parent: "memory", Name: "stats", Arity: 2, Since: "4.0.0", Complexity: "O(1)",
		Summary: "Returns where memory goes.", Tips: memoryTips, Handler: memoryStats,
	},
	{
		Parent: "memory", Name: "usage", Syntax: "key [SAMPLES count]", Arity: -3, Flags: command.ReadOnly,
		Keys: command.Key(2, command.RO), Since: "4.0.0", Complexity: "O(1)",
		Summary: "Returns how many bytes a key and its value take.", Handler: memoryUsage,
	},
}

// memoryUsage implements MEMORY USAGE. The size of a value is known, so that
// SAMPLES has no effect.
func memoryUsage(c *command.Ctx) error {
	s := c.Options(3)
	for s.Next() {
		if s.Option() != "SAMPLES" {
			return rediserr.Syntax
		}
		if s.Int() < 0 {
			s.Fail(rediserr.Syntax)
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	o, ok := c.Tx.Object(c.Args[2])
	if !ok {
		c.Out.Null()
		return nil
	}
	c.Out.Int(int64(o.Memory))
	return nil
}

// purgeBudget is how many bytes MEMORY PURGE moves in each shard at a time, and
// purgeRounds how often.
const (
	purgeBudget = 256 << 10
	purgeRounds = 64
)

// memoryPurge implements MEMORY PURGE: it moves entries together as long as that
// frees something, and lets the runtime give back what it does not use.
func memoryPurge(c *command.Ctx) error {
	held := c.Tx.Survey().Usage.Runs
	for range purgeRounds {
		c.Tx.Compact(purgeBudget)
		now := c.Tx.Survey().Usage.Runs
		if now >= held {
			break
		}
		held = now
	}
	debug.FreeOSMemory()
	c.Out.OK()
	return nil
}

func memoryAllocators(c *command.Ctx) error {
	u := measure(c, nil)
	var b strings.Builder
	fmt.Fprintf(&b, "Slabs, off the Go heap: %s in entries, %s set aside for them, %s for the index\n",
		human(u.keys.Cells), human(u.keys.Runs), human(u.keys.Index))
	fmt.Fprintf(&b, "Go heap (%s): %s in objects, of which %s are large values; %s taken from the system\n",
		runtime.Version(), human(u.heap), human(u.keys.Large), human(u.taken))
	fmt.Fprintf(&b, "Process: %s resident\n", human(u.resident))
	c.Out.Verbatim("txt", b.String())
	return nil
}

const (
	// tooSmall is the size of a data set below which there is nothing to say.
	tooSmall = 5 << 20
	// muchOver is from which multiple of what is used something is remarkable.
	muchOver = 1.5
)

func memoryDoctor(c *command.Ctx) error {
	u := measure(c, nil)
	c.Out.Verbatim("txt", diagnose(&u))
	return nil
}

// diagnose says what is remarkable.
func diagnose(u *memoryUse) string {
	if u.used < tooSmall {
		return "There is next to no data in memory, too little for a diagnosis.\n"
	}
	var found []string
	if over := ratio(u.peak, u.used); over > muchOver {
		found = append(found, fmt.Sprintf("At its peak the data took %s, which is %.1f times what it takes now: "+
			"the process may still hold some of that. MEMORY PURGE gives it back.", human(u.peak), over))
	}
	if over := ratio(u.keys.Runs, u.keys.Cells); over > muchOver {
		found = append(found, fmt.Sprintf("The memory set aside for entries is %.1f times what they take. "+
			"It shrinks in the background; MEMORY PURGE does it now.", over))
	}
	if over := ratio(u.resident, u.used+u.heap); over > muchOver {
		found = append(found, fmt.Sprintf("The process has %s of physical memory, %.1f times what is in use.",
			human(u.resident), over))
	}
	if u.clients > u.used/2 {
		found = append(found, fmt.Sprintf("The buffers of clients take %s. CLIENT LIST shows whose they are.", human(u.clients)))
	}
	if len(found) == 0 {
		return "Memory is in good order.\n"
	}
	return strings.Join(found, "\n") + "\n"
}
