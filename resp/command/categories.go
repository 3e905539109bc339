package command

import "strings"

// Categories are the ACL categories of a command.
type Categories uint32

// The categories of redis-server, in the order in which it lists them, then ours.
const (
	CatKeyspace Categories = 1 << iota
	CatRead
	CatWrite
	CatSet
	CatSortedSet
	CatList
	CatHash
	CatString
	CatBitmap
	CatHyperLogLog
	CatGeo
	CatStream
	CatPubSub
	CatAdmin
	CatFast
	CatSlow
	CatBlocking
	CatDangerous
	CatConnection
	CatTransaction
	CatScripting

	// Of the families that redis-server does not have.
	CatJSON
	CatDoc
	CatVer
	CatMig
	CatSnap
	CatCache

	shownCategories = iota
)

// NoFamilyCategories in Spec.Categories keeps the categories of the family
// away from one of its commands: SORT is not in @keyspace.
const NoFamilyCategories Categories = 1 << shownCategories

// OwnCategories are those that redis-server does not have.
const OwnCategories = CatJSON | CatDoc | CatVer | CatMig | CatSnap | CatCache

// AllCategories is every category.
const AllCategories Categories = 1<<shownCategories - 1

var categoryNames = [shownCategories]string{
	"keyspace", "read", "write", "set", "sortedset", "list", "hash", "string", "bitmap",
	"hyperloglog", "geo", "stream", "pubsub", "admin", "fast", "slow", "blocking", "dangerous",
	"connection", "transaction", "scripting",
	"json", "doc", "ver", "mig", "snap", "cache",
}

// Names returns the categories without the leading @, in the order in which
// ACL CAT and COMMAND INFO list them.
func (c Categories) Names() []string { return setNames(uint64(c), categoryNames[:]) }

// Has reports whether all of want are set.
func (c Categories) Has(want Categories) bool { return c&want == want }

// ParseCategory returns the category with this name, without the leading @ and
// in any case.
func ParseCategory(name string) (Categories, bool) {
	for i, n := range categoryNames {
		if strings.EqualFold(n, name) {
			return 1 << i, true
		}
	}
	return 0, false
}

// implied returns the categories that follow from the flags. Scripts that
// promise not to write are not @read: what they read is not fixed.
func implied(f Flags, own Categories) Categories {
	rules := [...]struct {
		flag Flags
		cats Categories
	}{
		{Write, CatWrite},
		{ReadOnly, CatRead},
		{Admin, CatAdmin | CatDangerous},
		{PubSub, CatPubSub},
		{Fast, CatFast},
		{Blocking, CatBlocking},
	}
	var c Categories
	for _, r := range rules {
		if f.Has(r.flag) {
			c |= r.cats
		}
	}
	if own.Has(CatScripting) {
		c &^= CatRead
	}
	if !f.Has(Fast) {
		c |= CatSlow
	}
	return c
}
