package fit

import (
	"cheval/tryon/perceive"

	"github.com/go-gl/mathgl/mgl32"
)

// Landmarks of MediaPipe's face mesh on the half at the picture's right, each
// with its mirror image on the other half.
type pair struct{ right, left int }

var (
	eyeOuter = pair{263, 33}
	eyeInner = pair{362, 133}
	// templeAt is where the mesh ends beside the temples, some 20 mm before
	// the ear; cheekAt lies further down the same edge, foreTemple before it.
	templeAt   = pair{356, 127}
	cheekAt    = pair{454, 234}
	foreTemple = pair{264, 34}
)

// midline are landmarks down the bridge of the nose, over bone and cartilage.
var midline = [...]int{8, 168, 6, 197, 195, 5}

// noseRows and noseColumns are the nose's surface as a grid of landmarks: each
// row runs from the midline outwards.
const noseRows, noseColumns = 6, 5

var noseGrid = [noseRows][noseColumns]pair{
	{{8, 8}, {285, 55}, {285, 55}, {441, 221}, {441, 221}},
	{{168, 168}, {417, 193}, {413, 189}, {414, 190}, {414, 190}},
	{{6, 6}, {351, 122}, {465, 245}, {464, 244}, {463, 243}},
	{{197, 197}, {419, 196}, {412, 188}, {357, 128}, {453, 233}},
	{{195, 195}, {248, 3}, {399, 174}, {343, 114}, {350, 121}},
	{{5, 5}, {281, 51}, {456, 236}, {437, 217}, {277, 47}},
}

// Figures of heads, in millimetres of the canonical face (Pose.Scale 1); see
// docs/fit.md for where each comes from.
const (
	// corneaBefore is how far the cornea's apex stands before the mean of the
	// corners of the eye.
	corneaBefore = 4.3
	// earBehind is how far the root of the ear's upper edge (otobasion
	// superius) lies behind the mesh's edge, earAbove how far above templeAt.
	earBehind = 21
	earAbove  = 6
	// faceOfMesh is the head's width at the temples, against the mesh's there;
	// earsOfMesh its width at the ears' roots, which the mesh does not reach.
	faceOfMesh = 0.98
	earsOfMesh = 1.043
)

// head is what fitting needs of a face, in head space millimetres. Landmarks
// that blinking, speaking or frowning move are not in it.
type head struct {
	scale    float32
	middle   float32                           // x of the nose's midline
	nose     [noseRows][noseColumns]mgl32.Vec3 // half nose; x from the midline, outwards
	span     [noseRows - 1][2]float32          // lowest and highest y of a row and the next
	eye      mgl32.Vec3                        // cornea of the right eye; x from the midline
	temple   [2]mgl32.Vec3                     // left, right
	fore     [2]mgl32.Vec3
	ear      [2]mgl32.Vec3 // where a temple rests
	toHead   mgl32.Mat4
	rightFor float32 // weight of the right half, 0..1, by how well it is seen
}

// set reads a face.
func (h *head) set(f *perceive.Face) {
	h.scale = f.Pose.Scale
	if !(h.scale > 0.3 && h.scale < 3) {
		h.scale = 1
	}
	h.toHead = inverse(f.Pose.Head)
	// Yaw is positive when the face turns to the picture's right: then its left
	// half is what the camera sees.
	h.rightFor = mgl32.Clamp(0.5-f.Pose.Yaw/50, 0, 1)
	h.middle = 0
	for _, i := range midline {
		h.middle += h.at(f, i)[0] / float32(len(midline))
	}
	for r := range noseGrid {
		for c := range noseGrid[r] {
			h.nose[r][c] = h.half(f, noseGrid[r][c])
			if c == 0 {
				h.nose[r][c][0] = 0
			}
		}
	}
	h.setSpans()
	h.eye = h.half(f, eyeOuter).Add(h.half(f, eyeInner)).Mul(0.5)
	h.eye[2] += corneaBefore * h.scale
	h.setSides(f)
}

// setSpans finds how high each strip of the nose's surface reaches.
func (h *head) setSpans() {
	for r := range h.span {
		lo, hi := h.nose[r][0][1], h.nose[r][0][1]
		for _, row := range [...]int{r, r + 1} {
			for _, p := range h.nose[row] {
				lo, hi = min(lo, p[1]), max(hi, p[1])
			}
		}
		h.span[r] = [2]float32{lo, hi}
	}
}

// setSides finds temples and ears on both sides.
func (h *head) setSides(f *perceive.Face) {
	for side, k := range [2][3]int{
		{templeAt.left, cheekAt.left, foreTemple.left},
		{templeAt.right, cheekAt.right, foreTemple.right},
	} {
		t, c := h.at(f, k[0]), h.at(f, k[1])
		h.temple[side], h.fore[side] = t, h.at(f, k[2])
		h.ear[side] = mgl32.Vec3{
			h.middle + (t[0]-h.middle)*earsOfMesh,
			t[1] + earAbove*h.scale,
			min(t[2], c[2]) - earBehind*h.scale,
		}
	}
}

// at is a landmark in head space.
func (h *head) at(f *perceive.Face, i int) mgl32.Vec3 {
	return h.toHead.Mul4x1(f.Metric[i].Vec4(1)).Vec3()
}

// half is a pair of landmarks folded onto the right half, x from the midline.
func (h *head) half(f *perceive.Face, k pair) mgl32.Vec3 {
	r, l := h.at(f, k.right), h.at(f, k.left)
	r[0] -= h.middle
	l[0] = h.middle - l[0]
	return r.Mul(h.rightFor).Add(l.Mul(1 - h.rightFor))
}

// width is the head's at the temples.
func (h *head) width() float32 { return (h.temple[1][0] - h.temple[0][0]) * faceOfMesh }

// surface is the height z of the nose over (x, y) of its half; ok is false
// beside it.
func (h *head) surface(x, y float32) (z float32, ok bool) {
	for r := range noseRows - 1 {
		if y > h.span[r][1] || y < h.span[r][0] {
			continue
		}
		for c := range noseColumns - 1 {
			a, b := &h.nose[r][c], &h.nose[r][c+1]
			d, e := &h.nose[r+1][c], &h.nose[r+1][c+1]
			if z, ok = over(a, d, e, x, y); ok {
				return z, true
			}
			if z, ok = over(a, e, b, x, y); ok {
				return z, true
			}
		}
	}
	return 0, false
}

// over is the height of a triangle over (x, y), if it lies there.
func over(a, b, c *mgl32.Vec3, x, y float32) (float32, bool) {
	area := (b[0]-a[0])*(c[1]-a[1]) - (c[0]-a[0])*(b[1]-a[1])
	if area < 1e-6 && area > -1e-6 {
		return 0, false
	}
	v := ((x-a[0])*(c[1]-a[1]) - (c[0]-a[0])*(y-a[1])) / area
	w := ((b[0]-a[0])*(y-a[1]) - (x-a[0])*(b[1]-a[1])) / area
	const eps = -1e-4
	if v < eps || w < eps || v+w > 1-eps {
		return 0, false
	}
	return a[2] + v*(b[2]-a[2]) + w*(c[2]-a[2]), true
}

// inverse of a rotation with a shift.
func inverse(m mgl32.Mat4) mgl32.Mat4 {
	r := m.Mat3().Transpose()
	t := r.Mul3x1(m.Col(3).Vec3()).Mul(-1)
	out := r.Mat4()
	out.SetCol(3, t.Vec4(1))
	return out
}
