package doc

import (
	"strings"
	"testing"

	"kvd/engine"
	"kvd/engine/doc"
	"kvd/resp/command/commandtest"
)

// linesWorld is a world with a type, indexes and some documents.
func linesWorld(t testing.TB) *world {
	t.Helper()
	w := newWorld(t)
	w.all(func(tx *engine.Tx) {
		text := `{"properties":{"n":{"type":"integer","x-kvd-index":true},"e":{"x-kvd-unique":true},"d":{"default":[]}}}`
		if _, err := tx.AddSchema("T", []byte(text)); err != nil {
			t.Fatal(err)
		}
		rules := engine.CollectionRules{Prefix: "t:", Type: "T", IDField: "$.id", Mode: engine.Strict}
		if err := tx.CreateCollection("t", rules, engine.Refuse); err != nil {
			t.Fatal(err)
		}
	})
	w.put("a", `{"n":1,"l":[1,"x",{"k":null}],"o":{"x":true},"s":"text"}`)
	return w
}

// FuzzLines runs lines that are not right, none of which may panic, and each of
// which has one reply and leaves sound documents that the indexes agree with.
func FuzzLines(f *testing.F) {
	for _, line := range []string{
		`doc.insert t a {"n":1,"e":"x"} META {} EX 5 AUTHOR b RETURN META`, `doc.insert t * {"n":1}`, `doc.replace c a {} IFREV 1`,
		`doc.set c a 5 NX KEEPTTL RETURN DOC`, `doc.get c a PATH $.l .o.x WITHMETA AS T FORMAT EXPAND`, "doc.mget c a b PATH $.n",
		"doc.all c COUNT 1 CURSOR cYQ DESC WITHMETA", "doc.del c a b IFVER 1", "doc.exists c a", `doc.meta c a MERGE {"a":null} IFREV 1`,
		`doc.bulk t ORDERED INSERT a {} SET b {"e":1} REPLACE c {} DEL d`, `doc.bulk t INSERT a {"e":1} SET b {"e":1}`,
		`doc.update c a SET $.x.y 1 INCR $.n 2 PUSH $.l 1 {} PULL $.l @==1 WHEN @.n==:p PARAMS 2 p 1 RETURN DOC`,
		`doc.update c a RENAME $.s t TOGGLE $.o.x NOW $.at EXPR $.z @.n*2 MERGE {"o":null} UPSERT {}`,
		`doc.update c a PATCH [{"op":"move","from":"/s","path":"/o/s"}] MIN $..n 0 MAX $..n 9 POP $.l ADDTOSET $.l 1 1 UNSET $..k MUL $.q 2`,
		"doc.get c a AT tag:x WITHMETA", "doc.del c a AUTHOR b MSG c IFVER 1", "doc.update c WHERE @.n>0 INCR $.n 1 LIMIT 1", "doc.create x PREFIX y: TYPE T@1 IDFIELD $.a.b TTL 5 ADOPT", "doc.alter t MODE WARN TYPE T",
		"doc.drop c KEEPDOCS", "doc.info c", "doc.check c TYPE T COUNT 1", "doc.index t ADD x $.l[*] UNIQUE", "doc.find t EQ $.n 1 SORT $.n",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		w := linesWorld(t)
		w.Out.SetProtocol(2 + len(line)%2)
		args := commandtest.Words(line)
		cmd := w.Table.Lookup(args[0])
		if cmd == nil || cmd.Handler == nil || !cmd.AcceptsWords(len(args)) {
			return
		}
		reply := ""
		w.all(func(tx *engine.Tx) {
			w.Out.Discard()
			mark := w.Out.Mark()
			w.Ctx.Reset(args, cmd, w.Clock.Now(), nil)
			w.Ctx.Tx = tx
			if err := cmd.Handler(&w.Ctx); err != nil {
				w.Out.Rewind(mark)
				w.Out.Error(err)
			}
			w.Ctx.Tx = nil
			reply = string(w.Out.Since(mark))
		})
		if len(reply) == 0 || strings.Contains(reply, "internal error") {
			t.Errorf("%q: %q", line, reply)
		}
		w.sound(t)
	})
}

// sound checks all documents of all collections.
func (w *world) sound(t *testing.T) {
	t.Helper()
	w.all(func(tx *engine.Tx) {
		for _, coll := range w.Engine.Collections(0) {
			ids := coll.IDs(engine.Place{}, 1000, engine.Ascending)
			if len(ids) != coll.Len() {
				t.Errorf("%d ids of %d documents", len(ids), coll.Len())
			}
			for _, id := range ids {
				d, err := tx.PeekDocument(coll.AppendKey(nil, []byte(id)))
				if err != nil || !d.Exists() || doc.Check(d.Value(), doc.Limits{}) != nil {
					t.Errorf("the document %q of %s: %v", id, coll.Name, err)
				}
			}
		}
	})
}
