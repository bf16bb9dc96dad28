package export

import (
	"bufio"
	"io"
	"iter"
	"math"
	"strconv"
	"strings"
)

// writeGeoJSON writes a feature for every answered geopoint, geotrace and
// geoshape. Its properties are the row of the table that it stands in.
func (l *layout) writeGeoJSON(w io.Writer, rows iter.Seq2[*Row, error]) (int, error) {
	out := bufio.NewWriterSize(w, 64<<10)
	out.WriteString(`{"type":"FeatureCollection","features":[`)
	headers := make([][]string, len(l.tables))
	for i, t := range l.tables {
		headers[i] = l.header(t)
	}
	separator := "\n"
	var buf []byte
	f := l.flattener(func(t *table, cells []cell) error {
		for _, c := range t.columns {
			geometry := geometry(cells[c.at].kind, cells[c.at].text)
			if geometry == "" {
				continue
			}
			buf = append(buf[:0], separator...)
			separator = ",\n"
			buf = append(buf, `{"type":"Feature","geometry":`...)
			buf = append(append(buf, geometry...), `,"properties":{"_question":`...)
			buf = jsonText(buf, c.header)
			for i, v := range cells {
				if v.text == "" || i == c.at {
					continue
				}
				buf = append(jsonText(append(buf, ','), headers[t.index][i]), ':')
				if _, ok := exact(v.text); ok && (v.kind == numberCell || v.kind == flagCell) {
					buf = append(buf, v.text...)
				} else {
					buf = jsonText(buf, v.text)
				}
			}
			if _, err := out.Write(append(buf, '}', '}')); err != nil {
				return err
			}
		}
		return nil
	})
	n, err := f.all(rows)
	if err != nil {
		return n, err
	}
	out.WriteString("\n]}\n")
	return n, out.Flush()
}

// geometry writes an answer as GeoJSON, which has longitude first; "" if it is
// no place.
func geometry(kind cellKind, text string) string {
	if text == "" {
		return ""
	}
	switch kind {
	case pointCell:
		return wrap(`{"type":"Point","coordinates":`, position(text), `}`)
	case traceCell, shapeCell:
		var points []string
		for p := range strings.SplitSeq(text, ";") {
			if strings.TrimSpace(p) == "" {
				continue
			}
			at := position(p)
			if at == "" {
				return ""
			}
			points = append(points, at)
		}
		line := strings.Join(points, ",")
		if kind == traceCell && len(points) >= 2 {
			return `{"type":"LineString","coordinates":[` + line + `]}`
		}
		if kind == shapeCell && len(points) >= 4 && points[0] == points[len(points)-1] {
			return `{"type":"Polygon","coordinates":[[` + line + `]]}`
		}
	}
	return ""
}

func wrap(before, s, after string) string {
	if s == "" {
		return ""
	}
	return before + s + after
}

// position turns "lat lon alt acc" into [lon,lat,alt]; an altitude of 0 means
// that none is known.
func position(text string) string {
	parts := strings.Fields(text)
	if len(parts) < 2 {
		return ""
	}
	var v [3]float64
	for i := range parts[:min(3, len(parts))] {
		x, err := strconv.ParseFloat(parts[i], 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return ""
		}
		v[i] = x
	}
	if v[0] < -90 || v[0] > 90 || v[1] < -180 || v[1] > 180 {
		return ""
	}
	number := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	s := "[" + number(v[1]) + "," + number(v[0])
	if v[2] != 0 {
		s += "," + number(v[2])
	}
	return s + "]"
}
