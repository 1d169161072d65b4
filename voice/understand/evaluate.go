package understand

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Labelled is a sentence with what it should be understood as: one row of the
// files that `cheval voice evaluate` reads. Audio is a recording's file name;
// Text is then what is said in it, where that is known.
type Labelled struct {
	Language Language       `json:"lang"`
	Text     string         `json:"text,omitempty"`
	Audio    string         `json:"audio,omitempty"`
	Intent   Intent         `json:"intent"`
	Slots    map[string]any `json:"slots,omitempty"`
}

// maxLabelled bounds the file of an evaluation, in bytes and rows.
const (
	maxLabelledBytes = 32 << 20
	maxLabelled      = 100_000
)

// ReadLabelled reads a JSON list of labelled sentences.
func ReadLabelled(r io.Reader) ([]Labelled, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxLabelledBytes+1))
	if err != nil {
		return nil, fmt.Errorf("understand: read the sentences: %w", err)
	}
	if len(b) > maxLabelledBytes {
		return nil, fmt.Errorf("understand: the file is over %d MiB; split it", maxLabelledBytes>>20)
	}
	var out []Labelled
	if err := json.Unmarshal(b, &out); err != nil {
		return nil, fmt.Errorf("understand: this is no JSON list of {\"lang\",\"text\",\"intent\",\"slots\"}: %w", err)
	}
	if len(out) == 0 || len(out) > maxLabelled {
		return nil, fmt.Errorf("understand: the file holds %d sentences, but needs 1 to %d", len(out), maxLabelled)
	}
	for i := range out {
		l := &out[i]
		if !slices.Contains(Intents(), l.Intent) {
			return nil, fmt.Errorf("understand: sentence %d has the intent %.40q, which is none of %v", i+1, l.Intent, Intents())
		}
		if l.Text == "" && l.Audio == "" {
			return nil, fmt.Errorf("understand: sentence %d has neither \"text\" nor \"audio\"", i+1)
		}
	}
	return out, nil
}

// Understood is a labelled sentence and what was made of it.
type Understood struct {
	Labelled
	Meaning Meaning
}

// Label is an intent with its slots.
type Label struct {
	Intent Intent `json:"intent"`
	Slots  any    `json:"slots"`
}

// String writes a label in one line.
func (l Label) String() string {
	b, err := json.Marshal(l.Slots)
	if err != nil {
		return string(l.Intent)
	}
	return string(l.Intent) + " " + string(b)
}

// Label is what the sentence should be understood as.
func (u *Understood) Label() Label { return Label{u.Intent, u.Labelled.Slots} }

// Label is what a sentence was understood as.
func (m *Meaning) Label() Label { return Label{m.Intent, m.Slots} }

// Right says whether intent and slots are as labelled.
func (u *Understood) Right() bool {
	return u.Intent == u.Meaning.Intent && maps.Equal(pairsOf(u.Labelled.Slots), pairsOf(u.Meaning.Slots))
}

// pairsOf flattens slots to "name=value", so that one value and a list of one,
// a number and its digits, are the same.
func pairsOf(slots any) map[string]bool {
	b, err := json.Marshal(slots)
	var m map[string]any
	if err != nil || json.Unmarshal(b, &m) != nil {
		return nil
	}
	out := map[string]bool{}
	for name, v := range m {
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		if name == "ordinals" { // one ordinal may stand in either
			name = "ordinal"
		}
		for _, x := range list {
			out[name+"="+valueText(x)] = true
		}
	}
	return out
}

