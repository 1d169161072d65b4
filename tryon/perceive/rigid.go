package perceive

import "math"

// Small fixed-size linear algebra in float64: the solver runs on every frame,
// so nothing here allocates. Matrices are row-major.

type vec3 [3]float64
type mat3 [3][3]float64

func (a vec3) add(b vec3) vec3    { return vec3{a[0] + b[0], a[1] + b[1], a[2] + b[2]} }
func (a vec3) sub(b vec3) vec3    { return vec3{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }
func (a vec3) mul(s float64) vec3 { return vec3{a[0] * s, a[1] * s, a[2] * s} }
func (a vec3) dot(b vec3) float64 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }
func (a vec3) norm() float64      { return math.Sqrt(a.dot(a)) }
func (a vec3) unit() vec3         { return a.mul(1 / math.Max(a.norm(), 1e-12)) }
func (a vec3) cross(b vec3) vec3 {
	return vec3{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}

func (m mat3) apply(v vec3) vec3 {
	return vec3{
		m[0][0]*v[0] + m[0][1]*v[1] + m[0][2]*v[2],
		m[1][0]*v[0] + m[1][1]*v[1] + m[1][2]*v[2],
		m[2][0]*v[0] + m[2][1]*v[1] + m[2][2]*v[2],
	}
}

func (m mat3) transpose() mat3 {
	return mat3{{m[0][0], m[1][0], m[2][0]}, {m[0][1], m[1][1], m[2][1]}, {m[0][2], m[1][2], m[2][2]}}
}

func (m mat3) mul(n mat3) (p mat3) {
	for i := range 3 {
		for j := range 3 {
			p[i][j] = m[i][0]*n[0][j] + m[i][1]*n[1][j] + m[i][2]*n[2][j]
		}
	}
	return p
}

// expSO3 is the rotation by |w| radians about w (Rodrigues).
func expSO3(w vec3) mat3 {
	a := w.norm()
	s, c := 1-a*a/6, 0.5-a*a/24
	if a > 1e-4 {
		s, c = math.Sin(a)/a, (1-math.Cos(a))/(a*a)
	}
	x, y, z := w[0], w[1], w[2]
	return mat3{
		{1 - c*(y*y+z*z), c*x*y - s*z, c*x*z + s*y},
		{c*x*y + s*z, 1 - c*(x*x+z*z), c*y*z - s*x},
		{c*x*z - s*y, c*y*z + s*x, 1 - c*(x*x+y*y)},
	}
}

// logSO3 is the inverse of expSO3, for angles under π.
func logSO3(m mat3) vec3 {
	v := vec3{m[2][1] - m[1][2], m[0][2] - m[2][0], m[1][0] - m[0][1]}
	s, c := v.norm()/2, (m[0][0]+m[1][1]+m[2][2]-1)/2
	a := math.Atan2(s, c)
	if s < 1e-9 {
		return v.mul(0.5)
	}
	return v.mul(a / (2 * s))
}

// eulerFrom returns yaw (positive to the picture's right), pitch (up) and roll
// (clockwise) in radians, of R = Ry(yaw)·Rx(-pitch)·Rz(-roll).
func eulerFrom(m mat3) (yaw, pitch, roll float64) {
	yaw = math.Atan2(m[0][2], m[2][2])
	pitch = math.Asin(max(-1, min(1, m[1][2])))
	roll = math.Atan2(-m[1][0], m[1][1])
	return yaw, pitch, roll
}

// cholesky6 solves A·x = b for a symmetric positive definite A, of which it
// reads the lower triangle; false when A is not one.
func cholesky6(a *[6][6]float64, b *[6]float64) (x [6]float64, ok bool) {
	var l [6][6]float64
	for i := range 6 {
		for j := 0; j <= i; j++ {
			s := a[i][j]
			for k := range j {
				s -= l[i][k] * l[j][k]
			}
			if i != j {
				l[i][j] = s / l[j][j]
				continue
			}
			if !(s > 1e-18) {
				return x, false
			}
			l[i][i] = math.Sqrt(s)
		}
	}
	for i := range 6 {
		x[i] = b[i]
		for k := range i {
			x[i] -= l[i][k] * x[k]
		}
		x[i] /= l[i][i]
	}
	for i := 5; i >= 0; i-- {
		for k := i + 1; k < 6; k++ {
			x[i] -= l[k][i] * x[k]
		}
		x[i] /= l[i][i]
	}
	return x, true
}

// hornRotation returns the rotation R that maximises trace(R·C), C = Σ w·p·qᵀ
// with q ≈ R·p: the largest eigenvector of Horn's quaternion matrix (Horn 1987,
// "Closed-form solution of absolute orientation using unit quaternions").
func hornRotation(c mat3) mat3 {
	n := [4][4]float64{
		{c[0][0] + c[1][1] + c[2][2], c[1][2] - c[2][1], c[2][0] - c[0][2], c[0][1] - c[1][0]},
		{0, c[0][0] - c[1][1] - c[2][2], c[0][1] + c[1][0], c[2][0] + c[0][2]},
		{0, 0, -c[0][0] + c[1][1] - c[2][2], c[1][2] + c[2][1]},
		{0, 0, 0, -c[0][0] - c[1][1] + c[2][2]},
	}
	for i := range 4 {
		for j := range i {
			n[i][j] = n[j][i]
		}
	}
	q := largestEigenvector(n)
	w, x, y, z := q[0], q[1], q[2], q[3]
	return mat3{
		{1 - 2*(y*y+z*z), 2 * (x*y - w*z), 2 * (x*z + w*y)},
		{2 * (x*y + w*z), 1 - 2*(x*x+z*z), 2 * (y*z - w*x)},
		{2 * (x*z - w*y), 2 * (y*z + w*x), 1 - 2*(x*x+y*y)},
	}
}

// largestEigenvector of a symmetric matrix, by cyclic Jacobi rotations.
func largestEigenvector(a [4][4]float64) [4]float64 {
	v := [4][4]float64{{1}, {0, 1}, {0, 0, 1}, {0, 0, 0, 1}}
	for range 12 {
		var off float64
		for p := range 3 {
			for q := p + 1; q < 4; q++ {
				off += math.Abs(a[p][q])
				jacobi(&a, &v, p, q)
			}
		}
		if off < 1e-14*(math.Abs(a[0][0])+math.Abs(a[1][1])+math.Abs(a[2][2])+math.Abs(a[3][3])) {
			break
		}
	}
	best := 0
	for i := range 4 {
		if a[i][i] > a[best][best] {
			best = i
		}
	}
	return [4]float64{v[0][best], v[1][best], v[2][best], v[3][best]}
}

// jacobi rotates rows and columns p, q of a so that a[p][q] becomes 0.
func jacobi(a, v *[4][4]float64, p, q int) {
	if a[p][q] == 0 {
		return
	}
	th := (a[q][q] - a[p][p]) / (2 * a[p][q])
	t := math.Copysign(1, th) / (math.Abs(th) + math.Sqrt(th*th+1))
	c := 1 / math.Sqrt(t*t+1)
	s := t * c
	for k := range 4 {
		a[k][p], a[k][q] = c*a[k][p]-s*a[k][q], s*a[k][p]+c*a[k][q]
	}
	for k := range 4 {
		a[p][k], a[q][k] = c*a[p][k]-s*a[q][k], s*a[p][k]+c*a[q][k]
	}
	for k := range 4 {
		v[k][p], v[k][q] = c*v[k][p]-s*v[k][q], s*v[k][p]+c*v[k][q]
	}
}
