package path

import (
	"strconv"

	"kvd/engine/doc"
)

// documentFunctions are the functions that only expressions on documents have.
var documentFunctions = map[string]*function{
	"id":         {name: "id", call: documentID},
	"rev":        {name: "rev", call: documentRev},
	"ver":        {name: "ver", call: documentVersion},
	"created_at": {name: "created_at", call: documentCreated},
	"updated_at": {name: "updated_at", call: documentChanged},
	"meta":       {name: "meta", params: oneValue, place: true, call: documentMeta},
	"missing":    {name: "missing", params: oneQuery, result: logicalType, call: missing},
}

func documentID(e *Evaluator, _ *expr, _ []operand) operand {
	if !e.spendBytes(len(e.document.ID)) {
		return operand{kind: failed}
	}
	from := len(e.computed)
	e.computed = doc.AppendString(e.computed, e.document.ID)
	return single(e.made(from))
}

func documentRev(e *Evaluator, _ *expr, _ []operand) operand { return e.unsigned(e.document.Rev) }

func documentVersion(e *Evaluator, _ *expr, _ []operand) operand {
	return e.unsigned(e.document.Version)
}

func documentCreated(e *Evaluator, _ *expr, _ []operand) operand {
	return e.integer(int(e.document.Created))
}

func documentChanged(e *Evaluator, _ *expr, _ []operand) operand {
	return e.integer(int(e.document.Changed))
}

func (e *Evaluator) unsigned(n uint64) operand {
	var buf [20]byte
	return e.newNumber(strconv.AppendUint(buf[:0], n, 10))
}

// documentMeta follows a path into the metadata.
func documentMeta(e *Evaluator, x *expr, _ []operand) operand {
	if len(e.document.Meta) == 0 {
		return operand{}
	}
	root := e.root
	e.root = e.document.Meta
	got := e.find(x.query, e.root, 0)
	e.root = root
	return got
}

// missing says whether a query finds nothing at all.
func missing(_ *Evaluator, _ *expr, args []operand) operand {
	return truth(!args[0].exists())
}

// metaPath compiles the path that meta has as its argument, a string.
func (p *parser) metaPath(e *expr) error {
	if len(e.args) != 1 || e.args[0].op != opLiteral || e.args[0].value.Kind() != doc.String {
		return p.fail("meta takes a path as a string")
	}
	inner, err := Compile(e.args[0].value.Text(), RedisJSON)
	if err != nil {
		return err
	}
	if inner.query == nil {
		return p.fail("meta takes a path without calculations")
	}
	e.args, e.query = nil, inner.query
	return nil
}
