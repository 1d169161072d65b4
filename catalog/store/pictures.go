package store

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"sync"

	bolt "github.com/boltdb/bolt"
)

// picturesFolder in CHEVAL_HOME holds the picture files, each under the first
// two digits of its hash; in tmpFolder is what is being written.
const (
	picturesFolder = "pictures"
	tmpFolder      = "tmp"
)

// MaxPictureBytes is the largest picture file that is kept.
const MaxPictureBytes = 64 << 20

var hashForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// pictures is the folder of picture files. Any goroutine may use it.
type pictures struct {
	root *os.Root

	mu    sync.Mutex
	fresh map[string]bool // written or let go since it was opened: nothing refers to them yet, or any more
}

func openPictures(home string) (*pictures, error) {
	folder := filepath.Join(home, picturesFolder)
	if err := os.MkdirAll(filepath.Join(folder, tmpFolder), 0o755); err != nil {
		return nil, fmt.Errorf("store: make the folder of pictures: %w", err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("store: open the folder of pictures: %w", err)
	}
	return &pictures{root: root, fresh: map[string]bool{}}, nil
}

// isFresh says whether a picture, or with "" any, was noted since opening.
func (ps *pictures) isFresh(hash string) bool {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	return ps.fresh[hash]
}

func (ps *pictures) note(hash string) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.fresh[""], ps.fresh[hash] = true, true
}

// PutPicture keeps the bytes of a picture file and returns their SHA-256, by
// which a product refers to them. It returns after they are on the disk. A
// picture that no product or job refers to when the store is opened the next
// time is removed then.
func (s *Store) PutPicture(r io.Reader) (hash string, err error) {
	if hash, err = s.pictures.put(r, true); err != nil {
		return "", fmt.Errorf("store: keep a picture: %w", err)
	}
	return hash, nil
}

// Picture reads a picture file whole, at most MaxPictureBytes, and checks it
// against its hash.
func (s *Store) Picture(hash string) ([]byte, error) {
	data, err := s.pictures.read(hash)
	if err != nil {
		return nil, fmt.Errorf("store: read picture %.12s: %w", hash, err)
	}
	return data, nil
}

// PicturePath is where a picture's file lies, for what needs a file. Nobody may
// write there.
func (s *Store) PicturePath(hash string) (string, error) {
	if !hashForm.MatchString(hash) {
		return "", fmt.Errorf("store: %.70q is no picture's hash", hash)
	}
	return filepath.Join(s.home, picturesFolder, hash[:2], hash), nil
}

func nameOf(hash string) string { return path.Join(hash[:2], hash) }

// put keeps a picture; where it is not to last at once, the caller syncs all
// when there are many (syncAll).
func (ps *pictures) put(r io.Reader, lasts bool) (string, error) {
	var id [8]byte
	sum := sha256.New()
	tmp, name, err := ps.createTemp(&id)
	if err != nil {
		return "", err
	}
	defer ps.root.Remove(name) // nothing, once it was renamed
	n, err := io.Copy(io.MultiWriter(tmp, sum), io.LimitReader(r, MaxPictureBytes+1))
	switch {
	case err != nil:
	case n == 0:
		err = errors.New("it is empty")
	case n > MaxPictureBytes:
		err = fmt.Errorf("it is over %d MiB", MaxPictureBytes>>20)
	case lasts:
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return "", err
	}
	hash := hex.EncodeToString(sum.Sum(nil))
	ps.note(hash)
	if info, err := ps.root.Stat(nameOf(hash)); err == nil && info.Size() == n {
		return hash, nil
	}
	return hash, ps.settle(name, hash, lasts)
}

// createTemp makes a file of a new name for a picture that is being written.
func (ps *pictures) createTemp(id *[8]byte) (*os.File, string, error) {
	for {
		if _, err := rand.Read(id[:]); err != nil {
			return nil, "", err
		}
		name := path.Join(tmpFolder, hex.EncodeToString(id[:]))
		f, err := ps.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if !errors.Is(err, fs.ErrExist) {
			return f, name, err
		}
	}
}

// settle gives a whole file its name.
func (ps *pictures) settle(tmp, hash string, lasts bool) error {
	made := false
	if err := ps.root.Mkdir(hash[:2], 0o755); err == nil {
		made = true
	} else if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := ps.root.Rename(tmp, nameOf(hash)); err != nil || !lasts {
		return err
	}
	if err := ps.sync(hash[:2]); err != nil {
		return err
	}
	if made {
		return ps.sync(".")
	}
	return nil
}

