package camera

import (
	"image"

	"gocv.io/x/gocv"
)

// plate is the layout without the head: what stands behind it, guessed from
// what stands around it, and the neck, which goes up behind the jaw.
func (l *layout) plate(matte gocv.Mat) (gocv.Mat, error) {
	hole := gocv.NewMat()
	defer hole.Close()
	covered := l.faceMask()
	defer covered.Close()
	gocv.Max(covered, matte, &covered)
	dilate(covered, &hole, 15)
	near := gocv.NewMat()
	defer near.Close()
	dilate(covered, &near, 7) // collars keep what the jaw does not hide
	below := image.Rect(0, min(l.size.Y-1, int(l.jawLine())), l.size.X, l.size.Y)
	lower, lowerNear := hole.Region(below), near.Region(below)
	defer lower.Close()
	defer lowerNear.Close()
	lowerNear.CopyTo(&lower)
	plate, err := fillHole(l.picture, hole)
	if err != nil {
		return plate, err
	}
	if err := l.raiseNeck(plate, hole); err != nil {
		plate.Close()
		return plate, err
	}
	return plate, nil
}

func dilate(src gocv.Mat, dst *gocv.Mat, size int) {
	kernel := gocv.GetStructuringElement(gocv.MorphEllipse, image.Pt(size, size))
	defer kernel.Close()
	gocv.Dilate(src, dst, kernel)
}

// fillHole replaces the pixels where hole is not 0 by those around it: the
// picture is halved again and again, each level averaging what is known, and
// the gaps are filled from the coarser level on the way back (push-pull,
// Gortler et al., The Lumigraph, 1996, 3.4).
func fillHole(picture, hole gocv.Mat) (gocv.Mat, error) {
	pix, err := picture.DataPtrUint8()
	if err != nil {
		return gocv.Mat{}, err
	}
	mask, err := hole.DataPtrUint8()
	if err != nil {
		return gocv.Mat{}, err
	}
	w, h := picture.Cols(), picture.Rows()
	known := newLevel(w, h)
	for i, m := range mask {
		if m == 0 {
			known[4*i] = float32(pix[3*i])
			known[4*i+1] = float32(pix[3*i+1])
			known[4*i+2] = float32(pix[3*i+2])
			known[4*i+3] = 1
		}
	}
	full := pushPull(known, w, h)
	out := picture.Clone()
	dst, err := out.DataPtrUint8()
	if err != nil {
		out.Close()
		return gocv.Mat{}, err
	}
	for i, m := range mask {
		if m != 0 {
			for c := range 3 {
				dst[3*i+c] = byte(max(0, min(255, full[4*i+c]+0.5)))
			}
		}
	}
	return out, nil
}

// newLevel holds colour times weight and the weight (0..1) of w×h pixels.
func newLevel(w, h int) []float32 { return make([]float32, 4*w*h) }

func pushPull(level []float32, w, h int) []float32 {
	if w <= 1 && h <= 1 {
		return level
	}
	hw, hh := (w+1)/2, (h+1)/2
	coarse := newLevel(hw, hh)
	for y := range h {
		for x := range w {
			for c := range 4 {
				coarse[4*(y/2*hw+x/2)+c] += level[4*(y*w+x)+c]
			}
		}
	}
	for i := 3; i < len(coarse); i += 4 { // at most full weight
		if k := coarse[i]; k > 1 {
			coarse[i-3] /= k
			coarse[i-2] /= k
			coarse[i-1] /= k
			coarse[i] = 1
		}
	}
	coarse = pushPull(coarse, hw, hh)
	for y := range h {
		for x := range w {
			p := level[4*(y*w+x):][:4]
			if p[3] < 1 {
				blend(p, sample(coarse, hw, hh, float32(x)/2-0.25, float32(y)/2-0.25))
			}
		}
	}
	return level
}

// blend fills what p lacks of full weight from q, which has it.
func blend(p []float32, q [4]float32) {
	lack := 1 - p[3]
	for c := range 3 {
		p[c] += lack * q[c]
	}
	p[3] = 1
}

// sample reads a level between its pixels.
func sample(level []float32, w, h int, x, y float32) (out [4]float32) {
	x, y = max(0, min(float32(w-1), x)), max(0, min(float32(h-1), y))
	x0, y0 := int(x), int(y)
	x1, y1 := min(x0+1, w-1), min(y0+1, h-1)
	fx, fy := x-float32(x0), y-float32(y0)
	for c := range 4 {
		top := level[4*(y0*w+x0)+c]*(1-fx) + level[4*(y0*w+x1)+c]*fx
		low := level[4*(y1*w+x0)+c]*(1-fx) + level[4*(y1*w+x1)+c]*fx
		out[c] = top*(1-fy) + low*fy
	}
	return out
}
