package doc

import (
	"slices"

	"kvd/resp/command"
)

func changeSpecs() []command.Spec {
	const flags = command.Write | command.InCollection
	return []command.Spec{
		{
			Name: "doc.del", Syntax: "collection id [id ...] [AUTHOR author] [MSG message]" + conditionSyntax, Arity: -3, Flags: flags, Since: sinceKvd,
			Keys:       idsWithGuard(command.RM | command.Delete),
			Complexity: "O(N + I*log(D)) for each of N documents, with I indexes in a collection of D documents", Handler: del,
			SlowArgs: slowIDs, Summary: "Deletes documents.",
		},
		{
			Name: "doc.meta", Syntax: "collection id [SET json | MERGE json]{change} [AUTHOR author]" + conditionSyntax, Arity: -3,
			Flags: flags | command.DenyOOM, Keys: writeKey, Since: sinceKvd, Complexity: "O(1), or O(N) for a document of size N to change it",
			Handler: meta, Summary: "Returns or changes what is stored beside a document.",
		},
		{
			Name: "doc.bulk", Arity: -4, Flags: flags | command.DenyOOM, Keys: bulkKeys(), Since: sinceKvd,
			Syntax: "collection [ATOMIC | ORDERED | UNORDERED]{mode} <INSERT id json | SET id json | REPLACE id json | DEL id>{operation} " +
				"[<INSERT id json | SET id json | REPLACE id json | DEL id>{operation} ...]",
			Complexity: perDocument, Handler: bulk, SlowArgs: slowIDs,
			Summary: "Writes and deletes many documents, all or none or each by itself.",
		},
		updateSpec(),
	}
}

// idsWithGuard are ids from word 2 on, without the options at the end.
func idsWithGuard(flags command.KeyFlags) []command.KeySpec {
	return []command.KeySpec{{
		Flags: flags, Search: command.SearchIndex, Index: 2, Find: command.FindUnknown,
		By: func(args [][]byte, dst []command.KeyRef) ([]command.KeyRef, error) {
			for i := 2; i < guardStart(args); i++ {
				dst = append(dst, command.KeyRef{Pos: i, Flags: flags})
			}
			return dst, nil
		},
	}}
}

// guardStart returns where the options begin at the end of a line of ids. All of
// them have one argument.
func guardStart(args [][]byte) int {
	options := [...]string{"IFREV", "IFVER", "AUTHOR", "MSG"}
	n := len(args)
	for n >= 5 && slices.ContainsFunc(options[:], func(o string) bool { return isWord(args[n-2], o) }) {
		n -= 2
	}
	return n
}

// del implements DOC.DEL. With IFREV or IFVER all documents that are there have to
// be as it says.
func del(c *command.Ctx) error {
	if _, err := collection(c); err != nil {
		return err
	}
	end := guardStart(c.Args)
	var cond command.Guard
	var said note
	s := c.Options(end)
	for s.Next() {
		if word := s.Option(); word == "AUTHOR" || word == "MSG" {
			said.option(&s)
		} else {
			cond.Read(&s)
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	for i := 2; i < end; i++ {
		d, err := c.Tx.Document(c.Key(i))
		if err != nil {
			return err
		}
		if err := cond.Check(&d); err != nil {
			return err
		}
	}
	defer c.Tx.Note(c.Tx.Note(said.change()))
	n := int64(0)
	for i := 2; i < end; i++ {
		if d, err := c.Tx.PeekDocument(c.Key(i)); err == nil && d.Exists() {
			c.Tx.RemoveDocument(c.Key(i), "doc.del")
			n++
		}
	}
	c.Out.Int(n)
	return nil
}
