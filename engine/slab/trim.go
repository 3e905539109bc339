package slab

// Trim gives memory that no run uses back to the system, about limit bytes of
// it, and returns how many bytes that were. It works through the pieces in
// turn; the pool is locked for a moment per piece, and not while the system
// works.
func (p *Pool) Trim(limit int) (trimmed int) {
	for range len(*p.pieces.Load()) {
		if trimmed >= limit {
			break
		}
		pc, pages := p.claimDirty()
		if pc == nil {
			break
		}
		for rest := pages; !rest.empty(); {
			first, count := rest.cut()
			discard(pc.mem[first*pageSize : (first+count)*pageSize])
		}
		p.restore(pc, pages)
		trimmed += pages.len() * pageSize
	}
	return trimmed
}

// claimDirty takes the dirty pages of the next piece that has some out of
// circulation.
func (p *Pool) claimDirty() (*piece, pageSet) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stats.Dirty == 0 {
		return nil, pageSet{}
	}
	table := *p.pieces.Load()
	for range table {
		p.turn = (p.turn + 1) % uint32(len(table))
		if pc := table[p.turn]; pc != nil && !pc.dirty.empty() {
			pages := pc.dirty
			p.exclude(pc, pages)
			return pc, pages
		}
	}
	return nil, pageSet{}
}

// restore makes pages free that claimDirty has taken, clean now.
func (p *Pool) restore(pc *piece, pages pageSet) {
	p.mu.Lock()
	unused := p.include(pc, pages)
	p.mu.Unlock()
	if unused != nil {
		release(unused.mem)
	}
}

// trimSome trims one piece if more lies idle than will soon be asked for.
func (p *Pool) trimSome() {
	s := p.Stats()
	if s.Dirty > pieceSize+s.Runs/32 {
		p.Trim(1)
	}
}
