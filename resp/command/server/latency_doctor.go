package server

import (
	"fmt"
	"strings"

	"kvd/resp/command"
	"kvd/resp/stats"
)

// latencyDoctor implements LATENCY DOCTOR.
func latencyDoctor(c *command.Ctx) error {
	c.Out.Verbatim("txt", latencyReport(c.Services.Stats.Latency.Events(), c.Config().LatencyMonitorThreshold > 0))
	return nil
}

// latencyReport describes events; watched says whether events are noted now.
func latencyReport(events []stats.LatencyEvent, watched bool) string {
	switch {
	case len(events) == 0 && !watched:
		return "Nothing is known, since latency-monitor-threshold is 0. Set it to a number of milliseconds with CONFIG SET, " +
			"wait until the server was slow, and ask again.\n"
	case len(events) == 0:
		return "Nothing has taken as long as latency-monitor-threshold.\n"
	}
	var b strings.Builder
	b.WriteString("These events took long:\n\n")
	for i := range events {
		fmt.Fprintf(&b, "%d. %s\n", i+1, describeEvent(&events[i]))
	}
	b.WriteString("\nWhat can be done:\n\n")
	said := map[string]bool{}
	for i := range events {
		if text := latencyAdvice(events[i].Name); !said[text] {
			said[text] = true
			fmt.Fprintf(&b, "- %s\n", text)
		}
	}
	return b.String()
}

// describeEvent gives the figures of one event.
func describeEvent(e *stats.LatencyEvent) string {
	n := int64(len(e.Samples))
	var sum, deviation int64
	for _, s := range e.Samples {
		sum += s.Took
	}
	mean := sum / n
	for _, s := range e.Samples {
		deviation += max(mean-s.Took, s.Took-mean)
	}
	seconds := e.Last().At - e.Samples[0].At
	return fmt.Sprintf("%s: in %d seconds of the %d that were looked at; %d ms on average (mean deviation %d ms), %d ms at worst.",
		e.Name, n, seconds+1, mean, deviation/n, e.Worst)
}

// latencyAdvice says what can be done about an event.
func latencyAdvice(event string) string {
	switch event {
	case "command", "fast-command":
		return "SLOWLOG GET shows which commands these are, and LATENCY HISTOGRAM how often they are slow. " +
			"A fast command that is slow had to wait for a processor or for memory: look at the load of the machine and at swapping."
	case "eviction-cycle":
		return "Many keys, or large ones, are evicted at a time: raise maxmemory, or let large values expire before it is reached."
	case "expire-cycle":
		return "Many keys expire at the same moment: add some chance to their times."
	}
	return "The disk is slow: look at what else uses it. With appendfsync everysec replies do not wait for it."
}
