package command

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// exampleKeys is how many different keys examples use: few, so that commands
// meet each other's values.
const exampleKeys = 8

// Example returns a line that the syntax allows, made with rnd, name included.
// A count of keys is the count of the keys that follow, and lists that belong
// together are equally long; values are small, so that most lines do something.
func (c *Command) Example(rnd *rand.Rand) [][]byte {
	e := example{rnd: rnd, times: 1 + rnd.IntN(3), numKeys: -1}
	for name := range strings.SplitSeq(c.FullName, "|") {
		e.add(name)
	}
	e.sequence(c.args)
	e.count(0)
	return e.line
}

// example is a line in the making.
type example struct {
	rnd   *rand.Rand
	line  [][]byte
	times int // how often what may be repeated is repeated
	// numKeys is the index of a count of keys that is not known yet, or -1.
	numKeys int
}

func (e *example) add(word string) { e.line = append(e.line, []byte(word)) }

// count fills in the count of keys that waits for its value.
func (e *example) count(n int) {
	if e.numKeys >= 0 {
		e.line[e.numKeys] = strconv.AppendInt(nil, int64(n), 10)
		e.numKeys = -1
	}
}

func (e *example) sequence(args []Argument) {
	for i := range args {
		e.argument(&args[i])
	}
}

func (e *example) argument(a *Argument) {
	if a.Optional && e.rnd.IntN(3) > 0 {
		return
	}
	times := 1
	if a.Multiple {
		times = e.times
		if a.Type == TypeKey {
			e.count(times)
		}
	}
	for i := range times {
		if a.Token != "" && a.Type != TypePureToken && (i == 0 || a.MultipleToken) {
			e.add(a.Token)
		}
		e.value(a)
	}
}

func (e *example) value(a *Argument) {
	small := func(n int) string { return strconv.Itoa(e.rnd.IntN(n)) }
	switch a.Type {
	case TypeBlock:
		e.sequence(a.Args)
	case TypeOneOf:
		chosen := a.Args[e.rnd.IntN(len(a.Args))]
		chosen.Optional = false
		e.argument(&chosen)
	case TypePureToken:
		e.add(a.Token)
	case TypeKey:
		e.add("k" + small(exampleKeys))
	case TypeInteger:
		if a.Name == "numkeys" {
			e.numKeys = len(e.line)
		}
		e.add(small(10))
	case TypeDouble:
		e.add(small(5) + []string{"", ".5", ".25"}[e.rnd.IntN(3)])
	case TypePattern:
		e.add([]string{"*", "k*", "?1", "[ab]*"}[e.rnd.IntN(4)])
	case TypeUnixTime:
		e.add("4102444800000") // the year 2100, in milliseconds
	default:
		e.add([]string{"a", "b", "c", "1", "2", "10", "-1", "hello", ""}[e.rnd.IntN(9)])
	}
}
