package recognise

import (
	"slices"
	"testing"
)

func TestRepetitionIsCutAtItsFirstReturn(t *testing.T) {
	for _, c := range []struct {
		tokens []int
		keep   int
		found  bool
	}{
		{[]int{1, 2, 3, 4, 5, 1, 2, 3, 4, 5}, 5, true},      // a sentence said again
		{[]int{9, 1, 2, 3, 1, 2, 3, 1, 2, 3}, 4, true},      // a short one, three times
		{[]int{7, 8, 8, 8, 8}, 2, true},                     // a word without end
		{[]int{7, 8, 8, 8}, 4, false},                       // "no no no" is speech
		{[]int{1, 2, 3, 1, 2, 3}, 6, false},                 // "the red, the red" too
		{[]int{1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5}, 11, false}, // not yet said again
		{nil, 0, false},
	} {
		if keep, found := cutRepetition(c.tokens); keep != c.keep || found != c.found {
			t.Errorf("%v: %d %v", c.tokens, keep, found)
		}
	}
}

func TestWordErrors(t *testing.T) {
	for _, c := range []struct {
		said, heard string
		errors, n   int
	}{
		{"Show me round sunglasses.", "show me round sunglasses", 0, 4},
		{"show me round sunglasses", "Chome round sun glasses", 4, 4},
		{"有没有便宜一点的？", "有没有便宜点的", 1, 8},
		{"", "thank you", 2, 0},
		{"take them off", "", 3, 3},
	} {
		if e, n := WordErrors(c.said, c.heard); e != c.errors || n != c.n {
			t.Errorf("%q heard as %q: %d errors of %d", c.said, c.heard, e, n)
		}
	}
}

// small is a vocabulary of a few merges: "no", " no".
func small(t testing.TB) *vocabulary {
	v, err := readVocabulary([]byte(`{"model":{"vocab":{"n":0,"o":1,"Ġ":2,"no":3,"Ġno":4,"é":5,"Ã":6},"merges":["n o","Ġ no"]}}`))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestTokensAreMergedAsTheyWereTrained(t *testing.T) {
	v := small(t)
	if got := v.encode("no no"); !slices.Equal(got, []int{3, 4}) {
		t.Errorf("%v", got)
	}
	if got := v.text([]int{3, 4, tokenEnd, 6}); got != "no no" {
		t.Errorf("%q: an end, or half a character, has no text", got)
	}
}

func TestBiasRaisesWhatMayFollow(t *testing.T) {
	b := newBias(small(t), []string{"no no", "", "  "})
	logits := make([]float32, 7)
	b.apply(nil, logits)
	if logits[4] != boostFirst || logits[1] != 0 {
		t.Errorf("%v", logits)
	}
	active := b.follow(nil, 4)
	clear(logits)
	b.apply(active, logits)
	if logits[4] != boostFirst+boostNext {
		t.Errorf("after the first word: %v", logits)
	}
	if left := b.follow(active, 0); len(left) != 0 {
		t.Errorf("another word ends it: %v", left)
	}
}

func FuzzVocabulary(f *testing.F) {
	f.Add([]byte(`{"model":{"vocab":{"n":0,"o":1},"merges":["n o"]}}`))
	f.Add([]byte(`{"model":{"vocab":{"n":-1,"o":99999999},"merges":["",""," "]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := readVocabulary(b)
		if err != nil {
			return
		}
		v.text(v.encode("no, 12 noes é"))
	})
}

func TestAnEchoOfThePromptIsKnown(t *testing.T) {
	for text, want := range map[string]bool{
		"普通话的句子。": true, "Does this frame fit me?": true, "": false, "便宜一点": false, "Show me square sunglasses": false,
	} {
		if echoes(text, promptOf("zh")) != want && echoes(text, promptOf("en")) != want {
			t.Errorf("%q", text)
		}
	}
}

func TestTheExpectedLanguageDecidesWhereTheSoundSaysLittle(t *testing.T) {
	logits := make([]float32, tokenChinese+1)
	logits[tokenEnglish] = 0.5
	for likely, want := range map[string]string{"": "en", "en": "en", "zh": "zh"} {
		if got, _ := between(logits, likely); got != want {
			t.Errorf("expected %q: %s", likely, got)
		}
	}
	logits[tokenEnglish] = 5
	if got, _ := between(logits, "zh"); got != "en" {
		t.Error("what is clearly English is English")
	}
}
