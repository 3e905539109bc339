package doc

import (
	"bufio"
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kvd/engine"
	"kvd/engine/doc"
	"kvd/engine/doc/query"
	"kvd/internal/clock"
	"kvd/resp/command"
	"kvd/resp/command/commandtest"
)

// world is a collection `c` with the commands that search it.
type world struct {
	t testing.TB
	*commandtest.Harness
}

// client runs what a command does in transactions of its own, and calls meanwhile
// after each of them.
type client struct {
	command.Client
	h         *commandtest.Harness
	meanwhile func()
}

// Within implements command.Client.
func (c *client) Within(keys [][]byte, fn func(*engine.Tx) error) error {
	var lock engine.Lock
	for _, key := range keys {
		c.h.Engine.AddKey(&lock, key)
	}
	return c.within(&lock, fn)
}

// WithinAll implements command.Client.
func (c *client) WithinAll(fn func(*engine.Tx) error) error {
	var lock engine.Lock
	c.h.Engine.AddAll(&lock)
	return c.within(&lock, fn)
}

func (c *client) within(lock *engine.Lock, fn func(*engine.Tx) error) error {
	tx := c.h.Engine.Begin(0, c.h.Clock.Now().UnixMilli(), 0, lock)
	err := fn(tx)
	tx.Commit()
	if c.meanwhile != nil {
		c.meanwhile()
	}
	return err
}

func newWorld(t testing.TB, indexes ...query.Definition) *world {
	t.Helper()
	w := &world{t: t, Harness: commandtest.New(t, Family)}
	w.Ctx.Services.Clock = w.Clock
	w.Ctx.Client = &client{h: w.Harness}
	w.all(func(tx *engine.Tx) {
		rules := engine.CollectionRules{Prefix: "c:", Mode: engine.Strict, Indexes: indexes}
		if err := tx.CreateCollection("c", rules, engine.Refuse); err != nil {
			t.Fatal(err)
		}
	})
	return w
}

func (w *world) all(do func(*engine.Tx)) {
	var lock engine.Lock
	w.Engine.AddAll(&lock)
	tx := w.Engine.Begin(0, w.Clock.Now().UnixMilli(), 0, &lock)
	do(tx)
	tx.Commit()
}

func (w *world) put(id, text string) {
	w.all(func(tx *engine.Tx) {
		v, err := doc.Parse([]byte(text))
		if err != nil {
			w.t.Fatal(err)
		}
		put := engine.DocumentPut{Key: []byte("c:" + id), Value: append(tx.DocumentBuffer(), v...), Event: "doc.set"}
		if err := tx.PutDocuments(put); err != nil {
			w.t.Fatal(err)
		}
	})
}

func words(line ...string) [][]byte {
	args := make([][]byte, len(line))
	for i, word := range line {
		args[i] = []byte(word)
	}
	return args
}

// handle runs a command outside of a transaction. Its reply stays in w.Out.
func (w *world) handle(line [][]byte) error {
	w.Out.Discard()
	w.Ctx.Reset(line, w.Table.Lookup(line[0]), w.Clock.Now(), nil)
	w.Ctx.Tx = nil
	return w.Ctx.Command.Handler(&w.Ctx)
}

// run runs a command outside of a transaction and returns its reply.
func (w *world) run(args ...string) any {
	w.Out.Discard()
	mark := w.Out.Mark()
	if err := w.handle(words(args...)); err != nil {
		return err
	}
	if !w.Out.Complete(mark) {
		w.t.Fatalf("%q did not leave one reply", args)
	}
	return readReply(bufio.NewReader(bytes.NewReader(w.Out.Since(mark))))
}

// readReply reads a reply in RESP2.
func readReply(r *bufio.Reader) any {
	line, _ := r.ReadString('\n')
	line = strings.TrimSuffix(line, "\r\n")
	switch n, _ := strconv.Atoi(line[1:]); {
	case n < 0 && line[0] != ':':
		return nil
	case line[0] == ':':
		return n
	case line[0] == '$':
		text := make([]byte, n+2)
		for i := range text {
			text[i], _ = r.ReadByte()
		}
		return string(text[:n])
	case line[0] == '*':
		list := make([]any, n)
		for i := range list {
			list[i] = readReply(r)
		}
		return list
	}
	return line[1:]
}

// ids follows the cursors of a FIND and returns all ids.
func (w *world) ids(args ...string) (ids []string) {
	args = append([]string{"doc.find", "c", "NOCONTENT"}, args...)
	for cursor := "0"; ; {
		got := w.run(append(args, "CURSOR", cursor)...)
		page, ok := got.([]any)
		if !ok {
			w.t.Fatalf("%q: %v", args, got)
		}
		rows, _ := page[1].([]any)
		for _, row := range rows {
			ids = append(ids, fmt.Sprint(row))
		}
		if cursor = fmt.Sprint(page[0]); cursor == "0" {
			return ids
		}
	}
}

var searches = [][]string{
	{},
	{"WHERE", "@.n > 5"},
	{"EQ", "$.n", "3"},
	{"EQ", "$.tags", "x"},
	{"RANGE", "$.n", "(2", "7"},
	{"WHERE", "@.n in [1,2,3] && @.s == 's1'"},
	{"WHERE", "@.n == :n", "PARAMS", "2", "n", "4"},
	{"RANGE", "$.n", "-inf", "+inf"},
	{"EQ", "$.s", "s2", "WHERE", "missing(@.tags)"},
}

var sorts = [][]string{{}, {"SORT", "$.n"}, {"SORT", "$.n", "DESC"}, {"SORT", "$.s", "SORT", "$.n", "DESC"}, {"SORT", "tags"}}

