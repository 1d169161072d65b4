package enhance

import (
	"errors"
	"fmt"
	"image"
	"runtime"

	"cheval/models"
	"cheval/studio/internal/pixels"

	"gocv.io/x/gocv"
)

const (
	// upscaleHalo is how far around a pixel the network looks, in its input.
	upscaleHalo = 12
	// backProjections is how often an answer is corrected. Two take the error
	// from slightly above interpolation's to a tenth below it; more add nothing.
	backProjections = 2
	// upscaleMost bounds what is enlarged, in pixels before it.
	upscaleMost = 4_000_000
)

// UpscaleModel is the manifest's name of the network for a factor.
func UpscaleModel(factor int) string { return fmt.Sprintf("esrgan_slim_x%d", factor) }

// FactorFor is the factor, 1, 2 or 4, that brings long to at least least
// pixels, or nearest to it.
func FactorFor(long, least int) int {
	switch {
	case long >= least || long == 0:
		return 1
	case 2*long >= least:
		return 2
	}
	return 4
}

// Upscaler enlarges pictures by the super-resolution networks (ESRGAN slim,
// trained adversarially). Sessions start when they are first needed; one
// goroutine at a time may use it.
type Upscaler struct {
	runtime  *models.Runtime
	sessions map[int]*models.Session
}

// OpenUpscaler makes an upscaler on r. Close it before r.
func OpenUpscaler(r *models.Runtime) (*Upscaler, error) {
	return &Upscaler{runtime: r, sessions: map[int]*models.Session{}}, nil
}

// Close ends the sessions. It may be called twice.
func (u *Upscaler) Close() (err error) {
	for _, s := range u.sessions {
		err = errors.Join(err, s.Close())
	}
	clear(u.sessions)
	return err
}

// Upscale returns m 2 or 4 times as large: colours by the network, tile by
// tile, so that memory does not grow with the picture; alpha cubically.
func (u *Upscaler) Upscale(m *image.NRGBA, factor int) (*image.NRGBA, error) {
	if factor != 2 && factor != 4 {
		return nil, fmt.Errorf("enhance: enlarging %d times is not known, only 2 and 4", factor)
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	if w*h > upscaleMost || w == 0 || h == 0 {
		return nil, fmt.Errorf("enhance: a picture of %d×%d pixels is not enlarged: at most %d megapixels are", w, h, upscaleMost/1_000_000)
	}
	s, err := u.session(factor)
	if err != nil {
		return nil, err
	}
	spread := spreadColours(m)
	out := image.NewNRGBA(image.Rect(0, 0, factor*w, factor*h))
	if err := enlargeAlpha(m, out); err != nil {
		return nil, err
	}
	side := int(s.InputShape("")[2])
	for y := 0; y < h; y += side - 2*upscaleHalo {
		for x := 0; x < w; x += side - 2*upscaleHalo {
			fillTile(s.Input(""), spread, x-upscaleHalo, y-upscaleHalo, side)
			if err := s.Run(); err != nil {
				return nil, err
			}
			for range backProjections {
				backProject(s.Output(""), s.Input(""), side, factor)
			}
			takeTile(out, s.Output(""), x, y, side, factor)
		}
	}
	return out, nil
}

func (u *Upscaler) session(factor int) (*models.Session, error) {
	if s := u.sessions[factor]; s != nil {
		return s, nil
	}
	s, err := u.runtime.LoadWith(UpscaleModel(factor), models.LoadOptions{Threads: runtime.NumCPU()})
	if err != nil {
		return nil, err
	}
	u.sessions[factor] = s
	return s, nil
}

// spreadColours carries the product's colours into what is not covered, a few
// pixels far, so that the network sees no black rim.
func spreadColours(m *image.NRGBA) *image.NRGBA {
	out := image.NewNRGBA(m.Rect)
	copy(out.Pix, m.Pix)
	w, h := m.Rect.Dx(), m.Rect.Dy()
	edge := make([]int, 0, w)
	for i := range w * h {
		if m.Pix[4*i+3] == 0 {
			continue
		}
		edge = append(edge, i)
	}
	for range upscaleHalo {
		var next []int
		for _, i := range edge {
			x, y := i%w, i/w
			for _, n := range [4][2]int{{x - 1, y}, {x + 1, y}, {x, y - 1}, {x, y + 1}} {
				j := n[1]*w + n[0]
				if n[0] >= 0 && n[0] < w && n[1] >= 0 && n[1] < h && out.Pix[4*j+3] == 0 {
					copy(out.Pix[4*j:4*j+3], out.Pix[4*i:])
					out.Pix[4*j+3] = 1 // has a colour now; only the colours are read
					next = append(next, j)
				}
			}
		}
		edge = next
	}
	return out
}

// fillTile writes planes of 0..255; beyond the picture its edge goes on.
func fillTile(in []float32, m *image.NRGBA, x0, y0, side int) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	for y := range side {
		row := m.Pix[max(0, min(h-1, y0+y))*m.Stride:]
		for x := range side {
			p := row[4*max(0, min(w-1, x0+x)):]
			for c := range 3 {
				in[c*side*side+y*side+x] = float32(p[c])
			}
		}
	}
}

