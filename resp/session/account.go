package session

import "kvd/resp/acl"

// Account returns whom the client is, from any goroutine.
func (s *Session) Account() *acl.Account { return s.account.Load() }

// Become makes the client the user of an account. The session's own goroutine
// calls it. A client that is somebody who has just been deleted is killed.
func (s *Session) Become(a *acl.Account, as Login) {
	s.account.Store(a)
	s.User, s.Authenticated = a.User().Name(), as == Authenticated
	if a.Gone() {
		s.Kill() // it was deleted while this session could not be seen
	}
}

// Login says whether a client has shown that it is who it is.
type Login bool

// The values of Login: a Stranger is the default user without having given its
// password.
const (
	Stranger      Login = false
	Authenticated Login = true
)
