package server

import (
	"fmt"
	"strings"

	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/stats"
)

const latencyFlags = command.Admin | command.NoScript | command.Loading | command.Stale | command.NoTx

var latencyTips = []string{"nondeterministic_output", "request_policy:all_nodes", "response_policy:special"}

var latencySpecs = []command.Spec{
	{Name: "latency", Arity: -2, Since: "2.8.13", Summary: "Commands about what took long."},
	{
		Parent: "latency", Name: "doctor", Arity: 2, Flags: latencyFlags, Since: "2.8.13", Complexity: "O(1)",
		Summary: "Says in words what took long.", Tips: latencyTips, Handler: latencyDoctor,
	},
	{
		Parent: "latency", Name: "graph", Syntax: "event", Arity: 3, Flags: latencyFlags, Since: "2.8.13", Complexity: "O(1)",
		Summary: "Draws how long an event took.", Tips: latencyTips, Handler: latencyGraph,
	},
	{
		Parent: "latency", Name: "help", Arity: 2, Flags: command.Loading | command.Stale | command.NoTx,
		Since: "2.8.13", Complexity: "O(1)",
		Summary: "Lists the subcommands of LATENCY.", Handler: command.Help,
	},
	{
		Parent: "latency", Name: "histogram", Syntax: "[command ...]", Arity: -2, Flags: latencyFlags, Since: "7.0.0",
		Complexity: "O(N) where N is the number of commands that are described",
		Summary:    "Returns how the times of commands are distributed.", Tips: latencyTips, Handler: latencyHistogram,
	},
	{
		Parent: "latency", Name: "history", Syntax: "event", Arity: 3, Flags: latencyFlags, Since: "2.8.13", Complexity: "O(1)",
		Summary: "Returns when an event took long, and how long.", Tips: latencyTips, Handler: latencyHistory,
	},
	{
		Parent: "latency", Name: "latest", Arity: 2, Flags: latencyFlags, Since: "2.8.13", Complexity: "O(1)",
		Summary: "Returns when each event last took long.", Tips: latencyTips, Handler: latencyLatest,
	},
	{
		Parent: "latency", Name: "reset", Syntax: "[event ...]", Arity: -2, Flags: latencyFlags, Since: "2.8.13", Complexity: "O(1)",
		Summary: "Forgets events.",
		Tips:    []string{"request_policy:all_nodes", "response_policy:all_succeeded"}, Handler: latencyReset,
	},
}

func latencyLatest(c *command.Ctx) error {
	events := c.Services.Stats.Latency.Events()
	c.Out.Array(len(events))
	for i := range events {
		e := &events[i]
		c.Out.Array(4)
		c.Out.Text(e.Name)
		c.Out.Int(e.Last().At)
		c.Out.Int(e.Last().Took)
		c.Out.Int(e.Worst)
	}
	return nil
}

func latencyHistory(c *command.Ctx) error {
	e, _ := c.Services.Stats.Latency.Event(string(c.Args[2]))
	c.Out.Array(len(e.Samples))
	for _, s := range e.Samples {
		c.Out.Array(2)
		c.Out.Int(s.At)
		c.Out.Int(s.Took)
	}
	return nil
}

func latencyReset(c *command.Ctx) error {
	names := make([]string, 0, len(c.Args))
	for _, arg := range c.Args[2:] {
		names = append(names, string(arg))
	}
	c.Out.Int(int64(c.Services.Stats.Latency.Reset(names...)))
	return nil
}

// graphWidth is the length of the line under the title of LATENCY GRAPH.
const graphWidth = 80

func latencyGraph(c *command.Ctx) error {
	e, known := c.Services.Stats.Latency.Event(string(c.Args[2]))
	if !known {
		return rediserr.Newf("No samples available for event '%s'", c.Args[2])
	}
	low, high := stats.Extremes(e.Samples)
	c.Out.Verbatim("txt", fmt.Sprintf("%s - high %d ms, low %d ms (all time high %d ms)\n%s\n%s",
		e.Name, high, low, e.Worst, strings.Repeat("-", graphWidth), stats.Spark(e.Samples, c.Now.Unix())))
	return nil
}

// timed is a command and the distribution of its times.
type timed struct {
	name  string
	times *stats.Histogram
}

// latencyHistogram implements LATENCY HISTOGRAM. The name of a container stands
// for all its subcommands.
func latencyHistogram(c *command.Ctx) error {
	var found []timed
	if len(c.Args) == 2 {
		found = appendTimed(nil, c.Services.Table.All()...)
	}
	for _, name := range c.Args[2:] {
		if cmd := c.Services.Table.LookupFull(name); cmd != nil {
			found = appendTimed(appendTimed(found, cmd), cmd.Subcommands()...)
		}
	}
	c.Out.Map(len(found))
	for _, cmd := range found {
		buckets, calls := cmd.times.Buckets()
		c.Out.Text(cmd.name)
		c.Out.Map(2)
		c.Out.Text("calls")
		c.Out.Int(calls)
		c.Out.Text("histogram_usec")
		c.Out.Map(len(buckets))
		for _, b := range buckets {
			c.Out.Int(b.Microseconds)
			c.Out.Int(b.Count)
		}
	}
	return nil
}

// appendTimed appends those of the commands whose times are known.
func appendTimed(list []timed, cmds ...*command.Command) []timed {
	for _, cmd := range cmds {
		if times := cmd.Stats.Times(); times != nil {
			list = append(list, timed{cmd.FullName, times})
		}
	}
	return list
}
