package app

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/text/currency"

	"cheval/voice/hear"
	"cheval/voice/speak"
)

// Settings are the shop's choices, kept in settings.json under Home.
type Settings struct {
	ShopName string `json:"shop_name"`
	Subtitle string `json:"subtitle"`
	Logo     string `json:"logo"` // path of a picture, "" for the plain mark
	Accent   string `json:"accent"`
	Theme    string `json:"theme"` // dark or light
	Language string `json:"language"`
	Currency string `json:"currency"` // ISO 4217
	// Rate turns the catalogue's prices into Currency: 1 of the catalogue's is Rate.
	Rate   float64 `json:"rate"`
	Device string  `json:"device"` // auto, cpu or cuda
	// Refine has what is worn refined; RefineBefore has it compared with what was
	// drawn, and not with the bare face.
	Refine        bool           `json:"refine"`
	RefineBefore  bool           `json:"refine_before"`
	ReduceMotion  bool           `json:"reduce_motion"`
	SecondDisplay bool           `json:"second_display"`
	Fullscreen    bool           `json:"fullscreen"`
	Source        SourceSettings `json:"source"`
	// Recommend says how suggestions are made.
	Recommend RecommendSettings `json:"recommend"`
	Voice     VoiceSettings     `json:"voice"`
	Studio    StudioSettings    `json:"studio"`
}

// StudioSettings say how photos reach the studio.
type StudioSettings struct {
	// Watch is a folder whose photos become drafts as they come; "" none.
	Watch string `json:"watch"`
}

// VoiceSettings say how the mirror hears and speaks.
type VoiceSettings struct {
	Speak      bool    `json:"speak"`      // answers are said aloud; captions there are always
	Voice      string  `json:"voice"`      // speak.Espeak, speak.Joe or an imported one
	Speed      float64 `json:"speed"`      // 0.5..2
	Volume     float64 `json:"volume"`     // 0..1
	Microphone string  `json:"microphone"` // its name; "" the first
	Mode       string  `json:"mode"`       // one of voiceModes
	// Phraser puts answers into other words; off unless staff switch it on.
	Phraser PhraserSettings `json:"phraser"`
}

// PhraserSettings say which language model may word answers.
type PhraserSettings struct {
	On        bool   `json:"on"`
	Address   string `json:"address"` // such as http://127.0.0.1:8080/v1
	Model     string `json:"model"`
	Elsewhere bool   `json:"elsewhere"` // it need not be on this machine
}

// The modes of listening, in the order that settings show them.
var voiceModes = [...]string{"tap", "wake"}

// mode is the listener's.
func (v VoiceSettings) mode() hear.Mode {
	if v.Mode == "wake" {
		return hear.Wake
	}
	return hear.Tap
}

// RecommendSettings are what staff decide about suggestions.
type RecommendSettings struct {
	// Weights drag the models' own, by name; 1 or nothing: as learned.
	Weights   map[string]float64 `json:"weights,omitempty"`
	Diversity float64            `json:"diversity"`        // 0..1
	Explore   float64            `json:"explore"`          // 0..0.5, the share that is tried out
	Pins      map[string]int     `json:"pins,omitempty"`   // by product: its place, from 1
	Boosts    map[string]float64 `json:"boosts,omitempty"` // by product; said to the shopper
}

// SourceSettings say where the mirror's picture comes from.
type SourceSettings struct {
	Kind     string `json:"kind"`   // camera, demo, video, photo or stream
	Camera   string `json:"camera"` // name; "" the first
	Path     string `json:"path"`   // of the video or photo
	URL      string `json:"url"`    // of the stream
	Width    int    `json:"width"`  // asked of the camera
	Height   int    `json:"height"`
	Rotation int    `json:"rotation"` // degrees clockwise: 0, 90, 180, 270
	Mirror   bool   `json:"mirror"`   // shown as a mirror shows
}

// The kinds of source, in the order that settings show them.
const (
	sourceCamera = "camera"
	sourceDemo   = "demo"
	sourceVideo  = "video"
	sourcePhoto  = "photo"
	sourceStream = "stream"
)

