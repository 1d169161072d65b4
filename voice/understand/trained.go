package understand

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"slices"
)

// Trained are the classifiers behind the grammar: one of phrases a language,
// and the head over the embeddings of English sentences. They do not depend on
// the catalogue, whose names stand as classes in what they see.
type Trained struct {
	classifiers map[Language]*classifier
	head        *Head // nil: none was trained
	// phrases are sentences that were taught: they mean what was said of them,
	// whatever the grammar says.
	phrases []Example
}

// WithPhrases is t with sentences that mean exactly what was taught of them.
func (t *Trained) WithPhrases(taught []Example) *Trained {
	return &Trained{classifiers: t.classifiers, head: t.head, phrases: slices.Clone(taught)}
}

// Phrases are the sentences that were taught, as WithPhrases took them.
func (t *Trained) Phrases() []Example { return slices.Clone(t.phrases) }

//go:embed weights/*.bin
var weights embed.FS

// Built returns the classifiers that come with Cheval, trained on this
// grammar's sentences. The error says how to train them again.
func Built() (*Trained, error) {
	b, err := weights.ReadFile("weights/built.bin")
	if err != nil {
		return nil, fmt.Errorf("understand: %w", err)
	}
	return ReadTrained(bytes.NewReader(b))
}

// Fingerprint is the SHA-256 of the grammar and the lexicon: classifiers
// trained on others do not fit.
func Fingerprint() string {
	h := sha256.New()
	for _, lang := range []Language{English, Chinese} {
		for _, f := range []string{"grammar_", "lexicon_"} {
			b, err := fs.ReadFile(words, "words/"+f+string(lang)+".txt")
			if err != nil {
				panic(err) // it is embedded
			}
			h.Write(b)
		}
	}
	fmt.Fprintf(h, "%v %d %d %d", Intents(), buckets, passes, featureVersion)
	return hex.EncodeToString(h.Sum(nil))
}

// featureVersion grows when features or training change.
const featureVersion = 1

// Train trains the phrase classifiers anew, on the grammar's sentences and what
// was taught, for some seconds. The head, and a language of which nothing was
// taught, stay as in base, which may be nil.
func Train(ctx context.Context, taught []Example, base *Trained) (*Trained, error) {
	out := &Trained{classifiers: map[Language]*classifier{}}
	if base != nil {
		out.head = base.head
	}
	for _, lang := range []Language{English, Chinese} {
		if base != nil && !slices.ContainsFunc(taught, func(e Example) bool { return e.Language == lang }) {
			out.classifiers[lang] = base.classifiers[lang]
			continue
		}
		t, err := newTongue(lang, nil, &Coverage{})
		if err != nil {
			return nil, err
		}
		t.sampleBrand()
		if out.classifiers[lang], err = train(ctx, t.examples(taught), passes); err != nil {
			return nil, fmt.Errorf("understand: train the %s classifier: %w", lang, err)
		}
	}
	return out, nil
}

// sampleBrand lets the sampler say a brand, a product and a category where
// there is no catalogue.
func (t *tongue) sampleBrand() {
	for c, name := range map[class]string{"brand": "Anybrand", "product": "Anyname", "category": "anycategory"} {
		t.lexicon.add(name, sense{c, name})
	}
}

// Learn trains anew with what was taught beside the grammar's sentences, for
// some seconds, and tunes the head; t stays as it is. e may be nil.
func (t *Trained) Learn(ctx context.Context, taught []Example, e Embedder) (*Trained, error) {
	out, err := Train(ctx, taught, t)
	if err != nil || e == nil || t.head == nil {
		return out, err
	}
	var vs []Vector
	for _, x := range taught {
		if x.Language != English {
			continue
		}
		v, err := e.Embed(x.Text)
		if err != nil {
			return nil, err
		}
		vs = append(vs, Vector{v, x.Intent, 1})
	}
	out.head, err = t.head.tuned(ctx, vs)
	return out, err
}

// Head is a softmax regression over sentence embeddings.
type Head struct {
	Weights [][]float32 // [intent][dimension]
	Bias    []float32   // [intent]
}

// Vector is an embedded sentence with its intent.
type Vector struct {
	Values []float32
	Intent Intent
	Weight float32
}

// TrainHead fits a head by gradient descent with L2 decay.
func TrainHead(ctx context.Context, vs []Vector, passes int) (*Head, error) {
	if len(vs) == 0 {
		return nil, errors.New("understand: a head needs sentences to be trained on")
	}
	n := len(Intents())
	h := &Head{Weights: make([][]float32, n), Bias: make([]float32, n)}
	for k := range h.Weights {
		h.Weights[k] = make([]float32, len(vs[0].Values))
	}
	return h, h.descend(ctx, vs, passes, 2)
}

// tuned is a copy of h that knows vs better, by small steps.
func (h *Head) tuned(ctx context.Context, vs []Vector) (*Head, error) {
	c := &Head{Bias: slices.Clone(h.Bias)}
	for _, w := range h.Weights {
		c.Weights = append(c.Weights, slices.Clone(w))
	}
	if len(vs) == 0 {
		return c, nil
	}
	return c, c.descend(ctx, vs, 8, 0.5)
}

func (h *Head) descend(ctx context.Context, vs []Vector, passes int, rate0 float64) error {
	index := indexOfIntents()
	for pass := range passes {
		if err := ctx.Err(); err != nil {
			return err
		}
		rate := float32(rate0 / (1 + float64(pass)/5))
		for i := range vs {
			v := &vs[(i*7919)%len(vs)]
			p := h.scores(v.Values)
			for k := range p {
				g := float32(p[k])
				if k == index[v.Intent] {
					g--
				}
				g *= rate * v.Weight
				w := h.Weights[k]
				for d, x := range v.Values {
					w[d] -= g*x + rate*1e-6*w[d]
				}
				h.Bias[k] -= g * 0.1
			}
		}
	}
	return nil
}

