package camera

import (
	"image"
	"math"

	"github.com/go-gl/mathgl/mgl32"
	"gocv.io/x/gocv"
)

// head is the portrait's head as a relief: a grid of nodes over the picture,
// each with its depth. Within the face the mesh gives the depth; from the
// face's rim it falls, rounded, to the head's outline.
type head struct {
	box        image.Rectangle // of the nodes, in frame pixels
	cols, rows int
	nodes      []mgl32.Vec3 // at rest: frame pixels, y down, z towards the viewer
	normals    []mgl32.Vec3 // unit, z towards the viewer
	pivot      mgl32.Vec3   // what the head turns about, in the same space
	texture    *image.RGBA  // of box, premultiplied by the matte
	solid      []bool       // by quad: wholly opaque
	empty      []bool       // by quad: nothing to see
}

// gridStep is the distance of the nodes in pixels: coarser shows in the nose,
// finer costs time.
const gridStep = 6

// Depths behind the ears, in widths of the face: of the head's outline, and
// of the joint on which it turns. The atlas stands about 1 cm behind the ear's
// opening, a face is about 14 cm wide.
const (
	outlineBehindEars = 0.05
	pivotBehindEars   = 0.07
)

func (l *layout) head(matte gocv.Mat) (*head, error) {
	alpha, err := matte.DataPtrUint8()
	if err != nil {
		return nil, err
	}
	h := &head{}
	h.place(alpha, l.size)
	ears := l.points[lmEarLeft].Add(l.points[lmEarRight]).Mul(0.5)
	width := l.points[lmEarRight].Sub(l.points[lmEarLeft]).Len()
	h.pivot = mgl32.Vec3{ears[0], l.jawLine(), ears[2] - pivotBehindEars*width}
	h.raise(l, alpha, ears[2]-outlineBehindEars*width)
	h.setNormals()
	if err := h.paint(l.picture, alpha); err != nil {
		return nil, err
	}
	return h, nil
}

