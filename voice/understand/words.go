// Package understand turns a sentence into an intent with slots: the words of
// the dialogue, English and Chinese. A grammar compiled from the catalogue
// reads most sentences; classifiers answer for the rest, with a confidence.
//
// It leaves to others what was heard (voice/recognise), what a sentence means
// within a conversation (voice/dialogue), and what is answered (voice/answer).
package understand

import "encoding/json"

// Language is a language of the dialogue.
type Language string

// Languages that are understood.
const (
	English Language = "en"
	Chinese Language = "zh"
)

// Intent is what a person wants with a sentence.
type Intent string

// The intents of the dialogue.
const (
	Find       Intent = "find"         // look for products anew
	Narrow     Intent = "narrow"       // of what is being looked for, only some
	TryOn      Intent = "try_on"       // wear one
	TakeOff    Intent = "take_off"     // wear none
	Next       Intent = "next"         // the next product
	Previous   Intent = "previous"     // the one before
	Compare    Intent = "compare"      // side by side
	Details    Intent = "details"      // tell of a product
	Fit        Intent = "fit"          // does it fit, and where does it sit
	Recommend  Intent = "recommend"    // what suits me
	Why        Intent = "why"          // why was that suggested
	Like       Intent = "like"         // keep it, praise
	Dislike    Intent = "dislike"      // not that one, a complaint
	Photo      Intent = "photo"        // keep a picture
	History    Intent = "history"      // what was tried and liked
	Basket     Intent = "basket"       // put in, take out, show, pay
	AskStaff   Intent = "ask_staff"    // a person, please
	Volume     Intent = "volume"       // louder, quieter, off
	SetTongue  Intent = "language"     // speak another language
	Help       Intent = "help"         // what can I say
	Undo       Intent = "undo"         // take the last deed back
	Repeat     Intent = "repeat"       // say it again
	Erase      Intent = "erase"        // forget me
	Greet      Intent = "greet"        // hello, thanks
	Goodbye    Intent = "goodbye"      // done
	OutOfScope Intent = "out_of_scope" // none of these
)

// Intents returns all intents in a fixed order, which classifiers rely on.
func Intents() []Intent {
	return []Intent{Find, Narrow, TryOn, TakeOff, Next, Previous, Compare, Details, Fit,
		Recommend, Why, Like, Dislike, Photo, History, Basket, AskStaff, Volume, SetTongue,
		Help, Undo, Repeat, Erase, Greet, Goodbye, OutOfScope}
}

// Values are a slot's values, each once, in the order said. In JSON one value
// stands alone and several are a list.
type Values []string

// MarshalJSON writes one value as itself.
func (v Values) MarshalJSON() ([]byte, error) {
	if len(v) == 1 {
		return json.Marshal(v[0])
	}
	return json.Marshal([]string(v))
}

// UnmarshalJSON reads one value or a list.
func (v *Values) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*v = Values{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(v))
}

// Slots are the particulars of a sentence. Empty ones were not said.
type Slots struct {
	Category    Values `json:"category,omitempty"`
	CategoryNot Values `json:"category_not,omitempty"`
	Kind        Values `json:"kind,omitempty"` // catalog.Kind
	KindNot     Values `json:"kind_not,omitempty"`
	Shape       Values `json:"shape,omitempty"` // catalog.Shape
	ShapeNot    Values `json:"shape_not,omitempty"`
	Colour      Values `json:"colour,omitempty"` // catalog.Colours
	ColourNot   Values `json:"colour_not,omitempty"`
	Material    Values `json:"material,omitempty"` // catalog.Material
	MaterialNot Values `json:"material_not,omitempty"`
	Brand       Values `json:"brand,omitempty"` // as the catalogue writes it
	// PriceMin and PriceMax are in the currency's usual unit (yuan, not fen).
	PriceMin float64 `json:"price_min,omitempty"`
	PriceMax float64 `json:"price_max,omitempty"`
	// Size is "small", "medium", "large", or a lens width in millimetres ("52").
	Size string `json:"size,omitempty"`
	// Fit is the face it is for: "wide" or "narrow".
	Fit string `json:"fit,omitempty"`
	// Relative is a wish against what is worn or shown: cheaper, pricier,
	// larger, smaller, wider, narrower, rounder, squarer, lighter, darker,
	// brighter, bolder, simpler, thinner, thicker.
	Relative Values `json:"relative,omitempty"`
	// Attribute is what is asked about: price, size, bridge, temple, width,
	// material, stock, brand, weight, pd, colour, shape.
	Attribute Values `json:"attribute,omitempty"`
	Ordinal   int    `json:"ordinal,omitempty"`   // from 1 in what is shown; -1 the last
	Ordinals  []int  `json:"ordinals,omitempty"`  // where two or more were said
	Reference Values `json:"reference,omitempty"` // current, previous
	Sort      string `json:"sort,omitempty"`      // price, size, newest, popular
	// Direction is up or down (volume, sort), or on or off (volume).
	Direction string   `json:"direction,omitempty"`
	Language  Language `json:"language,omitempty"`
	Quantity  int      `json:"quantity,omitempty"`
}

// take takes over what is said in t.
func (s *Slots) take(t Slots) {
	b, err := json.Marshal(t)
	if err == nil {
		json.Unmarshal(b, s) // what is empty in t is not there
	}
}

// BasketDeed says what is to be done with the basket.
type BasketDeed string

// What can be done with the basket.
const (
	BasketAdd      BasketDeed = "add"
	BasketRemove   BasketDeed = "remove"
	BasketShow     BasketDeed = "show"
	BasketEmpty    BasketDeed = "empty"
	BasketCheckout BasketDeed = "checkout"
)

// Reply is what a sentence says to a question that was asked.
type Reply string

// Replies.
const (
	NoReply Reply = ""
	Yes     Reply = "yes"
	No      Reply = "no"
)

// Alternative is another reading of a sentence.
type Alternative struct {
	Intent     Intent     `json:"intent"`
	Confidence float64    `json:"confidence"`
	Slots      Slots      `json:"slots,omitzero"`
	Basket     BasketDeed `json:"-"`
}

// Meaning is what a sentence was understood to say, by itself.
type Meaning struct {
	Text     string // as it was understood: bounded, without control characters
	Language Language
	Intent   Intent
	Slots    Slots
	// Products are the IDs of products named in the sentence, in its order.
	Products []string
	// Basket is set where Intent is Basket.
	Basket BasketDeed
	// Reply is set where the sentence can answer yes or no to a question.
	Reply Reply
	// Sentiment is from -1 (displeased) to 1 (pleased).
	Sentiment float64
	// Confidence is the calibrated probability (0..1) that Intent is right.
	Confidence float64
	// Alternatives are the next best readings, best first, at most two.
	Alternatives []Alternative
	// By is what decided: "grammar", "phrases" (n-grams) or "sentence" (embeddings).
	By string
}

// AskBack is the confidence below which the dialogue asks which of two
// readings was meant.
const AskBack = 0.5
