package viewport

import (
	"fmt"
	"image"
	"image/color"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"github.com/go-gl/mathgl/mgl32"

	"cheval/tryon"
	"cheval/tryon/perceive"
)

// debugLayer draws what the engine saw over the mirror: every face's mesh, its
// axes (x red, y green, z blue, 60 mm long) and the times. It keeps the mesh's
// edges and the text, which is written anew four times a second.
type debugLayer struct {
	edges  [][2]uint16
	of     int // triangles that edges were made from
	notes  *image.RGBA
	at     time.Time
	extent image.Rectangle // of the text
}

const (
	notesEvery = 250 * time.Millisecond
	axisLength = 60  // mm
	bridge     = 168 // the landmark between the eyes
)

var (
	meshColour  = color.RGBA{R: 60, G: 110, B: 100, A: 120}
	irisColour  = color.RGBA{R: 220, G: 180, B: 60, A: 230}
	axisColours = [3]color.RGBA{{R: 230, G: 60, B: 60, A: 255}, {R: 60, G: 210, B: 80, A: 255}, {R: 70, G: 120, B: 255, A: 255}}
)

// add puts the overlay of r, seen through p, into s.
func (d *debugLayer) add(s *scene, r *tryon.Result, p panel, painter string) {
	d.learn(r.Triangles)
	for _, f := range r.Faces {
		d.mesh(s, f, p)
		axes(s, f, p)
	}
	d.write(r, painter)
	k := max(float32(s.size.Y)/720, 1)
	from := rectOf(d.extent)
	x, y := float32(int(12*k)), float32(int(float32(s.size.Y)*0.12))
	s.add(fromNotes, d.notes, from, rect{x, y, x + from.w()*k, y + from.h()*k}, false, true)
}

// learn makes the list of edges, each once, when it sees new triangles.
func (d *debugLayer) learn(triangles [][3]uint16) {
	if len(triangles) == d.of {
		return
	}
	seen := map[[2]uint16]bool{}
	d.edges, d.of = d.edges[:0], len(triangles)
	for _, t := range triangles {
		for i := range 3 {
			a, b := t[i], t[(i+1)%3]
			e := [2]uint16{min(a, b), max(a, b)}
			if !seen[e] && int(e[1]) < perceive.Landmarks {
				seen[e] = true
				d.edges = append(d.edges, e)
			}
		}
	}
}

func (d *debugLayer) mesh(s *scene, f *perceive.Face, p panel) {
	line := func(a, b mgl32.Vec3, w float32, c color.RGBA) {
		ax, ay := p.at(a[0], a[1])
		bx, by := p.at(b[0], b[1])
		s.lines = append(s.lines, segment{ax, ay, bx, by, w, c})
	}
	for _, e := range d.edges {
		line(f.Points[e[0]], f.Points[e[1]], 0.8, meshColour)
	}
	for _, centre := range [2]int{468, 473} {
		for i := range 4 {
			line(f.Points[centre+1+i], f.Points[centre+1+(i+1)%4], 1.2, irisColour)
		}
	}
}

func axes(s *scene, f *perceive.Face, p panel) {
	from := f.Metric[bridge]
	if !(from[2] < 0) {
		return
	}
	a := f.Camera.Project(from)
	ax, ay := p.at(a[0], a[1])
	for i, c := range axisColours {
		dir := f.Pose.Head.Col(i).Vec3()
		if dir.Len() == 0 {
			continue
		}
		to := from.Add(dir.Normalize().Mul(axisLength))
		if !(to[2] < 0) {
			continue
		}
		b := f.Camera.Project(to)
		bx, by := p.at(b[0], b[1])
		s.lines = append(s.lines, segment{ax, ay, bx, by, 2.5, c})
	}
}

// write renders the text, at most every notesEvery.
func (d *debugLayer) write(r *tryon.Result, painter string) {
	now := time.Now()
	if d.notes != nil && now.Sub(d.at) < notesEvery {
		return
	}
	d.at = now
	if d.notes == nil {
		d.notes = image.NewRGBA(image.Rect(0, 0, 320, 300))
	}
	lines := notes(r, painter)
	d.extent = extentOf(lines).Intersect(d.notes.Rect)
	for i := 0; i < len(d.notes.Pix); i += 4 {
		copy(d.notes.Pix[i:], []byte{0, 0, 0, 150})
	}
	w := font.Drawer{Dst: d.notes, Src: image.White, Face: basicfont.Face7x13}
	for i, l := range lines {
		w.Dot = fixed.P(8, 16*(i+1))
		w.DrawString(l)
	}
}

// extentOf is the space of lines in Face7x13, with a margin.
func extentOf(lines []string) image.Rectangle {
	longest := 0
	for _, l := range lines {
		longest = max(longest, len(l))
	}
	return image.Rect(0, 0, 7*longest+16, 16*len(lines)+10)
}

// notes are the overlay's lines. They are for whoever builds or repairs the
// mirror, so they are not translated.
func notes(r *tryon.Result, painter string) []string {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	t := r.Times
	l := []string{
		fmt.Sprintf("frame %d  %dx%d", r.Frame.Seq, r.Frame.Image.Rect.Dx(), r.Frame.Image.Rect.Dy()),
		fmt.Sprintf("models on %s, drawn by %s", r.Provider, painter),
		fmt.Sprintf("perceive %5.1f ms", ms(t.Perceive)),
		fmt.Sprintf("  detect %5.1f", ms(t.Detect)),
		fmt.Sprintf("  mesh   %5.1f", ms(t.Mesh)),
		fmt.Sprintf("  iris   %5.1f", ms(t.Iris)),
		fmt.Sprintf("render   %5.1f ms", ms(t.Render)),
	}
	if r.Refined.W > 0 {
		l = append(l, fmt.Sprintf("refine   %5.1f ms at %dx%d", ms(t.Refine), r.Refined.W, r.Refined.H))
	}
	l = append(l, fmt.Sprintf("total    %5.1f ms", ms(t.Total)))
	for _, f := range r.Faces {
		m := f.Measure
		size := m.Why
		if m.Known() {
			size = fmt.Sprintf("PD %.1f +-%.1f mm", m.PDmm, m.PDErrormm)
		}
		l = append(l, fmt.Sprintf("face %d", f.ID),
			fmt.Sprintf("  yaw %+.0f pitch %+.0f roll %+.0f", f.Pose.Yaw, f.Pose.Pitch, f.Pose.Roll), "  "+size)
	}
	return l
}
