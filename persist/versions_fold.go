package persist

import (
	"bytes"
	"slices"

	"kvd/internal/change"
	"kvd/persist/history"
)

// putVersions writes the versions of one key that list begins with, as many as
// the transaction takes, and returns how many. Deletions come first, newest first:
// so the least has to be written anew that counts on what goes.
func (f *folder) putVersions(t *batch, list []slot) (n int, err error) {
	if f.versions == nil {
		if f.versions, err = history.NewWriter(f.s.versions.decoder); err != nil {
			return 0, err
		}
	}
	f.run = f.appendRun(f.run[:0], t, list)
	rows := &versionRows{s: f.s, f: f, home: t.home, b: t.b, key: f.run[0].Key}
	f.versions.Begin(rows)
	for i := range slices.Backward(f.run) {
		if row := &f.run[i]; row.Op == change.Delete {
			if err := f.versions.Delete(row.ID); err != nil {
				return 0, rows.damage(row.ID, err)
			}
		}
	}
	for i := range f.run {
		if row := &f.run[i]; row.Op == change.Put {
			if err := f.versions.Put(row.ID, row.Type, row.Value); err != nil {
				return 0, rows.damage(row.ID, err)
			}
		}
	}
	return len(f.run), nil
}

// appendRun appends the versions of one key that list begins with and that the
// transaction has room for, at least one, and counts them.
func (f *folder) appendRun(dst []change.Row, t *batch, list []slot) []change.Row {
	var row change.Row
	for _, s := range list {
		if len(dst) > 0 && t.full(f.s.opts.BatchRows) {
			break
		}
		f.w.row(s.place, &row)
		if row.Kind != change.History || len(dst) > 0 && (row.Space != dst[0].Space || !bytes.Equal(row.Key, dst[0].Key)) {
			break
		}
		dst = append(dst, row)
		t.rows++
		t.bytes += len(row.Key) + len(row.Value)
		f.rows++
	}
	return dst
}
