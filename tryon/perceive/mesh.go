package perceive

import (
	"fmt"
	"image"

	"github.com/go-gl/mathgl/mgl32"
)

// The attention mesh: a face in 192 pixels becomes 468 points, and lips, eyes
// and irises are seen again more closely. Names, orders and the rules of how
// they are joined are those of MediaPipe's face_landmark graph.
const (
	meshModel = "face_landmark_with_attention"
	meshSize  = 192
)

// refined are the landmarks that the closer looks place anew, in the order of
// their outputs: x and y only, z stays the mesh's.
var (
	lipsOrder = [80]int16{
		61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409,
		78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415,
		76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306, 184, 74, 73, 72, 11, 302, 303, 304, 408,
		62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292, 183, 42, 41, 38, 12, 268, 271, 272, 407,
	}
	leftEyeOrder = [71]int16{
		33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173,
		130, 25, 110, 24, 23, 22, 26, 112, 243, 247, 30, 29, 27, 28, 56, 190,
		226, 31, 228, 229, 230, 231, 232, 233, 244, 113, 225, 224, 223, 222, 221, 189,
		35, 124, 46, 53, 52, 65, 143, 111, 117, 118, 119, 120, 121, 128, 245,
		156, 70, 63, 105, 66, 107, 55, 193,
	}
	rightEyeOrder = [71]int16{
		263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398,
		359, 255, 339, 254, 253, 252, 256, 341, 463, 467, 260, 259, 257, 258, 286, 414,
		446, 261, 448, 449, 450, 451, 452, 453, 464, 342, 445, 444, 443, 442, 441, 413,
		265, 353, 276, 283, 282, 295, 372, 340, 346, 347, 348, 349, 350, 357, 465,
		383, 300, 293, 334, 296, 336, 285, 417,
	}
)

// lidContour is how many of an eye's points, the first ones, run along its
// lids; an iris lies at their mean z.
const lidContour = 16

// mesher turns a region of a frame into landmarks. One goroutine at a time.
type mesher struct {
	cut                   *sampler
	session               session
	input, mesh, presence []float32
	lips                  []float32
	eyes, irises          [2][]float32
}

func newMesher(s session, cut *sampler) (*mesher, error) {
	m := &mesher{
		cut: cut, session: s, input: s.Input(""), mesh: s.Output("output_mesh_identity"), presence: s.Output("conv_faceflag"),
		lips:   s.Output("output_lips"),
		eyes:   [2][]float32{s.Output("output_left_eye"), s.Output("output_right_eye")},
		irises: [2][]float32{s.Output("output_left_iris"), s.Output("output_right_iris")},
	}
	ok := len(m.input) == 3*meshSize*meshSize && len(m.mesh) == 3*meshPoints && len(m.presence) == 1 && len(m.lips) == 2*len(lipsOrder) &&
		len(m.eyes[0]) == 2*len(leftEyeOrder) && len(m.eyes[1]) == 2*len(rightEyeOrder) &&
		len(m.irises[0]) == 10 && len(m.irises[1]) == 10
	if !ok {
		return nil, fmt.Errorf("perceive: %s has other shapes than a face mesh: install the models again", meshModel)
	}
	return m, nil
}

// run looks for a face in r, fills points in pixels of the frame and returns
// the model's sureness, 0..1. The input stays as it was drawn until the next run.
func (m *mesher) run(img *image.RGBA, r region, points *[Landmarks]mgl32.Vec3) (float32, error) {
	if err := m.cut.draw(img, r.toFrame(meshSize), meshSize, 1.0/255, 0, replicate, m.input); err != nil {
		return 0, err
	}
	return m.read(r, points)
}

// read is run where the input holds region r already.
func (m *mesher) read(r region, points *[Landmarks]mgl32.Vec3) (float32, error) {
	if err := m.session.Run(); err != nil {
		return 0, err
	}
	m.join(points)
	a, zoom := r.toFrame(meshSize), float32(r.w/meshSize)
	for i, p := range points {
		x, y := a.apply(float64(p[0]), float64(p[1]))
		points[i] = mgl32.Vec3{float32(x), float32(y), p[2] * zoom}
	}
	return sigmoid(m.presence[0]), nil
}

// join puts the outputs together, in the pixels of the model's input.
func (m *mesher) join(points *[Landmarks]mgl32.Vec3) {
	for i := range meshPoints {
		points[i] = mgl32.Vec3(m.mesh[3*i : 3*i+3])
	}
	refine(points, lipsOrder[:], m.lips)
	refine(points, leftEyeOrder[:], m.eyes[0])
	refine(points, rightEyeOrder[:], m.eyes[1])
	placeIris(points, lmIrisLeft, leftEyeOrder[:lidContour], m.irises[0])
	placeIris(points, lmIrisRight, rightEyeOrder[:lidContour], m.irises[1])
}

func refine(points *[Landmarks]mgl32.Vec3, order []int16, xy []float32) {
	for i, k := range order {
		points[k][0], points[k][1] = xy[2*i], xy[2*i+1]
	}
}

func placeIris(points *[Landmarks]mgl32.Vec3, first int, lids []int16, xy []float32) {
	var z float32
	for _, k := range lids {
		z += points[k][2]
	}
	z /= float32(len(lids))
	for i := range 5 {
		points[first+i] = mgl32.Vec3{xy[2*i], xy[2*i+1], z}
	}
}
