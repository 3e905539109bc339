// Package pages reads a bbolt data file page by page, without bbolt.
//
// bbolt trusts its file: damage makes it panic, fault or hang. This reader
// trusts nothing, so a file can be verified before bbolt opens it, and its
// leaves can be handed to several goroutines at once when everything is
// loaded. No input makes it panic, as long as the file is not cut short while
// it is mapped; callers use disk.Guard for that case.
//
// The format is version 2 of go.etcd.io/bbolt, little-endian machines: pages of
// one size with a header of id, flags, count and overflow; two meta pages, of
// which the valid one with the higher transaction counts; branch and leaf pages
// with an array of elements; nested buckets as values of 16 bytes (root,
// sequence), whose page follows them if root is 0.
package pages

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"

	"kvd/persist/codec"
	"kvd/persist/disk"
)

const (
	magic        = 0xED0CDAED
	version      = 2
	headerSize   = 16
	metaSize     = 64
	elementSize  = 16
	bucketSize   = 16
	minPageSize  = 1 << 10
	maxPageSize  = 1 << 24
	noFreelist   = 1<<64 - 1
	maxKeySize   = 32768
	maxDepth     = 64 // pages between a root and a leaf
	maxNesting   = 8  // buckets in buckets
	branchFlag   = 0x01
	leafFlag     = 0x02
	freelistFlag = 0x10
	bucketFlag   = 0x01 // of a leaf element
)

var le = binary.LittleEndian

// File is a data file, mapped for reading.
type File struct {
	path     string
	m        *disk.Map
	data     []byte
	pageSize uint64
	meta     meta
	metas    int // how many of the two meta pages are valid
}

type meta struct {
	pageSize uint64
	root     uint64
	freelist uint64
	pages    uint64 // the high water mark
	txid     uint64
}

// Open maps the file at path and reads its meta pages.
func Open(path string) (*File, error) {
	m, err := disk.MapFile(path)
	if err != nil {
		return nil, err
	}
	f := &File{path: path, m: m, data: m.Bytes()}
	if err := disk.Guard(f.readMetas); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return f, nil
}

// Close unmaps the file.
func (f *File) Close() error { return f.m.Close() }

// Txid is the newest committed transaction.
func (f *File) Txid() uint64 { return f.meta.txid }

// IsHalf reports that one of the two meta pages is not valid, so that the
// newest transaction may be missing.
func (f *File) IsHalf() bool { return f.metas < 2 }

// Size is the length of the file in bytes.
func (f *File) Size() int64 { return int64(len(f.data)) }

func (f *File) readMetas() error {
	if len(f.data) == 0 {
		return f.damaged(-1, "it is empty, though data are expected")
	}
	first, ok := readMeta(f.data, 0)
	if ok {
		f.take(first)
		if second, ok := readMeta(f.data, first.pageSize); ok && second.pageSize == first.pageSize {
			f.take(second)
		}
	} else {
		// The place of the second page depends on the page size, which is in it.
		for size := uint64(minPageSize); size <= maxPageSize; size *= 2 {
			if second, ok := readMeta(f.data, size); ok && second.pageSize == size {
				f.take(second)
				break
			}
		}
	}
	if f.metas == 0 {
		return f.damaged(0, "neither of its two meta pages is valid")
	}
	if f.meta.pages > uint64(len(f.data))/f.pageSize {
		return f.damaged(int64(len(f.data)), fmt.Sprintf("it was cut short: %d pages of %d bytes are expected", f.meta.pages, f.pageSize))
	}
	return nil
}

func (f *File) take(m meta) {
	f.metas++
	if f.metas == 1 || m.txid > f.meta.txid {
		f.meta, f.pageSize = m, m.pageSize
	}
}

