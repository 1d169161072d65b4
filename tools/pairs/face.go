package main

import (
	"fmt"
	"image"
	"math"

	"cheval/models/facegeometry"
	"cheval/tryon/perceive"

	"github.com/go-gl/mathgl/mgl32"
	"gonum.org/v1/gonum/mat"
)

// faceOf is the face that a mirror which errs in nothing would perceive.
func faceOf(s *scene, g *facegeometry.Geometry) (*perceive.Face, error) {
	if len(s.Landmarks) != len(g.Vertices) || len(s.Irises) != 2 {
		return nil, fmt.Errorf("%d landmarks and %d irises, want %d and 2", len(s.Landmarks), len(s.Irises), len(g.Vertices))
	}
	f := &perceive.Face{ID: 1, Score: 1, Camera: perceive.Camera{F: s.Focal, Cx: float32(s.Width) / 2, Cy: float32(s.Height) / 2}}
	for i, p := range s.Landmarks {
		f.Metric[i] = p
	}
	const iris = 11.7 / 2
	for k, c := range s.Irises {
		for j, d := range [5]mgl32.Vec3{{}, {iris, 0}, {0, iris}, {-iris, 0}, {0, -iris}} {
			f.Metric[468+5*k+j] = mgl32.Vec3(c).Add(d)
		}
	}
	f.Pose = poseOf(f.Metric[:len(s.Landmarks)], g)
	lo, hi := mgl32.Vec2{math.MaxFloat32, math.MaxFloat32}, mgl32.Vec2{}
	for i, p := range f.Metric {
		q := f.Camera.Project(p)
		scale := f.Camera.F / -f.Pose.Head.Col(3)[2]
		f.Points[i] = mgl32.Vec3{q[0], q[1], (f.Pose.Head.Col(3)[2] - p[2]) * scale}
		lo, hi = mgl32.Vec2{min(lo[0], q[0]), min(lo[1], q[1])}, mgl32.Vec2{max(hi[0], q[0]), max(hi[1], q[1])}
	}
	f.Box = image.Rect(int(lo[0]), int(lo[1]), int(hi[0])+1, int(hi[1])+1)
	return f, nil
}

// poseOf lays the canonical face over points in camera space: the similarity
// of least squares over the landmarks that place a head (S. Umeyama, 1991).
func poseOf(points []mgl32.Vec3, g *facegeometry.Geometry) perceive.Pose {
	var sum float64
	var pm, qm [3]float64
	for _, k := range g.Basis {
		sum += float64(k.Value)
		for c := range 3 {
			pm[c] += float64(k.Value) * 10 * float64(g.Vertices[k.Landmark][c])
			qm[c] += float64(k.Value) * float64(points[k.Landmark][c])
		}
	}
	cov, size := mat.NewDense(3, 3, nil), 0.0
	for _, k := range g.Basis {
		for i := range 3 {
			q := float64(points[k.Landmark][i]) - qm[i]/sum
			for j := range 3 {
				p := 10*float64(g.Vertices[k.Landmark][j]) - pm[j]/sum
				cov.Set(i, j, cov.At(i, j)+float64(k.Value)*q*p)
			}
			p := 10*float64(g.Vertices[k.Landmark][i]) - pm[i]/sum
			size += float64(k.Value) * p * p
		}
	}
	var svd mat.SVD
	svd.Factorize(cov, mat.SVDFull)
	var u, v, r mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	sign := mat.NewDiagDense(3, []float64{1, 1, math.Copysign(1, mat.Det(&u)*mat.Det(&v))})
	r.Mul(&u, sign)
	r.Mul(&r, v.T())
	values := svd.Values(nil)
	scale := (values[0] + values[1] + sign.At(2, 2)*values[2]) / size
	head := mgl32.Ident4()
	for i := range 3 {
		t := qm[i] / sum
		for j := range 3 {
			head.Set(i, j, float32(r.At(i, j)))
			t -= scale * r.At(i, j) * pm[j] / sum
		}
		head.Set(i, 3, float32(t))
	}
	return perceive.PoseOf(head, float32(scale))
}
