package convert

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// Layers writes a TensorFlow.js layers model (Keras) as ONNX for pictures of
// the given height and width. src is its model.json with the one weights file
// joined behind it. It knows what super-resolution models are made of
// (convolutions, relu, sums, concatenation, enlargement) and refuses all else
// with one sentence.
//
// Input and output keep their names and are NCHW: [1,C,H,W].
func Layers(src []byte, height, width int) ([]byte, error) {
	out, err := convertLayers(src, height, width)
	if err != nil {
		return nil, fmt.Errorf("convert TensorFlow.js layers model: %w", err)
	}
	return out, nil
}

const (
	maxLayersJSON     = 1 << 20
	maxLayers         = 2000
	maxLayersSide     = 4096
	maxLayersChannels = 1 << 16
)

// layersFile is what is read of model.json.
type layersFile struct {
	ModelTopology struct {
		ModelConfig struct {
			Config struct {
				Layers       []layer `json:"layers"`
				InputLayers  [][]any `json:"input_layers"`
				OutputLayers [][]any `json:"output_layers"`
			} `json:"config"`
		} `json:"model_config"`
	} `json:"modelTopology"`
	WeightsManifest []struct {
		Weights []struct {
			Name         string `json:"name"`
			Shape        []int  `json:"shape"`
			Dtype        string `json:"dtype"`
			Quantization any    `json:"quantization"`
		} `json:"weights"`
	} `json:"weightsManifest"`
}

// layer is one of the model's layers.
type layer struct {
	Class  string `json:"class_name"`
	Name   string `json:"name"`
	Config struct {
		Shape         []*int `json:"batch_input_shape"`
		Filters       int    `json:"filters"`
		Kernel        []int  `json:"kernel_size"`
		Strides       []int  `json:"strides"`
		Dilation      []int  `json:"dilation_rate"`
		Groups        int    `json:"groups"`
		Padding       string `json:"padding"`
		Activation    string `json:"activation"`
		UseBias       bool   `json:"use_bias"`
		Axis          int    `json:"axis"`
		Size          []int  `json:"size"`
		Interpolation string `json:"interpolation"`
		Format        string `json:"data_format"`
	} `json:"config"`
	Inbound [][][]any `json:"inbound_nodes"`
}

// plane is a computed value: its ONNX name and [C,H,W].
type plane struct {
	value   string
	c, h, w int
}

// layersConverter turns one model into one graph, layer by layer.
type layersConverter struct {
	g       *graphBuilder
	planes  map[string]plane
	weights map[string]weight
	h, w    int
	output  string // the layer that is the output
}

type weight struct {
	shape []int
	data  []byte // float32, little endian
}

func convertLayers(src []byte, height, width int) ([]byte, error) {
	if height < 1 || width < 1 || height > maxLayersSide || width > maxLayersSide {
		return nil, fmt.Errorf("a picture of %dx%d: at most %d a side are known", width, height, maxLayersSide)
	}
	file, rest, err := readLayers(src)
	if err != nil {
		return nil, err
	}
	c := &layersConverter{g: newGraph(), planes: map[string]plane{}, h: height, w: width}
	if c.weights, err = file.weights(rest); err != nil {
		return nil, err
	}
	model := &file.ModelTopology.ModelConfig.Config
	if len(model.InputLayers) != 1 || len(model.OutputLayers) != 1 || len(model.OutputLayers[0]) == 0 {
		return nil, errors.New("only models with one input and one output are known")
	}
	c.output, _ = model.OutputLayers[0][0].(string)
	if err := c.g.claim(c.output); err != nil {
		return nil, err
	}
	for i := range model.Layers {
		if err := c.layer(&model.Layers[i]); err != nil {
			return nil, fmt.Errorf("layer %q: %w", model.Layers[i].Name, err)
		}
	}
	out, ok := c.planes[c.output]
	if !ok {
		return nil, fmt.Errorf("no layer is its output %q", c.output)
	}
	c.g.nodeTo("Identity", []string{out.value}, c.output)
	c.g.output(c.output, []int{1, out.c, out.h, out.w})
	return c.g.bytes("layers")
}

