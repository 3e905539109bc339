package pages

import "fmt"

// Leaf is one leaf page of a bucket.
type Leaf struct {
	f *File
	p page
}

// Offset is where the leaf is in the file, in bytes.
func (l Leaf) Offset() int64 { return l.p.off }

// Each calls fn for every key and value of the leaf, none of which may be a
// bucket. They are valid until the file is closed.
func (l Leaf) Each(fn func(key, value []byte) error) error {
	for elements := l.p.elements(); !elements.done(); {
		key, value, flags := elements.leaf()
		if key == nil || flags != 0 {
			return l.f.damaged(l.p.off, fmt.Sprintf("leaf element %d is not a row", elements.i))
		}
		if err := fn(key, value); err != nil {
			return err
		}
	}
	return nil
}

// Bucket is a bucket of the file, found by name.
type Bucket struct {
	Name   []byte
	f      *File
	root   uint64
	inline []byte // its page, if root is 0
	off    int64
}

// Root is the bucket that holds all others.
func (f *File) Root() Bucket { return Bucket{f: f, root: f.meta.root} }

// Buckets returns the buckets directly inside b, which has nothing else, by
// name.
func (b Bucket) Buckets() ([]Bucket, error) {
	leaves, err := b.Leaves()
	if err != nil {
		return nil, err
	}
	var list []Bucket
	for _, leaf := range leaves {
		for elements := leaf.p.elements(); !elements.done(); {
			key, value, flags := elements.leaf()
			if key == nil || flags != bucketFlag || len(value) < bucketSize {
				return nil, b.f.damaged(leaf.p.off, fmt.Sprintf("leaf element %d is not a bucket", elements.i))
			}
			child := Bucket{Name: key, f: b.f, root: le.Uint64(value), off: leaf.p.off}
			if child.root == 0 {
				child.inline = value[bucketSize:]
			}
			list = append(list, child)
		}
	}
	return list, nil
}

// Leaves returns the leaf pages of b in the order of their keys.
func (b Bucket) Leaves() ([]Leaf, error) {
	if b.root != 0 {
		return b.f.leaves(nil, b.root, 0)
	}
	if len(b.inline) < headerSize {
		return nil, b.f.damaged(b.off, "a bucket has no page")
	}
	p := parsePage(b.inline)
	p.off = b.off
	if p.flags != leafFlag {
		return nil, b.f.damaged(b.off, "the page of a small bucket is no leaf")
	}
	return []Leaf{{f: b.f, p: p}}, nil
}

func (f *File) leaves(list []Leaf, id uint64, depth int) ([]Leaf, error) {
	p, err := f.page(id)
	if err != nil {
		return nil, err
	}
	if p.flags == leafFlag {
		return append(list, Leaf{f: f, p: p}), nil
	}
	if p.flags != branchFlag || depth > maxDepth || uint64(len(list)) > f.meta.pages {
		return nil, f.damaged(p.off, fmt.Sprintf("page %d is not where it belongs", id))
	}
	for elements := p.elements(); !elements.done(); {
		key, child := elements.branch()
		if key == nil {
			return nil, f.damaged(p.off, fmt.Sprintf("branch element %d makes no sense", elements.i))
		}
		if list, err = f.leaves(list, child, depth+1); err != nil {
			return nil, err
		}
	}
	return list, nil
}
