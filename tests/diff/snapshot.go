package diff

import "slices"

// databases are those that lines use.
var databases = []string{"0", "1", "2"}

// compareAll compares all data of both servers.
func (s *servers) compareAll(after string) *difference {
	s.t.Helper()
	for _, db := range databases {
		if d := s.compareDatabase(db); d != nil {
			d.after = after
			d.at = -1
			return d
		}
	}
	if d := s.compare([]line{{"SELECT", "0"}}); d != nil {
		return d
	}
	return nil
}

func (s *servers) compareDatabase(db string) *difference {
	s.t.Helper()
	// Not DBSIZE: it counts keys whose time has passed until each server has come
	// round to delete them.
	if d := s.compare([]line{{"SELECT", db}, {"KEYS", "*"}}); d != nil {
		return d
	}
	replies, err := s.theirs.do([]line{{"KEYS", "*"}})
	if err != nil {
		s.t.Fatal(err)
	}
	var keys []string
	for _, k := range replies[0].items {
		keys = append(keys, k.text)
	}
	slices.Sort(keys)

	var types []line
	for _, k := range keys {
		types = append(types, line{"TYPE", k})
	}
	kinds, err := s.theirs.do(types)
	if err != nil {
		s.t.Fatal(err)
	}
	var lines []line
	for i, k := range keys {
		lines = append(lines, line{"TYPE", k}, line{"OBJECT", "ENCODING", k}, line{"PTTL", k})
		lines = append(lines, contents(kinds[i].text, k)...)
	}
	return s.compare(lines)
}

// contents are the lines that show all of a key.
func contents(kind, key string) []line {
	switch kind {
	case "string":
		return []line{{"PFCOUNT", key}, {"GET", key}} // what PFCOUNT notes in a value is not on kvd's disk
	case "list":
		return []line{{"LRANGE", key, "0", "-1"}}
	case "set":
		return []line{{"SMEMBERS", key}}
	case "zset":
		return []line{{"ZRANGE", key, "0", "-1", "WITHSCORES"}}
	case "hash":
		return []line{{"HGETALL", key}}
	case "stream":
		return []line{{"XRANGE", key, "-", "+"}, {"XINFO", "STREAM", key, "FULL", "COUNT", "0"}, {"XINFO", "STREAM", key}, {"XINFO", "GROUPS", key}}
	}
	return nil
}
