package doc

import (
	"strings"
	"testing"

	"kvd/engine/doc/query"
)

// FuzzSearch gives the commands that search any words: they answer, with one reply
// or an error.
func FuzzSearch(f *testing.F) {
	for _, line := range []string{
		"doc.find|c|WHERE|@.n > :p|PARAMS|2|p|1|SORT|$.n|DESC|COUNT|2|CURSOR|cBcE",
		"doc.find|c|EQ|tags|x|RANGE|$.n|(1|+inf|SELECT|$.n|o.k|WITHMETA|LIMIT|0|3",
		"doc.agg|c|GROUP|$.n|AS|n|REDUCE|QUANTILE:0.5|$.n|HAVING|@.n > 1|SORT|n|LIMIT|2|STRICT",
		"doc.count|c|WHERE|missing(@.x) && meta('$.a') in [1]|SCANLIMIT|5|TIMEOUT|9",
		"doc.index|c|ADD|x|$.a|id()|TYPE|time|UNIQUE|SPARSE",
		"doc.update|c|WHERE|@.n > 0|INCR|$.n|1|PUSH|$.tags|2|LIMIT|1",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		args := strings.Split(line, "|")
		w := newWorld(t, query.Definition{Name: "n", Paths: []string{"$.n"}})
		for _, id := range []string{"a", "b", "d"} {
			w.put(id, `{"n":[1,"`+id+`"],"tags":["x",null],"o":{"k":1.50}}`)
		}
		cmd := w.Table.Lookup([]byte(args[0]))
		if cmd == nil || !cmd.AcceptsWords(len(args)) || len(args) < 3 || !strings.Contains(searching, cmd.Name) ||
			cmd.Name == "doc.update" && !updatesMany(words(args...)) {
			return
		}
		args[0] = cmd.Name
		w.run(args...)
	})
}

// searching are the commands that FuzzSearch tries.
const searching = "doc.find doc.agg doc.count doc.index doc.update"