// syncAll makes everything last that was put.
func (ps *pictures) syncAll() error {
	d, err := ps.root.Open(".")
	if err != nil {
		return err
	}
	defer d.Close()
	return syncFileSystem(d)
}

func (ps *pictures) sync(folder string) error {
	d, err := ps.root.Open(folder)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

func (ps *pictures) has(hash string) bool {
	if !hashForm.MatchString(hash) {
		return false
	}
	info, err := ps.root.Stat(nameOf(hash))
	return err == nil && info.Mode().IsRegular()
}

func (ps *pictures) read(hash string) ([]byte, error) {
	if !hashForm.MatchString(hash) {
		return nil, errors.New("it is no picture's hash")
	}
	f, err := ps.root.Open(nameOf(hash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrAbsent
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxPictureBytes+1))
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != hash {
		return nil, errors.New("the file is damaged: it does not match its hash")
	}
	return data, nil
}

// each calls visit with the path of every file in the folder, and its hash or,
// where it is none, "".
func (ps *pictures) each(visit func(name, hash string) error) error {
	return fs.WalkDir(ps.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		hash := path.Base(name)
		if !hashForm.MatchString(hash) || name != nameOf(hash) || !d.Type().IsRegular() {
			hash = ""
		}
		return visit(name, hash)
	})
}

// refer counts a record's references to pictures up or down. Up, the picture
// must be there.
func (w *writing) refer(rec []byte, by int) error {
	if !bytes.Contains(rec, []byte(`"hash":"`)) && !bytes.Contains(rec, []byte(`"pictures":["`)) {
		return nil
	}
	hashes, err := referred(rec)
	if err != nil {
		return err
	}
	counts := w.tx.Bucket(picturesBucket)
	for _, hash := range hashes {
		n := countOf(counts.Get([]byte(hash))) + by
		switch {
		case n <= 0:
			if w.files != nil {
				w.files.note(hash)
			}
			err = errors.Join(counts.Delete([]byte(hash)), dropVectors(w.tx, hash))
		case by > 0 && n == by && w.files != nil && !w.files.has(hash):
			err = fmt.Errorf("picture %.12s… is not in the store; put its file there first", hash)
		default:
			err = counts.Put([]byte(hash), numberKey(uint64(n)))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func countOf(v []byte) int {
	if len(v) != 8 {
		return 0
	}
	return int(binary.BigEndian.Uint64(v))
}

// referred are the pictures that a product's or job's record needs: its own and
// those that its fronts are drawn with. What a picture was made of is not one:
// it may go before it.
func referred(rec []byte) ([]string, error) {
	h, content, err := unseal(rec)
	if err != nil {
		return nil, err
	}
	var hashes []string
	switch h.kind {
	case productRecord:
		var f struct {
			Pictures []struct{ Hash string }
			Variants []struct{ Front struct{ Hash string } }
		}
		err = json.Unmarshal(content, &f)
		for _, p := range f.Pictures {
			hashes = append(hashes, p.Hash)
		}
		for _, v := range f.Variants {
			hashes = append(hashes, v.Front.Hash)
		}
	case jobRecord:
		var f struct{ Pictures []string }
		err = json.Unmarshal(content, &f)
		hashes = f.Pictures
	}
	seen := map[string]bool{"": true}
	distinct := hashes[:0]
	for _, h := range hashes {
		if !seen[h] {
			seen[h] = true
			distinct = append(distinct, h)
		}
	}
	return distinct, err
}

// sweep removes files that nothing refers to. While a store is being opened
// they are what a process left that died.
func (s *Store) sweep() (n int, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		counts, kept := tx.Bucket(picturesBucket), tx.Bucket(keptBucket)
		return s.pictures.each(func(name, hash string) error {
			known := hash != "" && (counts.Get([]byte(hash)) != nil || kept.Get([]byte(hash)) != nil)
			if known || hash == "" && path.Dir(name) != tmpFolder {
				return nil
			}
			n++
			return s.pictures.root.Remove(name)
		})
	})
	if err != nil {
		return n, fmt.Errorf("store: remove pictures that nothing refers to: %w", err)
	}
	return n, nil
}
