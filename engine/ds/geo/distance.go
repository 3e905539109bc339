package geo

import "math"

// earthRadius is in meters.
const earthRadius = 6372797.560856

const degree = math.Pi / 180

func radians(degrees float64) float64 { return degrees * degree }
func degrees(radians float64) float64 { return radians / degree }

// Distance returns the length of the way between two places on a sphere, in
// meters, by the haversine formula.
func Distance(a, b Point) float64 { return distance(a, b, &quick) }

func distance(a, b Point, f *trig) float64 {
	v := f.sin(halfAngle(a.Lon, b.Lon))
	if v == 0 {
		return latDistance(a.Lat, b.Lat)
	}
	u := f.sin(halfAngle(a.Lat, b.Lat))
	h := float64(u*u) + float64(f.cos(radians(a.Lat))*f.cos(radians(b.Lat))*v*v)
	return 2 * earthRadius * f.asin(math.Sqrt(h))
}

// halfAngle returns half of the angle between two degrees, in radians.
func halfAngle(a, b float64) float64 { return (radians(b) - radians(a)) / 2 }

// latDistance is Distance for places of the same longitude.
func latDistance(a, b float64) float64 {
	return earthRadius * math.Abs(radians(b)-radians(a))
}

// Shape is an area around a place: a circle or a rectangle.
type Shape struct {
	center        Point
	circle        bool
	radius        float64
	width, height float64
	// unit is the meters in a unit of the lengths.
	unit float64
	// far is the haversine, sin²(angle/2), of ways that are too long for a circle.
	far float64
}

// Circle returns all places up to a radius from the center. unit is the number of
// meters in a unit of the radius.
func Circle(center Point, radius, unit float64) Shape {
	s := Shape{center: center, circle: true, radius: radius, unit: unit, far: math.Inf(1)}
	if half := radius * unit / earthRadius / 2; half < math.Pi/2 {
		s.far = math.Pow(math.Sin(half), 2) * (1 + 1e-9) // more than the errors of the formula
	}
	return s
}

// Box returns the places in a rectangle around the center, whose sides are great
// circles. unit is the number of meters in a unit of width and height.
func Box(center Point, width, height, unit float64) Shape {
	return Shape{center: center, width: width, height: height, unit: unit}
}

// Unit returns the number of meters in the unit of the shape's lengths.
func (s *Shape) Unit() float64 { return s.unit }

// Distance returns how far a place is from the center, in meters, and whether it
// belongs to the shape.
func (s *Shape) Distance(p Point) (meters float64, inside bool) {
	if s.circle {
		if u := math.Sin(halfAngle(s.center.Lat, p.Lat)); u*u > s.far {
			return 0, false
		}
		meters = Distance(s.center, p)
		return meters, meters <= s.radius*s.unit
	}
	if latDistance(p.Lat, s.center.Lat) > s.height*s.unit/2 {
		return 0, false
	}
	if Distance(p, Point{s.center.Lon, p.Lat}) > s.width*s.unit/2 {
		return 0, false
	}
	return Distance(s.center, p), true
}

// Exact returns how far a place is from the center, in meters, to the last digit.
func (s *Shape) Exact(p Point) (meters float64) { return distance(s.center, p, &exact) }
