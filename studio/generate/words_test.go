package generate

import (
	"slices"
	"testing"
)

func TestARequestInWords(t *testing.T) {
	for _, c := range []struct {
		text    string
		want    Wish
		ignored []string
	}{
		{"100 red summer dresses", Wish{Category: "dress", Colour: "red", Count: 100}, []string{"summer"}},
		{"Please design 12 Blue T-Shirts", Wish{Category: "t-shirt", Colour: "blue", Count: 12}, nil},
		{"a long sleeve in grey", Wish{Category: "longsleeve", Colour: "grey"}, nil},
		{"hats", Wish{Category: "hat"}, nil},
		{"red and blue shirts", Wish{Category: "shirt", Colour: "red"}, []string{"blue"}},
		{"shirtless", Wish{}, []string{"shirtless"}},
		{"十件红色连衣裙", Wish{Category: "dress", Colour: "red", Count: 10}, nil},
		{"请设计二十五顶夏天的蓝色帽子", Wish{Category: "hat", Colour: "blue", Count: 25}, []string{"夏天"}},
		{"100条黑色短裤", Wish{Category: "shorts", Colour: "black", Count: 100}, nil},
		{"粉红色t恤", Wish{Category: "t-shirt", Colour: "pink"}, nil},
		{"", Wish{}, nil},
	} {
		got := Parse(c.text)
		if got.Category != c.want.Category || got.Colour != c.want.Colour || got.Count != c.want.Count || !slices.Equal(got.Ignored, c.ignored) {
			t.Errorf("%q: %+v; wanted %+v, ignored %q", c.text, got, c.want, c.ignored)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("100 red dresses")
	f.Add("十件红色\xff连衣裙--'")
	f.Fuzz(func(t *testing.T, text string) {
		if w := Parse(text); w.Count < 0 {
			t.Errorf("%+v", w)
		}
	})
}
