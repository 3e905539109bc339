package schema

import (
	"fmt"
	"strconv"
	"strings"

	"kvd/engine"
	"kvd/engine/doc"
	"kvd/engine/doc/schema"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

var errName = rediserr.New("a schema name has 1 to 128 letters, digits, '_', '.' or '-'")

// maxName is the length of the longest name.
const maxName = 128

func checkName(name []byte) error {
	if len(name) == 0 || len(name) > maxName {
		return errName
	}
	for _, b := range name {
		if b >= 0x80 || !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-", rune(b)) {
			return errName
		}
	}
	return nil
}

// setOptions are the options of SCHEMA.SET.
type setOptions struct {
	expect    uint64
	hasExpect bool
	check     []byte
	dryRun    bool
}

func parseSet(c *command.Ctx) (opt setOptions, err error) {
	s := c.Options(3)
	for s.Next() {
		switch s.Option() {
		case "EXPECT":
			opt.expect, opt.hasExpect = s.Uint(), true
		case "CHECK":
			opt.check = s.Arg()
		case "DRYRUN":
			opt.dryRun = true
		default:
			s.Fail(command.SyntaxNear(c.Args[s.Pos()-1]))
		}
	}
	return opt, s.Err()
}

// set implements SCHEMA.SET.
func set(c *command.Ctx) error {
	opt, err := parseSet(c)
	if err != nil {
		return err
	}
	if err := checkName(c.Args[1]); err != nil {
		return err
	}
	name, e := string(c.Args[1]), c.Services.Engine
	version := e.SchemaVersion(name)
	if opt.hasExpect && opt.expect != uint64(version) {
		return rediserr.Coded("CONFLICT", fmt.Sprintf("expected version %d, current %d", opt.expect, version))
	}
	compiled, err := e.TrySchema(name, c.Args[2])
	if err != nil {
		return err
	}
	if opt.check != nil {
		if err := checkAll(c, opt.check, compiled); err != nil {
			return err
		}
	}
	if opt.dryRun {
		c.Out.Int(int64(e.NextSchemaVersion(name, c.Args[2])))
		return nil
	}
	version, err = c.Tx.AddSchema(name, c.Args[2])
	if err != nil {
		return err
	}
	c.Out.Int(int64(version))
	return nil
}

// checkAll checks all documents of a collection against a schema that it may get.
func checkAll(c *command.Ctx, name []byte, s *schema.Schema) error {
	coll := c.Services.Engine.Collection(c.Tx.DB(), name)
	if coll == nil {
		return engine.NoCollection(name)
	}
	return c.Tx.CheckAll(coll, s)
}

// del implements SCHEMA.DEL.
func del(c *command.Ctx) error {
	if err := c.Tx.RemoveSchema(string(c.Args[1])); err != nil {
		return err
	}
	c.Out.OK()
	return nil
}

// get implements SCHEMA.GET.
func get(c *command.Ctx) error {
	var version uint64
	s := c.Options(2)
	for s.Next() {
		if s.Option() != "VERSION" {
			s.Fail(command.SyntaxNear(c.Args[s.Pos()-1]))
			break
		}
		version = s.Uint()
	}
	if err := s.Err(); err != nil {
		return err
	}
	text, ok := c.Services.Engine.SchemaText(string(c.Args[1]), uint32(min(version, 1<<32-1)))
	if !ok {
		c.Out.Null()
		return nil
	}
	c.Out.Text(text)
	return nil
}

// validate implements SCHEMA.VALIDATE. Like $ref it takes a version behind an @.
func validate(c *command.Ctx) error {
	s, err := c.Services.Engine.Schema(string(c.Args[1]))
	if err != nil {
		return err
	}
	v, err := doc.Parse(c.Args[2])
	if err != nil {
		return command.DocumentError(err)
	}
	faults, err := s.Check(v, schema.Plain)
	if err != nil {
		return rediserr.Coded("LIMIT", err.Error())
	}
	c.Out.Array(len(faults))
	for i := range faults {
		command.WriteFault(c.Out, &faults[i])
	}
	return nil
}

// defaultPage is how many types a page of SCHEMA.LIST has.
const defaultPage = 100

// list implements SCHEMA.LIST. The cursor is the number of types before the page.
func list(c *command.Ctx) error {
	from, count := uint64(0), int64(defaultPage)
	s := c.Options(1)
	for s.Next() {
		switch s.Option() {
		case "CURSOR":
			n, err := command.ParseCursor(s.Arg())
			s.Fail(err)
			from = n
		case "COUNT":
			if count = s.Int(); count < 1 {
				s.Fail(rediserr.Syntax)
			}
		default:
			s.Fail(command.SyntaxNear(c.Args[s.Pos()-1]))
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	all := c.Services.Engine.Schemas()
	page := all[min(from, uint64(len(all))):]
	next := "0"
	if int64(len(page)) > count {
		page = page[:count]
		next = strconv.FormatUint(from+uint64(count), 10)
	}
	c.Out.Array(2)
	c.Out.Text(next)
	c.Out.Array(len(page))
	for _, t := range page {
		writeType(c, &t)
	}
	return nil
}

func writeType(c *command.Ctx, t *engine.SchemaInfo) {
	c.Out.Map(4)
	c.Out.Text("name")
	c.Out.Text(t.Name)
	c.Out.Text("version")
	c.Out.Int(int64(t.Version))
	c.Out.Text("created")
	c.Out.Int(t.Created)
	c.Out.Text("collections")
	c.Out.Array(len(t.Collections))
	for _, name := range t.Collections {
		c.Out.Text(name)
	}
}
