package doc

import (
	"errors"
	"fmt"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// bulkMode says what a failure of one operation means for the others.
type bulkMode uint8

const (
	atomic bulkMode = iota
	ordered
	unordered
)

// operation is one of DOC.BULK.
type operation struct {
	name string
	id   int // the word of the id; the document, if any, is the next
}

var errOperations = rediserr.New("DOC.BULK takes operations INSERT id json, SET id json, REPLACE id json and DEL id")

// parseBulk reads a line, which may be any.
func parseBulk(args [][]byte) (mode bulkMode, ops []operation, err error) {
	at := 2
	for m, word := range [...]string{"ATOMIC", "ORDERED", "UNORDERED"} {
		if isWord(args[at], word) {
			mode, at = bulkMode(m), at+1
			break
		}
	}
	for at < len(args) {
		op := operation{id: at + 1}
		for _, known := range [...]string{"INSERT", "SET", "REPLACE", "DEL"} {
			if isWord(args[at], known) {
				op.name = known
			}
		}
		words := 3
		if op.name == "DEL" {
			words = 2
		}
		if op.name == "" || at+words > len(args) {
			return mode, ops, errOperations
		}
		ops = append(ops, op)
		at += words
	}
	if len(ops) == 0 {
		return mode, ops, errOperations
	}
	return mode, ops, nil
}

func bulkKeys() []command.KeySpec {
	const flags = command.RW | command.Access | command.Update
	return []command.KeySpec{{
		Flags: flags, Search: command.SearchIndex, Index: 2, Find: command.FindUnknown,
		By: func(args [][]byte, dst []command.KeyRef) ([]command.KeyRef, error) {
			_, ops, err := parseBulk(args)
			for _, op := range ops {
				dst = append(dst, command.KeyRef{Pos: op.id, Flags: flags})
			}
			return dst, err
		},
	}}
}

// bulk implements DOC.BULK: one change set with one revision, in every mode.
func bulk(c *command.Ctx) error {
	mode, ops, err := parseBulk(c.Args)
	if err != nil {
		return err
	}
	coll, err := collection(c)
	if err != nil {
		return err
	}
	if err := weigh(c, ops); err != nil {
		return err
	}
	if mode == atomic {
		return bulkAtomic(c, coll, ops)
	}
	results := make([]error, 0, len(ops))
	for i := range ops {
		err := ops[i].run(c, coll)
		results = append(results, err)
		if err != nil && mode == ordered {
			break
		}
	}
	writeResults(c, results)
	return nil
}

// weigh reads all values that are needed, before anything is changed, and leaves
// the loop if that is much.
func weigh(c *command.Ctx, ops []operation) error {
	size := 0
	for _, op := range ops {
		size += perDocumentWork
		if op.name != "DEL" {
			size += len(c.Args[op.id+1]) / perElement
		}
	}
	if err := c.Heavy(size); err != nil {
		return err
	}
	for _, op := range ops {
		if _, err := c.Tx.Document(c.Key(op.id)); errors.Is(err, engine.ErrCold) {
			return err
		}
	}
	return nil
}

// perDocumentWork is about what writing a document costs, as Ctx.Heavy counts.
const perDocumentWork = 100

// run does one operation by itself.
func (op *operation) run(c *command.Ctx, coll *engine.DocCollection) error {
	put, gone, err := op.prepare(c, coll, nil)
	switch {
	case err != nil:
		return err
	case gone:
		c.Tx.RemoveDocument(c.Key(op.id), "doc.del")
		return nil
	case op.name == "DEL":
		return nil
	}
	return c.Tx.PutDocuments(put)
}

// prepare says what an operation does to its key, which exists according to state
// or, if that is silent, in the engine.
func (op *operation) prepare(c *command.Ctx, coll *engine.DocCollection, state map[string]bool) (put engine.DocumentPut, gone bool, err error) {
	key := c.Key(op.id)
	d, err := c.Tx.PeekDocument(key)
	if err != nil {
		return put, false, err
	}
	exists, known := state[string(key)]
	if !known {
		exists = d.Exists()
	}
	switch {
	case op.name == "DEL":
		return put, exists, nil
	case op.name == "INSERT" && exists:
		return put, false, rediserr.Coded("EXISTS", rediserr.OneLine(fmt.Sprintf("document '%s' in '%s'", c.Args[op.id], coll.Name)))
	case op.name == "REPLACE" && !exists:
		return put, false, noDocument(coll, c.Args[op.id])
	}
	put = engine.DocumentPut{Key: key, Event: op.event()}
	if op.name == "REPLACE" {
		put.Expire = engine.Keep
	}
	put.Value, err = parseAt(c, nil, op.id+1)
	return put, false, err
}

// event is what an operation that writes is called in keyspace events.
func (op *operation) event() string {
	switch op.name {
	case "INSERT":
		return "doc.insert"
	case "REPLACE":
		return "doc.replace"
	}
	return "doc.set"
}

// bulkAtomic does all operations or none. Of several on one document the last one
// counts.
func bulkAtomic(c *command.Ctx, coll *engine.DocCollection, ops []operation) error {
	state := make(map[string]bool)
	puts := make(map[string]engine.DocumentPut)
	var keys []string
	for i := range ops {
		key := string(c.Key(ops[i].id))
		put, gone, err := ops[i].prepare(c, coll, state)
		if err != nil {
			return err
		}
		if _, seen := state[key]; !seen {
			keys = append(keys, key)
		}
		switch {
		case gone:
			delete(puts, key)
			state[key] = false
		case ops[i].name != "DEL":
			puts[key], state[key] = put, true
		default:
			state[key] = false
		}
	}
	var gone [][]byte
	var list []engine.DocumentPut
	for _, key := range keys {
		if put, ok := puts[key]; ok {
			list = append(list, put)
		} else {
			gone = append(gone, []byte(key))
		}
	}
	if err := c.Tx.WriteDocuments(gone, "doc.del", list); err != nil {
		return err
	}
	writeResults(c, make([]error, len(ops)))
	return nil
}

// writeResults writes what became of each operation. Errors are texts: clients do
// not expect error replies inside of an array.
func writeResults(c *command.Ctx, results []error) {
	rev := int64(0)
	for _, err := range results {
		if err == nil {
			rev = int64(c.Tx.Rev())
		}
	}
	c.Out.Array(len(results))
	for _, err := range results {
		c.Out.Array(2)
		if err != nil {
			c.Out.Text("err")
			c.Out.Text(err.Error())
			continue
		}
		c.Out.Text("ok")
		c.Out.Int(rev)
	}
}
