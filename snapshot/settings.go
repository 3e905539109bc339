package snapshot

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"kvd/snapshot/archive"
)

// groups are the members of an archive that have settings.
var groups = []string{"schemas", "collections", "migrations", "settings"}

// The names of settings begin with what they are about.
const (
	schemaPrefix     = "doc/type/"
	collectionPrefix = "doc/coll/"
	migrationPrefix  = "mig/"
	ownPrefix        = "snap/" // ours: schedules, which belong to the server and not to the data
)

// groupOf returns the member that a setting goes into; "" for none.
func groupOf(name string) string {
	switch {
	case strings.HasPrefix(name, schemaPrefix):
		return "schemas"
	case strings.HasPrefix(name, collectionPrefix):
		return "collections"
	case strings.HasPrefix(name, migrationPrefix):
		return "migrations"
	case strings.HasPrefix(name, ownPrefix):
		return ""
	}
	return "settings"
}

// settingNames are the names in a group, without what they all begin with.
func settingNames(chosen map[string]archive.Settings, group string) []string {
	prefix := map[string]string{"schemas": schemaPrefix, "collections": collectionPrefix}[group]
	list := slices.Sorted(maps.Keys(chosen[group]))
	for i := range list {
		list[i] = strings.TrimPrefix(list[i], prefix)
	}
	return list
}

// resolve turns the scopes that a client has named into such of keys, and chooses
// the settings that go with them: all for all keys; for collections their own
// definitions and all types, which they may refer to; for mere keys none.
func resolve(named []archive.Scope, settings map[string]string) (scope, map[string]archive.Settings, error) {
	chosen := make(map[string]archive.Settings)
	take := func(name string) {
		if group := groupOf(name); group != "" {
			if chosen[group] == nil {
				chosen[group] = make(archive.Settings)
			}
			chosen[group][name] = settings[name]
		}
	}
	var keys scope
	for _, sc := range named {
		if sc.Kind != ScopeCollection {
			keys = append(keys, sc)
			continue
		}
		for name := range settings {
			if groupOf(name) == "schemas" || isOf(name, string(sc.Value)) {
				take(name)
			}
		}
		prefix, ok := prefixIn(settings, string(sc.Value))
		if !ok {
			return nil, nil, codedf("NOTFOUND", "no collection '%s'", sc.Value)
		}
		keys = append(keys, archive.Scope{Kind: ScopePrefix, Value: archive.Text(prefix)})
	}
	if len(named) == 0 {
		for name := range settings {
			take(name)
		}
	}
	return keys, chosen, nil
}

// prefixIn returns what the keys of a collection begin with, if it is defined.
func prefixIn(settings map[string]string, collection string) (prefix string, ok bool) {
	for name, text := range settings {
		if groupOf(name) == "collections" && isOf(name, collection) {
			return prefixOf(text, collection), true
		}
	}
	return "", false
}

// isOf reports whether a setting is about a collection: one part of its name is.
func isOf(name, collection string) bool {
	group := groupOf(name)
	return (group == "collections" || group == "migrations") && slices.Contains(strings.Split(name, "/")[2:], collection)
}

// prefixOf returns what the keys of a collection begin with.
func prefixOf(text, collection string) string {
	var def struct {
		Prefix *string `json:"prefix"`
	}
	if json.Unmarshal([]byte(text), &def) == nil && def.Prefix != nil {
		return *def.Prefix
	}
	return collection + ":"
}
