package diff

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// reloadEvery is how often an episode ends with data being loaded again.
const reloadEvery = 4

// generator makes episodes.
type generator struct {
	rnd       *rand.Rand
	templates []template
	blocking  []template
	weight    int
	known     map[string]bool // nil: all commands
	newest    int             // the time of the newest stream entry, about
	growing   bool            // the episode leaves out most lines that empty keys
}

func newGenerator(rnd *rand.Rand, templates []template, known map[string]bool) *generator {
	g := &generator{rnd: rnd, known: known, templates: templates}
	for _, t := range templates {
		g.weight += t.weight
	}
	g.blocking = blockingLines()
	return g
}

// has reports whether both servers have a line's command.
func (g *generator) has(l line) bool { return g.known == nil || g.known[strings.ToLower(l[0])] }

// line returns a random line of a command that both servers have.
func (g *generator) line() line {
	for {
		l := g.fill(g.choose())
		if !g.has(l) || g.growing && emptying[strings.ToLower(l[0])] && g.rnd.IntN(20) > 0 {
			continue
		}
		if g.rnd.IntN(50) == 0 {
			l = g.spoil(l)
		}
		return l
	}
}

// emptying are commands that may take much away at once.
var emptying = map[string]bool{
	"del": true, "unlink": true, "flushdb": true, "rename": true, "renamenx": true, "copy": true, "move": true, "swapdb": true,
	"ltrim": true, "lpop": true, "rpop": true, "lmpop": true, "sort": true, "spop": true, "sinterstore": true, "sunionstore": true,
	"sdiffstore": true, "zremrangebyscore": true, "zremrangebyrank": true, "zremrangebylex": true, "zrangestore": true,
	"zunionstore": true, "zinterstore": true, "zdiffstore": true, "zpopmin": true, "zpopmax": true, "zmpop": true,
	"georadius": true, "geosearchstore": true, "setrange": true, "xtrim": true, "set": true, "getdel": true,
}

func (g *generator) choose() template {
	n := g.rnd.IntN(g.weight)
	for _, t := range g.templates {
		if n -= t.weight; n < 0 {
			return t
		}
	}
	panic("the weights do not add up")
}

// fill makes a line of a template.
func (g *generator) fill(t template) line {
	var l line
	open := ""
	for _, w := range t.body.add(g.rnd, nil) {
		switch w {
		case "OPEN":
			open = marks[w]
			continue
		case "AFTER":
			w = g.after()
		case "ID":
			w = g.id()
		default:
			if mark, ok := marks[w]; ok {
				w = mark
			}
		}
		l = append(l, open+w)
		open = ""
	}
	return l
}

// after returns an ID for a new entry of a stream, mostly one above all others.
func (g *generator) after() string {
	g.newest += g.rnd.IntN(3)
	ms := g.newest
	if g.rnd.IntN(20) == 0 {
		ms = g.rnd.IntN(g.newest + 1)
	}
	return strconv.Itoa(ms) + "-" + pick("*", "*", "1", "2", "5")(g.rnd)
}

// id returns an ID that an entry may have, mostly that of a young one.
func (g *generator) id() string {
	ms := max(g.newest-g.rnd.IntN(60), 0)
	if g.rnd.IntN(10) == 0 {
		ms = g.rnd.IntN(g.newest + 1)
	}
	if g.rnd.IntN(2) == 0 {
		return strconv.Itoa(ms)
	}
	return strconv.Itoa(ms) + "-" + strconv.Itoa(g.rnd.IntN(4))
}

// spoil makes a mistake in a line: a word too many, too few, or at the wrong
// place.
func (g *generator) spoil(l line) line {
	i := g.rnd.IntN(len(l))
	l = append(line(nil), l...)
	switch {
	case i == 0 || fragile[strings.ToLower(l[0])] || slices.Contains(l, "l1") || slices.Contains(l, "l2"):
		l[0] = strings.ToLower(l[0])
	case g.rnd.IntN(3) == 0:
		l = append(l[:i], l[i+1:]...)
	case g.rnd.IntN(2) == 0:
		l = append(l, l[i])
	default:
		j := 1 + g.rnd.IntN(len(l)-1)
		l[i], l[j] = l[j], l[i]
	}
	return l
}

// fragile are the commands whose lines stay as they are: with a word more or less
// they would change keys by chance, depend on the time, wait, or be what only
// later versions know.
var fragile = map[string]bool{
	"spop": true, "xadd": true, "xclaim": true, "xautoclaim": true, "xpending": true, "xread": true, "xreadgroup": true, "zrank": true, "zrevrank": true,
	"sort": true, "sort_ro": true,
}

// episode returns the episode with a number, of n lines.
func (g *generator) episode(n, number int) *episode {
	e := &episode{setup: g.setup()}
	g.newest, g.growing = 0, g.rnd.IntN(2) == 0
	switch {
	case number%(2*reloadEvery) == 0:
		e.ending = restart
	case number%reloadEvery == 0:
		e.ending = reload
	}
	// What is loaded is as compact as the settings at the start allow.
	e.setup = append(e.setup, g.thresholds(e.ending == goOn)...)
	for len(e.lines) < n {
		if g.rnd.IntN(100) == 0 {
			e.lines = append(e.lines, g.transaction()...)
			continue
		}
		e.lines = append(e.lines, g.line())
	}
	return e
}

// transaction returns some lines between MULTI and EXEC, with one that would
// block outside.
func (g *generator) transaction() []line {
	lines := []line{{"MULTI"}}
	for range g.rnd.IntN(4) {
		lines = append(lines, g.line())
	}
	if l := g.fill(g.blocking[g.rnd.IntN(len(g.blocking))]); g.has(l) {
		lines = append(lines, l)
	}
	return append(lines, g.line(), line{"EXEC"})
}

// setup chooses the protocol and makes the keys of other types.
func (g *generator) setup() []line {
	lines := []line{
		{"HELLO", strconv.Itoa(2 + g.rnd.IntN(2))},
		{"SELECT", "0"},
		{"FLUSHALL"},
	}
	for _, l := range []line{
		{"SET", "w:string", "x"},
		{"RPUSH", "w:list", "x"},
		{"SADD", "w:set", "x"},
		{"HSET", "w:hash", "x", "y"},
		{"ZADD", "w:zset", "1", "x"},
		{"XADD", "w:stream", "1-1", "x", "y"},
		{"ZADD", "z1", "1", strings.Repeat("x", 70)},
	} {
		if g.has(l) {
			lines = append(lines, l)
		}
	}
	return lines
}

// limits are the settings for compact encodings: as they are at first, and low.
var limits = [][3]string{
	{"hash-max-listpack-entries", "512", "8"},
	{"hash-max-listpack-value", "64", "10"},
	{"set-max-intset-entries", "512", "8"},
	{"zset-max-listpack-entries", "128", "8"},
	{"zset-max-listpack-value", "64", "10"},
	{"list-max-listpack-size", "-2", "4"},
	{"stream-node-max-entries", "100", "3"},
	{"hll-sparse-max-bytes", "3000", "200"},
}

// thresholds sets the limits, some of them low if they may be.
func (g *generator) thresholds(mayBeLow bool) []line {
	var lines []line
	for _, c := range limits {
		value := c[1]
		if mayBeLow && g.rnd.IntN(2) == 0 {
			value = c[2]
		}
		lines = append(lines, line{"CONFIG", "SET", c[0], value})
	}
	return lines
}