// Whatever indexes there are and however it is divided into pages, a search finds
// the same documents in the same order.
func TestFindIsTheSameWithIndexes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		plain := newWorld(t)
		indexed := newWorld(t, query.Definition{Name: "n", Paths: []string{"$.n"}}, query.Definition{Name: "tags", Paths: []string{"tags"}, Sparse: true},
			query.Definition{Name: "sn", Paths: []string{"$.s", "$.n"}})
		for range rapid.IntRange(0, 150).Draw(rt, "documents") {
			id := fmt.Sprintf("%03d", rapid.IntRange(0, 200).Draw(rt, "id"))
			text := fmt.Sprintf(`{"n":%d,"s":"s%d"`, rapid.IntRange(0, 9).Draw(rt, "n"), rapid.IntRange(0, 2).Draw(rt, "s"))
			if rapid.Bool().Draw(rt, "tagged") {
				text += fmt.Sprintf(`,"tags":%s`, rapid.SampledFrom([]string{`"x"`, `["x","y"]`, `[]`, `["y"]`}).Draw(rt, "tags"))
			}
			plain.put(id, text+"}")
			indexed.put(id, text+"}")
		}
		for range 2 {
			args := slices.Concat(rapid.SampledFrom(searches).Draw(rt, "search"), rapid.SampledFrom(sorts).Draw(rt, "sort"))
			want := plain.ids(args...)
			for _, w := range []*world{plain, indexed} {
				page := strconv.Itoa(rapid.IntRange(1, 70).Draw(rt, "page"))
				if got := w.ids(append(args, "COUNT", page)...); !slices.Equal(got, want) {
					rt.Fatalf("%q by %s:\n%q, want\n%q", args, page, got, want)
				}
			}
			n := indexed.run(append([]string{"doc.count", "c"}, args[:len(args)-sortWords(args)]...)...)
			if n != len(want) {
				rt.Fatalf("%q: counted %v of %d", args, n, len(want))
			}
			offset := rapid.IntRange(0, 20).Draw(rt, "offset")
			got := indexed.run(slices.Concat([]string{"doc.find", "c", "NOCONTENT", "LIMIT", strconv.Itoa(offset), "5"}, args)...)
			rest := want[min(offset, len(want)):]
			if rows := fmt.Sprint(got.([]any)[1]); rows != fmt.Sprint(rest[:min(5, len(rest))]) {
				rt.Fatalf("%q from %d: %s, want %q", args, offset, rows, rest)
			}
		}
	})
}

// sortWords is how many words at the end of a line are about sorting.
func sortWords(args []string) int {
	if at := slices.Index(args, "SORT"); at >= 0 {
		return len(args) - at
	}
	return 0
}

// A document that stays as it is through a search is found once, whatever happens
// to others.
func TestFindWhileOthersWrite(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"RANGE", "$.n", "0", "+inf"}, {"SORT", "$.n"}, {"SORT", "$.n", "DESC"}, {"SORT", "$.s"}} {
		w := newWorld(t, query.Definition{Name: "n", Paths: []string{"$.n"}})
		const docs = 1000
		for i := range docs {
			w.put(fmt.Sprintf("%05d", i), fmt.Sprintf(`{"n":%d,"s":"s%d"}`, i*7919%docs, i%10))
		}
		step := 0
		w.Ctx.Client.(*client).meanwhile = func() {
			for range 10 {
				step++
				id := fmt.Sprintf("%05d", step*31%docs)
				if step%3 == 0 {
					w.put("new"+id, `{"n":5}`)
				} else if step*31%docs%2 == 1 {
					w.put(id, fmt.Sprintf(`{"n":%d}`, step%docs))
				}
			}
		}
		seen := map[string]int{}
		for _, id := range w.ids(append(args, "COUNT", "300")...) {
			seen[id]++
		}
		for i := 0; i < docs; i += 2 {
			if id := fmt.Sprintf("%05d", i); seen[id] != 1 {
				t.Fatalf("%q: %s was found %d times", args, id, seen[id])
			}
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 200 {
		w.put(fmt.Sprint(i), `{"n":1}`)
	}
	w.Ctx.Services.Clock = late{w.Clock}
	for line, want := range map[string]string{
		"doc.count c EQ $.n 1 SCANLIMIT 199 TIMEOUT 0": "LIMIT more than 199 documents to look at",
		"doc.count c EQ $.n 1 TIMEOUT 1":               "TIMEOUT the search took longer than 1 ms",
		"doc.find c TIMEOUT 1 COUNT 1000":              "TIMEOUT the search took longer than 1 ms",
		"doc.agg c TIMEOUT 1 REDUCE COUNT *":           "TIMEOUT the search took longer than 1 ms",
		"doc.count c EQ $.n 1 SCANLIMIT 200 TIMEOUT 0": "200",
		"doc.count c EQ $.n 1 TIMEOUT 60000":           "200",
		"doc.find c CURSOR 1":                          "ERR invalid cursor",
		"doc.find c CURSOR c=":                         "ERR invalid cursor",
		"doc.find c SORT $.n CURSOR cAA":               "ERR invalid cursor",
		"doc.find c COUNT 0":                           "ERR syntax error near 'COUNT'",
		"doc.find none":                                "NOTFOUND no collection 'none'",
	} {
		if got := fmt.Sprint(w.run(strings.Fields(line)...)); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
	w.Ctx.OnLoop = true
	for _, line := range []string{"doc.find c", "doc.count c EQ $.n 1", "doc.agg c REDUCE COUNT *"} {
		if got := w.run(strings.Fields(line)...); got != command.ErrHeavy {
			t.Errorf("%s on an event loop: %v", line, got)
		}
	}
}

// late is a clock on which each look takes a while.
type late struct{ clock.Clock }

// Now returns a time that is later each time.
func (l late) Now() time.Time { return l.Clock.Now().Add(5 * time.Second) }
