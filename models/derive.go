package models

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"cheval/models/convert"
)

// deriver makes a model from the joined bytes of other items.
type deriver struct {
	version string
	write   func(src []byte) ([]byte, error)
}

// derivers are what Item.Converter names.
var derivers = map[string]deriver{
	"whisper encoder": {convert.WhisperVersion, convert.WhisperEncoder},
	"whisper decoder": {convert.WhisperVersion, convert.WhisperDecoder},
	"minilm":          {convert.MiniLMVersion, convert.MiniLM},
}

// converterVersion is the version of what makes an item, empty where nothing
// does: what another version made is made again.
func converterVersion(it Item) string {
	switch {
	case it.Kind.converted():
		return convert.Version
	case it.Kind == Derived:
		return derivers[it.Converter].version
	}
	return ""
}

// apart splits the items to install into those of packages and the derived.
func apart(items []Item) (packaged, derived []Item) {
	for _, it := range items {
		if it.Kind == Derived {
			derived = append(derived, it)
		} else {
			packaged = append(packaged, it)
		}
	}
	return packaged, derived
}

// derive makes an item from those it is made of, which must be installed.
func (s *Store) derive(it Item, o InstallOptions) error {
	o.Progress(Step{"convert", it.Name, 0, it.Bytes})
	src := make([]byte, 0, it.Bytes)
	for _, name := range it.From {
		b, err := s.Read(name)
		if err != nil {
			return err
		}
		src = append(src, b...)
	}
	sum := sha256.Sum256(src)
	if err := checkPinned(it, hex.EncodeToString(sum[:])); err != nil {
		return err
	}
	d := derivers[it.Converter]
	onnx, err := d.write(src)
	if err != nil {
		return fmt.Errorf("models: convert %s: %w", it.Name, err)
	}
	if err := s.put(it, bytes.NewReader(onnx), receipt{Source: it.SHA256, Converter: d.version}, false); err != nil {
		return err
	}
	o.Progress(Step{"convert", it.Name, it.Bytes, it.Bytes})
	return nil
}

// deriveReady makes the derived items that are missing and can be made, and
// names them.
func (s *Store) deriveReady(o InstallOptions) (made []string, err error) {
	for _, it := range s.items {
		if it.Kind != Derived || s.check(it, false) == nil {
			continue
		}
		lacks := func(name string) bool {
			from, err := s.find(name)
			return err != nil || s.check(from, false) != nil
		}
		if slices.ContainsFunc(it.From, lacks) {
			continue
		}
		if err := s.derive(it, o); err != nil {
			return made, err
		}
		made = append(made, it.Name)
	}
	return made, nil
}