// readLayers splits the source into the description and the weights.
func readLayers(src []byte) (*layersFile, []byte, error) {
	d := json.NewDecoder(bytes.NewReader(src[:min(len(src), maxLayersJSON)]))
	var f layersFile
	if err := d.Decode(&f); err != nil {
		return nil, nil, fmt.Errorf("its description cannot be read: %w", err)
	}
	if n := len(f.ModelTopology.ModelConfig.Config.Layers); n == 0 || n > maxLayers {
		return nil, nil, fmt.Errorf("it describes %d layers, of 1 to %d", n, maxLayers)
	}
	return &f, src[d.InputOffset():], nil
}

// weights cuts the weights file into tensors, in the manifest's order.
func (f *layersFile) weights(data []byte) (map[string]weight, error) {
	if len(f.WeightsManifest) != 1 {
		return nil, fmt.Errorf("its weights lie in %d groups, of which one is known", len(f.WeightsManifest))
	}
	out := map[string]weight{}
	for _, w := range f.WeightsManifest[0].Weights {
		if w.Dtype != "float32" || w.Quantization != nil {
			return nil, fmt.Errorf("weights %q are no plain float32", w.Name)
		}
		n := int64(4)
		for _, d := range w.Shape {
			if d < 1 || int64(d) > maxWeights || n*int64(d) > int64(len(data)) {
				return nil, fmt.Errorf("weights %q of shape %v are not all there", w.Name, w.Shape)
			}
			n *= int64(d)
		}
		if n > int64(len(data)) {
			return nil, fmt.Errorf("weights %q of shape %v are not all there", w.Name, w.Shape)
		}
		out[w.Name] = weight{w.Shape, data[:n]}
		data = data[n:]
	}
	return out, nil
}

func (c *layersConverter) layer(l *layer) error {
	if l.Class == "InputLayer" {
		return c.input(l)
	}
	in, err := c.inputs(l)
	if err != nil {
		return err
	}
	if _, ok := c.planes[l.Name]; ok {
		return errors.New("there are two of that name")
	}
	var out plane
	switch {
	case l.Class == "Add" && len(in) == 2:
		if in[0].c != in[1].c || in[0].h != in[1].h || in[0].w != in[1].w {
			return fmt.Errorf("it adds %v and %v", in[0], in[1])
		}
		out = in[0]
		out.value = c.g.node("Add", []string{in[0].value, in[1].value})
	case l.Class == "Concatenate":
		out, err = c.concatenate(l, in)
	case len(in) != 1:
		err = fmt.Errorf("%s with %d inputs is not known", l.Class, len(in))
	case l.Class == "Conv2D":
		out, err = c.conv(l, in[0])
	case l.Class == "Activation":
		out, err = c.activate(l.Config.Activation, in[0])
	case l.Class == "UpSampling2D":
		out, err = c.enlarge(l, in[0])
	default:
		err = fmt.Errorf("%s is not known", l.Class)
	}
	if err != nil {
		return err
	}
	c.planes[l.Name] = out
	return nil
}

// input takes the model's picture, whose sides the file leaves open.
func (c *layersConverter) input(l *layer) error {
	shape := l.Config.Shape
	if len(shape) != 4 || shape[3] == nil || *shape[3] < 1 || *shape[3] > 64 {
		return errors.New("it is no picture with a known number of channels")
	}
	for i, side := range []int{c.h, c.w} {
		if s := shape[1+i]; s != nil && *s != side {
			return fmt.Errorf("it is for %d pixels, not %d", *s, side)
		}
	}
	channels := *shape[3]
	if err := c.g.input(l.Name, []int{1, channels, c.h, c.w}); err != nil {
		return err
	}
	c.planes[l.Name] = plane{l.Name, channels, c.h, c.w}
	return nil
}

// inputs are the planes that a layer reads, each named by the first element of
// an inbound node.
func (c *layersConverter) inputs(l *layer) (in []plane, err error) {
	if len(l.Inbound) != 1 {
		return nil, fmt.Errorf("it is used %d times, of which once is known", len(l.Inbound))
	}
	for _, n := range l.Inbound[0] {
		if len(n) == 0 {
			return nil, errors.New("an input has no name")
		}
		name, _ := n[0].(string)
		p, ok := c.planes[name]
		if !ok {
			return nil, fmt.Errorf("it reads %q, which stands in no layer before it", name)
		}
		in = append(in, p)
	}
	if len(in) == 0 {
		return nil, errors.New("it reads nothing")
	}
	return in, nil
}

