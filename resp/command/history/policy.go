package history

import (
	"bytes"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// scopes are the words that name keys of a policy.
var scopes = map[string]engine.PolicyScope{
	"KEY": engine.ScopeKey, "PREFIX": engine.ScopePrefix, "MATCH": engine.ScopePattern, "COLL": engine.ScopeCollection,
}

var errScope = rediserr.New("syntax error: KEY, PREFIX, MATCH or COLL is needed")

// parsePolicy reads the options of VER.TRACK.
func parsePolicy(c *command.Ctx) (p engine.HistoryPolicy, err error) {
	keys, next := selectKeys(c)
	scope, ok := scopes[keys.word]
	if !ok {
		return p, errScope
	}
	p.Scope, p.Name = scope, string(keys.name)
	s := c.Options(next)
	for s.Next() {
		switch word := s.Option(); word {
		case "MODE":
			p.Mode = mode(&s)
		case "KEEP":
			p.Keep = uint64(s.Count())
		case "MINKEEP":
			p.MinKeep = uint64(s.Count())
		case "MAXAGE":
			p.MaxAge = seconds(&s)
		case "KEEPDELETED":
			p.KeepDeleted = seconds(&s)
		case "MINGAP":
			p.MinGap = s.Count()
		default:
			s.Fail(command.SyntaxNear([]byte(word)))
		}
	}
	if err := s.Err(); err != nil {
		return p, err
	}
	if p.Mode == 0 {
		return p, errMode
	}
	if p.Scope == engine.ScopeCollection {
		p.Prefix, err = prefixOf(c, keys.name)
	}
	return p, err
}

var errMode = rediserr.New("syntax error: MODE AUTO or MODE MANUAL is needed")

func mode(s *command.Options) engine.PolicyMode {
	switch word := s.Arg(); {
	case bytes.EqualFold(word, []byte("AUTO")):
		return engine.RecordAuto
	case bytes.EqualFold(word, []byte("MANUAL")):
		return engine.RecordManual
	}
	s.Fail(errMode)
	return 0
}

// prefixOf returns what the keys of a collection begin with.
func prefixOf(c *command.Ctx, name []byte) (string, error) {
	coll := c.Services.Engine.Collection(c.Tx.DB(), name)
	if coll == nil {
		return "", engine.NoCollection(name)
	}
	return coll.Prefix, nil
}

// track implements VER.TRACK.
func track(c *command.Ctx) error {
	p, err := parsePolicy(c)
	if err != nil {
		return err
	}
	if !c.Services.Disk.Persistent() {
		return engine.ErrNoHistory
	}
	c.Tx.SetPolicy(&p)
	c.Out.OK()
	return nil
}

// untrack implements VER.UNTRACK.
func untrack(c *command.Ctx) error {
	keys, _ := selectKeys(c)
	scope, ok := scopes[keys.word]
	if !ok {
		return errScope
	}
	n := int64(0)
	if c.Tx.RemovePolicy(scope, string(keys.name)) {
		n = 1
	}
	c.Out.Int(n)
	return nil
}

// policies implements VER.POLICIES.
func policies(c *command.Ctx) error {
	list := c.Services.Engine.Policies()
	c.Out.Array(len(list))
	for i := range list {
		writePolicy(c, &list[i])
	}
	return nil
}

func writePolicy(c *command.Ctx, p *engine.HistoryPolicy) {
	scope, mode := "", "MANUAL"
	for word, s := range scopes {
		if s == p.Scope {
			scope = word
		}
	}
	if p.Mode == engine.RecordAuto {
		mode = "AUTO"
	}
	out := c.Out
	out.Map(8)
	for _, pair := range [...][2]string{{"scope", scope}, {"name", p.Name}, {"mode", mode}} {
		out.Text(pair[0])
		out.Text(pair[1])
	}
	for _, limit := range [...]struct {
		name  string
		value int64
	}{
		{"keep", int64(p.Keep)},
		{"maxage", p.MaxAge / 1000},
		{"minkeep", int64(p.MinKeep)},
		{"keepdeleted", p.KeepDeleted / 1000},
		{"mingap", p.MinGap},
	} {
		out.Text(limit.name)
		out.Int(limit.value)
	}
}

// stat implements VER.STAT.
func stat(c *command.Ctx) error {
	key := c.Args[1]
	h, err := c.Tx.History(key)
	if err != nil {
		return err
	}
	d, err := document(c, key)
	if err != nil {
		return err
	}
	state, _ := h.State()
	i := d.Info()
	if !d.Exists() {
		i = engine.DocumentInfo{
			Rev: state.Rev, CreatedRev: state.MadeRev, Version: state.Newest, Created: state.Created, Changed: state.Time,
		}
	}
	sum, err := h.Count()
	if err != nil {
		return err
	}
	out := c.Out
	out.Map(9)
	for _, pair := range [...]struct {
		name  string
		value int64
	}{
		{"rev", int64(i.Rev)},
		{"crev", int64(i.CreatedRev)},
		{"ver", int64(i.Version)},
		{"ctime", i.Created},
		{"mtime", i.Changed},
		{"versions", sum.Versions},
		{"stored", sum.Bytes},
		{"head", int64(state.Newest)},
	} {
		out.Text(pair.name)
		out.Int(pair.value)
	}
	out.Text("policy")
	if p, ok := c.Services.Engine.PolicyOf(key); ok {
		writePolicy(c, &p)
	} else {
		out.Null()
	}
	return nil
}
