package recognise

import (
	"bytes"
	"compress/zlib"
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"unicode"

	"cheval/models"
)

// When a try is not trusted (as Whisper's authors set it): its words repeat
// so that they compress too well, or are unlikely.
const (
	maxCompression = 2.4
	minLogProb     = -1.0
	maxNoSpeech    = 0.6
)

// temperatures are tried in turn while none was trusted.
var temperatures = [...]float64{0.4, 0.8}

// promptOf is what the model is told was said before. In Chinese it makes words
// come in simplified characters with punctuation; in English it says that a
// shopper speaks of glasses, which mends first words most ("Chosanglis" is "show
// sunglasses").
func promptOf(language string) string {
	if language == "zh" {
		return "以下是普通话的句子。"
	}
	return "Show me round sunglasses. Does this frame fit me? Anything cheaper in black?"
}

// echoes says whether a text only repeats a part of what was said before it,
// which the model does where it hears little.
func echoes(text, prompt string) bool {
	letters := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return unicode.ToLower(r)
			}
			return -1
		}, s)
	}
	t := letters(text)
	return t != "" && strings.Contains(letters(prompt), t)
}

// decoding finds the words of one stretch of sound.
type decoding struct {
	w     *whisper
	cross []*models.Value
	bias  *bias
	limit int
	// likely is the language that is expected, "" for none.
	likely string

	past     []*models.Value
	position int
}

// sure is how confident the detection of the language must be; below, both are
// tried and the likelier words count.
const sure = 0.8

// run detects the language and tries temperatures.
func (d *decoding) run(ctx context.Context, language string) (Result, error) {
	defer d.forget()
	r := Result{Language: language, LanguageConfidence: 1}
	logits, err := d.begin(ctx, tokenStart)
	if err != nil {
		return r, err
	}
	r.NoSpeech = math.Exp(logSoftmax(logits, tokenNoSpeech))
	if language == "" {
		r.Language, r.LanguageConfidence = between(logits, d.likely)
	}
	best, err := d.first(ctx, r)
	for _, t := range temperatures {
		if err != nil || trusted(best) || silent(best) {
			break
		}
		try := r
		try.Language, try.Temperature = best.Language, t
		err = d.try(ctx, &try)
		if try.LogProb > best.LogProb && compression(try.Text) <= maxCompression {
			best = try
		}
	}
	if silent(best) {
		best.Text = ""
	}
	return best, err
}

// first is the try without temperature, in both languages where it is not
// clear which is spoken.
func (d *decoding) first(ctx context.Context, r Result) (Result, error) {
	best := r
	if err := d.try(ctx, &best); err != nil || r.LanguageConfidence >= sure {
		return best, err
	}
	other := r
	other.LanguageConfidence = 1 - r.LanguageConfidence
	if other.Language = "zh"; r.Language == "zh" {
		other.Language = "en"
	}
	if err := d.try(ctx, &other); err != nil {
		return r, err
	}
	if other.LogProb > best.LogProb {
		best = other
	}
	return best, nil
}

// try decodes after the language's prompt; where that is only repeated, anew
// without it.
func (d *decoding) try(ctx context.Context, r *Result) error {
	prompt := promptOf(r.Language)
	before := *r
	if _, err := d.begin(ctx, append(append([]int{tokenPrevious}, d.w.words.encode(prompt)...), tokenStart)...); err != nil {
		return err
	}
	if err := d.words(ctx, r); err != nil || !echoes(r.Text, prompt) {
		return err
	}
	*r = before
	if _, err := d.begin(ctx, tokenStart); err != nil {
		return err
	}
	return d.words(ctx, r)
}

func trusted(r Result) bool { return r.LogProb >= minLogProb && compression(r.Text) <= maxCompression }

func silent(r Result) bool { return r.NoSpeech > maxNoSpeech && r.LogProb < minLogProb }

// inFavour is how much likelier the expected language is than the other before
// a word is heard, in log odds: it decides where the sound says little.
const inFavour = 1.0

// between compares the two languages; likely is the one expected, or "".
func between(logits []float32, likely string) (language string, confidence float64) {
	odds := float64(logits[tokenEnglish] - logits[tokenChinese])
	switch likely {
	case "en":
		odds += inFavour
	case "zh":
		odds -= inFavour
	}
	p := 1 / (1 + math.Exp(-odds))
	if p >= 0.5 {
		return "en", p
	}
	return "zh", 1 - p
}

