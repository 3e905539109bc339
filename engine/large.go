package engine

import "sync/atomic"

// Blob is a large value in memory of its own. Clients may be sent its bytes
// while the engine goes on, so they are changed only while nobody else holds it.
type Blob struct {
	data  []byte
	tail  int // bytes at the end of data that are not of the value
	holds atomic.Int32
}

// Bytes returns the value.
func (b *Blob) Bytes() []byte { return b.data[:len(b.data)-b.tail] }

// Release gives up one hold.
func (b *Blob) Release() { b.holds.Add(-1) }

// hold keeps the bytes from being changed in place until Release.
func (b *Blob) hold() *Blob {
	b.holds.Add(1)
	return b
}

// resized returns the value's bytes with length n, to be changed by the caller:
// in place where nobody holds them and there is room, else as a copy with some
// room to grow. What is beyond the old length is zero.
func (b *Blob) resized(n int) []byte {
	if b.holds.Load() > 0 || n > cap(b.data) {
		data := make([]byte, n, n+n/8)
		copy(data, b.data)
		return data
	}
	data := b.data[:n]
	clear(data[min(len(b.data), n):])
	return data
}

// blobs are the large values of one shard, by number.
type blobs struct {
	list  []*Blob
	free  []uint32
	bytes int // of all values
}

func (l *blobs) add(b *Blob) uint32 {
	l.bytes += cap(b.data)
	if n := len(l.free); n > 0 {
		id := l.free[n-1]
		l.free = l.free[:n-1]
		l.list[id] = b
		return id
	}
	l.list = append(l.list, b)
	return uint32(len(l.list) - 1)
}

func (l *blobs) get(id uint32) *Blob { return l.list[id] }

// replace gives number id another value. The old one stays as it is for those
// who hold it.
func (l *blobs) replace(id uint32, b *Blob) {
	l.bytes += cap(b.data) - cap(l.list[id].data)
	l.list[id] = b
}

func (l *blobs) remove(id uint32) {
	l.bytes -= cap(l.list[id].data)
	l.list[id] = nil
	l.free = append(l.free, id)
}

func (l *blobs) reset() { *l = blobs{} }
