package hash

import (
	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// expiryUnits is the syntax of the options that set an expiry.
const expiryUnits = "EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds"

var (
	errFieldCount   = rediserr.New("invalid number of fields")
	errTwoExpiries  = rediserr.New("Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified")
	errTwoCondition = rediserr.New("Only one of FXX or FNX arguments can be specified")
)

func untilSpecs() []command.Spec {
	getexKeys := command.Key(1, command.RW|command.Access|command.Update)
	getexKeys[0].Notes = "What changes is the expiry, not the values"
	return []command.Spec{
		{
			Name: "hgetex", Syntax: "key [" + expiryUnits + " | PERSIST]{expiration} " + fieldList, Arity: -5,
			Flags: command.Write | command.Fast, Keys: getexKeys, Since: "8.0.0", Complexity: onePerField, SlowArgs: slowArgs,
			Summary: "Returns the values of fields and may change when they expire.", Handler: hgetex,
		},
		{
			Name: "hgetdel", Syntax: "key " + fieldList, Arity: -5, Flags: command.Write | command.Fast,
			Keys: command.Key(1, command.RW|command.Access|command.Delete), Since: "8.0.0", Complexity: onePerField,
			SlowArgs: slowArgs, Summary: "Returns the values of fields and removes them.", Handler: hgetdel,
		},
		{
			Name: "hsetex", Arity: -6, Flags: command.Write | command.DenyOOM | command.Fast,
			Syntax: "key [FNX | FXX]{condition} [" + expiryUnits + " | KEEPTTL]{expiration} FIELDS numfields field value [field value ...]",
			Keys:   command.Key(1, command.RW|command.Update), Since: "8.0.0", Complexity: onePerField, SlowArgs: slowArgs,
			Summary: "Sets fields and when they expire.", Handler: hsetex,
		},
	}
}

func hgetdel(c *command.Ctx) error {
	h, err := c.Tx.Hash(c.Args[1])
	if err != nil {
		return err
	}
	fields, err := fieldsAt(c, 2, errNotPositive)
	if err != nil {
		return err
	}
	c.Out.Array(len(fields))
	h.Take(fields, c.Out.BulkOrNull)
	return nil
}

// hgetex implements HGETEX. Its option stands in one place only.
func hgetex(c *command.Ctx) error {
	h, err := c.Tx.Hash(c.Args[1])
	if err != nil {
		return err
	}
	at, when, next := engine.Keep, engine.Always, 2
	s := c.Options(2)
	s.Next()
	switch word := s.Option(); word {
	case "PERSIST":
		at, when, next = engine.NoExpiry, engine.IfExpires, 3
	case "EX", "PX", "EXAT", "PXAT":
		if at, err = parseExpiry(c, s.Arg(), unitOf(word)); err != nil {
			return err
		}
		next = 4
	}
	fields, err := fieldsAt(c, next, errNotPositive)
	if err != nil {
		return err
	}

	c.Out.Array(len(fields))
	if at != engine.Keep {
		h.Expire(fields, at, when, func(value []byte, _ engine.FieldExpiry) { c.Out.BulkOrNull(value) })
		return nil
	}
	for _, field := range fields {
		value, _ := h.Get(field)
		c.Out.BulkOrNull(value)
	}
	return nil
}

// setexOptions are what the options of HSETEX say.
type setexOptions struct {
	condition string // FNX, FXX or none
	ttl       string // the option that sets the expiry, or none
	expiry    engine.Expiry
	pairs     [][]byte
}

func hsetex(c *command.Ctx) error {
	opt, err := parseSetex(c)
	if err != nil {
		return err
	}
	h, err := c.Tx.Hash(c.Args[1])
	if err != nil {
		return err
	}
	ok := opt.holds(&h)
	if ok {
		h.SetUntil(opt.pairs, opt.expiry, limits(c))
	}
	c.Out.Int(number(ok))
	return nil
}

// holds reports whether the condition holds, which is about all fields.
func (o *setexOptions) holds(h *engine.Hash) bool {
	if o.condition == "" {
		return true
	}
	for i := 0; i < len(o.pairs); i += 2 {
		if _, exists := h.Get(o.pairs[i]); exists != (o.condition == "FXX") {
			return false
		}
	}
	return true
}

// parseSetex reads the options of HSETEX, of which FIELDS is the last.
func parseSetex(c *command.Ctx) (opt setexOptions, err error) {
	s := c.Options(2)
	for s.Next() {
		switch word := s.Option(); word {
		case "FIELDS":
			opt.pairs, err = pairsAt(c, s.Pos())
			return opt, err
		case "FNX", "FXX":
			if opt.condition != "" {
				return opt, errTwoCondition
			}
			opt.condition = word
		case "EX", "PX", "EXAT", "PXAT", "KEEPTTL":
			if opt.ttl != "" {
				return opt, errTwoExpiries
			}
			opt.ttl = word
			if opt.expiry, err = setexExpiry(c, &s); err != nil {
				return opt, err
			}
		default:
			return opt, rediserr.Newf("unknown argument: %s", c.Args[s.Pos()-1])
		}
	}
	return opt, rediserr.WrongArgs(c.Command.Name)
}

// setexExpiry returns the expiry that the current option sets.
func setexExpiry(c *command.Ctx, s *command.Options) (engine.Expiry, error) {
	if s.Option() == "KEEPTTL" {
		return engine.Keep, nil
	}
	return parseExpiry(c, s.Arg(), unitOf(s.Option()))
}

// pairsAt returns the fields with their values that follow the count at
// argument at.
func pairsAt(c *command.Ctx, at int) ([][]byte, error) {
	if at >= len(c.Args) {
		return nil, rediserr.WrongArgs(c.Command.Name)
	}
	n, err := c.Int(at)
	if err != nil || n <= 0 || n > 1<<31-1 {
		return nil, errFieldCount
	}
	pairs := c.Args[at+1:]
	if n*2 != int64(len(pairs)) {
		return nil, rediserr.WrongArgs(c.Command.Name)
	}
	return pairs, nil
}