// begin forgets all tokens and feeds new ones, returning the last's logits.
func (d *decoding) begin(ctx context.Context, tokens ...int) ([]float32, error) {
	d.forget()
	for i := range 2 * layers {
		shape := []int64{heads, 1, headWidth} // one place that no token looks at
		if i%2 == 0 {
			shape = []int64{heads, headWidth, 1}
		}
		v, err := models.NewValue(make([]float32, heads*headWidth), shape...)
		if err != nil {
			return nil, err
		}
		d.past = append(d.past, v)
	}
	return d.feed(ctx, tokens...)
}

func (d *decoding) forget() {
	closeAll(d.past)
	d.past, d.position = nil, 0
}

// feed gives the decoder more tokens and returns the last one's logits, which
// are the caller's.
func (d *decoding) feed(ctx context.Context, tokens ...int) ([]float32, error) {
	n, total := len(tokens), d.position+1+len(tokens)
	ids, places, mask := make([]int64, n), make([]int64, n), make([]float32, n*total)
	for i, t := range tokens {
		ids[i], places[i] = int64(t), int64(d.position+i)
		mask[i*total] = -1e9
		for j := d.position + i + 2; j < total; j++ {
			mask[i*total+j] = -1e9
		}
	}
	a, err := models.NewValue(ids, int64(n))
	if err != nil {
		return nil, err
	}
	defer a.Close()
	b, err := models.NewValue(places, int64(n))
	if err != nil {
		return nil, err
	}
	defer b.Close()
	c, err := models.NewValue(mask, int64(n), int64(total))
	if err != nil {
		return nil, err
	}
	defer c.Close()
	in := append([]*models.Value{a, b, c}, d.past...)
	out, err := d.w.decoder.RunUntil(ctx, append(in, d.cross...)...)
	if err != nil {
		return nil, err
	}
	defer out[0].Close()
	closeAll(d.past)
	d.past, d.position = out[1:], d.position+n
	return append([]float32(nil), out[0].Floats()...), nil
}

// words decodes one try into r.
func (d *decoding) words(ctx context.Context, r *Result) error {
	random := rand.New(rand.NewPCG(1, uint64(r.Temperature*10))) // the same sound gives the same words
	next := []int{tokenEnglish, tokenTranscribe, tokenNoTimes}
	if r.Language == "zh" {
		next[0] = tokenChinese
	}
	var tokens []int
	var active []*bias
	var sum float64
	for len(tokens) < d.limit && d.position < maxContext-4 {
		if err := ctx.Err(); err != nil {
			return err
		}
		logits, err := d.feed(ctx, next...)
		if err != nil {
			return err
		}
		allow(logits, len(tokens) == 0)
		d.bias.apply(active, logits)
		t := pick(logits, r.Temperature, random)
		sum += logSoftmax(logits, t)
		if t == tokenEnd {
			break
		}
		tokens, next, active = append(tokens, t), []int{t}, d.bias.follow(active, t)
		if keep, found := cutRepetition(tokens); found {
			tokens, r.Repeated = tokens[:keep], true
			break
		}
	}
	r.LogProb = sum / float64(len(tokens)+1)
	r.Text = strings.TrimSpace(d.w.words.text(tokens))
	return nil
}

// allow forbids what is no speech; at first also silence.
func allow(logits []float32, first bool) {
	never := float32(math.Inf(-1))
	for _, t := range suppressed() {
		logits[t] = never
	}
	for t := tokenStart; t < len(logits); t++ {
		logits[t] = never
	}
	if first {
		logits[220], logits[tokenEnd] = never, never // a lone space, the end
	}
}

// pick takes the likeliest token, or draws one at a temperature.
func pick(logits []float32, temperature float64, random *rand.Rand) int {
	best := 0
	for t, l := range logits {
		if l > logits[best] {
			best = t
		}
	}
	if temperature == 0 {
		return best
	}
	var sum float64
	for _, l := range logits {
		sum += math.Exp(float64(l-logits[best]) / temperature)
	}
	x := random.Float64() * sum
	for t, l := range logits {
		if x -= math.Exp(float64(l-logits[best]) / temperature); x <= 0 {
			return t
		}
	}
	return best
}

// logSoftmax is the log probability of a token.
func logSoftmax(logits []float32, token int) float64 {
	highest := logits[0]
	for _, l := range logits {
		highest = max(highest, l)
	}
	var sum float64
	for _, l := range logits {
		sum += math.Exp(float64(l - highest))
	}
	return float64(logits[token]-highest) - math.Log(sum)
}

// compression is how many times smaller zlib makes the text: repetition makes
// it large.
func compression(text string) float64 {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	z.Write([]byte(text)) // a buffer takes all
	z.Close()
	return float64(len(text)) / float64(max(b.Len(), 1))
}
