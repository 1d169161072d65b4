package eyewear

// rimless drills the lenses: a bridge and end pieces of wire with a foot on the
// lens and a screw through it.
func (b *builder) rimless() {
	nasal := b.rimAt(b.crest()-1.5, true)
	b.foot(nasal, 1)
	b.bar(Front, nasal, 2, 0.3, 0.7, 0.85)
	b.rimlessEnd()
	b.nosePads()
}

// foot is a small plate on the lens at its edge, and the screw beside it.
func (b *builder) foot(edge vec2, inwards float64) {
	to := vec2{edge[0] + inwards*3.6, edge[1]}
	a := b.f.place(edge[0]-inwards*0.6, edge[1], 0.35)
	c := b.f.place(to[0], to[1], 0.35)
	b.parts[Metalwork] = append(b.parts[Metalwork],
		tube([]vec3{a, mix3(a, c, 0.33), mix3(a, c, 0.66), c}, vec3{0, 1, 0}, 0.45, 0.95, 3, 10, nil)...)
	front := b.f.place(to[0], to[1], 1.05)
	back := b.f.place(to[0], to[1], -float64(b.e.Thickness)-0.9)
	b.parts[Metalwork] = append(b.parts[Metalwork], barrel(back, front, 1.05)...)
}

func (b *builder) rimlessEnd() {
	y := float64(b.e.TempleDrop)
	edge := b.rimAt(y, false)
	b.foot(edge, -1)
	b.metalEnd(Front)
}
