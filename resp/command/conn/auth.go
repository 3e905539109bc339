package conn

import (
	"crypto/sha256"
	"crypto/subtle"

	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/session"
)

// auth implements AUTH.
func auth(c *command.Ctx) error {
	user, password := []byte(session.DefaultUser), c.Args[1]
	if len(c.Args) == 3 {
		user, password = c.Args[1], c.Args[2]
	}
	c.RedactFrom(1)
	switch {
	case len(c.Args) > 3:
		return rediserr.Syntax
	case len(c.Args) == 2 && c.Config().RequirePass == "":
		return rediserr.NoPasswordSet
	}
	if err := authenticate(c, user, password); err != nil {
		return err
	}
	c.Out.OK()
	return nil
}

// authenticate makes the session the user's if the password is right. A user
// that there is none of takes the same time as a wrong password.
func authenticate(c *command.Ctx, user, password []byte) error {
	want := c.Config().RequirePass
	known := string(user) == session.DefaultUser
	given, expected := sha256.Sum256(password), sha256.Sum256([]byte(want))
	right := subtle.ConstantTimeCompare(given[:], expected[:]) == 1
	if !known || want != "" && !right {
		return rediserr.WrongPass
	}
	c.Sess.User, c.Sess.Authenticated = session.DefaultUser, true
	return nil
}
