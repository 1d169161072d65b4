package convert

import (
	"errors"
	"fmt"
	"slices"

	"cheval/models/convert/onnx"
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
	maxGrid      = 256 // a side
	maxLandmarks = 4096
)

// affine is n maps p → A·p + b: a is [n,2,2], b is [n,2,1].
type affine struct {
	a, b string
	n    int
}

// landmarksToMatrix writes the map from the grid's own coordinates to landmark
// coordinates: with (c,s) the unit vector from left to right, the landmarks
// are turned back by it, enclosed, and the box scaled; A = [[c,-s],[s,c]] ·
// diag(size/grid) and b = centre - A·grid/2.
func (c *converter) landmarksToMatrix(op *operator) (string, error) {
	x, in, err := c.computed(op, 0, 3)
	if err != nil {
		return "", err
	}
	boxes := op.merged.options()
	if op.merged == nil {
		o, err := readLandmarkOptions(op.custom, in[1])
		if err != nil {
			return "", err
		}
		boxes = []*landmarkOptions{o}
	}
	if in[0] != 1 || in[2] < 2 || in[1] > maxLandmarks || !slices.Equal(c.outShape(op), []int{len(boxes), 4, 4}) {
		return "", fmt.Errorf("%v do not make %v", in, c.outShape(op))
	}
	c.affines[op.out[0]] = c.enclose(x, in[2], boxes)
	return "", nil
}

// enclose finds the maps of all boxes at once. x holds landmarks of so many
// coordinates each.
func (c *converter) enclose(x string, coordinates int, boxes []*landmarkOptions) affine {
	g, n := c.g, len(boxes)
	flat := g.reshape(x, -1)
	at := func(dims []int, pick func(o *landmarkOptions) []int) string { // a row of x, a row of y
		var idx []int
		for _, o := range boxes {
			for axis := range 2 {
				for _, l := range pick(o) {
					idx = append(idx, l*coordinates+axis)
				}
			}
		}
		return g.node("Gather", []string{flat, g.intTensor(dims, idx)})
	}
	most := 0
	scale := make([]float32, 0, 2*n)
	half := make([]float32, 0, 2*n)
	for _, o := range boxes {
		most = max(most, len(o.subset))
		scale = append(scale, float32(o.scaleX/float64(o.width)), float32(o.scaleY/float64(o.height)))
		half = append(half, float32(o.width)/2, float32(o.height)/2)
	}
	d := g.node("Sub", []string{
		at([]int{n, 1, 2}, func(o *landmarkOptions) []int { return []int{o.right} }),
		at([]int{n, 1, 2}, func(o *landmarkOptions) []int { return []int{o.left} }),
	})
	unit := g.node("Div", []string{d, g.node("ReduceL2", []string{d}, attrInts("axes", 2), attrInt("keepdims", 1))})
	// (c,s)·K is the rotation, row by row.
	rows := g.node("MatMul", []string{unit, g.floats([]int{2, 4}, []float32{1, 0, 0, 1, 0, -1, 1, 0})})
	rot := g.reshape(rows, n, 2, 2)
	subset := at([]int{n, 2, most}, func(o *landmarkOptions) []int {
		return append(slices.Clone(o.subset), slices.Repeat(o.subset[:1], most-len(o.subset))...)
	})
	points := g.node("MatMul", []string{g.node("Transpose", []string{rot}, attrInts("perm", 0, 2, 1)), subset})
	lo := g.node("ReduceMin", []string{points}, attrInts("axes", 2), attrInt("keepdims", 1))
	hi := g.node("ReduceMax", []string{points}, attrInts("axes", 2), attrInt("keepdims", 1))
	mid := g.node("Mul", []string{g.node("Add", []string{lo, hi}), g.scalar(0.5)})
	size := g.reshape(g.node("Sub", []string{hi, lo}), n, 1, 2)
	a := g.node("Mul", []string{rot, g.node("Mul", []string{size, g.floats([]int{n, 1, 2}, scale)})})
	centre := g.node("MatMul", []string{rot, mid})
	b := g.node("Sub", []string{centre, g.node("MatMul", []string{a, g.floats([]int{n, 2, 1}, half)})})
	return affine{a, b, n}
}

// matrix writes maps as matrices [n,4,4]: A and b in the first two rows.
func (c *converter) matrix(m affine) string {
	zero := c.g.floats([]int{m.n, 2, 1}, make([]float32, 2*m.n))
	top := c.g.node("Concat", []string{m.a, zero, m.b}, attrInt("axis", 2))
	rest := c.g.floats([]int{m.n, 2, 4}, slices.Repeat([]float32{0, 0, 1, 0, 0, 0, 0, 1}, m.n))
	return c.g.node("Concat", []string{top, rest}, attrInt("axis", 1))
}

// affine takes the maps from an operator's input k, matrices [n,4,4].
func (c *converter) affine(op *operator, k int) (m affine, err error) {
	if k < len(op.in) {
		if m, ok := c.affines[op.in[k]]; ok {
			return m, nil
		}
	}
	v, shape, err := c.computed(op, k, 3)
	if err != nil {
		return m, err
	}
	if shape[1] != 4 || shape[2] != 4 {
		return m, fmt.Errorf("its matrix has the shape %v", shape)
	}
	m = affine{n: shape[0]}
	m.a = c.g.node("Slice", []string{v, c.g.ints(0, 0, 0), c.g.ints(m.n, 2, 2)})
	m.b = c.g.node("Slice", []string{v, c.g.ints(0, 0, 3), c.g.ints(m.n, 2, 4)})
	return m, nil
}

