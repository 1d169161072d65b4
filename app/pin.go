package app

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"golang.org/x/crypto/argon2"
)

// pinLeast and pinMost bound a PIN's length in digits.
const (
	pinLeast = 4
	pinMost  = 8
)

// pinRecord is what is kept of a PIN: never the PIN.
type pinRecord struct {
	Salt   []byte    `json:"salt"`
	Hash   []byte    `json:"hash"`
	Time   uint32    `json:"time"`
	Memory uint32    `json:"memory"` // KiB
	Wrong  int       `json:"wrong"`  // in a row
	Until  time.Time `json:"until"`  // no try before
}

// errWrongPIN is a PIN that is not the shop's.
var errWrongPIN = errors.New("pin: wrong")

// tooSoonError asks to wait after wrong PINs.
type tooSoonError struct{ Wait time.Duration }

func (e *tooSoonError) Error() string {
	return fmt.Sprintf("pin: try again in %s", e.Wait.Round(time.Second))
}

// pinLock guards the staff's screens with a PIN, hashed with Argon2id (RFC
// 9106) under a salt. After the third wrong one each try has to wait longer;
// the wait is kept on disk, so a restart does not shorten it. Its methods
// block for some tens of milliseconds: call them off the UI goroutine.
type pinLock struct {
	path string
	now  func() time.Time
}

func newPINLock(home string, now func() time.Time) *pinLock {
	return &pinLock{path: filepath.Join(home, "pin.json"), now: now}
}

// isSet says whether the shop has a PIN yet. A file that cannot be read counts
// as set: a damaged lock stays shut.
func (p *pinLock) isSet() bool {
	_, err := p.load()
	return !errors.Is(err, fs.ErrNotExist)
}

// set makes digits the shop's PIN.
func (p *pinLock) set(digits string) error {
	if err := validPIN(digits); err != nil {
		return err
	}
	r := pinRecord{Salt: make([]byte, 16), Time: 3, Memory: 32 << 10}
	if _, err := rand.Read(r.Salt); err != nil {
		return fmt.Errorf("pin: salt: %w", err)
	}
	r.Hash = r.hash(digits)
	return saveJSON(p.path, r)
}

// try compares digits with the PIN: nil, errWrongPIN, or a tooSoonError.
func (p *pinLock) try(digits string) error {
	r, err := p.load()
	if err != nil {
		return fmt.Errorf("pin: %w", err)
	}
	now := p.now()
	if wait := r.Until.Sub(now); wait > 0 {
		return &tooSoonError{min(wait, delayAfter(r.Wrong))}
	}
	if subtle.ConstantTimeCompare(r.hash(digits), r.Hash) == 1 {
		if r.Wrong == 0 {
			return nil
		}
		r.Wrong, r.Until = 0, time.Time{}
		return saveJSON(p.path, r)
	}
	r.Wrong++
	r.Until = now.Add(delayAfter(r.Wrong))
	return errors.Join(errWrongPIN, saveJSON(p.path, r))
}

// wait is how long until the next try is allowed.
func (p *pinLock) wait() time.Duration {
	r, err := p.load()
	if err != nil {
		return 0
	}
	return max(0, min(r.Until.Sub(p.now()), delayAfter(r.Wrong)))
}

// delayAfter is the wait after n wrong PINs in a row: none for two, then 5 s
// doubling up to a quarter of an hour.
func delayAfter(n int) time.Duration {
	if n < 3 {
		return 0
	}
	return min(5*time.Second<<min(n-3, 10), 15*time.Minute)
}

func (p *pinLock) load() (pinRecord, error) {
	var r pinRecord
	data, err := readBounded(p.path, 4096)
	if err != nil {
		return r, err
	}
	return r, r.decode(data)
}

func (r pinRecord) hash(digits string) []byte {
	return argon2.IDKey([]byte(digits), r.Salt, r.Time, r.Memory, 2, 32)
}

func validPIN(digits string) error {
	if len(digits) < pinLeast || len(digits) > pinMost {
		return fmt.Errorf("pin: %d to %d digits, not %d", pinLeast, pinMost, len(digits))
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return errors.New("pin: digits only")
		}
	}
	return nil
}

// decode reads a record and refuses one whose cost would hang the app.
func (r *pinRecord) decode(data []byte) error {
	if err := json.Unmarshal(data, r); err != nil {
		return fmt.Errorf("the file is damaged: %w", err)
	}
	if len(r.Salt) < 8 || len(r.Hash) != 32 || r.Time < 1 || r.Time > 16 || r.Memory < 8<<10 || r.Memory > 256<<10 || r.Wrong < 0 {
		return errors.New("the file is damaged: its values are out of range")
	}
	return nil
}
