package acl

import (
	"crypto/rand"
	"encoding/hex"
	"math"

	"kvd/internal/rediserr"
	"kvd/resp/acl"
	"kvd/resp/command"
)

// cat implements ACL CAT.
func cat(c *command.Ctx) error {
	if len(c.Args) > 3 {
		return rediserr.SubcommandSyntax(c.Command.Parent, c.Args[1])
	}
	if len(c.Args) == 2 {
		writeTexts(c, command.AllCategories.Names())
		return nil
	}
	category, ok := command.ParseCategory(string(c.Args[2]))
	if !ok {
		return rediserr.Newf("Unknown category '%.128s'", c.Args[2])
	}
	var names []string
	for _, cmd := range c.Services.Table.All() {
		if cmd.Categories.Has(category) {
			names = append(names, cmd.FullName)
		}
	}
	writeTexts(c, names)
	return nil
}

// dryRun implements ACL DRYRUN.
func dryRun(c *command.Ctx) error {
	account := c.Services.Users.Get(string(c.Args[2]))
	if account == nil {
		return rediserr.Newf("User '%.128s' not found", c.Args[2])
	}
	line := c.Args[3:]
	cmd, err := c.Services.Table.Find(line)
	switch {
	case err != nil:
		return rediserr.Newf("Command '%.128s' not found", line[0])
	case !cmd.AcceptsWords(len(line)):
		return rediserr.WrongArgs(cmd.FullName)
	}
	if v := cmd.Check(account.User(), line); v.Denied() {
		c.Out.Text(v.Text(cmd.FullName, line))
		return nil
	}
	c.Out.OK()
	return nil
}

const (
	usualBits = 256
	mostBits  = 4096
)

var errBits = rediserr.Newf("ACL GENPASS argument must be the number of bits for the output password, a positive number up to %d", mostBits)

// genPass implements ACL GENPASS: hexadecimal digits, as many as hold the bits.
func genPass(c *command.Ctx) error {
	bits := int64(usualBits)
	switch {
	case len(c.Args) > 3:
		return rediserr.SubcommandSyntax(c.Command.Parent, c.Args[1])
	case len(c.Args) == 3:
		var err error
		if bits, err = c.Int(2); err != nil {
			return err
		}
		if bits <= 0 || bits > mostBits {
			return errBits
		}
	}
	digits := (bits + 3) / 4
	random := make([]byte, (digits+1)/2)
	_, _ = rand.Read(random) // never fails
	c.Out.Text(hex.EncodeToString(random)[:digits])
	return nil
}

// usualEntries is how many entries ACL LOG shows.
const usualEntries = 10

// showLog implements ACL LOG.
func showLog(c *command.Ctx) error {
	count := int64(usualEntries)
	s := c.Options(2)
	switch {
	case len(c.Args) > 3:
		return rediserr.SubcommandSyntax(c.Command.Parent, c.Args[1])
	case s.Next() && s.Option() == "RESET":
		c.Services.Refusals.Reset()
		c.Out.OK()
		return nil
	case len(c.Args) == 3:
		var err error
		if count, err = c.Int(2); err != nil {
			return err
		}
	}
	entries := c.Services.Refusals.Newest(int(max(0, min(count, math.MaxInt32))))
	c.Out.Array(len(entries))
	for i := range entries {
		writeRefusal(c, &entries[i])
	}
	return nil
}

// writeRefusal writes an entry of the log.
func writeRefusal(c *command.Ctx, r *acl.Refusal) {
	c.Out.Map(7)
	c.Out.Text("count")
	c.Out.Int(r.Count)
	for _, pair := range [][2]string{
		{"reason", r.Reason.String()}, {"context", r.Context.String()}, {"object", r.Object}, {"username", r.User},
	} {
		c.Out.Text(pair[0])
		c.Out.Text(pair[1])
	}
	c.Out.Text("age-seconds")
	c.Out.Double(float64(c.Now.Sub(r.At).Milliseconds()) / 1000)
	c.Out.Text("client-info")
	c.Out.Text(r.Client)
}
