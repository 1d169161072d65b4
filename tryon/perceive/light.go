package perceive

import "github.com/go-gl/mathgl/mgl32"

// light is how bright the face and what is behind it are, 0..1, as coded in
// the frame. It is read off the mesh's own input, which costs next to nothing.
type light struct {
	face, behind float32
}

// skin are landmarks on bare skin, spread over the face.
var skin = [...]int{151, 108, 337, 69, 299, 50, 280, 101, 330, 118, 347, 205, 425, 5, 195, 197, 199, 175, 116, 345}

const (
	// darkFace is below what an iris can be told from the white in; gloomyFace
	// is where colours fail.
	darkFace, gloomyFace = 0.13, 0.22
	// A face is lit from behind when what is behind it is bright and it is not.
	brightBehind, dimBefore = 0.65, 0.30
)

// look measures the mesh's input (three planes of 192 x 192, 0..1), in which
// the face lies in region r.
func (l *light) look(input []float32, points *[Landmarks]mgl32.Vec3, r region) {
	inv, ok := r.toFrame(meshSize).invert()
	if !ok {
		return
	}
	var face, behind float32
	for _, k := range skin {
		u, v := inv.apply(float64(points[k][0]), float64(points[k][1]))
		face += luma(input, int(u), int(v))
	}
	const side = 10
	for i := range side {
		at := i * (meshSize - 1) / (side - 1)
		behind += luma(input, 2, at) + luma(input, meshSize-3, at)
	}
	l.face = face / float32(len(skin))
	l.behind = behind / (2 * side)
}

// luma is the brightness (Rec. 709) of a pixel of the mesh's input.
func luma(input []float32, u, v int) float32 {
	const plane = meshSize * meshSize
	at := max(0, min(v, meshSize-1))*meshSize + max(0, min(u, meshSize-1))
	return 0.2126*input[at] + 0.7152*input[plane+at] + 0.0722*input[2*plane+at]
}

func (l light) dark() bool { return l.face < darkFace }

func (l light) poor() bool {
	return l.face < gloomyFace || l.behind > brightBehind && l.face < dimBefore
}
