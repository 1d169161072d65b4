package app

import (
	"image"
	"image/color"
	"slices"
	"time"

	"golang.org/x/image/vector"

	"cheval/catalog"
	"cheval/studio"
	"cheval/studio/enhance"
)

// coloured is a cut, at any size, and the plan that makes its picture. Of
// eyewear only the frame takes the plan's colour: what is seen through the
// lenses stays as it is.
func (p *photoEdit) coloured(c *studio.Cut, version string) (*studio.Cut, studio.Plan) {
	plan := p.planned()
	rgb, err := enhance.ParseColour(plan.Colour)
	if err != nil || p.anchors == nil {
		return c, plan
	}
	lenses := image.NewAlpha(c.Image.Rect)
	k := float32(c.Image.Rect.Dx()) / float32(p.cut.Image.Rect.Dx())
	for _, outline := range p.anchors.Outlines {
		fillOutline(lenses, outline, k)
	}
	own := *c
	own.Image = recolourBut(c.Image, lenses, rgb)
	own.Steps = append(slices.Clone(c.Steps), catalog.Step{Tool: "recolour", Version: version,
		Parameters: map[string]string{"colour": plan.Colour, "keeps": "lenses"}, At: time.Now().UTC().Truncate(time.Second)})
	plan.Colour = ""
	return &own, plan
}

// fillOutline covers what lies in an outline, scaled by k.
func fillOutline(m *image.Alpha, outline [][2]float32, k float32) {
	r := vector.NewRasterizer(m.Rect.Dx(), m.Rect.Dy())
	for i, q := range outline {
		if i == 0 {
			r.MoveTo(q[0]*k, q[1]*k)
			continue
		}
		r.LineTo(q[0]*k, q[1]*k)
	}
	r.ClosePath()
	r.Draw(m, m.Rect, image.Opaque, image.Point{})
}

// recolourBut recolours a cut-out but for what keep covers.
func recolourBut(cut *image.NRGBA, keep *image.Alpha, to color.NRGBA) *image.NRGBA {
	bare := &image.NRGBA{Pix: slices.Clone(cut.Pix), Stride: cut.Stride, Rect: cut.Rect}
	each := func(do func(i int, kept uint32)) {
		for y := range cut.Rect.Dy() {
			for x := range cut.Rect.Dx() {
				do(y*cut.Stride+4*x, uint32(keep.Pix[y*keep.Stride+x]))
			}
		}
	}
	each(func(i int, kept uint32) { bare.Pix[i+3] = uint8(uint32(bare.Pix[i+3]) * (255 - kept) / 255) })
	out := enhance.Recolour(bare, to)
	each(func(i int, kept uint32) {
		for c := range 3 {
			out.Pix[i+c] = uint8((uint32(out.Pix[i+c])*(255-kept) + uint32(cut.Pix[i+c])*kept + 127) / 255)
		}
		out.Pix[i+3] = cut.Pix[i+3]
	})
	return out
}