// place lays the grid over what the matte shows.
func (h *head) place(alpha []byte, size image.Point) {
	seen := image.Rectangle{}
	for y := range size.Y {
		for x := range size.X {
			if alpha[y*size.X+x] > 0 {
				seen = seen.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	h.box = seen.Inset(-gridStep).Intersect(image.Rectangle{Max: size})
	h.cols = (h.box.Dx()-1)/gridStep + 2
	h.rows = (h.box.Dy()-1)/gridStep + 2
	for j := range h.rows {
		for i := range h.cols {
			x, y := min(h.box.Min.X+i*gridStep, h.box.Max.X-1), min(h.box.Min.Y+j*gridStep, h.box.Max.Y-1)
			h.nodes = append(h.nodes, mgl32.Vec3{float32(x), float32(y), 0})
		}
	}
}

// raise gives every node its depth.
func (h *head) raise(l *layout, alpha []byte, outline float32) {
	n := len(h.nodes)
	rim, known := make([]float32, n), make([]bool, n)
	h.drape(l, rim, known)
	rim = append([]float32{}, h.spread(rim, known, nil)...)

	// share is 1 on the face and 0 at the outline, smooth between.
	share, fixed := make([]float32, n), make([]bool, n)
	jaw, fade := l.jawLine(), 0.2*(l.points[lmChin][1]-l.points[lmForehead][1])
	for i, p := range h.nodes {
		switch {
		case known[i]:
			share[i], fixed[i] = 1, true
		case alpha[int(p[1])*l.size.X+int(p[0])] == 0:
			// Below the jaw the relief goes on as the jaw stands, so that its
			// soft edge moves with it.
			share[i], fixed[i] = smoothstep((p[1]-jaw)/fade), true
		}
	}
	share = h.spread(share, fixed, share)
	for i := range h.nodes {
		t := share[i]
		h.nodes[i][2] = outline + (rim[i]-outline)*t*(2-t)
	}
}

// drape reads the mesh's depth at the nodes that it covers.
func (h *head) drape(l *layout, depth []float32, known []bool) {
	for _, t := range l.triangles {
		a, b, c := l.points[t[0]], l.points[t[1]], l.points[t[2]]
		area := (b[0]-a[0])*(c[1]-a[1]) - (c[0]-a[0])*(b[1]-a[1])
		if area == 0 {
			continue
		}
		lo := h.cell(min(a[0], b[0], c[0]), min(a[1], b[1], c[1]))
		hi := h.cell(max(a[0], b[0], c[0]), max(a[1], b[1], c[1])).Add(image.Pt(1, 1))
		for j := max(0, lo.Y); j <= min(hi.Y, h.rows-1); j++ {
			for i := max(0, lo.X); i <= min(hi.X, h.cols-1); i++ {
				p := h.nodes[j*h.cols+i]
				u := ((b[0]-p[0])*(c[1]-p[1]) - (c[0]-p[0])*(b[1]-p[1])) / area
				v := ((c[0]-p[0])*(a[1]-p[1]) - (a[0]-p[0])*(c[1]-p[1])) / area
				if w := 1 - u - v; u >= 0 && v >= 0 && w >= 0 {
					z := u*a[2] + v*b[2] + w*c[2]
					if k := j*h.cols + i; !known[k] || z > depth[k] {
						depth[k], known[k] = z, true
					}
				}
			}
		}
	}
}

func (h *head) cell(x, y float32) image.Point {
	return image.Pt((int(x)-h.box.Min.X)/gridStep, (int(y)-h.box.Min.Y)/gridStep)
}

// spread fills the nodes that are not fixed so that each is the mean of its
// neighbours (Laplace's equation, by over-relaxed sweeps; at the grid's border
// nothing flows). start is the first guess.
func (h *head) spread(value []float32, fixed []bool, start []float32) []float32 {
	const sweeps, relax = 400, 1.85
	out := append([]float32{}, value...)
	if start == nil {
		var sum, n float32
		for i, f := range fixed {
			if f {
				sum, n = sum+value[i], n+1
			}
		}
		for i, f := range fixed {
			if !f && n > 0 {
				out[i] = sum / n
			}
		}
	}
	for range sweeps {
		for j := range h.rows {
			for i := range h.cols {
				k := j*h.cols + i
				if fixed[k] {
					continue
				}
				mean := (out[j*h.cols+max(i-1, 0)] + out[j*h.cols+min(i+1, h.cols-1)] +
					out[max(j-1, 0)*h.cols+i] + out[min(j+1, h.rows-1)*h.cols+i]) / 4
				out[k] += relax * (mean - out[k])
			}
		}
	}
	return out
}

func (h *head) setNormals() {
	h.normals = make([]mgl32.Vec3, len(h.nodes))
	z := func(i, j int) float32 {
		return h.nodes[min(max(j, 0), h.rows-1)*h.cols+min(max(i, 0), h.cols-1)][2]
	}
	for j := range h.rows {
		for i := range h.cols {
			dx, dy := (z(i+1, j)-z(i-1, j))/(2*gridStep), (z(i, j+1)-z(i, j-1))/(2*gridStep)
			h.normals[j*h.cols+i] = mgl32.Vec3{-dx, -dy, 1}.Normalize()
		}
	}
}

// paint cuts the texture out of the picture and sorts the quads.
func (h *head) paint(picture gocv.Mat, alpha []byte) error {
	bgr, err := picture.DataPtrUint8()
	if err != nil {
		return err
	}
	w := picture.Cols()
	h.texture = image.NewRGBA(image.Rect(0, 0, h.box.Dx(), h.box.Dy()))
	for y := range h.box.Dy() {
		for x := range h.box.Dx() {
			at := (y+h.box.Min.Y)*w + x + h.box.Min.X
			a := uint32(alpha[at])
			p := h.texture.Pix[y*h.texture.Stride+4*x:][:4]
			for c := range 3 {
				p[c] = byte((uint32(bgr[3*at+2-c])*a + 127) / 255)
			}
			p[3] = byte(a)
		}
	}
	h.sort()
	return nil
}

func (h *head) sort() {
	for j := range h.rows - 1 {
		for i := range h.cols - 1 {
			lo, hi := byte(255), byte(0)
			for y := j * gridStep; y <= min((j+1)*gridStep+1, h.box.Dy()-1); y++ {
				for x := i * gridStep; x <= min((i+1)*gridStep+1, h.box.Dx()-1); x++ {
					a := h.texture.Pix[y*h.texture.Stride+4*x+3]
					lo, hi = min(lo, a), max(hi, a)
				}
			}
			h.solid = append(h.solid, lo == 255)
			h.empty = append(h.empty, hi == 0)
		}
	}
}

func smoothstep(t float32) float32 {
	t = max(0, min(1, t))
	return t * t * (3 - 2*t)
}

func radians(degrees float32) float64 { return float64(degrees) * math.Pi / 180 }
