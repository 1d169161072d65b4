package eyewear

import (
	"math"

	"cheval/catalog"
)

// How deep a lens sits in its rim: in acetate, and in a metal plate.
const (
	groove      = 0.7
	metalGroove = 0.45
)

// Groove is how deep lenses sit in a front's rim, in millimetres: by that its
// openings are smaller than its lenses all around.
func Groove(m catalog.Material) float64 {
	if m == catalog.Metal {
		return metalGroove
	}
	return groove
}

// groove is that of this front.
func (b *builder) groove() float64 { return Groove(b.e.Material) }

// acetate builds a front that is cut from one plate, as acetate fronts are:
// rims, bridge, end pieces and nose pads in one solid with rounded edges.
func (b *builder) acetate() error {
	s := &silhouette{lens: newLocator(b.lens.resample(240)), melt: 5.5, meltEnd: 7}
	if b.e.BridgeStyle == catalog.Keyhole {
		s.melt = 7
	}
	s.rim = b.rimWidths(s.lens.c)
	s.bridge = b.acetateBridge()
	s.end = b.acetateEnd()
	raw, err := s.contour()
	if err != nil {
		return err
	}
	const outerPoints, middle = 92, 4
	edge := thin(raw, outerPoints)
	plate := &band{innerSteps: 2, outerSteps: 3, backColumns: 2}
	b.setColumns(plate, edge, middle)
	b.setDepths(plate, edge)
	if b.e.HalfRim {
		plate.from, plate.to = b.upperRun(plate.inner)
	}
	b.parts[Front] = plate.soup(b.f.place)
	b.acetateContacts(plate, outerPoints)
	b.setTemple(s.end.toY, b.back, 0.25)
	b.acetateHinge()
	if b.e.BridgeStyle == catalog.Keyhole {
		b.rivets(s.end)
	}
	if b.e.NosePads {
		b.nosePads()
	}
	return nil
}

// rimWidths are the rim's at each point of the lens: as the product says
// outside and below, somewhat more above and less beside the nose, as acetate
// is cut.
func (b *builder) rimWidths(lens curve) []float64 {
	out := make([]float64, len(lens))
	for i, n := range lens.normals() {
		above, nasal := smoothstep(-0.1, 0.9, n[1]), smoothstep(0.15, 0.9, -n[0])
		out[i] = float64(b.e.Rim) * (1 + 0.2*above - 0.46*nasal)
		if b.e.HalfRim {
			v := lens[i][1] / float64(b.e.LensHeight) * 2
			out[i] *= mix(0.45, 1, smoothstep(halfRimCut, 0.5, v))
		}
	}
	return out
}

// halfRimCut is where a half rim ends, in half heights of the lens.
const halfRimCut = -0.12

// crest is the height of a bridge's lower edge over the boxes' middle. The
// nose's own crest stands about 9 mm above the middle of a lens that is worn
// with the pupil 3 mm above it.
func (b *builder) crest() float64 {
	return 8.6 + 0.1*min(max(float64(b.e.LensHeight)-38, -8), 10)
}

// acetateBridge is the bar over the nose.
func (b *builder) acetateBridge() *bridgeShape {
	br := &bridgeShape{half: b.f.half, arch: 0.9}
	low := b.crest()
	thick := min(max(float64(b.e.Rim)*1.5, 4.6), 7.6)
	if b.e.BridgeStyle == catalog.Keyhole {
		br.key = min(max(float64(b.e.Bridge)*0.165, 2.8), 3.7)
		br.keyY = low + 0.15*br.key
		thick += 1.15 * br.key
	}
	br.halfHeight = thick / 2
	br.y = low + br.halfHeight - br.arch
	return br
}

// acetateEnd is the end piece at the hinge's height. A cat-eye's rises to it.
func (b *builder) acetateEnd() *endShape {
	y := float64(b.e.TempleDrop)
	h := b.templeHeight() / 2
	top := float64(b.e.LensHeight)/2 + float64(b.e.Rim)*1.1
	y = min(y, top-h*0.8)
	e := &endShape{fromX: b.f.centre + b.f.width*0.3, fromY: y, toX: b.reach, toY: y, halfHeight: h}
	if b.e.Shape == catalog.CatEye {
		e.fromY -= 0.3 * (e.toX - e.fromX)
	}
	return e
}

