package eyewear

import "math"

// band is a plate between an inner curve and an outer one, column by column,
// with rounded edges: a rim, the half of an acetate front, a wire.
type band struct {
	inner, outer []vec2 // as many; counter-clockwise
	innerN       []vec2 // unit, from the inner curve into the plate
	outerN       []vec2 // unit, from the outer curve into the plate
	// open marks outer columns on the plane x = 0, where the plate goes on in
	// its mirror image and has no wall. Nil: none.
	open []bool
	// from and to select a run of columns (to exclusive, counted on around);
	// equal: the whole ring.
	from, to int
	// front and back are the depths of the two faces at a flat point.
	front, back func(q vec2) float64
	// lean moves the back edge of the outer wall into the plate, at a flat point.
	lean        func(q vec2) float64
	innerFillet float64 // radius
	outerFillet float64
	innerSteps  int // quads of a fillet
	outerSteps  int
	backColumns int // quads across the back; the front has one
	// flat gives every spot the surface coordinates of its flat point, for a
	// front that wears its photo; else they run on around the edges.
	flat bool
}

// spot is a flat point with its depth and surface coordinates.
type spot struct {
	q  vec2
	t  float64
	uv vec2
}

// soup builds the band's surface through place.
func (b *band) soup(place func(x, y, t float64) vec3) soup {
	n := len(b.inner)
	count := n
	ring := b.from == b.to
	if !ring {
		count = ((b.to-b.from)%n + n) % n
	}
	at := func(s spot) corner { return corner{place(s.q[0], s.q[1], s.t), s.uv} }
	var out soup
	strip := func(rows, next []spot) {
		for k := 0; k+1 < len(rows) && k+1 < len(next); k++ {
			out.quad(at(rows[k]), at(rows[k+1]), at(next[k+1]), at(next[k]))
		}
	}
	steps := count
	if !ring {
		steps--
	}
	for i := range steps {
		j, k := (b.from+i)%n, (b.from+i+1)%n
		strip(b.innerWall(j), b.innerWall(k))
		strip(b.face(j, true), b.face(k, true))
		if !b.isOpen(j) && !b.isOpen(k) {
			strip(b.outerWall(j), b.outerWall(k))
		}
		strip(b.face(j, false), b.face(k, false))
	}
	if !ring {
		b.cap(&out, b.from%n, false, at)
		b.cap(&out, (b.from+count-1)%n, true, at)
	}
	return out
}

func (b *band) isOpen(j int) bool { return b.open != nil && b.open[j] }

// faceEnds are the inner and outer ends of a face in column j.
func (b *band) faceEnds(j int, front bool) (in, out vec2) {
	in = b.inner[j].Add(b.innerN[j].Mul(b.innerFillet))
	out = b.outer[j]
	if !b.isOpen(j) {
		d := b.outerFillet
		if !front {
			d += b.leanAt(j)
		}
		out = out.Add(b.outerN[j].Mul(d))
	}
	return in, out
}

func (b *band) leanAt(j int) float64 {
	if b.lean == nil {
		return 0
	}
	return b.lean(b.outer[j])
}

// face is a row of spots across the front, inner to outer, or the back, outer
// to inner.
func (b *band) face(j int, front bool) []spot {
	in, out := b.faceEnds(j, front)
	depth, columns := b.front, 1
	if !front {
		in, out, depth, columns = out, in, b.back, b.backColumns
	}
	row := make([]spot, columns+1)
	for k := range row {
		q := mix2(in, out, float64(k)/float64(columns))
		row[k] = spot{q, depth(q), q}
	}
	return row
}

// wall is a row of spots from the end of one face over two fillets to the
// other's. q and n are the wall's foot and its normal into the plate, r the
// fillets' radius, lean how far the back foot stands in the plate.
func (b *band) wall(q, n vec2, r, lean float64, steps int, frontToBack bool) []spot {
	front := b.front(q.Add(n.Mul(r)))
	back := b.back(q.Add(n.Mul(r + lean)))
	row := make([]spot, 0, 2*steps+2)
	for k := 0; k <= steps; k++ {
		s, c := math.Sincos(math.Pi / 2 * float64(k) / float64(steps))
		row = append(row, spot{q: q.Add(n.Mul(r * (1 - s))), t: front - r*(1-c)})
	}
	for k := steps; k >= 0; k-- {
		s, c := math.Sincos(math.Pi / 2 * float64(k) / float64(steps))
		row = append(row, spot{q: q.Add(n.Mul(lean + r*(1-s))), t: back + r*(1-c)})
	}
	if !frontToBack {
		for i, j := 0, len(row)-1; i < j; i, j = i+1, j-1 {
			row[i], row[j] = row[j], row[i]
		}
	}
	if b.flat {
		for i := range row {
			row[i].uv = row[i].q
		}
		return row
	}
	return unroll(row, q.Add(n.Mul(r)), n, frontToBack)
}

// unroll gives a wall's spots surface coordinates that go on from the front
// face, away from it.
func unroll(row []spot, start, n vec2, frontToBack bool) []spot {
	run := 0.0
	idx := func(i int) int {
		if frontToBack {
			return i
		}
		return len(row) - 1 - i
	}
	for i := range row {
		s := &row[idx(i)]
		if i > 0 {
			p := row[idx(i-1)]
			run += math.Hypot(s.q.Sub(p.q).Len(), s.t-p.t)
		}
		s.uv = start.Sub(n.Mul(run))
	}
	return row
}

func (b *band) outerWall(j int) []spot {
	return b.wall(b.outer[j], b.outerN[j], b.outerFillet, b.leanAt(j), b.outerSteps, true)
}

func (b *band) innerWall(j int) []spot {
	return b.wall(b.inner[j], b.innerN[j], b.innerFillet, 0, b.innerSteps, false)
}

// cap closes the end of a run of columns.
func (b *band) cap(out *soup, j int, last bool, at func(spot) corner) {
	var loop []spot
	for _, row := range [][]spot{b.innerWall(j), b.face(j, true), b.outerWall(j), b.face(j, false)} {
		loop = append(loop, row[:len(row)-1]...)
	}
	mid := spot{}
	for _, s := range loop {
		mid.q, mid.t = mid.q.Add(s.q.Mul(1/float64(len(loop)))), mid.t+s.t/float64(len(loop))
	}
	flatten := func(s spot) spot {
		if s.uv = s.q.Add(vec2{0, s.t}); b.flat {
			s.uv = s.q
		}
		return s
	}
	for i, s := range loop {
		a, c := at(flatten(s)), at(flatten(loop[(i+1)%len(loop)]))
		if !last {
			a, c = c, a
		}
		out.triangle(at(flatten(mid)), a, c)
	}
}
