package server

import (
	"bytes"
	"fmt"
	"strconv"

	"kvd/engine"
	"kvd/resp/command"
)

// info gathers the text of INFO: lines of "name:value" under headings.
type info struct {
	c      *command.Ctx
	text   []byte
	survey *engine.Survey
}

// section is a part of INFO.
type section struct {
	title string
	// extra sections are left out unless they are asked for.
	extra bool
	write func(*info)
}

// sections are all parts in the order in which they are shown. The name that
// selects one is its title in any case.
var sections = [...]section{
	{title: "Server", write: infoServer},
	{title: "Clients", write: infoClients},
	{title: "Memory", write: infoMemory},
	{title: "Persistence", write: infoPersistence},
	{title: "Stats", write: infoStats},
	{title: "Replication", write: infoReplication},
	{title: "CPU", write: infoCPU},
	{title: "Modules", write: func(*info) {}},
	{title: "Commandstats", extra: true, write: infoCommands},
	{title: "Errorstats", write: infoErrors},
	{title: "Latencystats", extra: true, write: infoLatency},
	{title: "Cluster", write: func(i *info) { i.zeros("cluster_enabled") }},
	{title: "Keyspace", write: infoKeyspace},
}

// showInfo implements INFO. What it counts it reads shard by shard, so that
// nobody waits for it.
func showInfo(c *command.Ctx) error {
	i := info{c: c}
	for _, s := range sections {
		if !s.wanted(c.Args[1:]) {
			continue
		}
		if len(i.text) > 0 {
			i.text = append(i.text, '\r', '\n')
		}
		i.text = append(append(append(i.text, '#', ' '), s.title...), '\r', '\n')
		s.write(&i)
	}
	c.Out.Verbatim("txt", string(i.text))
	return nil
}

// wanted reports whether the arguments of INFO name the section.
func (s *section) wanted(names [][]byte) bool {
	if len(names) == 0 {
		return !s.extra
	}
	for _, name := range names {
		switch string(bytes.ToLower(name)) {
		case "all", "everything":
			return true
		case "default":
			if !s.extra {
				return true
			}
		}
		if bytes.EqualFold(name, []byte(s.title)) {
			return true
		}
	}
	return false
}

// engine returns the state of the engine, which all sections share.
func (i *info) engine() *engine.Survey {
	if i.survey == nil {
		s := i.c.Tx.Survey()
		i.survey = &s
	}
	return i.survey
}

func (i *info) str(name, value string) {
	i.text = append(append(append(i.text, name...), ':'), value...)
	i.text = append(i.text, '\r', '\n')
}

func (i *info) num(name string, n int64) { i.str(name, strconv.FormatInt(n, 10)) }

func (i *info) float(name string, f float64, digits int) {
	i.str(name, strconv.FormatFloat(f, 'f', digits, 64))
}

// zeros writes fields about what does not exist or never happens here. They are
// there because programs that read INFO expect them.
func (i *info) zeros(names ...string) {
	for _, name := range names {
		i.num(name, 0)
	}
}

// flag writes 1 or 0.
func (i *info) flag(name string, set bool) {
	if set {
		i.num(name, 1)
		return
	}
	i.num(name, 0)
}

// size writes a number of bytes, and in a second field the same for people.
func (i *info) size(name string, n int64) {
	i.num(name, n)
	i.str(name+"_human", human(n))
}

// human spells a number of bytes as redis-server does: 1.50M.
func human(n int64) string {
	if n < 1<<10 {
		return strconv.FormatInt(n, 10) + "B"
	}
	f, units := float64(n), "KMGTP"
	for f /= 1 << 10; f >= 1<<10 && len(units) > 1; f /= 1 << 10 {
		units = units[1:]
	}
	return fmt.Sprintf("%.2f%c", f, units[0])
}

// percent is part of whole in percent; 0 of nothing.
func percent(part, whole int64) float64 { return 100 * ratio(part, whole) }

// ratio is part divided by whole; 0 of nothing.
func ratio(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
