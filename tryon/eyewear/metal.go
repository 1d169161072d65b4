package eyewear

import (
	"math"

	"cheval/catalog"
)

// metal builds a front of wire: rims, a bridge bar or two, end pieces and pads
// on arms.
func (b *builder) metal() {
	rim := b.wire(0.45, float64(b.e.Rim)-0.1, b.front, b.back, 80)
	if b.e.HalfRim {
		rim.from, rim.to = b.upperRun(rim.inner)
	}
	b.parts[Front] = append(b.parts[Front], rim.soup(b.f.place)...)
	b.metalBridge(Front)
	b.metalEnd(Front)
	if b.e.NosePads {
		b.nosePads()
	} else {
		b.metalSaddle()
	}
}

// flatPath maps flat points (x, y, depth) to the frame's space.
func (b *builder) flatPath(pts []vec3) []vec3 {
	for i, p := range pts {
		pts[i] = b.f.place(p[0], p[1], p[2])
	}
	return pts
}

// rimAt is the nearest point of the lens at height y on its nasal (or temporal)
// side.
func (b *builder) rimAt(y float64, nasal bool) vec2 {
	best, gap := b.lens[0], math.Inf(1)
	for _, p := range b.lens {
		if (p[0] < b.f.centre) == nasal {
			if d := math.Abs(p[1] - y); d < gap {
				best, gap = p, d
			}
		}
	}
	return best
}

// metalBridge joins the rims: an arched bar, and for an aviator a second one
// above it.
func (b *builder) metalBridge(kind PartKind) {
	h := float64(b.e.LensHeight)
	rise := 0.11 * float64(b.e.Bridge)
	y := b.crest() + 0.8 - rise
	mid := (b.front + b.back) / 2
	r := max(float64(b.e.Rim), 1) * 0.62
	b.bar(kind, b.rimAt(y, true), rise, mid, r*0.8, r*1.05)
	if b.twinBars() {
		top := b.rimAt(0.43*h, true)
		b.bar(kind, top, -0.02*float64(b.e.Bridge), mid, r*0.8, r*1.05)
	}
}

func (b *builder) twinBars() bool {
	if b.e.BridgeStyle != "" {
		return b.e.BridgeStyle == catalog.TwinBars
	}
	return b.e.Shape == catalog.Aviator
}

// bar runs from the rim at p over the nose to its mirror image; rise is how
// much its middle stands above its ends, w and h are its section's half-sizes.
func (b *builder) bar(kind PartKind, p vec2, rise, depth, w, h float64) {
	path := bezier(vec3{p[0] + 0.2, p[1], depth},
		vec3{p[0] * 0.62, p[1] + rise*0.75, depth + 0.5},
		vec3{p[0] * 0.3, p[1] + rise, depth + 0.7},
		vec3{0, p[1] + rise, depth + 0.7}, 10)
	path = b.flatPath(path)
	for i := len(path) - 2; i >= 0; i-- {
		path = append(path, vec3{-path[i][0], path[i][1], path[i][2]})
	}
	b.whole[kind] = append(b.whole[kind], tube(path, vec3{0, 1, 0}, w, h, 2.6, 12, nil)...)
}

// metalEnd runs from the rim outwards and back to the hinge.
func (b *builder) metalEnd(kind PartKind) {
	y := float64(b.e.TempleDrop)
	root := b.rimAt(y, false)
	mid := (b.front + b.back) / 2
	h := max(b.templeHeight()*0.46, 1)
	thick := b.templeThick()
	x := b.reach - thick/2
	// Its outer end turns back to the temple's line.
	from := vec3{root[0] - 0.1, root[1], mid}
	depth := mid - 4.6
	turn := vec3{x, y, mid}
	path := bezier(from, mix3(from, turn, 0.7), vec3{x, y, mid + 0.2}, vec3{x, y, mid - 2.2}, 9)
	path = append(path, vec3{x, y, depth})
	path = b.flatPath(path)
	// The bent front leans the end inwards: let it run straight back instead.
	last := len(path) - 1
	for i := last - 1; i <= last; i++ {
		path[i][0] = max(path[i][0], path[last-2][0])
	}
	b.parts[kind] = append(b.parts[kind], tube(path, vec3{0, 1, 0}, thick/2, h, 3.2, 12, nil)...)
	end := path[last]
	b.setTemple(y, depth, 0)
	b.temple.start = vec3{end[0], end[1], end[2]}
	b.temple.shear = 0
	b.hinge = vec3{end[0] - 0.4, end[1], end[2]}
	b.metalHinge(h)
}

// metalHinge is the barrel inside the end piece.
func (b *builder) metalHinge(h float64) {
	for k := -1.0; k <= 1; k++ {
		mid := b.hinge.Add(vec3{-0.7, k * h * 0.62, 0.2})
		b.parts[Metalwork] = append(b.parts[Metalwork],
			barrel(mid.Sub(vec3{0, h * 0.28, 0}), mid.Add(vec3{0, h * 0.28, 0}), 0.95)...)
	}
}

// nosePads are silicone pads on arms. Their usual stand is 20 to 25 degrees of
// frontal angle (together above, apart below) and 25 to 30 of splay (apart
// towards the face).
func (b *builder) nosePads() {
	const y = -2.0
	// Pads stand for the nose, not for the lenses: their arms make up for a
	// narrow or wide distance between these.
	x := 10.5 + 0.15*(float64(b.e.Bridge)-18)
	depth := b.back - 4
	centre := b.f.flat(x, y, depth)
	centre[0] = x
	frontal, splay := radians(24), radians(30)
	long := vec3{math.Sin(frontal), -math.Cos(frontal), -0.05}.Normalize()
	face := vec3{-math.Cos(splay), 0, -math.Sin(splay)} // towards the nose
	face = face.Sub(long.Mul(face.Dot(long))).Normalize()
	across := long.Cross(face)
	pad := drop(b.f.tilt(centre), b.f.tilt(across).Mul(3.6), b.f.tilt(long).Mul(6.6), b.f.tilt(face).Mul(1.25), 12, 8)
	b.parts[NosePad] = append(b.parts[NosePad], pad...)
	for k := -2.0; k <= 2; k++ {
		p := centre.Add(long.Mul(k * 2.6)).Add(face.Mul(1.25 * math.Sqrt(1-k*k/6.5)))
		b.contacts = append(b.contacts, b.f.tilt(p))
	}
	b.rest = b.f.tilt(vec3{0, centre[1], centre[2]})
	b.padArm(centre.Sub(face.Mul(0.9)), y)
}

// padArm is the bent wire from the rim's back to the pad (untilted).
func (b *builder) padArm(pad vec3, y float64) {
	root := b.rimAt(y+2.2, true)
	d := (b.front+b.back)/2 - 0.2
	from := b.f.flat(root[0]-0.1, root[1], d)
	path := bezier(from, from.Add(vec3{-0.6, 0.6, -3.4}), pad.Add(vec3{2.6, 2.2, -1.2}), pad, 10)
	for i := range path {
		path[i] = b.f.tilt(path[i])
	}
	b.parts[Metalwork] = append(b.parts[Metalwork], tube(path, vec3{0, 1, 0}, 0.45, 0.45, 2, 8, nil)...)
}

// metalSaddle: without pads the bar itself rests on the nose.
func (b *builder) metalSaddle() {
	y := b.crest()
	p := b.f.place(0, y, (b.front+b.back)/2)
	b.rest = p
	for k := range 4 {
		x := b.f.half * float64(k) / 3
		b.contacts = append(b.contacts, b.f.place(x, y-0.11*float64(b.e.Bridge)*float64(k)/3, b.back))
	}
}
