// Package assistant joins the parts of the dialogue: from the text of a
// sentence to its meaning, the deeds that follow and the answer in words.
//
// It leaves to others hearing (voice/recognise), speaking (voice/speak), and
// doing the deeds (the app).
package assistant

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"cheval/catalog"
	"cheval/voice/answer"
	"cheval/voice/dialogue"
	"cheval/voice/understand"
)

// Assistant answers sentences about a stock. One goroutine at a time may call
// Hear and Reset; Retrain may come from any.
type Assistant struct {
	stock        dialogue.Stock
	embedder     understand.Embedder
	understander atomic.Pointer[understand.Understander]
	conversation *dialogue.Conversation
	writers      map[understand.Language]*answer.Writer
	phraser      Phraser
}

// Options are what an assistant may have beside its stock; each may be nil.
type Options struct {
	Adviser  dialogue.Adviser
	Embedder understand.Embedder
	Trained  *understand.Trained
	Phraser  Phraser
}

// Phraser may put a finished answer into other words. What it says is used
// only if it contains no number and no product beside the answer's own.
type Phraser interface {
	Phrase(ctx context.Context, lang understand.Language, heard, answer string) (string, error)
}

// New makes an assistant.
func New(stock dialogue.Stock, o Options) (*Assistant, error) {
	a := &Assistant{stock: stock, embedder: o.Embedder, phraser: o.Phraser,
		conversation: dialogue.New(stock, o.Adviser), writers: map[understand.Language]*answer.Writer{}}
	if err := a.Retrain(o.Trained); err != nil {
		return nil, err
	}
	for _, lang := range []understand.Language{understand.English, understand.Chinese} {
		w, err := answer.NewWriter(lang, stock)
		if err != nil {
			return nil, err
		}
		a.writers[lang] = w
	}
	return a, nil
}

// Retrain compiles the grammar from the stock as it now is and takes other
// classifiers into use (nil: those that come with Cheval). The conversation
// goes on.
func (a *Assistant) Retrain(t *understand.Trained) error {
	var products []*catalog.Product
	for _, p := range a.stock.All() {
		if p.State == catalog.Published {
			products = append(products, p)
		}
	}
	u, err := understand.New(products, understand.Options{Trained: t, Embedder: a.embedder})
	if err != nil {
		return err
	}
	a.understander.Store(u)
	return nil
}

// Coverage says how much of the stock can be called by its name.
func (a *Assistant) Coverage() understand.Coverage { return a.understander.Load().Coverage() }

// Words are what a recogniser should expect: the grammar's and the stock's.
func (a *Assistant) Words() []string { return a.understander.Load().Words() }

// Understand reads a sentence by itself.
func (a *Assistant) Understand(text string, lang understand.Language) understand.Meaning {
	return a.understander.Load().Understand(text, lang)
}

// Reset ends the conversation: nothing of it stays.
func (a *Assistant) Reset() { a.conversation.Reset() }

// Response is what follows from one sentence.
type Response struct {
	dialogue.Turn
	Heard    string // as it was understood
	Language understand.Language
	Answer   answer.Answer
	// Text is the answer as it is shown and spoken, Phrased where a language
	// model put it into words.
	Text    string
	Phrased bool
	// UnderstandMS and AnswerMS are wall times in milliseconds.
	UnderstandMS, AnswerMS float64
}

// Hear takes one sentence in lang ("": guessed) in the scene as it is. The
// answer is in the sentence's language, or the one that it switches to.
func (a *Assistant) Hear(ctx context.Context, text string, lang understand.Language, s dialogue.Scene) (Response, error) {
	start := time.Now()
	m := a.Understand(text, lang)
	middle := time.Now()
	t, err := a.conversation.Answer(ctx, m, s)
	if err != nil {
		return Response{}, fmt.Errorf("assistant: %w", err)
	}
	r := Response{Turn: t, Heard: m.Text, Language: m.Language}
	for _, do := range t.Actions {
		if do.Deed == dialogue.SetLanguage {
			r.Language = do.Language
		}
	}
	r.Answer = a.writers[r.Language].Write(t.Says)
	r.Text = r.Answer.Text(r.Language)
	r.phrase(ctx, a)
	r.UnderstandMS, r.AnswerMS = ms(middle.Sub(start)), ms(time.Since(middle))
	return r, nil
}

// phrase lets the phraser word the answer, if it stays with the facts.
func (r *Response) phrase(ctx context.Context, a *Assistant) {
	if a.phraser == nil || r.Text == "" {
		return
	}
	said, err := a.phraser.Phrase(ctx, r.Language, r.Heard, r.Text)
	if err != nil || !answer.Faithful(said, r.Text, a.names()) {
		return // the template's words stand
	}
	r.Text, r.Phrased = answer.Plain(said, 600), true
}

// names are all products' names, which an answer may not make up.
func (a *Assistant) names() (out []string) {
	for _, p := range a.stock.All() {
		for _, n := range p.Name {
			out = append(out, n)
		}
	}
	return out
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
