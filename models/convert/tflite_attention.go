package convert

import (
	"errors"
	"fmt"
	"slices"
)

// MediaPipe's three operators of the face mesh with attention, version 2: the
// mesh found so far gives a turned rectangle about the lips or an eye
// (Landmarks2TransformMatrix), a grid over it is sampled from a feature map
// (TransformTensorBilinear), and what is found there is brought back to the
// picture (TransformLandmarks).

// landmarkOptions say which landmarks a rectangle encloses and how.
type landmarkOptions struct {
	subset         []int
	left, right    int // the line from left to right is the rectangle's x
	width, height  int // of the grid
	scaleX, scaleY float64
}

func readLandmarkOptions(b []byte, landmarks int) (*landmarkOptions, error) {
	m, err := flexMap(b)
	if err != nil {
		return nil, err
	}
	var missing error
	one := func(key string, lo, hi float64) float64 {
		v := m[key]
		if len(v) != 1 || !(v[0] >= lo && v[0] <= hi) {
			missing = fmt.Errorf("option %q is %v", key, v)
			return lo
		}
		return v[0]
	}
	last := float64(landmarks - 1)
	o := &landmarkOptions{
		left: int(one("left_rotation_idx", 0, last)), right: int(one("right_rotation_idx", 0, last)),
		width: int(one("output_width", 1, maxGrid)), height: int(one("output_height", 1, maxGrid)),
		scaleX: one("scale_x", 1e-3, 1e3), scaleY: one("scale_y", 1e-3, 1e3),
	}
	one("target_rotation_radians", 0, 0) // other targets are not known
	for _, v := range m["subset_idxs"] {
		if !(v >= 0 && v <= last) {
			return nil, fmt.Errorf("there is no landmark %v of %d", v, landmarks)
		}
		o.subset = append(o.subset, int(v))
	}
	if len(o.subset) < 2 || len(o.subset) > maxLandmarks {
		return nil, fmt.Errorf("a rectangle cannot enclose %d landmarks", len(o.subset))
	}
	return o, missing
}

const (
	maxGrid      = 1024
	maxLandmarks = 4096
)

// landmarksToMatrix writes the matrix [1,4,4] that maps the grid's own
// coordinates to landmark coordinates: with (c,s) the unit vector from left to
// right, the landmarks are turned back by it, enclosed, and the box scaled;
// A = [[c,-s],[s,c]]·diag(size/grid) and b = centre - A·grid/2.
func (c *converter) landmarksToMatrix(op *operator) (string, error) {
	x, in, err := c.computed(op, 0, 3)
	if err != nil {
		return "", err
	}
	if in[0] != 1 || in[2] < 2 || in[1] > maxLandmarks || !slices.Equal(c.outShape(op), []int{1, 4, 4}) {
		return "", fmt.Errorf("%v do not make %v", in, c.outShape(op))
	}
	o, err := readLandmarkOptions(op.custom, in[1])
	if err != nil {
		return "", err
	}
	g := c.g
	flat := g.node("Reshape", []string{x, g.ints(-1)})
	at := func(dims []int, landmarks ...int) string { // x row, then y row
		idx := make([]int, 0, 2*len(landmarks))
		for axis := range 2 {
			for _, l := range landmarks {
				idx = append(idx, l*in[2]+axis)
			}
		}
		return g.node("Gather", []string{flat, g.intTensor(dims, idx)})
	}
	d := g.node("Sub", []string{at([]int{1, 2}, o.right), at([]int{1, 2}, o.left)})
	unit := g.node("Div", []string{d, g.node("ReduceL2", []string{d}, attrInt("keepdims", 1))})
	// (c,s)·K is the rotation, row by row, and its transpose.
	turn := func(k ...float32) string {
		return g.node("Reshape", []string{g.node("MatMul", []string{unit, g.floats([]int{2, 4}, k)}), g.ints(2, 2)})
	}
	rot := turn(1, 0, 0, 1, 0, -1, 1, 0)
	back := turn(1, 0, 0, 1, 0, 1, -1, 0)
	points := g.node("MatMul", []string{back, at([]int{2, len(o.subset)}, o.subset...)})
	lo := g.node("ReduceMin", []string{points}, attrInts("axes", 1), attrInt("keepdims", 1))
	hi := g.node("ReduceMax", []string{points}, attrInts("axes", 1), attrInt("keepdims", 1))
	mid := g.node("Mul", []string{g.node("Add", []string{lo, hi}), g.scalar(0.5)})
	size := g.node("Mul", []string{
		g.node("Reshape", []string{g.node("Sub", []string{hi, lo}), g.ints(1, 2)}),
		g.floats([]int{1, 2}, []float32{float32(o.scaleX / float64(o.width)), float32(o.scaleY / float64(o.height))}),
	})
	a := g.node("Mul", []string{rot, size})
	centre := g.node("MatMul", []string{rot, mid})
	half := g.floats([]int{2, 1}, []float32{float32(o.width) / 2, float32(o.height) / 2})
	b := g.node("Sub", []string{centre, g.node("MatMul", []string{a, half})})
	rows := g.node("Concat", []string{a, g.floats([]int{2, 1}, []float32{0, 0}), b}, attrInt("axis", 1))
	rest := g.floats([]int{2, 4}, []float32{0, 0, 1, 0, 0, 0, 0, 1})
	m := g.node("Concat", []string{rows, rest}, attrInt("axis", 0))
	return g.node("Reshape", []string{m, g.ints(1, 4, 4)}), nil
}