// transformTensor samples p = A(i+½, j+½)+b bilinearly, pixel centres at ½;
// 0 where p lies outside the outermost centres. A face that leaves the picture
// needs that: without it an eye there is half a pixel off MediaPipe's. The
// samples of n maps stand side by side as channels.
func (c *converter) transformTensor(op *operator) (string, error) {
	x, in, err := c.computed(op, 0, 4)
	if err != nil {
		return "", err
	}
	m, err := c.affine(op, 1)
	if err != nil {
		return "", err
	}
	out := c.outShape(op)
	if len(out) != 4 || in[0] != 1 || out[0] != 1 || in[3]*m.n != out[3] || out[1] > maxGrid || out[2] > maxGrid {
		return "", fmt.Errorf("%v cannot be sampled as %v", in, out)
	}
	g := c.g
	h, w := out[1], out[2]
	cells := make([]float32, 2*h*w)
	for k := range h * w {
		cells[k], cells[h*w+k] = float32(k%w)+0.5, float32(k/w)+0.5
	}
	p := g.node("Add", []string{g.node("MatMul", []string{m.a, g.floats([]int{2, h * w}, cells)}), m.b}) // [n,2,hw]
	norm := g.floats([]int{2, 1}, []float32{2 / float32(in[2]), 2 / float32(in[1])})
	grid := g.node("Sub", []string{g.node("Mul", []string{p, norm}), g.scalar(1)})
	grid = g.reshape(g.node("Transpose", []string{grid}, attrInts("perm", 0, 2, 1)), 1, m.n*h, w, 2)
	v := g.node("GridSample", []string{x, grid},
		attrString("mode", "bilinear"), attrString("padding_mode", "zeros"), attrInt("align_corners", 0))
	v = g.node("Mul", []string{v, c.inside(p, in, m.n*h, w)}) // [1,C,n·h,w]
	if m.n > 1 {
		v = g.node("Transpose", []string{g.reshape(v, in[3], m.n, h*w)}, attrInts("perm", 1, 0, 2))
		v = g.reshape(v, 1, m.n*in[3], h, w)
	}
	return c.blocked(v, out[3]), nil
}

// inside is [1,1,h,w]: 1 where both coordinates of p [n,2,hw/n] lie between
// the outermost pixel centres, 0 elsewhere.
func (c *converter) inside(p string, in []int, h, w int) string {
	g := c.g
	half := g.floats([]int{2, 1}, []float32{float32(in[2]) / 2, float32(in[1]) / 2})
	reach := g.floats([]int{2, 1}, []float32{float32(in[2])/2 - 0.5, float32(in[1])/2 - 0.5})
	off := g.node("Abs", []string{g.node("Sub", []string{p, half})})
	ok := g.node("Cast", []string{g.node("LessOrEqual", []string{off, reach})}, attrInt("to", int(onnx.TensorProto_FLOAT)))
	both := g.node("ReduceMin", []string{ok}, attrInts("axes", 1), attrInt("keepdims", 1))
	return g.reshape(both, 1, 1, h, w)
}

// transformLandmarks writes A·(x,y)+b for each landmark.
func (c *converter) transformLandmarks(op *operator) (string, error) {
	in, out := c.m.tensors[op.in[0]].shape, c.outShape(op)
	x, _, err := c.computed(op, 0, len(in))
	if err != nil {
		return "", err
	}
	m, err := c.affine(op, 1)
	if err != nil {
		return "", err
	}
	if op.merged != nil {
		x = c.g.reshape(x, out...)
		if m, err = c.rescale(m, op.merged.slots, op.in[2]); err != nil {
			return "", err
		}
	} else if !slices.Equal(in, out) {
		return "", fmt.Errorf("%v and %v differ", in, out)
	}
	if len(out) != 3 || out[0] != m.n || out[2] != 2 {
		return "", errors.New("only landmarks of x and y are known")
	}
	at := c.g.node("Transpose", []string{m.a}, attrInts("perm", 0, 2, 1))
	return c.g.node("Add", []string{c.g.node("MatMul", []string{x, at}), c.g.reshape(m.b, m.n, 1, 2)}), nil
}

// rescale repeats maps as slots say, and multiplies their matrices element by
// element by the constant k [n,4,4].
func (c *converter) rescale(m affine, slots []int, k int) (affine, error) {
	v, err := c.floatConst(k)
	if err != nil {
		return m, err
	}
	n := len(slots)
	ka, kb := make([]float32, 0, 4*n), make([]float32, 0, 2*n)
	for i := range n {
		row := v[16*i:]
		ka = append(ka, row[0], row[1], row[4], row[5])
		kb = append(kb, row[3], row[7])
	}
	pick := c.g.ints(slots...)
	times := func(x string, k []float32, dims ...int) string {
		x = c.g.node("Gather", []string{x, pick})
		if !slices.ContainsFunc(k, func(f float32) bool { return f != 1 }) {
			return x
		}
		return c.g.node("Mul", []string{x, c.g.floats(dims, k)})
	}
	return affine{times(m.a, ka, n, 2, 2), times(m.b, kb, n, 2, 1), n}, nil
}
