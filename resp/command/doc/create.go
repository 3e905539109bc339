package doc

import (
	"math"
	"strings"

	"kvd/engine"
	"kvd/engine/doc/path"
	"kvd/engine/doc/schema"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

const rulesSyntax = " [TYPE type] [IDFIELD path] [MODE <STRICT | WARN | OFF>{mode}] [DEFAULTS <YES | NO>{defaults}] [TTL seconds]" +
	" [HISTORY <AUTO | MANUAL | OFF>{history}] [DURABILITY <ALWAYS | EVERYSEC | CACHE>{durability}] [RICH <KAJSON>{rich}]" +
	" [TYPEFIELD path] [VERSIONFIELD name]"

func collectionSpecs() []command.Spec {
	const (
		own  = command.InCollection | command.OwnTx
		all  = command.Write | command.InCollection | command.AllKeys | command.Slow
		scan = "O(N) where N is the number of keys in the database"
	)
	return []command.Spec{
		{
			Name: "doc.create", Syntax: "collection [PREFIX prefix]" + rulesSyntax + " [ADOPT]", Arity: -2, Flags: all | command.DenyOOM,
			Keys: writePrefix, Since: sinceKvd, Complexity: scan, Handler: create, Summary: "Makes a collection of the documents below a prefix.",
		},
		{
			Name: "doc.alter", Syntax: "collection" + rulesSyntax, Arity: -2, Flags: all, Keys: writePrefix, Since: sinceKvd,
			Complexity: "O(1), or O(N) for N documents if the type has an index that is new", Handler: alter, Summary: "Changes the rules of a collection.",
		},
		{
			Name: "doc.drop", Syntax: "collection [KEEPDOCS]", Arity: -2, Flags: all, Keys: writePrefix, Since: sinceKvd,
			Complexity: "O(N) for N documents", Handler: drop, Summary: "Deletes a collection and its documents.",
		},
		{
			Name: "doc.info", Syntax: "collection", Arity: 2, Flags: command.ReadOnly | command.Fast | own, Keys: readPrefix, Since: sinceKvd,
			Complexity: "O(I) for I indexes", Handler: info, Summary: "Describes a collection.",
		},
		{
			Name: "doc.colls", Syntax: "", Arity: 1, Flags: command.ReadOnly | command.OwnTx, Since: sinceKvd,
			Complexity: "O(N) for N collections", Handler: colls, Summary: "Lists the collections of the database.",
		},
		{
			Name: "doc.check", Syntax: "collection [TYPE type] [CURSOR cursor] [COUNT count{integer}]", Arity: -2,
			Flags: command.ReadOnly | command.Slow | own, Keys: readPrefix, Since: sinceKvd, Complexity: "O(N) for a page of N documents",
			Handler: check, Summary: "Returns the documents that a type does not allow, page by page.",
		},
		{
			Name: "doc.help", Syntax: "", Arity: 1, Flags: command.ReadOnly | command.OwnTx | command.Fast, Since: sinceKvd,
			Complexity: "O(1)", Handler: help, Summary: "Lists the commands of the family.",
		},
	}
}

// ruleOptions reads the options of DOC.CREATE and DOC.ALTER into rules.
type ruleOptions struct {
	rules engine.CollectionRules
	adopt engine.Adoption
}

// maxTTL is the longest time to live, in seconds: far beyond a century.
const maxTTL = math.MaxInt64 / 1000 / 1000

var (
	errCollName = rediserr.New("a collection name has 1 to 128 letters, digits, '_', '.', ':' or '-'")
	errPrefix   = rediserr.New("PREFIX is empty or longer than 512 bytes")
	errNames    = rediserr.New("IDFIELD and TYPEFIELD are paths of names, such as $.id")
	errTTL      = rediserr.New("invalid TTL")
)

func (o *ruleOptions) read(c *command.Ctx) error {
	creates := c.Command.Name == "doc.create"
	s := c.Options(2)
	for s.Next() {
		switch word := s.Option(); {
		case word == "PREFIX" && creates:
			o.rules.Prefix = string(s.Arg())
		case word == "ADOPT" && creates:
			o.adopt = engine.Adopt
		default:
			o.rule(c, &s)
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	const maxPrefix = 512
	if n := len(o.rules.Prefix); n == 0 || n > maxPrefix {
		return errPrefix
	}
	return nil
}

// rule reads one of the options of rulesSyntax.
func (o *ruleOptions) rule(c *command.Ctx, s *command.Options) {
	r := &o.rules
	switch s.Option() {
	case "TYPE":
		o.setType(s)
	case "IDFIELD":
		r.IDField = fieldPath(s)
	case "TYPEFIELD":
		r.TypeField = fieldPath(s)
	case "VERSIONFIELD":
		r.VersionField = string(s.Arg())
	case "MODE":
		r.Mode = engine.Strictness(oneOf(s, string(engine.Strict), string(engine.Warn), string(engine.Lenient)))
	case "DEFAULTS":
		r.NoDefaults = oneOf(s, "YES", "NO") == "NO"
	case "TTL":
		n := s.Int()
		if n < 0 || n > maxTTL {
			s.Fail(errTTL)
		}
		r.TTL = n * 1000
	case "HISTORY":
		r.History = engine.HistoryMode(oneOf(s, string(engine.HistoryAuto), string(engine.HistoryManual), string(engine.HistoryOff)))
	case "DURABILITY":
		r.Durability = strings.ToLower(oneOf(s, "ALWAYS", "EVERYSEC", "CACHE"))
	case "RICH":
		oneOf(s, "KAJSON")
		r.Dialect = schema.Kajson
	default:
		s.Fail(command.SyntaxNear(c.Args[s.Pos()-1]))
	}
}

// setType reads the argument of TYPE: a name, or one with a version behind an @.
func (o *ruleOptions) setType(s *command.Options) {
	name, version, pinned := strings.Cut(string(s.Arg()), "@")
	o.rules.Type, o.rules.TypeVersion = name, 0
	if !pinned {
		return
	}
	n, err := command.ParseUint([]byte(version))
	if err != nil || n == 0 || n > math.MaxUint32 {
		s.Fail(rediserr.NotInteger)
	}
	o.rules.TypeVersion = uint32(n)
}

// oneOf reads an argument that is one of some words.
func oneOf(s *command.Options, words ...string) string {
	arg := s.Arg()
	for _, word := range words {
		if isWord(arg, word) {
			return word
		}
	}
	if arg != nil {
		s.Fail(command.SyntaxNear(arg))
	}
	return ""
}

// fieldPath reads an argument that is a path of names.
func fieldPath(s *command.Options) string {
	text := s.Arg()
	if text == nil {
		return ""
	}
	p, err := path.Compile(text, path.RedisJSON)
	if err != nil || p.IsRoot() || !p.Static() || !engine.IsNamePath(string(text)) {
		s.Fail(errNames)
	}
	return string(text)
}

// maxName is the length of the longest name of a collection.
const maxName = 128

func checkName(name []byte) error {
	if len(name) == 0 || len(name) > maxName {
		return errCollName
	}
	for _, b := range name {
		if b >= 0x80 || !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-", rune(b)) {
			return errCollName
		}
	}
	return nil
}

// create implements DOC.CREATE.
func create(c *command.Ctx) error {
	if err := checkName(c.Args[1]); err != nil {
		return err
	}
	o := ruleOptions{rules: engine.CollectionRules{
		Prefix: string(c.Args[1]) + ":", Mode: engine.Strict, History: engine.HistoryOff,
	}}
	if err := o.read(c); err != nil {
		return err
	}
	if err := c.Tx.CreateCollection(string(c.Args[1]), o.rules, o.adopt); err != nil {
		return err
	}
	c.Out.OK()
	return nil
}

// alter implements DOC.ALTER: what is not named stays.
func alter(c *command.Ctx) error {
	coll, err := collection(c)
	if err != nil {
		return err
	}
	o := ruleOptions{rules: coll.CollectionRules}
	if err := o.read(c); err != nil {
		return err
	}
	if err := c.Tx.AlterCollection(coll, o.rules); err != nil {
		return err
	}
	c.Out.OK()
	return nil
}

// drop implements DOC.DROP.
func drop(c *command.Ctx) error {
	coll, err := collection(c)
	if err != nil {
		return err
	}
	keep := engine.Refuse
	s := c.Options(2)
	for s.Next() {
		if s.Option() != "KEEPDOCS" {
			return command.SyntaxNear(c.Args[s.Pos()-1])
		}
		keep = engine.Adopt
	}
	if err := c.Tx.DropCollection(coll, keep); err != nil {
		return err
	}
	c.Out.OK()
	return nil
}
