package xpath

import (
	"math"
	"strings"
)

// earthRadius is the one ODK uses, in metres.
const earthRadius = 6378100

func geoFunctions() []*function {
	return []*function{
		{Function{Name: "area", Args: "shape", Min: 1, Max: 1,
			Doc: "The area inside a shape in square metres."}, false, fnArea},
		{Function{Name: "enclosed-area", Args: "shape", Min: 1, Max: 1,
			Doc: "Another name of area."}, false, fnArea},
		{Function{Name: "distance", Args: "points, …", Min: 1, Max: -1,
			Doc: "The length of a line through the points in metres."}, false, fnDistance},
		{Function{Name: "geofence", Args: "point, shape", Min: 2, Max: 2,
			Doc: "True if the point is inside the shape."}, true, fnGeofence},
		{Function{Name: "intersects", Args: "line", Min: 1, Max: 1,
			Doc: "True if the line crosses itself."}, true, fnIntersects},
	}
}

// A point is a place in degrees.
type point struct{ lat, lon float64 }

// evalPoints reads the points of all arguments: of lines and shapes, and of
// each node of a set. ok is false if one of them is not a point.
func evalPoints(c *Context, args []Term) (ps []point, ok bool, err error) {
	ok = true
	err = each(c, args, func(v Value) error {
		more, good := parsePoints(v.String())
		ok = ok && good
		ps = append(ps, more...)
		return c.spend(len(more))
	})
	return ps, ok, err
}

// parsePoints reads "lat lon [alt [acc]]; …". Blank ones are left out.
func parsePoints(s string) (ps []point, ok bool) {
	for len(s) > 0 {
		var one string
		one, s, _ = strings.Cut(s, ";")
		lat, rest := nextWord(one)
		if lat == "" {
			continue
		}
		lon, _ := nextWord(rest)
		p := point{ParseNumber(lat), ParseNumber(lon)}
		if !(math.Abs(p.lat) <= 90 && math.Abs(p.lon) <= 180) {
			return nil, false
		}
		ps = append(ps, p)
	}
	return ps, true
}

func fnArea(c *Context, args []Term) (Value, error) {
	ps, ok, err := evalPoints(c, args)
	if err != nil || !ok {
		return NumberValue(nan), err
	}
	return NumberValue(area(ps)), nil
}

// area adds up the strips between the legs and the equator on a sphere, with
// straight lines between points of longitude and the sine of latitude.
func area(ps []point) float64 {
	if len(ps) < 3 {
		return 0
	}
	sum := 0.0
	for i, a := range ps {
		b := ps[(i+1)%len(ps)]
		sum += radians(b.lon-a.lon) * (2 + math.Sin(radians(a.lat)) + math.Sin(radians(b.lat)))
	}
	return math.Abs(sum) * earthRadius * earthRadius / 2
}

func radians(degrees float64) float64 { return degrees * math.Pi / 180 }

func fnDistance(c *Context, args []Term) (Value, error) {
	ps, ok, err := evalPoints(c, args)
	if err != nil || !ok {
		return NumberValue(nan), err
	}
	sum := 0.0
	for i := 1; i < len(ps); i++ {
		sum += between(ps[i-1], ps[i])
	}
	return NumberValue(sum), nil
}

// between is the spherical law of cosines.
func between(a, b point) float64 {
	if a == b {
		return 0 // rounding could take the cosine above 1
	}
	lat1, lat2 := radians(a.lat), radians(b.lat)
	cos := math.Sin(lat1)*math.Sin(lat2) + math.Cos(lat1)*math.Cos(lat2)*math.Cos(radians(b.lon-a.lon))
	return math.Acos(max(-1, min(cos, 1))) * earthRadius
}

func fnGeofence(c *Context, args []Term) (Value, error) {
	where, ok1, err := evalPoints(c, args[:1])
	if err != nil {
		return Value{}, err
	}
	shape, ok2, err := evalPoints(c, args[1:])
	if err != nil {
		return Value{}, err
	}
	return BooleanValue(ok1 && ok2 && len(where) == 1 && inside(where[0], shape)), nil
}

// inside counts how often a ray from the point crosses the border.
func inside(p point, shape []point) bool {
	in := false
	for i, j := 0, len(shape)-1; i < len(shape); j, i = i, i+1 {
		a, b := shape[i], shape[j]
		if (a.lat > p.lat) != (b.lat > p.lat) &&
			p.lon < (b.lon-a.lon)*(p.lat-a.lat)/(b.lat-a.lat)+a.lon {
			in = !in
		}
	}
	return in
}

func fnIntersects(c *Context, args []Term) (Value, error) {
	ps, ok, err := evalPoints(c, args)
	if err != nil || !ok {
		return BooleanValue(false), err
	}
	if err := c.spend(len(ps) * len(ps) / 8); err != nil {
		return Value{}, err
	}
	return BooleanValue(crosses(ps)), nil
}

// crosses reports whether two legs of a line meet other than at the point they
// share. The first and last leg of a closed line share one too.
func crosses(ps []point) bool {
	closed := len(ps) > 2 && ps[0] == ps[len(ps)-1]
	for i := 0; i+1 < len(ps); i++ {
		for j := i + 2; j+1 < len(ps); j++ {
			if closed && i == 0 && j+2 == len(ps) {
				continue
			}
			if legsMeet(ps[i], ps[i+1], ps[j], ps[j+1]) {
				return true
			}
		}
	}
	return false
}

func legsMeet(a, b, c, d point) bool {
	s1, s2, s3, s4 := side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)
	if s1*s2 < 0 && s3*s4 < 0 {
		return true
	}
	return s1 == 0 && onLeg(a, b, c) || s2 == 0 && onLeg(a, b, d) ||
		s3 == 0 && onLeg(c, d, a) || s4 == 0 && onLeg(c, d, b)
}

// side is positive if p lies to the left of the line from a to b.
func side(a, b, p point) float64 {
	return (b.lon-a.lon)*(p.lat-a.lat) - (b.lat-a.lat)*(p.lon-a.lon)
}

func onLeg(a, b, p point) bool {
	return min(a.lon, b.lon) <= p.lon && p.lon <= max(a.lon, b.lon) &&
		min(a.lat, b.lat) <= p.lat && p.lat <= max(a.lat, b.lat)
}
