package app

import (
	"errors"
	"fmt"
	"os"

	"kvd/internal/config"
	"kvd/resp/acl"
	"kvd/resp/command"
)

var errTwoSources = errors.New("users are defined in the configuration and an aclfile is set: define them in one place only")

// loadUsers makes the users that the settings define: those of requirepass and
// the user lines, or those of the file of users.
func loadUsers(cfg *config.Config, table *command.Table) (*acl.Users, error) {
	users := acl.NewUsers(table.Catalog())
	if err := users.RequirePass(cfg.RequirePass); err != nil {
		return nil, fmt.Errorf("requirepass: %w", err)
	}
	channels := command.NewUserChannels(cfg)
	if cfg.ACLFile == "" {
		return users, users.Define(cfg.Users, channels)
	}
	if len(cfg.Users) > 0 {
		return nil, errTwoSources
	}
	text, err := os.ReadFile(cfg.ACLFile)
	if err != nil {
		return nil, fmt.Errorf("reading the file of users: %w", err)
	}
	return users, users.Load(cfg.ACLFile, string(text), channels)
}

// followUsers joins users and settings: requirepass acts on the default user,
// and a rewritten configuration has the users that there are.
func (a *App) followUsers() {
	a.live.OnChange(func(old, changed *config.Config) {
		if changed.RequirePass == old.RequirePass {
			return
		}
		if err := a.services.Users.RequirePass(changed.RequirePass); err != nil {
			a.log.Error().Err(err).Msg("the password of the default user stays as it was")
		}
	})
	a.live.OnRewrite(func(c *config.Config) {
		c.Users = nil
		if c.ACLFile == "" {
			c.Users = a.services.Users.Lines(c.RequirePass)
		}
	})
}
