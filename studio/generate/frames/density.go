package frames

import (
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distmv"

	"cheval/catalog"
)

// density is a Gaussian about what a frame's family makes one expect: an
// additive effect each of shape, material and kind on every coordinate, shrunk
// to none by ridge regression, so that families of one frame, and of none, have
// an expectation; and one covariance about it, shrunk to its diagonal. How much
// both are shrunk is what makes frames most likely that were left out.
type density struct {
	effects    *mat.Dense // of each column of the design on each coordinate
	covariance *mat.SymDense
	chol       mat.Cholesky
	misses     *distmv.Normal // by which frames differ from what is expected
	// What the fit chose, and the mean log likelihood of a frame left out, for
	// the density and for a single Gaussian of independent coordinates.
	ridge, shrink   float64
	leftOut, simple float64
}

var (
	ridges  = []float64{0.02, 0.05, 0.1, 0.2, 0.5, 1}
	shrinks = []float64{0.01, 0.03, 0.1, 0.2, 0.4, 0.7}
)

// least is the least standard deviation of each coordinate: that of measures
// taken in millimetres, and of an outline a hundredth of its radius.
func least(dims int) []float64 {
	out := make([]float64, dims)
	copy(out, []float64{overall: 0.006, bridge: 0.03, aspect: 0.015, ends: 0.08, rim: 0.04, thickness: 0.04,
		temple: 0.012, wrap: 0.3, tilt: 0.5, drop: 0.03})
	for k := measures; k < dims; k++ {
		out[k] = 0.004
	}
	return out
}

// materials and kinds are the columns of the design beside catalog.Shapes.
func materials() []catalog.Material {
	return []catalog.Material{catalog.Acetate, catalog.Metal, catalog.Rimless}
}
func kinds() []catalog.Kind { return []catalog.Kind{catalog.Optical, catalog.Sun} }

// design is a family as a row: 1, then 1 for its shape, material and kind.
func design(f family) []float64 {
	shapes := catalog.Shapes()
	row := make([]float64, 1+len(shapes)+len(materials())+len(kinds()))
	row[0] = 1
	at := 1
	for _, k := range []struct{ i, n int }{
		{slices.Index(shapes, f.shape), len(shapes)},
		{slices.Index(materials(), f.material), len(materials())},
		{slices.Index(kinds(), f.kind), len(kinds())},
	} {
		if k.i >= 0 {
			row[at+k.i] = 1
		}
		at += k.n
	}
	return row
}

func (d *density) fit(frames []frame) error {
	rows, values := stack(frames)
	d.leftOut = math.Inf(-1)
	for _, ridge := range ridges {
		effects, out, err := regress(rows, values, ridge)
		if err != nil {
			return err
		}
		for _, shrink := range shrinks {
			if l := likelihood(out, shrink); l > d.leftOut {
				d.effects, d.ridge, d.shrink, d.leftOut = effects, ridge, shrink, l
				d.covariance = covariance(out, shrink, -1)
			}
		}
	}
	_, out, err := regress(mat.NewDense(len(frames), 1, ones(len(frames))), values, 0)
	if err != nil {
		return err
	}
	d.simple = likelihood(out, 1)
	if d.covariance == nil || !d.chol.Factorize(d.covariance) {
		return errors.New("frames: the measures of the catalogue's frames have no density")
	}
	dims := d.covariance.SymmetricDim()
	var ok bool
	if d.misses, ok = distmv.NewNormal(make([]float64, dims), d.covariance, nil); !ok {
		return errors.New("frames: the measures of the catalogue's frames have no density")
	}
	return nil
}

// stack is the design and the coordinates of all frames.
func stack(frames []frame) (rows, values *mat.Dense) {
	for i, f := range frames {
		r := design(f.family)
		if rows == nil {
			rows, values = mat.NewDense(len(frames), len(r), nil), mat.NewDense(len(frames), len(f.x), nil)
		}
		rows.SetRow(i, r)
		values.SetRow(i, f.x)
	}
	return rows, values
}

func ones(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 1
	}
	return out
}