// affine takes A [1,2,2] and b [1,2,1] from a matrix [1,4,4].
func (c *converter) affine(op *operator, k int) (a, b string, err error) {
	m, shape, err := c.computed(op, k, 3)
	if err != nil {
		return "", "", err
	}
	if !slices.Equal(shape, []int{1, 4, 4}) {
		return "", "", fmt.Errorf("its matrix has the shape %v", shape)
	}
	a = c.g.node("Slice", []string{m, c.g.ints(0, 0, 0), c.g.ints(1, 2, 2)})
	b = c.g.node("Slice", []string{m, c.g.ints(0, 0, 3), c.g.ints(1, 2, 4)})
	return a, b, nil
}

// transformTensor samples p = A(i+½, j+½)+b bilinearly, pixel centres at ½;
// 0 where p lies outside the outermost centres. A face that leaves the picture
// needs that: without it an eye there is half a pixel off MediaPipe's.
func (c *converter) transformTensor(op *operator) (string, error) {
	x, in, err := c.computed(op, 0, 4)
	if err != nil {
		return "", err
	}
	out := c.outShape(op)
	if len(out) != 4 || in[0] != 1 || out[0] != 1 || in[3] != out[3] || out[1] > maxGrid || out[2] > maxGrid {
		return "", fmt.Errorf("%v cannot be sampled as %v", in, out)
	}
	a, b, err := c.affine(op, 1)
	if err != nil {
		return "", err
	}
	g := c.g
	h, w := out[1], out[2]
	cells := make([]float32, 2*h*w)
	for k := range h * w {
		cells[k], cells[h*w+k] = float32(k%w)+0.5, float32(k/w)+0.5
	}
	p := g.node("Add", []string{g.node("MatMul", []string{a, g.floats([]int{2, h * w}, cells)}), b}) // [1,2,hw]
	norm := g.floats([]int{2, 1}, []float32{2 / float32(in[2]), 2 / float32(in[1])})
	grid := g.node("Sub", []string{g.node("Mul", []string{p, norm}), g.scalar(1)})
	grid = g.node("Reshape", []string{g.node("Transpose", []string{grid}, attrInts("perm", 0, 2, 1)), g.ints(1, h, w, 2)})
	v := g.node("GridSample", []string{x, grid},
		attrString("mode", "bilinear"), attrString("padding_mode", "zeros"), attrInt("align_corners", 0))
	return g.node("Mul", []string{v, c.inside(p, in, h, w)}), nil
}

// inside is [1,1,h,w]: 1 where both coordinates of p [1,2,hw] lie between the
// outermost pixel centres, 0 elsewhere.
func (c *converter) inside(p string, in []int, h, w int) string {
	g := c.g
	half := g.floats([]int{2, 1}, []float32{float32(in[2]) / 2, float32(in[1]) / 2})
	reach := g.floats([]int{2, 1}, []float32{float32(in[2])/2 - 0.5, float32(in[1])/2 - 0.5})
	off := g.node("Abs", []string{g.node("Sub", []string{p, half})})
	ok := g.node("Cast", []string{g.node("LessOrEqual", []string{off, reach})}, attrInt("to", 1))
	both := g.node("ReduceMin", []string{ok}, attrInts("axes", 1), attrInt("keepdims", 1))
	return g.node("Reshape", []string{both, g.ints(1, 1, h, w)})
}

// transformLandmarks writes A·(x,y)+b for each landmark; z stays.
func (c *converter) transformLandmarks(op *operator) (string, error) {
	x, in, err := c.computed(op, 0, 3)
	if err != nil {
		return "", err
	}
	if in[0] != 1 || in[2] != 2 || !slices.Equal(in, c.outShape(op)) {
		return "", errors.New("only landmarks of x and y are known")
	}
	a, b, err := c.affine(op, 1)
	if err != nil {
		return "", err
	}
	g := c.g
	at := g.node("Transpose", []string{a}, attrInts("perm", 0, 2, 1))
	bt := g.node("Transpose", []string{b}, attrInts("perm", 0, 2, 1))
	return g.node("Add", []string{g.node("MatMul", []string{x, at}), bt}), nil
}
