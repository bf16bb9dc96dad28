package bot

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // pictures of forms may be PNG
	"math"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	_ "golang.org/x/image/webp" // or WebP
)

// maxPixels bounds the pictures that are drawn on; larger ones go out as they are.
const maxPixels = 24_000_000

// numbered draws the number of a choice's button on its picture: the texts below
// the pictures of an album are seen only by who opens each of them. What cannot
// be drawn on is returned as it is.
func numbered(data []byte, number string) []byte {
	size, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || size.Width*size.Height > maxPixels || min(size.Width, size.Height) < 40 {
		return data
	}
	picture, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return data
	}
	drawn := image.NewRGBA(image.Rect(0, 0, size.Width, size.Height))
	draw.Draw(drawn, drawn.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(drawn, drawn.Bounds(), picture, picture.Bounds().Min, draw.Over)
	if err := drawNumber(drawn, number, min(size.Width, size.Height)/4); err != nil {
		return data
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, drawn, &jpeg.Options{Quality: 88}); err != nil {
		return data
	}
	return out.Bytes()
}

// drawNumber writes a number into a disc in the upper left corner.
func drawNumber(on *image.RGBA, number string, across int) error {
	f, err := opentype.Parse(gobold.TTF)
	if err != nil {
		return err
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: float64(across) * 0.62, DPI: 72})
	if err != nil {
		return err
	}
	defer face.Close()
	margin, r := across/8, float64(across)/2
	for y := range across {
		for x := range across {
			// the edge fades over a pixel
			cover := min(max(r-math.Hypot(float64(x)+0.5-r, float64(y)+0.5-r), 0), 1)
			if cover > 0 {
				disc := image.NewUniform(color.NRGBA{0x1a, 0x1a, 0x1a, uint8(cover * 230)})
				at := image.Rect(margin+x, margin+y, margin+x+1, margin+y+1)
				draw.Draw(on, at, disc, image.Point{}, draw.Over)
			}
		}
	}
	width := font.MeasureString(face, number)
	middle := fixed.I(margin) + fixed.I(across)/2
	d := font.Drawer{Dst: on, Src: image.White, Face: face}
	d.Dot = fixed.Point26_6{X: middle - width/2, Y: middle + fixed.I(across*22/100)}
	d.DrawString(number)
	return nil
}
