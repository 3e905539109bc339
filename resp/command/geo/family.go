// Package geo implements the commands on places, which are members of sorted
// sets whose scores are geohashes.
//
// Invariant: a handler has found everything that can be wrong with its line, and
// with the types of its keys, before it changes the first key.
package geo

import (
	"bytes"
	"math"
	"slices"
	"strconv"

	"kvd/engine"
	"kvd/engine/ds/geo"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// Family is the commands on places.
var Family = command.Family{
	Group: "geo", Categories: command.CatGeo,
	Commands: slices.Concat(placeSpecs(), searchSpecs(), radiusSpecs()),
}

// unitSyntax is the syntax of a unit of length.
const unitSyntax = "<M | KM | FT | MI>{unit}"

// units are the units of length in meters.
var units = [...]struct {
	name   string
	meters float64
}{{"m", 1}, {"km", 1000}, {"ft", 0.3048}, {"mi", 1609.34}}

var errUnit = rediserr.New("unsupported unit provided. please use M, KM, FT, MI")

// unit reads a unit of length and returns its meters.
func unit(word []byte) (float64, error) {
	for _, u := range units {
		if bytes.EqualFold(word, []byte(u.name)) {
			return u.meters, nil
		}
	}
	return 0, errUnit
}

// place reads a longitude and a latitude.
func place(lon, lat []byte) (p geo.Point, err error) {
	if p.Lon, err = command.ParseFloat(lon); err != nil {
		return p, err
	}
	if p.Lat, err = command.ParseFloat(lat); err != nil {
		return p, err
	}
	if !p.Valid() {
		return p, rediserr.Newf("invalid longitude,latitude pair %s,%s", degrees(p.Lon), degrees(p.Lat))
	}
	return p, nil
}

// degrees spells a number as an error shows it.
func degrees(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	return strconv.FormatFloat(f, 'f', 6, 64)
}

// placeOf returns where a member is.
func placeOf(z *engine.ZSet, member []byte) (p geo.Point, ok bool) {
	score, ok := z.Score(member)
	return hash(score).Point(), ok
}

// hash returns the geohash that a score is.
func hash(score float64) geo.Hash { return geo.Hash(int64(score)) }

// limits returns up to what size a sorted set counts as compact.
func limits(c *command.Ctx) engine.ZLimits {
	cfg := c.Config()
	return engine.ZLimits{Members: cfg.ZsetMaxListpackEntries, Bytes: cfg.ZsetMaxListpackValue}
}

// writePlace replies with the coordinates of a place.
func writePlace(c *command.Ctx, p geo.Point) {
	c.Out.Array(2)
	c.Out.Decimal(p.Lon)
	c.Out.Decimal(p.Lat)
}

// writeDistance replies with a distance, as a string in both protocols.
func writeDistance(c *command.Ctx, distance float64) {
	var digits [32]byte
	c.Out.Bulk(strconv.AppendFloat(digits[:0], distance, 'f', 4, 64))
}
