package render

import (
	"image"

	"cheval/catalog"
)

// photographed marks a material whose colour is a photo's.
const photographed catalog.Pattern = "photographed"

// maxPhotos bounds the textures that are kept, of a few megabytes each.
const maxPhotos = 24

// photoTexture is a front as photographed, in sizes halved again and again.
// It is immutable.
type photoTexture struct {
	levels []photoLevel
	perMM  float32 // pixels of the first level
	cx, cy float32 // of the front's origin there
	curves *curves
}

type photoLevel struct {
	w, h int
	px   [][4]uint8 // sRGB; the fourth is unused
}

// newPhotoTexture prepares p's picture; nil where it has none.
func newPhotoTexture(p *catalog.FrontPhoto) *photoTexture {
	if p == nil || p.Image == nil || p.Image.Rect.Dx() < 2 || p.Image.Rect.Dy() < 2 {
		return nil
	}
	t := &photoTexture{perMM: p.PxPerMM, cx: p.Centre[0], cy: p.Centre[1], curves: sharedCurves()}
	l := levelOfPicture(p.Image)
	for {
		t.levels = append(t.levels, l)
		if l.w < 8 || l.h < 8 {
			return t
		}
		l = l.halved()
	}
}

func levelOfPicture(m *image.NRGBA) photoLevel {
	l := photoLevel{w: m.Rect.Dx(), h: m.Rect.Dy()}
	l.px = make([][4]uint8, l.w*l.h)
	for y := range l.h {
		row := m.Pix[y*m.Stride:]
		for x := range l.w {
			l.px[y*l.w+x] = [4]uint8{row[4*x], row[4*x+1], row[4*x+2], 255}
		}
	}
	return l
}

// halved averages in linear light.
func (l *photoLevel) halved() photoLevel {
	out := photoLevel{w: l.w / 2, h: l.h / 2}
	out.px = make([][4]uint8, out.w*out.h)
	c := sharedCurves()
	for y := range out.h {
		for x := range out.w {
			i := 2*y*l.w + 2*x
			for k := range 3 {
				sum := c.linear[l.px[i][k]] + c.linear[l.px[i+1][k]] + c.linear[l.px[i+l.w][k]] + c.linear[l.px[i+l.w+1][k]]
				out.px[y*out.w+x][k] = c.encode(sum / 4)
			}
		}
	}
	return out
}

// at is the colour at (u, v) mm of the flat front where a pixel covers
// footprint mm.
func (t *photoTexture) at(u, v, footprint float32) rgb {
	k, perMM := 0, t.perMM
	for footprint*perMM > 1.5 && k+1 < len(t.levels) {
		k++
		perMM /= 2
	}
	l := &t.levels[k]
	scale := perMM / t.perMM
	x, y := t.cx*scale+u*perMM-0.5, t.cy*scale-v*perMM-0.5
	x, y = clamp(x, 0, float32(l.w)-1.001), clamp(y, 0, float32(l.h)-1.001)
	ix, iy := int(x), int(y)
	fx, fy := x-float32(ix), y-float32(iy)
	i := iy*l.w + ix
	top := t.linear(l, i).mix(t.linear(l, i+1), fx)
	return top.mix(t.linear(l, i+l.w).mix(t.linear(l, i+l.w+1), fx), fy)
}

func (t *photoTexture) linear(l *photoLevel, i int) rgb {
	c, p := t.curves, &l.px[i]
	return rgb{c.linear[p[0]], c.linear[p[1]], c.linear[p[2]]}
}

// front is the material of a variant's front: its photo where it has one.
func (r *Renderer) front(v *catalog.Variant) *material {
	if v.Front == nil || v.Front.Image == nil {
		return r.surface(v.Frame)
	}
	key := photoKey{v.Front, v.Frame}
	m := r.photos[key]
	if m == nil {
		texture := newPhotoTexture(v.Front)
		if texture == nil {
			return r.surface(v.Frame)
		}
		if len(r.photos) >= maxPhotos {
			clear(r.photos)
		}
		m = newMaterial(v.Frame)
		m.pattern, m.photo = photographed, texture
		r.photos[key] = m
	}
	return m
}

// photoKey is a front's photo with the surface that it lies on.
type photoKey struct {
	photo   *catalog.FrontPhoto
	surface catalog.Surface
}
