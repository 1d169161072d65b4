package eyewear

import (
	"math"

	"github.com/go-gl/mathgl/mgl32"
)

// corner is a triangle's corner before vertices are shared.
type corner struct {
	p  vec3
	uv vec2
}

// soup is a heap of triangles of one kind, joined into vertices at the end.
type soup [][3]corner

func (s *soup) triangle(a, b, c corner) { *s = append(*s, [3]corner{a, b, c}) }

func (s *soup) quad(a, b, c, d corner) {
	// The shorter diagonal bends less.
	if a.p.Sub(c.p).LenSqr() <= b.p.Sub(d.p).LenSqr() {
		s.triangle(a, b, c)
		s.triangle(a, c, d)
		return
	}
	s.triangle(a, b, d)
	s.triangle(b, c, d)
}

// volume is positive when a closed soup faces outwards.
func (s soup) volume() float64 {
	v := 0.0
	for _, t := range s {
		v += t[0].p.Dot(t[1].p.Cross(t[2].p))
	}
	return v / 6
}

// flip turns all triangles over.
func (s soup) flip() {
	for i := range s {
		s[i][1], s[i][2] = s[i][2], s[i][1]
	}
}

// mirrored returns s on the other side of the plane x = 0.
func (s soup) mirrored() soup {
	out := make(soup, len(s))
	for i, t := range s {
		for k, c := range t {
			c.p[0], c.uv[0] = -c.p[0], -c.uv[0]
			out[i][k] = c
		}
	}
	out.flip()
	return out
}

// crease is the cosine of the angle above which an edge is hard.
const crease = 0.60

type cell [3]int32

// weld is how near corners of one vertex are, in millimetres.
const weld = 1e-4

func cellOf(p vec3) cell {
	return cell{int32(math.Round(p[0] / weld)), int32(math.Round(p[1] / weld)), int32(math.Round(p[2] / weld))}
}

// appendTo joins s into vertices with smooth normals, split at hard edges and
// where the surface coordinates part, and adds it to m as a part.
func (s soup) appendTo(m *Mesh, kind PartKind) {
	faces := make([]vec3, len(s)) // normals, as long as twice the area
	around := make(map[cell][]int32, len(s)/2)
	for i, t := range s {
		faces[i] = t[1].p.Sub(t[0].p).Cross(t[2].p.Sub(t[0].p))
		for _, c := range t {
			key := cellOf(c.p)
			around[key] = append(around[key], int32(i))
		}
	}
	type key struct {
		at, normal cell
		uv         [2]int32
	}
	known := make(map[key]uint32, len(s))
	part := Part{Kind: kind, First: len(m.Triangles), VertexFirst: len(m.Positions)}
	for i, t := range s {
		var tri [3]uint32
		for k, c := range t {
			n := cornerNormal(faces, around[cellOf(c.p)], i)
			id := key{cellOf(c.p), cellOf(n.Mul(0.01)), [2]int32{int32(c.uv[0] * 1e4), int32(c.uv[1] * 1e4)}}
			v, ok := known[id]
			if !ok {
				v = uint32(len(m.Positions))
				known[id] = v
				m.Positions = append(m.Positions, to32(c.p))
				m.Normals = append(m.Normals, to32(n).Normalize())
				m.UV = append(m.UV, mgl32.Vec2{float32(c.uv[0]), float32(c.uv[1])})
			}
			tri[k] = v
		}
		if cellOf(t[0].p) == cellOf(t[1].p) || cellOf(t[1].p) == cellOf(t[2].p) || cellOf(t[0].p) == cellOf(t[2].p) {
			continue // collapsed to a line
		}
		m.Triangles = append(m.Triangles, tri)
	}
	part.Count = len(m.Triangles) - part.First
	part.VertexCount = len(m.Positions) - part.VertexFirst
	if part.Count > 0 {
		m.Parts = append(m.Parts, part)
	}
}

// cornerNormal is the mean of the faces around a corner that lie about as face
// i does, the larger counting more.
func cornerNormal(faces []vec3, around []int32, i int) vec3 {
	own := faces[i]
	ownLen := own.Len()
	var sum vec3
	for _, f := range around {
		n := faces[f]
		if l := n.Len(); ownLen < 1e-9 || l < 1e-9 || n.Dot(own) >= crease*l*ownLen {
			sum = sum.Add(n)
		}
	}
	if sum.Len() < 1e-12 {
		return vec3{0, 0, 1}
	}
	return sum.Normalize()
}

func to32(v vec3) mgl32.Vec3 { return mgl32.Vec3{float32(v[0]), float32(v[1]), float32(v[2])} }