// readMeta reads the meta page at off.
func readMeta(data []byte, off uint64) (m meta, ok bool) {
	if off+headerSize+metaSize > uint64(len(data)) {
		return meta{}, false
	}
	b := data[off+headerSize:][:metaSize]
	h := fnv.New64a()
	_, _ = h.Write(b[:metaSize-8])
	if le.Uint32(b) != magic || le.Uint32(b[4:]) != version || h.Sum64() != le.Uint64(b[metaSize-8:]) {
		return meta{}, false
	}
	m = meta{
		pageSize: uint64(le.Uint32(b[8:])),
		root:     le.Uint64(b[16:]),
		freelist: le.Uint64(b[32:]),
		pages:    le.Uint64(b[40:]),
		txid:     le.Uint64(b[48:]),
	}
	power := m.pageSize&(m.pageSize-1) == 0
	return m, power && m.pageSize >= minPageSize && m.pageSize <= maxPageSize
}

func (f *File) damaged(offset int64, what string) error {
	return &codec.DamagedError{File: f.path, Offset: offset, What: what}
}

// page is one page with its overflow, bounds known.
type page struct {
	off      int64 // in the file, for messages
	data     []byte
	flags    uint16
	count    int
	overflow uint64
}

// page returns the page with this id if its header makes sense.
func (f *File) page(id uint64) (page, error) {
	if id < 2 || id >= f.meta.pages {
		return page{}, f.damaged(-1, fmt.Sprintf("page %d is referred to and does not exist", id))
	}
	off := id * f.pageSize
	p := parsePage(f.data[off : off+f.pageSize])
	p.off = int64(off)
	if le.Uint64(f.data[off:]) != id {
		return page{}, f.damaged(p.off, fmt.Sprintf("page %d has the number %d", id, le.Uint64(f.data[off:])))
	}
	if p.flags != branchFlag && p.flags != leafFlag && p.flags != freelistFlag {
		return page{}, f.damaged(p.off, fmt.Sprintf("page %d is of no known kind (%#x)", id, p.flags))
	}
	if p.overflow >= f.meta.pages-id {
		return page{}, f.damaged(p.off, fmt.Sprintf("page %d goes beyond the end", id))
	}
	p.data = f.data[off : off+(p.overflow+1)*f.pageSize]
	return p, nil
}

func parsePage(b []byte) page {
	return page{data: b, flags: le.Uint16(b[8:]), count: int(le.Uint16(b[10:])), overflow: uint64(le.Uint32(b[12:]))}
}

// cursor goes through the elements of a page in order. Their keys and values
// lie one after the other behind the array of elements, without a gap: so a
// count or a length that has changed is noticed.
type cursor struct {
	p    *page
	i    int
	next uint64 // where the bytes of element i begin
}

func (p *page) elements() cursor {
	return cursor{p: p, next: headerSize + uint64(p.count)*elementSize}
}

// done reports that there are no more elements.
func (c *cursor) done() bool { return c.i >= c.p.count }

// branch returns the next element of a branch page; the key is nil if the
// element makes no sense.
func (c *cursor) branch() (key []byte, child uint64) {
	e := c.element()
	if e == nil {
		return nil, 0
	}
	return c.bytes(le.Uint32(e), le.Uint32(e[4:]), 0), le.Uint64(e[8:])
}

// leaf returns the next element of a leaf page; the key is nil if the element
// makes no sense.
func (c *cursor) leaf() (key, value []byte, flags uint32) {
	e := c.element()
	if e == nil {
		return nil, nil, 0
	}
	ksize, vsize := le.Uint32(e[8:]), le.Uint32(e[12:])
	data := c.bytes(le.Uint32(e[4:]), ksize, vsize)
	if data == nil {
		return nil, nil, 0
	}
	return data[:ksize:ksize], data[ksize:], le.Uint32(e)
}

func (c *cursor) element() []byte {
	at := headerSize + c.i*elementSize
	if at+elementSize > len(c.p.data) {
		return nil
	}
	return c.p.data[at : at+elementSize]
}

// bytes returns key and value of element i and goes to the next one. Pos counts
// from the element.
func (c *cursor) bytes(pos, ksize, vsize uint32) []byte {
	from := uint64(headerSize+c.i*elementSize) + uint64(pos)
	end := from + uint64(ksize) + uint64(vsize)
	if from != c.next || ksize == 0 || end > uint64(len(c.p.data)) {
		return nil
	}
	c.i, c.next = c.i+1, end
	return c.p.data[from:end:end]
}
