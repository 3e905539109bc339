package acl

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"kvd/internal/config"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

var (
	errNoFile = rediserr.New("This Redis instance is not configured to use an ACL file. " +
		"You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE " +
		"(assuming you have a Redis configuration file set) in order to store users in the Redis configuration.")
	errSave = rediserr.New("There was an error trying to save the ACLs. Please check the server logs for more information")
)

// load implements ACL LOAD. All users but the default one are new ones then,
// and the clients of the old ones are disconnected.
func load(c *command.Ctx) error {
	name := c.Config().ACLFile
	if name == "" {
		return errNoFile
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return rediserr.Newf("Error loading ACLs, opening file '%s': %s", name, reason(err))
	}
	if err := c.Services.Users.Load(name, string(text), command.NewUserChannels(c.Config())); err != nil {
		return rediserr.New(rediserr.OneLine(err.Error()))
	}
	disconnectGone(c)
	c.Out.OK()
	return nil
}

// save implements ACL SAVE.
func save(c *command.Ctx) error {
	name := c.Config().ACLFile
	if name == "" {
		return errNoFile
	}
	if err := config.ReplaceFile(name, c.Services.Users.Text()); err != nil {
		c.Services.Process.Log(fmt.Sprintf("saving the users to %s: %v", name, err))
		return errSave
	}
	c.Out.OK()
	return nil
}

// reason is the system's word for why a file can't be opened.
func reason(err error) string {
	var failed *fs.PathError
	if errors.As(err, &failed) {
		err = failed.Err
	}
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:]
}