// setColumns joins the outer edge and a run of middle columns on x = 0 to the
// lens's opening.
func (b *builder) setColumns(plate *band, edge []vec2, middle int) {
	const fillet = 1.15
	plate.outerFillet = min(fillet, float64(b.e.Rim)*0.3)
	plate.innerFillet = min(0.6, float64(b.e.Rim)*0.2)
	plate.outer = edge
	plate.outerN = normalsOf(edge)
	plate.open = make([]bool, len(edge), len(edge)+middle)
	top, low := edge[len(edge)-1][1]-plate.outerFillet, edge[0][1]+plate.outerFillet
	for k := range middle {
		f := float64(k+1) / float64(middle+1)
		plate.outer = append(plate.outer, vec2{0, mix(top, low, f)})
		plate.outerN = append(plate.outerN, vec2{1, 0})
		plate.open = append(plate.open, true)
	}
	opening := b.lens.offset(func(int) float64 { return -b.groove() })
	plate.inner, plate.innerN = opening.sample(matched(opening, plate.outer))
}

// setDepths gives the plate its thickness, and nose pads that grow out of its
// back beside the nose.
func (b *builder) setDepths(plate *band, edge []vec2) {
	plate.front = func(vec2) float64 { return b.front }
	low := b.crest() - 2
	thin := func(q vec2) float64 { // the bridge is milled thinner over the nose
		return 1.3 * math.Exp(-sq(q[0]/(0.8*b.f.half))) * smoothstep(low-4, low+2, q[1])
	}
	plate.back = func(q vec2) float64 { return b.back + thin(q) }
	if b.e.NosePads {
		return
	}
	pad := vec2{b.f.half, -1.5}
	for _, q := range edge { // the contour beside the nose at the pad's height
		if q[0] < b.f.half && math.Abs(q[1]-pad[1]) < 0.4 {
			pad[0] = min(pad[0], q[0])
		}
	}
	const rise, long, broad = 2.3, 5, 3.2
	bump := func(q vec2) float64 {
		dx, dy := max(q[0]-pad[0]-0.6, 0)/broad, (q[1]-pad[1])/long
		return rise * math.Exp(-dx*dx-dy*dy)
	}
	plate.backColumns = 3
	plate.back = func(q vec2) float64 { return b.back + thin(q) - bump(q) }
	// The rims are bevelled towards the nose, most where the pads are.
	bevel := min(1, 0.3*float64(b.e.Rim))
	plate.lean = func(q vec2) float64 {
		return 0.6*bump(q) + bevel*smoothstep(low+4, low-4, q[1])*smoothstep(b.f.half+1.5, b.f.half-1.5, q[0])
	}
}

// upperRun is the run of columns of a half rim.
func (b *builder) upperRun(inner []vec2) (from, to int) {
	n := len(inner)
	up := func(j int) bool {
		return inner[((j%n)+n)%n][1] > halfRimCut*float64(b.e.LensHeight)/2
	}
	for j := range n {
		if up(j) && !up(j-1) {
			from = j
		}
		if up(j-1) && !up(j) {
			to = j
		}
	}
	return from, to
}

// acetateContacts are the edge over and beside the nose, on the back.
func (b *builder) acetateContacts(plate *band, outerPoints int) {
	low := -0.3 * float64(b.e.LensHeight)
	for j := range outerPoints {
		q := plate.outer[j]
		if q[0] > b.f.half || q[1] < low {
			break
		}
		at := q.Add(plate.outerN[j].Mul(plate.leanAt(j) + 0.3*plate.outerFillet))
		b.contacts = append(b.contacts,
			b.f.place(at[0], at[1], plate.back(at)+0.3*plate.outerFillet))
	}
	mid := b.contacts[len(b.contacts)/2]
	best := math.Inf(1)
	for _, c := range b.contacts { // the pads' deepest point
		if c[2] < best {
			best, mid = c[2], c
		}
	}
	b.rest = vec3{0, mid[1], mid[2]}
}

// rivets are the two pins that hold the hinge, seen on the end piece's front.
func (b *builder) rivets(end *endShape) {
	r := min(0.95, end.halfHeight*0.22)
	for k := -1.0; k <= 1; k += 2 {
		x, y := end.toX-4.6+0.5*k, end.toY+k*min(end.halfHeight*0.38, 1.9)
		b.parts[Metalwork] = append(b.parts[Metalwork],
			barrel(b.f.place(x, y, b.front-0.8), b.f.place(x, y, b.front+0.16), r)...)
	}
}

// acetateHinge is the metal between front and temple, seen from inside.
func (b *builder) acetateHinge() {
	t := b.temple
	r, reach := 1.5, min(t.height*0.3, 3.2)
	axis := vec3{b.hinge[0] - 0.6, b.hinge[1], b.hinge[2] - 1.2}
	for k := -1.0; k <= 1; k++ {
		mid := axis.Add(vec3{0, k * reach * 0.68, 0})
		b.parts[Metalwork] = append(b.parts[Metalwork],
			barrel(mid.Sub(vec3{0, reach * 0.3, 0}), mid.Add(vec3{0, reach * 0.3, 0}), r)...)
	}
}
