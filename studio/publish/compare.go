package publish

import (
	"fmt"
	"image"
	"math"

	"cheval/studio/internal/pixels"
)

// looksDifferent is the ΔE that the worst block of a preview may differ by,
// in the mean over its pixels, and still look the same; docs/anchors.md says
// what it was measured on.
const looksDifferent = 3.0

// block is the side of the blocks that previews are compared in: about 12 mm
// of a face.
const block = 24

// Difference is how far two previews of a product lie apart.
type Difference struct {
	Worst   float64         // mean ΔE*ab of the block that differs most
	Where   image.Rectangle // that block
	PSNR    float64         // of the whole, dB; +Inf where they are equal
	Changed bool            // Worst is beyond what may look the same
}

// Compare compares a preview with the one last approved.
func Compare(approved, now *image.RGBA) (Difference, error) {
	if approved.Rect.Size() != now.Rect.Size() {
		return Difference{}, fmt.Errorf("publish: the approved preview is %v and the new one %v pixels; approve it anew", approved.Rect.Size(), now.Rect.Size())
	}
	d := Difference{}
	var squares float64
	w, h := now.Rect.Dx(), now.Rect.Dy()
	for y := 0; y < h; y += block {
		for x := 0; x < w; x += block {
			r := image.Rect(x, y, min(x+block, w), min(y+block, h))
			mean, sum := differ(approved, now, r)
			squares += sum
			if mean > d.Worst {
				d.Worst, d.Where = mean, r
			}
		}
	}
	d.PSNR = math.Inf(1)
	if squares > 0 {
		d.PSNR = 10 * math.Log10(255*255*3*float64(w)*float64(h)/squares)
	}
	d.Changed = d.Worst > looksDifferent
	return d, nil
}

// Finding is the finding of a preview that looks different, nil where it does
// not.
func (d *Difference) Finding() *Finding {
	if !d.Changed {
		return nil
	}
	return &Finding{Rule: "looks-different", Measure: d.Worst, Limit: looksDifferent, Blocks: true,
		Why: "worn, it looks different from when it was last approved; compare both pictures, and approve the new one or bring the old asset back"}
}

// differ is the mean ΔE of a block, and the sum of the squares of its channels'
// differences.
func differ(a, b *image.RGBA, r image.Rectangle) (mean, squares float64) {
	n := 0.0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			p, q := a.Pix[a.PixOffset(x, y):], b.Pix[b.PixOffset(x, y):]
			n++
			if p[0] == q[0] && p[1] == q[1] && p[2] == q[2] {
				continue
			}
			for c := range 3 {
				d := float64(p[c]) - float64(q[c])
				squares += d * d
			}
			mean += deltaE(p, q)
		}
	}
	return mean / n, squares
}

// deltaE is the distance of two pixels in CIE L*a*b* (1976).
func deltaE(p, q []uint8) float64 {
	l, a, b := pixels.Lab(p[0], p[1], p[2])
	m, c, d := pixels.Lab(q[0], q[1], q[2])
	return math.Sqrt(float64((l-m)*(l-m) + (a-c)*(a-c) + (b-d)*(b-d)))
}