var (
	sourceKinds = [...]string{sourceCamera, sourceDemo, sourceVideo, sourcePhoto, sourceStream}
	devices     = [...]string{"auto", "cpu", "cuda"}
	themes      = [...]string{"dark", "light"}
	currencies  = [...]string{"CNY", "EUR", "USD", "GBP", "HKD", "JPY", "CHF", "SGD"}
	resolutions = [...][2]int{{640, 480}, {1280, 720}, {1920, 1080}}
	rotations   = [...]int{0, 90, 180, 270}
)

// DefaultSettings are those of a fresh shop.
func DefaultSettings() Settings {
	return Settings{
		ShopName: "Cheval", Accent: defaultAccent, Theme: "dark", Language: "en",
		Currency: "CNY", Rate: 1, Device: "auto", Refine: true,
		Source:    SourceSettings{Kind: sourceCamera, Width: 1280, Height: 720, Mirror: true},
		Recommend: RecommendSettings{Diversity: usualDiversity, Explore: usualExplore},
		Voice: VoiceSettings{Speak: true, Voice: speak.Espeak, Speed: 1, Volume: 0.8, Mode: voiceModes[0],
			Phraser: PhraserSettings{Address: "http://127.0.0.1:8080/v1"}},
	}
}

func settingsPath(home string) string { return filepath.Join(home, "settings.json") }

// loadSettings reads the shop's settings. A damaged file is set aside, a value
// that makes no sense replaced by its default; the error says so, and the
// settings can be used all the same.
func loadSettings(home string, now time.Time) (Settings, error) {
	s := DefaultSettings()
	err := loadJSON(settingsPath(home), &s, now)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return DefaultSettings(), err
	}
	return s.mended()
}

func (s Settings) save(home string) error { return saveJSON(settingsPath(home), s) }

// mended replaces what makes no sense, and says what.
func (s Settings) mended() (Settings, error) {
	d := DefaultSettings()
	var wrong []error
	choose := func(field string, v *string, def string, among []string) {
		if !slices.Contains(among, *v) {
			wrong = append(wrong, fmt.Errorf("settings: %s %q is none of %v; %q is used", field, *v, among, def))
			*v = def
		}
	}
	choose("theme", &s.Theme, d.Theme, themes[:])
	choose("language", &s.Language, d.Language, languages[:])
	choose("device", &s.Device, d.Device, devices[:])
	choose("voice mode", &s.Voice.Mode, d.Voice.Mode, voiceModes[:])
	choose("source", &s.Source.Kind, d.Source.Kind, sourceKinds[:])
	if _, err := parseColour(s.Accent); err != nil {
		wrong = append(wrong, fmt.Errorf("settings: accent: %w", err))
		s.Accent = d.Accent
	}
	if _, err := currency.ParseISO(s.Currency); err != nil {
		wrong = append(wrong, fmt.Errorf("settings: currency %q: %w", s.Currency, err))
		s.Currency = d.Currency
	}
	if w := s.Studio.Watch; w != "" && !filepath.IsAbs(w) {
		wrong = append(wrong, fmt.Errorf("settings: the watched folder %q is no full path; none is watched", w))
		s.Studio.Watch = ""
	}
	if !(s.Rate > 0 && s.Rate < 1e6) {
		wrong = append(wrong, fmt.Errorf("settings: rate %v is not a positive number", s.Rate))
		s.Rate = d.Rate
	}
	if !(s.Voice.Speed >= 0.5 && s.Voice.Speed <= 2) {
		wrong = append(wrong, fmt.Errorf("settings: voice speed %v is not between 0.5 and 2", s.Voice.Speed))
		s.Voice.Speed = d.Voice.Speed
	}
	for field, v := range map[string]*float64{"volume": &s.Voice.Volume, "diversity": &s.Recommend.Diversity, "explore": &s.Recommend.Explore} {
		if !(*v >= 0 && *v <= 1) {
			wrong = append(wrong, fmt.Errorf("settings: %s %v is not between 0 and 1", field, *v))
			*v = 0
		}
	}
	if !slices.Contains(rotations[:], s.Source.Rotation) {
		wrong = append(wrong, fmt.Errorf("settings: rotation %d is none of %v", s.Source.Rotation, rotations))
		s.Source.Rotation = 0
	}
	if !slices.Contains(resolutions[:], [2]int{s.Source.Width, s.Source.Height}) {
		s.Source.Width, s.Source.Height = d.Source.Width, d.Source.Height
	}
	return s, errors.Join(wrong...)
}