func (h *Head) scores(v []float32) []float64 {
	p := make([]float64, len(h.Weights))
	for k, w := range h.Weights {
		s := h.Bias[k]
		for d := range min(len(v), len(w)) {
			s += w[d] * v[d]
		}
		p[k] = float64(s)
	}
	return softmax(p)
}

// softmax turns scores into probabilities, in place.
func softmax(p []float64) []float64 {
	most, sum := slices.Max(p), 0.0
	for k := range p {
		p[k] = math.Exp(p[k] - most)
		sum += p[k]
	}
	for k := range p {
		p[k] /= sum
	}
	return p
}

// The file of trained classifiers: a magic, the fingerprint, then gzip of
// rows of 8-bit weights with a scale each, the head's float32, and a SHA-256.
const (
	trainedMagic = "cheval voice 1\n"
	headSize     = 384
)

// Write writes t as ReadTrained reads it. Phrase weights are rounded to 8 bits.
func (t *Trained) Write(w io.Writer) error {
	var body bytes.Buffer
	z := gzip.NewWriter(&body)
	for _, lang := range []Language{English, Chinese} {
		for _, row := range t.classifiers[lang].weights {
			scale, q := rounded(row)
			binary.Write(z, binary.LittleEndian, scale) // a buffer takes all
			z.Write(q)
		}
	}
	head := byte(0)
	if t.head != nil {
		head = 1
	}
	z.Write([]byte{head})
	if t.head != nil {
		binary.Write(z, binary.LittleEndian, t.head.Bias)
		for _, row := range t.head.Weights {
			binary.Write(z, binary.LittleEndian, row)
		}
	}
	if err := json.NewEncoder(z).Encode(t.phrases); err != nil {
		return fmt.Errorf("understand: %w", err)
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("understand: %w", err)
	}
	sum := sha256.Sum256(body.Bytes())
	for _, part := range [][]byte{[]byte(trainedMagic), []byte(Fingerprint()), sum[:], body.Bytes()} {
		if _, err := w.Write(part); err != nil {
			return fmt.Errorf("understand: write the classifiers: %w", err)
		}
	}
	return nil
}

func rounded(row []float32) (scale float32, q []byte) {
	for _, v := range row {
		scale = max(scale, max(v, -v))
	}
	scale /= 127
	q = make([]byte, len(row))
	for i, v := range row {
		if scale > 0 {
			q[i] = byte(int8(math.RoundToEven(float64(v / scale))))
		}
	}
	return scale, q
}

// maxTrained bounds a file of classifiers.
const maxTrained = 16 << 20

// ErrOtherGrammar is of classifiers that were trained on another grammar.
var ErrOtherGrammar = errors.New("the classifiers were trained on another grammar")

// ReadTrained reads what Write wrote. Classifiers of another grammar are
// ErrOtherGrammar.
func ReadTrained(r io.Reader) (*Trained, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxTrained+1))
	if err != nil {
		return nil, fmt.Errorf("understand: read the classifiers: %w", err)
	}
	n := len(trainedMagic) + 64 + 32
	if len(b) < n || len(b) > maxTrained || string(b[:len(trainedMagic)]) != trainedMagic {
		return nil, errors.New("understand: this is no file of classifiers")
	}
	if string(b[len(trainedMagic):len(trainedMagic)+64]) != Fingerprint() {
		return nil, fmt.Errorf("understand: %w: train them again", ErrOtherGrammar)
	}
	if sum := sha256.Sum256(b[n:]); string(sum[:]) != string(b[n-32:n]) {
		return nil, errors.New("understand: the file of classifiers is damaged")
	}
	z, err := gzip.NewReader(bytes.NewReader(b[n:]))
	if err != nil {
		return nil, fmt.Errorf("understand: the file of classifiers is damaged: %w", err)
	}
	defer z.Close()
	t, err := readWeights(z)
	if err != nil {
		return nil, err
	}
	if err := json.NewDecoder(io.LimitReader(z, maxTrained)).Decode(&t.phrases); err != nil {
		return nil, fmt.Errorf("understand: the file of classifiers is damaged: %w", err)
	}
	return t, nil
}

func readWeights(z io.Reader) (*Trained, error) {
	t := &Trained{classifiers: map[Language]*classifier{}}
	q := make([]byte, buckets)
	read := func(v any) error {
		if err := binary.Read(z, binary.LittleEndian, v); err != nil {
			return fmt.Errorf("understand: the file of classifiers is damaged: %w", err)
		}
		return nil
	}
	for _, lang := range []Language{English, Chinese} {
		c := &classifier{}
		for range Intents() {
			var scale float32
			if err := errors.Join(read(&scale), read(q)); err != nil {
				return nil, err
			}
			row := make([]float32, buckets)
			for i := range row {
				row[i] = float32(int8(q[i])) * scale
			}
			c.weights = append(c.weights, row)
		}
		t.classifiers[lang] = c
	}
	var head byte
	if err := read(&head); err != nil || head == 0 {
		return t, err
	}
	t.head = &Head{Bias: make([]float32, len(Intents()))}
	if err := read(t.head.Bias); err != nil {
		return nil, err
	}
	for range Intents() {
		row := make([]float32, headSize)
		if err := read(row); err != nil {
			return nil, err
		}
		t.head.Weights = append(t.head.Weights, row)
	}
	return t, nil
}
