package bot

import (
	"image"
	"image/color"
	"image/draw"
)

// framed puts a white margin around a picture.
func framed(img image.Image, margin int) image.Image {
	b := img.Bounds()
	out := image.NewPaletted(image.Rect(0, 0, b.Dx()+2*margin, b.Dy()+2*margin), color.Palette{color.White, color.Black})
	draw.Draw(out, image.Rect(margin, margin, margin+b.Dx(), margin+b.Dy()), img, b.Min, draw.Src)
	return out
}
