package render

import (
	"image"
	"testing"

	"cheval/tryon/eyewear"
)

// behindEye paints everything left of the mesh's left edge, where the ear and
// the hair are when the face is turned right, in one colour.
func behindEye(img *image.RGBA, x int, r, g, b uint8) {
	for y := range img.Rect.Dy() {
		for i := img.PixOffset(0, y); i < img.PixOffset(x, y); i += 4 {
			img.Pix[i], img.Pix[i+1], img.Pix[i+2] = r, g, b
		}
	}
}

func TestHairOverTheEarHidesTheTemple(t *testing.T) {
	g := geometry(t)
	face := canonicalFace(g, 300, 40, 0)
	it := worn(t, face, pantoSpec, &glowing)
	it.Mesh = only(it.Mesh, eyewear.TempleLeft)
	// Hair begins some way behind the eye's corner.
	edge := int(face.Points[sideMarks[0][0]][0]) - 12
	seen := func(r, gr, b uint8) int {
		img, before := flat(1280, 720, 188, 150, 130), flat(1280, 720, 188, 150, 130)
		behindEye(img, edge, r, gr, b)
		behindEye(before, edge, r, gr, b)
		New(g).Draw(img, face, Light{}, it)
		n := 0
		for i := 0; i < len(img.Pix); i += 4 {
			if int(img.Pix[i+1]) > int(before.Pix[i+1])+25 {
				n++
			}
		}
		return n
	}
	bare, hair := seen(188, 150, 130), seen(38, 26, 20)
	if bare < 800 || hair > bare*2/3 {
		t.Errorf("%d pixels of the temple are seen beside a bare ear, %d under hair", bare, hair)
	}
}

func TestWhatIsKnownOfHairChangesSlowly(t *testing.T) {
	g := geometry(t)
	face := canonicalFace(g, 300, 20, 0)
	r := New(g)
	r.setHeads(face)
	bare, covered := flat(1280, 720, 188, 150, 130), flat(1280, 720, 188, 150, 130)
	behindEye(covered, int(face.Points[sideMarks[0][0]][0]), 38, 26, 20)
	for range 20 {
		r.watchHair(bare, face, &r.heads[0])
	}
	before := r.hairOf(face.ID).ear[0]
	after := r.watchHair(covered, face, &r.heads[0]).ear[0]
	if before < 0.95 || before-after > hairSmooth+0.01 {
		t.Errorf("one frame takes a bare ear from %.2f to %.2f", before, after)
	}
	// Another person starts afresh.
	other := *face
	other.ID = 2
	if ear := r.watchHair(covered, &other, &r.heads[0]).ear[0]; ear > 0.3 {
		t.Errorf("another person's covered ear is taken as %.2f bare", ear)
	}
}
