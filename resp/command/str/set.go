package str

import (
	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// setSyntax is what SET takes; the options that compare came with Redis 8.4.
const setSyntax = "key value " +
	"[NX | XX | IFEQ ifeq-value{@8.4.0} | IFNE ifne-value{@8.4.0} | IFDEQ ifdeq-digest{@8.4.0} | IFDNE ifdne-digest{@8.4.0}]{condition,@2.6.12} " +
	"[GET]{@6.2.0} " +
	"[EX seconds{@2.6.12} | PX milliseconds{@2.6.12} | EXAT unix-time-seconds{@6.2.0} | PXAT unix-time-milliseconds{@6.2.0} | KEEPTTL{@6.0.0}]{expiration}"

func setSpecs() []command.Spec {
	const flags = command.Write | command.DenyOOM
	return []command.Spec{
		{
			Name: "set", Syntax: setSyntax, Arity: -3, Flags: flags, Keys: setKeys(), Since: "1.0.0", Complexity: "O(1)",
			Summary: "Sets a key to a string, whatever it held.", Handler: set,
			History: []command.Change{
				{Version: "2.6.12", Text: "The options `EX`, `PX`, `NX` and `XX`."},
				{Version: "6.0.0", Text: "The option `KEEPTTL`."},
				{Version: "6.2.0", Text: "The options `GET`, `EXAT` and `PXAT`."},
				{Version: "7.0.0", Text: "`NX` and `GET` may be used together."},
				{Version: "8.4.0", Text: "The options `IFEQ`, `IFNE`, `IFDEQ` and `IFDNE`."},
			},
		},
		{
			Name: "setnx", Syntax: "key value", Arity: 3, Flags: flags | command.Fast,
			Keys: command.Key(1, command.OW|command.Insert), Since: "1.0.0", Complexity: "O(1)",
			Summary: "Sets a key to a string if there is no such key.", Handler: setnx,
		},
		{
			Name: "setex", Syntax: "key seconds value", Arity: 4, Flags: flags,
			Keys: command.Key(1, command.OW|command.Update), Since: "2.0.0", Complexity: "O(1)",
			Summary: "Sets a key to a string that expires after some seconds.", Handler: setex,
		},
		{
			Name: "psetex", Syntax: "key milliseconds value", Arity: 4, Flags: flags,
			Keys: command.Key(1, command.OW|command.Update), Since: "2.6.0", Complexity: "O(1)",
			Summary: "Sets a key to a string that expires after some milliseconds.", Handler: psetex,
		},
		{
			Name: "getset", Syntax: "key value", Arity: 3, Flags: flags | command.Fast,
			Keys: command.Key(1, command.RW|command.Access|command.Update), Since: "1.0.0", Complexity: "O(1)",
			Deprecated: &command.Deprecation{Since: "6.2.0", ReplacedBy: "`SET` with the `!GET` argument"},
			Summary:    "Sets a key to a string and returns the one it held.", Handler: getset,
		},
	}
}

func setKeys() []command.KeySpec {
	keys := command.KeyVaries(1, command.RW|command.Access|command.Update, setKeyFlags)
	keys[0].Notes = "The old value is read only where `GET` or a comparison asks for it"
	return keys
}

// setKeyFlags tells whether a SET reads the key beside overwriting it.
func setKeyFlags(args [][]byte) command.KeyFlags {
	for _, word := range args[min(3, len(args)):] {
		switch {
		case isWord(word, "GET"), isWord(word, "IFEQ"), isWord(word, "IFNE"), isWord(word, "IFDEQ"), isWord(word, "IFDNE"):
			return command.RW | command.Access | command.Update
		}
	}
	return command.OW | command.Update
}

// isWord reports whether an argument is a word, in any case.
func isWord(arg []byte, word string) bool {
	if len(arg) != len(word) {
		return false
	}
	for i, ch := range arg {
		if ch&^0x20 != word[i] {
			return false
		}
	}
	return true
}

// setOptions are what the options of SET say.
type setOptions struct {
	when   condition
	get    bool
	ttl    string
	expiry engine.Expiry
}

// set implements SET. The old value may have any type, unless an option looks
// at it.
func set(c *command.Ctx) error {
	key := c.Args[1]
	if len(c.Args) == 3 {
		c.Tx.SetString(key, kept(c, 2), engine.NoExpiry)
		c.Out.OK()
		return nil
	}
	opt, err := parseSet(c)
	if err != nil {
		return err
	}
	ok, old, err := opt.allow(c, key)
	if err != nil {
		return err
	}

	// The old value is written first: it goes with the change.
	switch {
	case opt.get:
		bulkOrNull(c, old)
	case ok:
		c.Out.OK()
	default:
		c.Out.Null()
	}
	if ok {
		c.Tx.SetString(key, kept(c, 2), opt.expiry)
	}
	return nil
}

// allow reports whether the key may be set, and returns what it holds if that
// had to be looked at.
func (o *setOptions) allow(c *command.Ctx, key []byte) (ok bool, old engine.String, err error) {
	if o.get || o.when.compares() {
		old, err = c.Tx.ReadString(key)
		return o.when.holds(old), old, err
	}
	if o.when.word == "" {
		return true, old, nil
	}
	return c.Tx.Exists(key) == (o.when.word == "XX"), old, nil
}

func parseSet(c *command.Ctx) (opt setOptions, err error) {
	s := c.Options(3)
	for s.Next() {
		switch s.Option() {
		case "NX", "XX":
			s.Once(&opt.when.word)
		case "IFEQ", "IFNE", "IFDEQ", "IFDNE":
			s.Once(&opt.when.word)
			opt.when.arg = s.Arg()
		case "GET":
			opt.get = true
		case "KEEPTTL":
			s.Once(&opt.ttl)
			opt.expiry = engine.Keep
		case "EX", "PX", "EXAT", "PXAT":
			s.Once(&opt.ttl)
			opt.expiry = s.Expiry(c.Command.Name)
		default:
			s.Fail(rediserr.Syntax)
		}
	}
	if err := s.Err(); err != nil {
		return opt, err
	}
	return opt, opt.when.check()
}

func setnx(c *command.Ctx) error {
	ok := !c.Tx.Exists(c.Args[1])
	if ok {
		c.Tx.SetString(c.Args[1], kept(c, 2), engine.NoExpiry)
	}
	c.Out.Int(number(ok))
	return nil
}

// number is how integer replies spell yes and no.
func number(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

func setex(c *command.Ctx) error { return setFor(c, command.Seconds) }

func psetex(c *command.Ctx) error { return setFor(c, command.Milliseconds) }

// setFor implements SETEX and PSETEX.
func setFor(c *command.Ctx, unit command.TimeUnit) error {
	n, err := c.Int(2)
	if err != nil {
		return err
	}
	at, ok := command.ExpiryAt(n, unit, c.Now)
	if !ok || n <= 0 {
		return rediserr.InvalidExpire(c.Command.Name)
	}
	c.Tx.SetString(c.Args[1], kept(c, 3), engine.Expiry(at))
	c.Out.OK()
	return nil
}

func getset(c *command.Ctx) error {
	old, err := c.Tx.ReadString(c.Args[1])
	if err != nil {
		return err
	}
	bulkOrNull(c, old)
	c.Tx.SetString(c.Args[1], kept(c, 2), engine.NoExpiry)
	return nil
}
