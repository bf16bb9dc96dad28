package chart

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	stddraw "image/draw"
	"image/png"
	"io"
	"math"
	"strconv"
	"strings"

	"golang.org/x/image/vector"
)

// png paints the scene, k pixels for each unit.
func (s *scene) png(w io.Writer, k float64) error {
	img := image.NewRGBA(image.Rect(0, 0, int(math.Round(s.width*k)), int(math.Round(s.height*k))))
	stddraw.Draw(img, img.Bounds(), image.White, image.Point{}, stddraw.Src)
	var r vector.Rasterizer
	for _, shape := range s.shapes {
		shape.paint(img, &r, k)
	}
	// The default level is three times slower and saves a tenth.
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(w, img); err != nil {
		return fmt.Errorf("write picture: %w", err)
	}
	return nil
}

// paint fills one shape. Only its own box is rasterised: a whole picture for
// every label would take a hundred times as long.
func (s *shape) paint(img *image.RGBA, r *vector.Rasterizer, k float64) {
	box := s.path.bounds(k).Intersect(img.Bounds())
	if box.Empty() {
		return
	}
	r.Reset(box.Dx(), box.Dy())
	at := func(p point) (float32, float32) {
		return float32(p.x*k - float64(box.Min.X)), float32(p.y*k - float64(box.Min.Y))
	}
	s.path.each(func(o op, p []point) {
		switch o {
		case moveTo:
			x, y := at(p[0])
			r.MoveTo(x, y)
		case lineTo:
			x, y := at(p[0])
			r.LineTo(x, y)
		case quadTo:
			ax, ay := at(p[0])
			x, y := at(p[1])
			r.QuadTo(ax, ay, x, y)
		case cubeTo:
			ax, ay := at(p[0])
			bx, by := at(p[1])
			x, y := at(p[2])
			r.CubeTo(ax, ay, bx, by, x, y)
		case closePath:
			r.ClosePath()
		}
	})
	r.Draw(img, box, image.NewUniform(s.fill), image.Point{})
}

// bounds returns the pixels that the path may touch.
func (p *path) bounds(k float64) image.Rectangle {
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, q := range p.points {
		x0, x1 = math.Min(x0, q.x), math.Max(x1, q.x)
		y0, y1 = math.Min(y0, q.y), math.Max(y1, q.y)
	}
	clamp := func(v float64) int { return int(math.Max(-1e6, math.Min(1e6, v))) }
	return image.Rect(clamp(math.Floor(x0*k)), clamp(math.Floor(y0*k)), clamp(math.Ceil(x1*k)), clamp(math.Ceil(y1*k)))
}

// svg writes the scene as a drawing that is read aloud as alt.
func (s *scene) svg(w io.Writer, alt string) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %s %s" role="img">`+"\n<title>",
		short(s.width), short(s.height), short(s.width), short(s.height))
	xml.EscapeText(b, []byte(alt)) // errors stay in b and are told by Flush
	fmt.Fprintf(b, "</title>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n")
	for _, shape := range s.shapes {
		fmt.Fprintf(b, `<path fill="%s"`, hex(shape.fill))
		if shape.fill.A != 0xff {
			fmt.Fprintf(b, ` fill-opacity="%s"`, short(float64(shape.fill.A)/255))
		}
		if shape.text != "" {
			b.WriteString(` aria-label="`)
			xml.EscapeText(b, []byte(shape.text))
			b.WriteString(`"`)
		}
		fmt.Fprintf(b, " d=\"%s\"/>\n", shape.path.data())
	}
	b.WriteString("</svg>\n")
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write drawing: %w", err)
	}
	return nil
}

func (p *path) data() string {
	var b strings.Builder
	p.each(func(o op, points []point) {
		b.WriteByte("MLQCZ"[o])
		for i, q := range points {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(short(q.x) + " " + short(q.y))
		}
	})
	return b.String()
}

// short writes a length with two decimals: a hundredth of a pixel is not seen.
func short(v float64) string {
	return strconv.FormatFloat(math.Round(v*100)/100+0, 'f', -1, 64)
}

func hex(c color.NRGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }
