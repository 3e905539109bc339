// Package geo turns places on the earth into the scores of a sorted set and
// back, measures distances, and finds the ranges of scores that cover an area.
//
// A score is a geohash of 52 bits: longitude and latitude are halved 26 times
// each, and the bits that say which half was taken are interleaved, that of the
// longitude first. Places whose hashes have a long prefix in common are near each
// other. (G. M. Morton, "A computer oriented geodetic data base", 1966;
// https://en.wikipedia.org/wiki/Geohash)
//
// Invariant: every computation is done in the order in which redis-server does
// it, and products are rounded before they are added, so that results agree to
// the last digit.
package geo

// Point is a place, in degrees.
type Point struct{ Lon, Lat float64 }

// Limits of places, in degrees. Those of the latitude are where the projection
// of Mercator that maps use makes a square.
const (
	maxLon = 180.0
	maxLat = 85.05112878
)

// Valid reports whether p can have a hash.
func (p Point) Valid() bool {
	return p.Lon >= -maxLon && p.Lon <= maxLon && p.Lat >= -maxLat && p.Lat <= maxLat
}

const (
	// steps is how often each coordinate is halved.
	steps = 26
	// HashBits is the number of bits of a Hash.
	HashBits = 2 * steps
)

// Hash is the geohash of a place.
type Hash uint64

// Encode returns the hash of a valid place.
func Encode(p Point) Hash { return Hash(cellOf(p, maxLat, steps).bits()) }

// Point returns the middle of the places with this hash. Any number is safe.
func (h Hash) Point() Point {
	a := cellFrom(uint64(h), steps).area()
	return Point{
		Lon: max(-maxLon, min((a.minLon+a.maxLon)/2, maxLon)),
		Lat: max(-maxLat, min((a.minLat+a.maxLat)/2, maxLat)),
	}
}

// TextLen is the length of a hash as text.
const TextLen = 11

// alphabet is the one of the geohashes that are written: base 32 without a, i, l
// and o.
const alphabet = "0123456789bcdefghjkmnpqrstuvwxyz"

// Text returns the hash in the form that is used elsewhere, in which latitudes go
// from -90 to 90 degrees. Its last character stands for bits that a hash does not
// have, and is always 0.
func (h Hash) Text() (text [TextLen]byte) {
	const charBits = 5
	bits := cellOf(h.Point(), 90, steps).bits()
	for i := range TextLen - 1 {
		text[i] = alphabet[bits>>(HashBits-(i+1)*charBits)&(1<<charBits-1)]
	}
	text[TextLen-1] = alphabet[0]
	return text
}

// cell is a piece of the map: columns from the west and rows from the south, of
// 2^step each.
type cell struct {
	lon, lat uint32
	step     int
}

// cellOf returns the cell of a place on a map whose latitudes go up to latLimit.
func cellOf(p Point, latLimit float64, step int) cell {
	lon := (p.Lon + maxLon) / (2 * maxLon)
	lat := (p.Lat + latLimit) / (2 * latLimit)
	size := float64(uint64(1) << step)
	return cell{lon: uint32(lon * size), lat: uint32(lat * size), step: step}
}

func cellFrom(bits uint64, step int) cell {
	return cell{lon: gather(bits >> 1), lat: gather(bits), step: step}
}

func (c cell) bits() uint64 { return spread(c.lon)<<1 | spread(c.lat) }

// area is a part of the map, in degrees.
type area struct{ minLon, maxLon, minLat, maxLat float64 }

func (c cell) area() area {
	edge := func(n uint32, limit float64) float64 {
		return -limit + float64(float64(n)/float64(uint64(1)<<c.step)*(2*limit))
	}
	return area{edge(c.lon, maxLon), edge(c.lon+1, maxLon), edge(c.lat, maxLat), edge(c.lat+1, maxLat)}
}

// moved returns the cell some columns to the east and rows to the north. The map
// goes on at its other end, but at its very edge, where a place is in a column or
// a row beyond the last one, only in the way that is gone.
func (c cell) moved(east, north int) cell {
	mask := uint32(1)<<c.step - 1
	if east != 0 {
		c.lon = (c.lon + uint32(east)) & mask
	}
	if north != 0 {
		c.lat = (c.lat + uint32(north)) & mask
	}
	return c
}

// spread puts the bits of n into the even places of the result.
func spread(n uint32) uint64 {
	b := uint64(n)
	b = (b | b<<16) & 0x0000ffff0000ffff
	b = (b | b<<8) & 0x00ff00ff00ff00ff
	b = (b | b<<4) & 0x0f0f0f0f0f0f0f0f
	b = (b | b<<2) & 0x3333333333333333
	return (b | b<<1) & 0x5555555555555555
}

// gather undoes spread; the bits in odd places do not count.
func gather(b uint64) uint32 {
	b &= 0x5555555555555555
	b = (b | b>>1) & 0x3333333333333333
	b = (b | b>>2) & 0x0f0f0f0f0f0f0f0f
	b = (b | b>>4) & 0x00ff00ff00ff00ff
	b = (b | b>>8) & 0x0000ffff0000ffff
	return uint32(b | b>>16)
}
