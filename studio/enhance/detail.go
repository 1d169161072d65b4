package enhance

import (
	"image"

	"cheval/studio/internal/pixels"

	"gocv.io/x/gocv"
)

// baseCell is the side of the cells in which the large forms are seen.
const baseCell = 8

// detail strengthens luma's differences from its surroundings: wide ones for
// local contrast, narrow ones for sharpness. Hue and saturation stay, because
// all channels move together.
func detail(m *image.NRGBA, e Estimate, a Adjust) error {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	base, err := surroundings(m)
	if err != nil {
		return err
	}
	luma, soft := image.NewGray(m.Rect), image.NewGray(m.Rect)
	pixels.Rows(h, func(from, to int) {
		for i := from * w; i < to*w; i++ {
			luma.Pix[i] = filled(m.Pix[4*i:], base.Pix[i])
		}
	})
	if err := blur(luma, soft); err != nil {
		return err
	}
	wide, narrow := detailTables(e, a)
	pixels.Rows(h, func(from, to int) {
		for i := from * w; i < to*w; i++ {
			p := m.Pix[4*i : 4*i+4]
			if p[3] == 0 {
				continue
			}
			l := int(luma.Pix[i])
			d := wide[255+l-int(base.Pix[i])] + narrow[255+l-int(soft.Pix[i])]
			p[0], p[1], p[2] = clamp(int(p[0])+d), clamp(int(p[1])+d), clamp(int(p[2])+d)
		}
	})
	return nil
}

// detailTables say what is added for each difference, −255..255. Large
// differences are edges and get less, so that no bright rim appears; what is
// below the noise is not sharpened.
func detailTables(e Estimate, a Adjust) (wide, narrow [511]int) {
	for i := range wide {
		d := float64(i - 255)
		size := max(d, -d)
		wide[i] = int(0.6 * a.LocalContrast * d / (1 + size/40))
		over := max(0, size-1.5*e.Noise) * min(1, 2/(1+size/30))
		if d < 0 {
			over = -over
		}
		narrow[i] = int(1.2 * a.Sharpness * over)
	}
	return wide, narrow
}

// filled is a pixel's luma where it is covered, else that of what is near: so
// that an edge to nothing is none.
func filled(p []uint8, near uint8) uint8 {
	a := int(p[3])
	return uint8((int(lumaOf(p[0], p[1], p[2]))*a + int(near)*(255-a) + 127) / 255)
}

// surroundings is the mean luma of what is covered around each pixel, some
// 60 pixels wide.
func surroundings(m *image.NRGBA) (*image.Gray, error) {
	w, h := (m.Rect.Dx()+baseCell-1)/baseCell, (m.Rect.Dy()+baseCell-1)/baseCell
	sum, weight := make([]float32, w*h), make([]float32, w*h)
	pixels.Rows(h, func(from, to int) {
		for y := from * baseCell; y < min(to*baseCell, m.Rect.Dy()); y++ {
			row := m.Pix[y*m.Stride:]
			for x := range m.Rect.Dx() {
				if a := row[4*x+3]; a != 0 {
					i := y/baseCell*w + x/baseCell
					sum[i] += float32(a) * float32(lumaOf(row[4*x], row[4*x+1], row[4*x+2]))
					weight[i] += float32(a)
				}
			}
		}
	})
	for range 2 {
		pixels.BoxSum(sum, w, h, 2)
		pixels.BoxSum(weight, w, h, 2)
	}
	small := image.NewGray(image.Rect(0, 0, w, h))
	for i := range small.Pix {
		if weight[i] > 0 {
			small.Pix[i] = uint8(sum[i]/weight[i] + 0.5)
		}
	}
	// Cells stand over whole pixels, so the plane may be a little larger.
	large := image.NewGray(image.Rect(0, 0, w*baseCell, h*baseCell))
	if err := pixels.Resize(small, large, gocv.InterpolationLinear); err != nil {
		return nil, err
	}
	if large.Rect == m.Rect {
		return large, nil
	}
	out := image.NewGray(m.Rect)
	for y := range m.Rect.Dy() {
		copy(out.Pix[y*out.Stride:(y+1)*out.Stride], large.Pix[y*large.Stride:])
	}
	return out, nil
}

// blur is a Gaussian of 1.3 pixels.
func blur(src, dst *image.Gray) error {
	from, err := pixels.Gray(src)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := pixels.Gray(dst)
	if err != nil {
		return err
	}
	defer to.Close()
	gocv.GaussianBlur(from, &to, image.Point{}, 1.3, 1.3, gocv.BorderReplicate)
	return nil
}

func clamp(v int) uint8 { return uint8(max(0, min(255, v))) }