// backProject corrects an answer by what it lacks of the picture it was made
// of (iterative back-projection, Irani and Peleg 1991): made small again, by
// area, it must be that picture.
func backProject(answer, in []float32, side, factor int) {
	large := side * factor
	pixels.Rows(3, func(from, to int) {
		lack := make([]float32, side*side)
		for c := from; c < to; c++ {
			plane := answer[c*large*large : (c+1)*large*large]
			for y := range side {
				for x := range side {
					sum := float32(0)
					for dy := range factor {
						for _, v := range plane[(y*factor+dy)*large+x*factor:][:factor] {
							sum += v
						}
					}
					lack[y*side+x] = in[c*side*side+y*side+x] - sum/float32(factor*factor)
				}
			}
			addEnlarged(plane, lack, side, factor)
		}
	})
}

// addEnlarged adds a small plane, linearly interpolated, to a large one.
func addEnlarged(plane, small []float32, side, factor int) {
	large := side * factor
	at := func(i int) (int, int, float32) {
		f := max(0, min(float32(side-1), (float32(i)+0.5)/float32(factor)-0.5))
		return int(f), min(side-1, int(f)+1), f - float32(int(f))
	}
	for y := range large {
		y0, y1, ty := at(y)
		for x := range large {
			x0, x1, tx := at(x)
			top := small[y0*side+x0]*(1-tx) + small[y0*side+x1]*tx
			low := small[y1*side+x0]*(1-tx) + small[y1*side+x1]*tx
			plane[y*large+x] += top*(1-ty) + low*ty
		}
	}
}

// takeTile copies the tile's middle, of which the network saw all around.
func takeTile(out *image.NRGBA, answer []float32, x0, y0, side, factor int) {
	large, inner := side*factor, (side-2*upscaleHalo)*factor
	for y := range min(inner, out.Rect.Dy()-y0*factor) {
		for x := range min(inner, out.Rect.Dx()-x0*factor) {
			d := out.Pix[(y0*factor+y)*out.Stride+4*(x0*factor+x):]
			if d[3] == 0 {
				continue
			}
			i := (y+upscaleHalo*factor)*large + x + upscaleHalo*factor
			for c := range 3 {
				d[c] = uint8(max(0, min(255, answer[c*large*large+i]+0.5)))
			}
		}
	}
}

// enlargeAlpha writes the alpha of out.
func enlargeAlpha(m, out *image.NRGBA) error {
	small, large := image.NewAlpha(m.Rect), image.NewAlpha(out.Rect)
	for i := range small.Pix {
		small.Pix[i] = m.Pix[4*i+3]
	}
	if err := pixels.Resize(small, large, gocv.InterpolationCubic); err != nil {
		return err
	}
	for i, a := range large.Pix {
		out.Pix[4*i+3] = a
	}
	return nil
}