func (c *layersConverter) concatenate(l *layer, in []plane) (plane, error) {
	if l.Config.Axis != 3 && l.Config.Axis != -1 {
		return plane{}, fmt.Errorf("joining along axis %d is not known", l.Config.Axis)
	}
	out, names := in[0], []string{in[0].value}
	for _, p := range in[1:] {
		if p.h != out.h || p.w != out.w {
			return plane{}, fmt.Errorf("it joins %v and %v", in[0], p)
		}
		if out.c += p.c; out.c > maxLayersChannels {
			return plane{}, fmt.Errorf("it joins more than %d channels", maxLayersChannels)
		}
		names = append(names, p.value)
	}
	out.value = c.g.node("Concat", names, attrInt("axis", 1))
	return out, nil
}

func (c *layersConverter) conv(l *layer, in plane) (plane, error) {
	o := &l.Config
	one := func(v []int) bool { return len(v) == 2 && v[0] == 1 && v[1] == 1 }
	if !one(o.Strides) || !one(o.Dilation) || o.Groups > 1 || o.Format != "channels_last" || len(o.Kernel) != 2 {
		return plane{}, errors.New("only plain convolutions of stride 1 are known")
	}
	kh, kw := o.Kernel[0], o.Kernel[1]
	kernel, err := c.floats(l.Name+"/kernel", kh, kw, in.c, o.Filters)
	if err != nil {
		return plane{}, err
	}
	out := plane{c: o.Filters, h: in.h, w: in.w}
	pads := []int{(kh - 1) / 2, (kw - 1) / 2, kh / 2, kw / 2}
	switch {
	case o.Padding == "same":
	case o.Padding == "valid" && kh <= in.h && kw <= in.w:
		pads = []int{0, 0, 0, 0}
		out.h, out.w = in.h-kh+1, in.w-kw+1
	default:
		return plane{}, fmt.Errorf("padding %q of a %dx%d kernel is not known", o.Padding, kh, kw)
	}
	inputs := []string{in.value, c.g.floats([]int{o.Filters, in.c, kh, kw}, permute(kernel, []int{kh, kw, in.c, o.Filters}, 3, 2, 0, 1))}
	if o.UseBias {
		bias, err := c.floats(l.Name+"/bias", o.Filters)
		if err != nil {
			return plane{}, err
		}
		inputs = append(inputs, c.g.floats([]int{o.Filters}, bias))
	}
	out.value = c.g.node("Conv", inputs, attrInts("kernel_shape", kh, kw), attrInts("pads", pads...))
	return c.activate(o.Activation, out)
}

// floats returns weights of exactly that shape.
func (c *layersConverter) floats(name string, shape ...int) ([]float32, error) {
	w, ok := c.weights[name]
	if !ok || fmt.Sprint(w.shape) != fmt.Sprint(shape) {
		return nil, fmt.Errorf("its weights %q are not of shape %v", name, shape)
	}
	out := make([]float32, len(w.data)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(w.data[4*i:]))
	}
	return out, nil
}

func (c *layersConverter) activate(kind string, in plane) (plane, error) {
	switch kind {
	case "linear", "":
		return in, nil
	case "relu":
		in.value = c.g.node("Relu", []string{in.value})
		return in, nil
	}
	return plane{}, fmt.Errorf("activation %q is not known", kind)
}

// enlarge repeats pixels.
func (c *layersConverter) enlarge(l *layer, in plane) (plane, error) {
	size := l.Config.Size
	if len(size) != 2 || size[0] < 1 || size[1] < 1 || size[0] > 8 || size[1] > 8 || l.Config.Interpolation != "nearest" || l.Config.Format != "channels_last" {
		return plane{}, fmt.Errorf("enlarging by %v, %s, is not known", size, l.Config.Interpolation)
	}
	scales := c.g.floats([]int{4}, []float32{1, 1, float32(size[0]), float32(size[1])})
	out := plane{c: in.c, h: in.h * size[0], w: in.w * size[1]}
	if out.h > 8*maxLayersSide || out.w > 8*maxLayersSide {
		return plane{}, fmt.Errorf("it makes %dx%d pixels", out.w, out.h)
	}
	out.value = c.g.node("Resize", []string{in.value, "", scales},
		attrString("mode", "nearest"), attrString("coordinate_transformation_mode", "asymmetric"), attrString("nearest_mode", "floor"))
	return out, nil
}
