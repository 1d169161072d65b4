package render

import (
	"image"

	"cheval/tryon/perceive"

	"github.com/go-gl/mathgl/mgl32"
)

// Where a temple runs under hair is read off the picture. If the upper ear
// shows skin, the temple is drawn to the ear, over short hair too; if hair
// covers it, the temple ends where the hair begins on its way. The cheek below
// says what skin looks like here and now.

// hairState is what is known of one face's hair, smoothed over frames.
type hairState struct {
	id    int
	known bool
	used  int // when last, for reuse
	ear   [2]float32
	line  [2]float32 // mm before the ear's root at which hair begins
}

const (
	hairFaces  = 8    // faces remembered
	hairSmooth = 0.15 // of a new frame
)

// Landmarks left and right in the picture: the cheek that shows skin, and the
// side of the head from the eye's corner back.
var (
	cheekMarks = [2][3]int{{116, 117, 123}, {345, 346, 352}}
	sideMarks  = [2][2]int{{143, 127}, {372, 356}}
)

// watchHair updates what is known of the face's hair and returns it.
func (r *Renderer) watchHair(img *image.RGBA, f *perceive.Face, h *head) *hairState {
	st := r.hairOf(f.ID)
	k := float32(hairSmooth)
	if !st.known {
		st.known, k = true, 1
	}
	for side := range st.ear {
		skin, ok := r.skinAt(img, f, side)
		if !ok {
			continue
		}
		ear, line, ok := r.lookAtSide(img, f, h, side, skin)
		if !ok {
			continue
		}
		st.ear[side] += (ear - st.ear[side]) * k
		st.line[side] += (line - st.line[side]) * k
	}
	return st
}

func (r *Renderer) hairOf(id int) *hairState {
	r.clock++
	old := 0
	for i := range r.hair {
		if r.hair[i].known && r.hair[i].id == id {
			r.hair[i].used = r.clock
			return &r.hair[i]
		}
		if r.hair[i].used < r.hair[old].used {
			old = i
		}
	}
	// Seen for the first time: the ear is taken as bare.
	r.hair[old] = hairState{id: id, used: r.clock, ear: [2]float32{1, 1}}
	return &r.hair[old]
}

// skinAt is the mean colour of the cheek.
func (r *Renderer) skinAt(img *image.RGBA, f *perceive.Face, side int) (rgb, bool) {
	var sum rgb
	n := float32(0)
	for _, i := range cheekMarks[side] {
		if c, ok := r.pixelMean(img, f.Points[i][0], f.Points[i][1]); ok {
			sum = sum.add(c)
			n++
		}
	}
	if n == 0 || sum.luminance() < 0.004*n {
		return sum, false
	}
	return sum.scale(1 / n), true
}

// pixelMean of 3×3 pixels, linear; false outside the picture.
func (r *Renderer) pixelMean(img *image.RGBA, x, y float32) (rgb, bool) {
	p := image.Pt(int(x), int(y))
	if !p.In(img.Rect.Inset(1)) {
		return rgb{}, false
	}
	var sum rgb
	for j := -1; j <= 1; j++ {
		for i := -1; i <= 1; i++ {
			q := img.Pix[img.PixOffset(p.X+i, p.Y+j):]
			sum = sum.add(rgb{r.curves.linear[q[0]], r.curves.linear[q[1]], r.curves.linear[q[2]]})
		}
	}
	return sum.scale(1.0 / 9), true
}

// likeSkin is 1 where c could be the skin, in more or less light.
func likeSkin(c, skin rgb) float32 {
	g, sg := max(c.g, 1e-4), max(skin.g, 1e-4)
	off := abs(c.r/g/(skin.r/sg)-1) + abs(c.b/g/max(skin.b/sg, 0.05)-1)
	l := c.luminance() / skin.luminance()
	return (1 - smoothstep(0.30, 0.65, off)) * smoothstep(0.22, 0.42, l) * (1 - smoothstep(2.2, 3.5, l))
}

// lookAtSide says how much of the upper ear is bare, 0..1, and how far before
// the ear's root hair covers the temple's way, mm. False where that side is
// turned away.
func (r *Renderer) lookAtSide(img *image.RGBA, f *perceive.Face, h *head, side int, skin rgb) (ear, line float32, ok bool) {
	sign := float32(2*side - 1)
	if f.Pose.Yaw*sign > 22 { // turned towards that side: its ear is hidden
		return 0, 0, false
	}
	out := mat34(f.Pose.Head)
	inv := mat34(f.Pose.Head.Inv())
	tragus := inv.point(h.p[tragusPoints[side]])
	n := float32(0)
	for _, up := range [3]float32{2, 8, 14} {
		for _, o := range [3][2]float32{{4, -14}, {9, -19}, {13, -25}} {
			p := tragus.Add(mgl32.Vec3{sign * o[0], up, o[1]}.Mul(h.scale))
			if v, ok := r.skinLike(img, f, out.point(p), skin); ok {
				ear += v
				n++
			}
		}
	}
	if n < 5 {
		return 0, 0, false
	}
	return ear / n, r.hairLine(img, f, h, side, skin), true
}

func (r *Renderer) skinLike(img *image.RGBA, f *perceive.Face, p mgl32.Vec3, skin rgb) (float32, bool) {
	q := f.Camera.Project(p)
	c, ok := r.pixelMean(img, q[0], q[1])
	return likeSkin(c, skin), ok
}

// hairLine walks from the eye's corner back to the ear's root and returns how
// far before the root skin ends for good.
func (r *Renderer) hairLine(img *image.RGBA, f *perceive.Face, h *head, side int, skin rgb) float32 {
	out, inv := mat34(f.Pose.Head), mat34(f.Pose.Head.Inv())
	a := inv.point(h.p[sideMarks[side][0]])
	b := inv.point(h.p[sideMarks[side][1]])
	root := mgl32.Vec3{b[0], b[1], -h.ear[side]}
	a[1] = b[1]
	const steps = 14
	last := a[2]
	for i := range steps + 1 {
		t := 2 * float32(i) / steps
		p := a.Add(b.Sub(a).Mul(t))
		if t > 1 {
			p = b.Add(root.Sub(b).Mul(t - 1))
		}
		if v, ok := r.skinLike(img, f, out.point(p), skin); ok && v > 0.5 {
			last = p[2]
		}
	}
	return last + h.ear[side]
}

// hideTemples lets the temples vanish behind the ears, or under the hair.
func (r *Renderer) hideTemples(h *head, hair *hairState) {
	for i := range r.scene.groups {
		g := &r.scene.groups[i]
		if !isTemple(g.kind) {
			continue
		}
		side := 0
		if g.right() {
			side = 1
		}
		bare := smoothstep(0.25, 0.5, hair.ear[side])
		end := h.ear[side] - max(hair.line[side]-6, 0)*(1-bare)
		soft := 3 + 7*(1-bare)
		// Some of the temple always shows behind the hinge.
		hinge := r.hingeBehind(g, h, side)
		end = min(max(end, hinge+14), max(h.ear[side], hinge+14))
		g.fade = fading{on: true, behind: h.behind, end: end + soft, inverse: 1 / (2 * soft)}
	}
}

// hingeBehind is the hinge's place in head space, -z.
func (r *Renderer) hingeBehind(g *group, h *head, side int) float32 {
	p := g.mesh.HingeLeft
	if side == 1 {
		p = g.mesh.HingeRight
	}
	a := g.frame
	q := a.point(p)
	return h.behind[0]*q[0] + h.behind[1]*q[1] + h.behind[2]*q[2] + h.behind[3]
}