func valueText(x any) string {
	switch v := x.(type) {
	case string:
		return strings.ToLower(strings.TrimSpace(v))
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return fmt.Sprint(x)
}

// Interval is a figure with its 95 % bootstrap interval.
type Interval struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Class is how well one intent or slot is found.
type Class struct {
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
	Count     int     `json:"count"` // as labelled
}

// Report is how well a language's sentences are understood.
type Report struct {
	Sentences int      `json:"sentences"`
	Accuracy  Interval `json:"intent_accuracy"`
	MacroF1   float64  `json:"intent_macro_f1"`
	SlotF1    Interval `json:"slot_f1"`
	// OutOfScopeRecall is of the sentences that are out of scope, those taken
	// for it (or answered by asking back); InScopePrecision of those taken for
	// in scope, those that are.
	OutOfScopeRecall Interval         `json:"out_of_scope_recall"`
	InScopePrecision Interval         `json:"in_scope_precision"`
	Intents          map[Intent]Class `json:"f1_by_intent"`
	Slots            map[string]Class `json:"f1_by_slot"`
	AskedBack        int              `json:"asked_back"` // under the confidence that decides
	// Calibration is the mean gap between confidence and accuracy (ECE, ten bins).
	Calibration float64 `json:"calibration_error"`
}

// counts are true and false positives, and misses.
type counts struct{ hit, wrong, missed int }

func (c counts) f1() Class {
	out := Class{Count: c.hit + c.missed}
	if c.hit > 0 {
		out.Precision = float64(c.hit) / float64(c.hit+c.wrong)
		out.Recall = float64(c.hit) / float64(c.hit+c.missed)
		out.F1 = 2 * out.Precision * out.Recall / (out.Precision + out.Recall)
	}
	return out
}

// Evaluate compares what was understood with the labels.
func Evaluate(us []Understood) Report {
	r := Report{Sentences: len(us), Intents: map[Intent]Class{}, Slots: map[string]Class{}}
	intents, slots := map[Intent]*counts{}, map[string]*counts{}
	at := func(in Intent) *counts {
		if intents[in] == nil {
			intents[in] = &counts{}
		}
		return intents[in]
	}
	rows := make([]row, len(us))
	for i := range us {
		u := &us[i]
		rows[i] = rowOf(u, slots)
		if u.Meaning.Intent == u.Intent {
			at(u.Intent).hit++
		} else {
			at(u.Intent).missed++
			at(u.Meaning.Intent).wrong++
		}
		if u.Meaning.Confidence < AskBack {
			r.AskedBack++
		}
	}
	n := 0
	for in, c := range intents {
		r.Intents[in] = c.f1()
		if c.hit+c.missed > 0 {
			r.MacroF1 += c.f1().F1
			n++
		}
	}
	r.MacroF1 /= float64(max(n, 1))
	for name, c := range slots {
		r.Slots[name] = c.f1()
	}
	r.Accuracy = bootstrap(rows, accuracy)
	r.SlotF1 = bootstrap(rows, slotF1)
	r.OutOfScopeRecall = bootstrap(rows, outRecall)
	r.InScopePrecision = bootstrap(rows, inPrecision)
	r.Calibration = calibration(rows)
	return r
}

// row is what a bootstrap needs of a sentence.
type row struct {
	right, isOut, saidOut bool
	slots                 counts
	confidence            float64
}

func rowOf(u *Understood, by map[string]*counts) row {
	r := row{right: u.Meaning.Intent == u.Intent, isOut: u.Intent == OutOfScope, saidOut: u.Meaning.Intent == OutOfScope, confidence: u.Meaning.Confidence}
	want, got := pairsOf(u.Labelled.Slots), pairsOf(u.Meaning.Slots)
	at := func(pair string) *counts {
		name, _, _ := strings.Cut(pair, "=")
		if by[name] == nil {
			by[name] = &counts{}
		}
		return by[name]
	}
	for p := range want {
		if got[p] {
			r.slots.hit++
			at(p).hit++
		} else {
			r.slots.missed++
			at(p).missed++
		}
	}
	for p := range got {
		if !want[p] {
			r.slots.wrong++
			at(p).wrong++
		}
	}
	return r
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}

func accuracy(rows []row) float64 {
	n := 0
	for i := range rows {
		if rows[i].right {
			n++
		}
	}
	return ratio(n, len(rows))
}

func slotF1(rows []row) float64 {
	var c counts
	for i := range rows {
		c.hit, c.wrong, c.missed = c.hit+rows[i].slots.hit, c.wrong+rows[i].slots.wrong, c.missed+rows[i].slots.missed
	}
	return ratio(2*c.hit, 2*c.hit+c.wrong+c.missed)
}

func outRecall(rows []row) float64 {
	all, found := 0, 0
	for i := range rows {
		if rows[i].isOut {
			all++
			if rows[i].saidOut {
				found++
			}
		}
	}
	return ratio(found, all)
}

func inPrecision(rows []row) float64 {
	all, right := 0, 0
	for i := range rows {
		if !rows[i].saidOut {
			all++
			if !rows[i].isOut {
				right++
			}
		}
	}
	return ratio(right, all)
}

// bootstrap gives the 95 % interval over 1000 resamplings of the sentences.
func bootstrap(rows []row, figure func([]row) float64) Interval {
	r := rand.New(rand.NewPCG(3, 4))
	again := make([]row, len(rows))
	values := make([]float64, 1000)
	for k := range values {
		for i := range again {
			again[i] = rows[r.IntN(len(rows))]
		}
		values[k] = figure(again)
	}
	sort.Float64s(values)
	return Interval{figure(rows), values[25], values[974]}
}

func calibration(rows []row) float64 {
	var n, right [10]int
	var sum [10]float64
	for i := range rows {
		k := min(int(rows[i].confidence*10), 9)
		n[k]++
		sum[k] += rows[i].confidence
		if rows[i].right {
			right[k]++
		}
	}
	gap := 0.0
	for k := range n {
		d := sum[k] - float64(right[k])
		gap += max(d, -d)
	}
	return gap / float64(max(len(rows), 1))
}
