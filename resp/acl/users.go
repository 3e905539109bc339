package acl

import (
	"crypto/sha256"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Default is the name of the user that a client is until it says otherwise. It
// is always there.
const Default = "default"

// Account is where the current User of a name stands. Its methods are safe for
// concurrent use.
type Account struct {
	user atomic.Pointer[User]
	gone atomic.Bool
}

// User returns who the account is now.
func (a *Account) User() *User { return a.user.Load() }

// Gone reports whether the account has been deleted. Its User may then do
// nothing, and its clients are to be disconnected.
func (a *Account) Gone() bool { return a.gone.Load() }

// remove deletes the account.
func (a *Account) remove() {
	u := a.User()
	a.gone.Store(true)
	a.user.Store(newUser(u.catalog, u.name, NoChannels))
}

// Users is all users of a server. Its methods are safe for concurrent use.
type Users struct {
	catalog *Catalog
	def     *Account

	mu       sync.RWMutex
	accounts map[string]*Account
}

// NewUsers returns the users of a server that was told of none: the default user
// alone, who needs no password and may do everything.
func NewUsers(cat *Catalog) *Users {
	u := &Users{catalog: cat, accounts: map[string]*Account{}}
	u.def = u.add(newDefault(cat))
	return u
}

// add makes an account. The lock is held, or not needed yet.
func (u *Users) add(user *User) *Account {
	a := &Account{}
	a.user.Store(user)
	u.accounts[user.name] = a
	return a
}

// Default returns the account of the default user.
func (u *Users) Default() *Account { return u.def }

// Open reports whether clients may do without a password: the default user needs
// none and is on.
func (u *Users) Open() bool {
	def := u.def.User()
	return def.noPass && def.enabled
}

// Get returns the account with this name, or nil.
func (u *Users) Get(name string) *Account {
	u.mu.RLock()
	defer u.mu.RUnlock()
	return u.accounts[name]
}

// All returns all users, sorted by name.
func (u *Users) All() []*User {
	u.mu.RLock()
	all := make([]*User, 0, len(u.accounts))
	for _, a := range u.accounts {
		all = append(all, a.User())
	}
	u.mu.RUnlock()
	slices.SortFunc(all, func(a, b *User) int { return strings.Compare(a.name, b.name) })
	return all
}

// Authenticate returns the account of a user if the password is right, else nil.
// A user that there is none of takes the time of one with a password.
func (u *Users) Authenticate(name, password []byte) *Account {
	given := sha256.Sum256(password)
	a := u.Get(string(name))
	if a == nil {
		nobody := User{passwords: make([]digest, 1)}
		nobody.accepts(&given)
		return nil
	}
	if !a.User().accepts(&given) {
		return nil
	}
	return a
}

// Change applies rules to a user, who is made if there is none of this name; def
// is what new users get. Nothing is changed if one of the rules is refused, with
// a *RuleError. It returns the account and the User that it was before, or nil.
func (u *Users) Change(name string, rules []string, def Channels) (a *Account, before *User, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	a = u.accounts[name]
	from := newUser(u.catalog, name, def)
	if a != nil {
		before = a.User()
		from = before
	}
	changed, err := from.with(rules, def)
	if err != nil {
		return nil, nil, err
	}
	if a == nil {
		return u.add(changed), nil, nil
	}
	a.user.Store(changed)
	return a, before, nil
}

// Delete deletes a user and reports whether there was one. The default user stays.
func (u *Users) Delete(name string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	a := u.accounts[name]
	if a == nil || a == u.def {
		return false
	}
	delete(u.accounts, name)
	a.remove()
	return true
}

// replace makes users all that there are. The default user's account stays, with
// new rules; all others are new accounts.
func (u *Users) replace(users []*User) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for name, a := range u.accounts {
		if a != u.def {
			delete(u.accounts, name)
			a.remove()
		}
	}
	u.def.user.Store(newDefault(u.catalog))
	for _, user := range users {
		if user.name == Default {
			u.def.user.Store(user)
			continue
		}
		u.add(user)
	}
}

// RequirePass gives the default user one password, or none if it is empty: the
// setting requirepass.
func (u *Users) RequirePass(password string) error {
	rules := []string{"nopass"}
	if password != "" {
		rules = []string{"resetpass", ">" + password}
	}
	_, _, err := u.Change(Default, rules, NoChannels)
	return err
}

// NamedRight reports whether a name is one that a user can have.
func NamedRight(name string) bool { return !hasSpace(name) }
