package pages

import (
	"bytes"
	"fmt"
)

// Check verifies the structure of everything that can be reached from the
// newest meta page: page headers, bounds, order of keys, nested buckets, and
// that no page is used twice. A file that passes can be opened by bbolt. It
// does not look into values.
//
// Each fault goes to report, which says whether to go on; with report nil the
// first fault is returned.
func (f *File) Check(report func(error) bool) error {
	c := checker{f: f, used: make([]uint64, f.meta.pages/64+1), report: report}
	c.bucket(f.meta.root, 0)
	c.freelist()
	return c.err
}

// checker walks the pages. After a fault that ends the walk, err is set.
type checker struct {
	f      *File
	used   []uint64 // one bit a page
	report func(error) bool
	err    error
	prev   []byte // the key before, within one bucket
}

// fail reports a fault; the walk of the page that has it ends.
func (c *checker) fail(err error) {
	if c.report == nil || !c.report(err) {
		c.err = err
	}
}

func (c *checker) damaged(p *page, what string) { c.fail(c.f.damaged(p.off, what)) }

// bucket checks the tree with this root.
func (c *checker) bucket(root uint64, nesting int) {
	saved := c.prev
	c.prev = nil
	c.tree(root, nil, nil, 0, nesting)
	c.prev = saved
}

// tree checks the pages below id, whose keys lie in [low, high); nil is no
// bound.
func (c *checker) tree(id uint64, low, high []byte, depth, nesting int) {
	if c.err != nil {
		return
	}
	p, err := c.f.page(id)
	if err != nil {
		c.fail(err)
		return
	}
	if depth > maxDepth || nesting > maxNesting {
		c.damaged(&p, "pages are nested without end")
		return
	}
	if !c.mark(id, p.overflow) {
		c.damaged(&p, fmt.Sprintf("page %d is used twice", id))
		return
	}
	switch p.flags {
	case leafFlag:
		c.leaf(&p, low, high, nesting)
	case branchFlag:
		c.branch(&p, low, high, depth, nesting)
	default:
		c.damaged(&p, fmt.Sprintf("page %d belongs to the free list and is used as data", id))
	}
}

// mark notes the pages as used, and reports whether none was.
func (c *checker) mark(id, overflow uint64) bool {
	for i := id; i <= id+overflow; i++ {
		word, bit := i/64, uint64(1)<<(i%64)
		if c.used[word]&bit != 0 {
			return false
		}
		c.used[word] |= bit
	}
	return true
}

func (c *checker) branch(p *page, low, high []byte, depth, nesting int) {
	if p.count == 0 {
		c.damaged(p, "a branch page is empty")
		return
	}
	elements := p.elements()
	key, child := elements.branch()
	if key == nil || low != nil && bytes.Compare(key, low) < 0 {
		c.damaged(p, "branch element 0 is not in its place")
		return
	}
	for i := range p.count {
		next, bound := []byte(nil), high
		var nextChild uint64
		if !elements.done() {
			next, nextChild = elements.branch()
			if next == nil || bytes.Compare(key, next) >= 0 || high != nil && bytes.Compare(next, high) >= 0 {
				c.damaged(p, fmt.Sprintf("branch element %d is not in its place", i+1))
				return
			}
			bound = next
		}
		c.tree(child, key, bound, depth+1, nesting)
		key, child = next, nextChild
	}
}

func (c *checker) leaf(p *page, low, high []byte, nesting int) {
	prev := c.prev
	elements := p.elements()
	for i := range p.count {
		key, value, flags := elements.leaf()
		switch {
		case key == nil || len(key) > maxKeySize || flags&^bucketFlag != 0:
			c.damaged(p, fmt.Sprintf("leaf element %d makes no sense", i))
			return
		case prev != nil && bytes.Compare(prev, key) >= 0, low != nil && bytes.Compare(key, low) < 0:
			c.damaged(p, fmt.Sprintf("leaf element %d is out of order", i))
			return
		}
		prev, low = key, nil
		if flags&bucketFlag != 0 {
			c.nested(p, value, nesting)
			if c.err != nil {
				return
			}
		}
	}
	if prev != nil && high != nil && p.count > 0 && bytes.Compare(prev, high) >= 0 {
		c.damaged(p, "a leaf has keys that belong elsewhere")
		return
	}
	c.prev = prev
}

// nested checks a bucket that is the value of a leaf element.
func (c *checker) nested(p *page, value []byte, nesting int) {
	if len(value) < bucketSize {
		c.damaged(p, "a bucket has no header")
		return
	}
	if root := le.Uint64(value); root != 0 {
		c.bucket(root, nesting+1)
		return
	}
	inline := value[bucketSize:]
	if len(inline) < headerSize {
		c.damaged(p, "a bucket has no page")
		return
	}
	in := parsePage(inline)
	in.off = p.off
	if in.flags != leafFlag || nesting >= maxNesting {
		c.damaged(p, "the page of a small bucket is no leaf")
		return
	}
	saved := c.prev
	c.prev = nil
	c.leaf(&in, nil, nil, maxNesting)
	c.prev = saved
}

// freelist checks the list of free pages, if the file has one.
func (c *checker) freelist() {
	if c.f.meta.freelist == noFreelist || c.err != nil {
		return
	}
	p, err := c.f.page(c.f.meta.freelist)
	if err != nil {
		c.fail(err)
		return
	}
	if p.flags != freelistFlag || !c.mark(c.f.meta.freelist, p.overflow) {
		c.damaged(&p, "the free list is not one")
		return
	}
	count, at := uint64(p.count), uint64(headerSize)
	if count == 0xFFFF {
		count, at = le.Uint64(p.data[at:]), at+8
	}
	if count > (uint64(len(p.data))-at)/8 {
		c.damaged(&p, "the free list is longer than its page")
		return
	}
	for i := range count {
		id := le.Uint64(p.data[at+i*8:])
		if id < 2 || id >= c.f.meta.pages || !c.mark(id, 0) {
			c.damaged(&p, fmt.Sprintf("the free list has page %d, which is in use", id))
			return
		}
	}
}
