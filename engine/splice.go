package engine

import "kvd/engine/slab"

// splice replaces del bytes of the value of an entry, at offset at, by room for
// add bytes with undefined contents, and returns the entry's reference, which is
// another one if it had to move. The value must be in the cell.
func (s *shard) splice(db int, hash, ref uint64, at, del, add int) uint64 {
	e := s.entry(ref)
	from, end := e.valueAt()+at, e.size()
	size := end - del + add
	if slab.Size(size) == slab.Size(end) {
		copy(e[from+add:size], e[from+del:end])
		e.setValueLen(e.valueLen() - del + add)
		return ref
	}
	r, cell := s.arena.Alloc(size)
	to := entry(cell)
	copy(to, e[:from])
	copy(to[from+add:], e[from+del:end])
	to.setValueLen(e.valueLen() - del + add)
	if to.has(flagExpires) {
		d := &s.deadlines.items[to.deadline()]
		*d = newDeadline(d.at, db, uint64(r))
	}
	s.moveFields(e, uint64(r))
	s.table(db).Replace(hash, ref, uint64(r))
	s.arena.Free(slab.Ref(ref))
	return uint64(r)
}
