package geo

import "math"

// Range is the hashes from From on, below To.
type Range struct{ From, To Hash }

// MaxRanges is how many ranges cover a shape at most.
const MaxRanges = 9

// Cover appends the ranges of hashes that have all places of the shape, and others
// around it, to dst. They are a cell of the map that is about as large as the
// shape, with the middle of the shape in it, and those of its neighbours that the
// shape may reach, in this order: the middle, north, south, east, west, northeast,
// northwest, southeast, southwest. Neighbours that are the same cell, as at the
// largest sizes, come once in a row.
func (s *Shape) Cover(dst []Range) []Range {
	box := s.bounds()
	step := s.step()
	middle := cellOf(s.center, maxLat, step)
	if step > 1 && !reaches(middle, box) {
		step--
		middle = cellOf(s.center, maxLat, step)
	}
	inner := middle.area()
	skip := func(east, north int) bool {
		return step >= 2 && (north < 0 && inner.minLat < box.minLat || north > 0 && inner.maxLat > box.maxLat ||
			east < 0 && inner.minLon < box.minLon || east > 0 && inner.maxLon > box.maxLon)
	}

	last := -1
	for i, way := range [MaxRanges]struct{ east, north int }{
		{0, 0}, {0, 1}, {0, -1}, {1, 0}, {-1, 0}, {1, 1}, {-1, 1}, {1, -1}, {-1, -1},
	} {
		if i > 0 && skip(way.east, way.north) {
			continue
		}
		r := middle.moved(way.east, way.north).hashes()
		if last > 0 && dst[len(dst)-1] == r {
			continue
		}
		dst = append(dst, r)
		last = i
	}
	return dst
}

// hashes returns the range of the hashes of a cell's places.
func (c cell) hashes() Range {
	bits, shift := c.bits(), HashBits-2*c.step
	return Range{Hash(bits << shift), Hash((bits + 1) << shift)}
}

// reaches reports whether a cell and its four neighbours go as far as a box.
func reaches(c cell, box area) bool {
	return c.moved(0, 1).area().maxLat >= box.maxLat && c.moved(0, -1).area().minLat <= box.minLat &&
		c.moved(1, 0).area().maxLon >= box.maxLon && c.moved(-1, 0).area().minLon <= box.minLon
}

// bounds returns a box around the shape. Its width is that on the side of the
// nearer pole, where a degree of longitude is shortest.
func (s *Shape) bounds() area {
	width, height := s.radius, s.radius
	if !s.circle {
		width, height = s.width/2, s.height/2
	}
	lat := degrees(s.unit * height / earthRadius)
	nearer := s.center.Lat + lat
	if s.center.Lat < 0 {
		nearer = s.center.Lat - lat
	}
	lon := degrees(s.unit * width / earthRadius / math.Cos(radians(nearer)))
	return area{s.center.Lon - lon, s.center.Lon + lon, s.center.Lat - lat, s.center.Lat + lat}
}

// mercatorMax is half of the equator on a map of Mercator's projection, in meters.
const mercatorMax = 20037726.37

// step returns how often the map is halved each way for cells about as large as
// the shape. Towards the poles a cell is narrower.
func (s *Shape) step() int {
	reach := s.radius
	if !s.circle {
		w, h := s.width/2, s.height/2
		reach = math.Sqrt(float64(w*w) + float64(h*h))
	}
	reach *= s.unit
	if reach == 0 {
		return steps
	}
	step := -1
	for ; reach < mercatorMax; reach *= 2 {
		step++
	}
	if lat := math.Abs(s.center.Lat); lat > 80 {
		step -= 2
	} else if lat > 66 {
		step--
	}
	return max(1, min(step, steps))
}
