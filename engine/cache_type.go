package engine

import (
	"fmt"

	"kvd/engine/doc"
	"kvd/engine/doc/schema"
	"kvd/internal/rediserr"
)

// TypeCheck returns what says of a cached value whether it is JSON of a type: name
// or name@version. What it is given may be of a key of any name, which is for its
// error only, INVALID. TypeCheck fails with NOTFOUND.
func (e *Engine) TypeCheck(reference string) (func(key, text []byte) error, error) {
	s, err := e.Schema(reference)
	if err != nil {
		return nil, err
	}
	return func(key, text []byte) error {
		v, err := doc.Parse(text)
		if err != nil {
			return misfit(key, err.Error())
		}
		faults, err := s.Check(v, schema.Plain)
		switch {
		case err != nil:
			return limited(err)
		case len(faults) > 0:
			return misfit(key, schema.Text(faults))
		}
		return nil
	}, nil
}

func misfit(key []byte, what string) error {
	const shown = 128
	return rediserr.Coded("INVALID", rediserr.OneLine(fmt.Sprintf("%s: %s", key[:min(len(key), shown)], what)))
}
