package catalog

import "testing"

func TestNotationIsFoundInTitlesAndCells(t *testing.T) {
	for in, want := range map[string]Notation{
		"52□18-145":                       {Lens: 52, Bridge: 18, Temple: 145},
		"Aria 52□18-145 Tortoise":         {Lens: 52, Bridge: 18, Temple: 145},
		"52 □ 18 145":                     {Lens: 52, Bridge: 18, Temple: 145},
		"52☐18":                           {Lens: 52, Bridge: 18},
		"Size: 49-21-140.":                {Lens: 49, Bridge: 21, Temple: 140},
		"RB2140 901 50/22/150":            {Lens: 50, Bridge: 22, Temple: 150},
		"(54x16 135)":                     {Lens: 54, Bridge: 16, Temple: 135},
		"53 mm - 17 mm - 140 mm":          {Lens: 53, Bridge: 17, Temple: 140},
		"51,5□19,5-145":                   {Lens: 51.5, Bridge: 19.5, Temple: 145},
		"镜框 尺寸 52□18-145":                 {Lens: 52, Bridge: 18, Temple: 145},
		"2024-12-18 delivery, 52-18-145":  {Lens: 52, Bridge: 18, Temple: 145},
		"model 55-45-145, size 52□18-145": {Lens: 52, Bridge: 18, Temple: 145},
	} {
		if got, ok := ParseNotation(in); !ok || got != want {
			t.Errorf("ParseNotation(%q) = %v, %v; want %v", in, got, ok, want)
		}
	}
}

func TestWhatIsNoSizeIsNotTakenForOne(t *testing.T) {
	for _, in := range []string{
		"", "52", "50-20", "52x18", "152□18-145", "52□180-145", "52□18-1450", "12□18-145",
		"52□18-90", "2024-10-12", "AB 99-99-999", "52.18.145",
	} {
		if got, ok := ParseNotation(in); ok {
			t.Errorf("ParseNotation(%q) = %v, but this is no frame's size", in, got)
		}
	}
}

func FuzzParseNotation(f *testing.F) {
	f.Add("52□18-145")
	f.Add("2024-12-18, 52 x 18 - 145 mm")
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := ParseNotation(s)
		if !ok {
			return
		}
		if again, ok := ParseNotation(n.String()); !ok || again != n {
			t.Errorf("%q was read as %v, which reads as %v", s, n, again)
		}
	})
}