// regress gives the effects of the columns, all but the first held to zero by
// ridge, and by how much each frame misses what the others make one expect of
// it (e/(1−h) of ridge regression, Golub, Heath and Wahba 1979).
func regress(rows, values *mat.Dense, ridge float64) (effects, out *mat.Dense, err error) {
	n, k := rows.Dims()
	var square mat.SymDense
	square.SymOuterK(1, rows.T())
	for i := 1; i < k; i++ {
		square.SetSym(i, i, square.At(i, i)+ridge)
	}
	var chol mat.Cholesky
	if !chol.Factorize(&square) {
		return nil, nil, errors.New("frames: the families of the catalogue's frames cannot be told apart")
	}
	var sums, hat mat.Dense
	sums.Mul(rows.T(), values)
	effects, out = &mat.Dense{}, &mat.Dense{}
	if err := chol.SolveTo(effects, &sums); err != nil {
		return nil, nil, err
	}
	if err := chol.SolveTo(&hat, rows.T()); err != nil {
		return nil, nil, err
	}
	out.Mul(rows, effects)
	out.Sub(values, out)
	for i := range n {
		own := mat.Dot(rows.RowView(i), hat.ColView(i))
		row := out.RawRowView(i)
		for c := range row {
			row[c] /= max(1-own, 0.05)
		}
	}
	return effects, out, nil
}

// covariance of misses, shrunk to its diagonal, without the frame of one row
// (−1: of all).
func covariance(out *mat.Dense, shrink float64, without int) *mat.SymDense {
	n, dims := out.Dims()
	s, floor := mat.NewSymDense(dims, nil), least(dims)
	s.SymOuterK(1, out.T())
	if without >= 0 {
		s.SymRankOne(s, -1, out.RowView(without))
		n--
	}
	for i := range dims {
		for j := i; j < dims; j++ {
			v := s.At(i, j) / float64(n)
			if i == j {
				v += floor[i] * floor[i]
			} else {
				v *= 1 - shrink
			}
			s.SetSym(i, j, v)
		}
	}
	return s
}

// mostLeftOut is how many frames are left out in turn: enough to choose by.
const mostLeftOut = 300

// likelihood is the mean log likelihood of a frame's misses under the covariance
// of the others'.
func likelihood(out *mat.Dense, shrink float64) float64 {
	n, dims := out.Dims()
	every := (n + mostLeftOut - 1) / mostLeftOut
	sum, count := 0.0, 0.0
	for i := 0; i < n; i += every {
		var chol mat.Cholesky
		if !chol.Factorize(covariance(out, shrink, i)) {
			return math.Inf(-1)
		}
		sum += distmv.NormalLogProb(out.RawRowView(i), make([]float64, dims), &chol)
		count++
	}
	return sum / count
}

// expect is the mean of a family.
func (d *density) expect(f family) []float64 {
	var x mat.VecDense
	row := design(f)
	x.MulVec(d.effects.T(), mat.NewVecDense(len(row), row))
	return x.RawVector().Data
}

// unusual is the squared Mahalanobis distance of coordinates from their family.
func (d *density) unusual(x []float64, f family) float64 {
	mean := d.expect(f)
	miss := mat.NewVecDense(len(x), nil)
	for i, v := range x {
		miss.SetVec(i, v-mean[i])
	}
	var solved mat.VecDense
	if err := d.chol.SolveVecTo(&solved, miss); err != nil {
		return math.Inf(1)
	}
	return mat.Dot(miss, &solved)
}

// shapeOf is the shape whose lens is expected nearest to that of coordinates.
// A shape that is a build, not an outline, is only found where it is the
// family's own.
func (d *density) shapeOf(x []float64, f family) (nearest catalog.Shape) {
	best := math.Inf(1)
	for _, s := range catalog.Shapes() {
		if (s == catalog.Browline || s == catalog.Sport) && s != f.shape {
			continue
		}
		mean, sum := d.expect(family{s, f.material, f.kind}), 0.0
		for k := measures; k < len(x); k++ {
			sum += (x[k] - mean[k]) * (x[k] - mean[k])
		}
		sum += (x[aspect] - mean[aspect]) * (x[aspect] - mean[aspect]) / 16
		if sum < best {
			best, nearest = sum, s
		}
	}
	return nearest
}
