package main

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// markdown is the whole report.
func (r report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Measured on %s\n\n", r.Date.Format(time.DateOnly))
	if r.Quick {
		b.WriteString("**A quick run: the loads are small, the numbers of keys are not those of the row names, and the figures mean little.**\n\n")
	}
	fmt.Fprintf(&b, "Medians of %d; [how it is measured](../README.md). Ratio is kvd ÷ redis-server. The load was made by %s.\n\n", r.Rounds, r.Load)
	b.WriteString(r.table())
	b.WriteString(r.gaps())
	for _, c := range r.charts() {
		fmt.Fprintf(&b, "\n![%s](%s)\n", c.title, c.file)
	}
	b.WriteString("\n## Where\n\n")
	b.WriteString(r.where())
	return b.String()
}

// head begins a table with these columns, the first to the left, the others to
// the right.
func head(columns ...string) string {
	return "| " + strings.Join(columns, " | ") + " |\n|---" + strings.Repeat("|---:", len(columns)-1) + "|\n"
}

// table has every row, with the spread of its values.
func (r report) table() string {
	var b strings.Builder
	b.WriteString(head("", "unit", r.title(kvdName), r.title(redisName), "ratio", "mark", "met", "spread of kvd", "of redis-server"))
	for _, row := range r.Rows {
		kvd, redis := row.medians()
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n",
			row.Name, row.Unit, short(kvd), short(redis), short(kvd/redis), row.Mark, row.Mark.of(kvd, redis),
			row.Values[kvdName].spread(), row.Values[redisName].spread())
	}
	return b.String()
}

// short is the table for a README: the rows with a mark, less the details.
func (r report) short(results string) string {
	var b strings.Builder
	b.WriteString(head("", r.title(kvdName), r.title(redisName), "ratio"))
	for _, row := range r.Rows {
		kvd, redis := row.medians()
		if row.Mark.Judge == unjudged || !row.measured() {
			continue
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", row.Name, row.with(kvd), row.with(redis), short(kvd/redis))
	}
	fmt.Fprintf(&b, "\nMeasured on %s, %s; medians of %d. [All figures](%s/%s.md), [how they are measured](bench/README.md).\n",
		r.Date.Format(time.DateOnly), r.Machine.brief(), r.Rounds, results, r.name())
	return b.String()
}

// medians returns the medians of both servers; NaN is for what is not there.
func (r row) medians() (kvd, redis float64) {
	return r.Values[kvdName].median(), r.Values[redisName].median()
}

// with writes a figure with the row's unit.
func (r row) with(f float64) string {
	if math.IsNaN(f) || r.Unit == noUnit {
		return short(f)
	}
	return short(f) + " " + r.Unit
}

// title is a server with its version.
func (r report) title(name string) string {
	for _, t := range r.Targets {
		if t.Name == name {
			return t.Name + " " + t.Version
		}
	}
	return name + " (not here)"
}

// gaps lists what could not be measured.
func (r report) gaps() string {
	var b strings.Builder
	for _, row := range r.Rows {
		for _, t := range r.Targets {
			if why := row.Gaps[t.Name]; why != "" {
				fmt.Fprintf(&b, "- %s, %s: %s\n", t.Name, row.Name, why)
			}
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return "\nNot measured:\n\n" + b.String()
}

// where describes the machine.
func (r report) where() string {
	m := r.Machine
	var b strings.Builder
	fmt.Fprintf(&b, "- %s", m.brief())
	if m.Processor != "" {
		fmt.Fprintf(&b, " (%s)", m.Processor)
	}
	fmt.Fprintf(&b, "\n- %s; data on %s; kvd built with %s\n", m.Kernel, m.Disk, m.Go)
	fmt.Fprintf(&b, "- processes that wanted to run in the minute before: %s\n", short(m.Busy))
	if m.Busy > float64(m.Cores)/2 {
		b.WriteString("- **the machine was busy with other work**: rates and waits mean little, and CPU times are blurred\n")
	}
	if m.Disk == "tmpfs" {
		b.WriteString("- **the data was in memory**: what waits for an fsync means nothing\n")
	}
	return b.String()
}

// brief is a machine in a few words.
func (m machine) brief() string {
	return fmt.Sprintf("%d cores, %d GiB", m.Cores, (m.Memory+(1<<29))>>30)
}
