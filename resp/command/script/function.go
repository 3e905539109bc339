package script

import (
	"strings"

	"kvd/internal/glob"
	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/script"
	"kvd/snapshot/rdb"
)

// stored is what the names of stored libraries begin with; see engine.Settings.
const stored = "function/"

var (
	errPolicy   = rediserr.New("Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.")
	errPayload  = rediserr.New("DUMP payload version or checksum are wrong")
	errFormat   = rediserr.New("given type is not a function")
	errNoFilter = rediserr.New("library name argument was not given")
)

// refresh makes the libraries those that are stored, which they are not after a
// start and after what was stored has been loaded again.
func refresh(c *command.Ctx) {
	s, e := c.Services.Scripts, c.Services.Engine
	if s.SyncedTo(e.SettingsVersion()) {
		return
	}
	values, version := e.Settings(stored)
	codes := make(map[string]string, len(values))
	for name, code := range values {
		codes[strings.TrimPrefix(name, stored)] = code
	}
	if err := s.Sync(codes, version); err != nil {
		c.Services.Process.Log(err.Error())
	}
}

// keep stores a library.
func keep(c *command.Ctx, lib *script.Library) {
	c.Tx.PutSetting(stored+lib.Name, lib.Code)
	c.Services.Scripts.SyncTo(c.Services.Engine.SettingsVersion())
}

func forget(c *command.Ctx, name string) {
	c.Tx.DeleteSetting(stored + name)
	c.Services.Scripts.SyncTo(c.Services.Engine.SettingsVersion())
}

func functionLoad(c *command.Ctx) error {
	how := script.Refuse
	for _, option := range c.Args[2 : len(c.Args)-1] {
		if !strings.EqualFold(string(option), "replace") {
			return rediserr.Newf("Unknown option given: %s", option)
		}
		how = script.Replace
	}
	refresh(c)
	lib, err := c.Services.Scripts.AddLibrary(string(c.Args[len(c.Args)-1]), how)
	if err != nil {
		return err
	}
	keep(c, lib)
	c.Out.Text(lib.Name)
	return nil
}

func functionDelete(c *command.Ctx) error {
	refresh(c)
	name := string(c.Args[2])
	if err := c.Services.Scripts.DeleteLibrary(name); err != nil {
		return err
	}
	forget(c, name)
	c.Out.OK()
	return nil
}

func functionFlush(c *command.Ctx) error {
	if len(c.Args) > 3 {
		return rediserr.SubcommandSyntax(c.Command.Parent, c.Args[1])
	}
	if !isFlushMode(c) {
		return errFunctionFlush
	}
	dropAll(c)
	c.Out.OK()
	return nil
}

func dropAll(c *command.Ctx) {
	refresh(c)
	for _, name := range c.Services.Scripts.FlushLibraries() {
		forget(c, name)
	}
}

func functionDump(c *command.Ctx) error {
	refresh(c)
	var codes []string
	for _, lib := range c.Services.Scripts.Libraries() {
		codes = append(codes, lib.Code)
	}
	c.Out.Bulk(rdb.EncodeFunctions(codes))
	return nil
}

func functionRestore(c *command.Ctx) error {
	if len(c.Args) > 4 {
		return rediserr.SubcommandSyntax(c.Command.Parent, c.Args[1])
	}
	policy := "APPEND"
	if s := c.Options(3); s.Next() {
		policy = s.Option()
	}
	if policy != "APPEND" && policy != "REPLACE" && policy != "FLUSH" {
		return errPolicy
	}
	codes, err := rdb.DecodeFunctions(c.Args[2])
	switch {
	case err == rdb.ErrChecksum: //nolint:errorlint // the package returns it as it is
		return errPayload
	case err != nil:
		return errFormat
	}
	refresh(c)
	how := script.Refuse
	if policy == "REPLACE" {
		how = script.Replace
	}
	before := c.Services.Scripts.Libraries()
	if policy == "FLUSH" {
		c.Services.Scripts.FlushLibraries()
	}
	added, err := c.Services.Scripts.Restore(codes, how)
	if err != nil {
		if policy == "FLUSH" {
			putBack(c, before)
		}
		return err
	}
	if policy == "FLUSH" {
		for _, lib := range before {
			forget(c, lib.Name)
		}
	}
	for _, lib := range added {
		keep(c, lib)
	}
	c.Out.OK()
	return nil
}

// putBack restores the libraries that were there before a FLUSH that failed.
func putBack(c *command.Ctx, libraries []*script.Library) {
	for _, lib := range libraries {
		if _, err := c.Services.Scripts.AddLibrary(lib.Code, script.Replace); err != nil {
			c.Services.Process.Log(err.Error())
		}
	}
}

// listOptions are the options of FUNCTION LIST.
type listOptions struct {
	pattern  []byte
	filtered bool
	withCode bool
}

func parseList(c *command.Ctx) (o listOptions, err error) {
	s := c.Options(2)
	for s.Next() {
		switch {
		case s.Option() == "WITHCODE" && !o.withCode:
			o.withCode = true
		case s.Option() == "LIBRARYNAME" && !o.filtered:
			if s.Left() == 0 {
				return o, errNoFilter
			}
			o.pattern, o.filtered = s.Arg(), true
		default:
			return o, rediserr.Newf("Unknown argument %s", c.Args[s.Pos()-1])
		}
	}
	return o, s.Err()
}

func functionList(c *command.Ctx) error {
	o, err := parseList(c)
	if err != nil {
		return err
	}
	refresh(c)
	var list []*script.Library
	for _, lib := range c.Services.Scripts.Libraries() {
		if !o.filtered || glob.MatchFold(o.pattern, []byte(lib.Name)) {
			list = append(list, lib)
		}
	}
	c.Out.Array(len(list))
	for _, lib := range list {
		writeLibrary(c, lib, o)
	}
	return nil
}

func writeLibrary(c *command.Ctx, lib *script.Library, o listOptions) {
	out := c.Out
	fields := 3
	if o.withCode {
		fields++
	}
	out.Map(fields)
	out.Text("library_name")
	out.Text(lib.Name)
	out.Text("engine")
	out.Text("LUA")
	out.Text("functions")
	out.Array(len(lib.Functions))
	for _, f := range lib.Functions {
		out.Map(3)
		out.Text("name")
		out.Text(f.Name)
		out.Text("description")
		if f.Described {
			out.Text(f.Description)
		} else {
			out.Null()
		}
		out.Text("flags")
		names := f.Flags.Names()
		out.Set(len(names))
		for _, name := range names {
			out.Status(name)
		}
	}
	if o.withCode {
		out.Text("library_code")
		out.Text(lib.Code)
	}
}

func functionKill(c *command.Ctx) error {
	if err := c.Services.Scripts.Kill(script.Function); err != nil {
		return err
	}
	c.Out.OK()
	return nil
}

func functionStats(c *command.Ctx) error {
	out := c.Out
	out.Map(2)
	out.Text("running_script")
	if run := c.Services.Scripts.Current(); run != nil {
		out.Map(3)
		out.Text("name")
		out.Text(run.Name)
		out.Text("command")
		out.Array(len(run.Line))
		for _, word := range run.Line {
			out.Bulk(word)
		}
		out.Text("duration_ms")
		out.Int(c.Now.Sub(run.Started).Milliseconds())
	} else {
		out.Null()
	}
	libraries, functions := c.Services.Scripts.Count()
	out.Text("engines")
	out.Map(1)
	out.Text("LUA")
	out.Map(2)
	out.Text("libraries_count")
	out.Int(int64(libraries))
	out.Text("functions_count")
	out.Int(int64(functions))
	return nil
}
