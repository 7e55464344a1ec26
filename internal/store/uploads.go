package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/say"
)

// Upload is a file that a person sends through the page. First a server plans it; then a server takes it in, which
// creates its groups. Redis keeps the bytes of the file until then, so any server can do either, and can go on after
// another server was killed.
type Upload struct {
	ID    string      `json:"id"`
	By    string      `json:"by"` // who sent it, as in the audit log
	Batch string      `json:"batch"`
	Stage UploadStage `json:"stage"`
	Size  int         `json:"size"` // of the file, in bytes
	Begun time.Time   `json:"begun"`
	At    time.Time   `json:"at"` // of the latest progress
	// Rows is how many rows the stage has read so far, BatchID the batch of their groups.
	Rows    int    `json:"rows,omitempty"`
	BatchID string `json:"batchId,omitempty"`
	// Error is why the stage stopped before its end.
	Error say.Kept `json:"error,omitzero"`
	// Form, Plan and Outcome are how to read the file, what it would do and what it did, as JSON of the package that
	// reads it.
	Form    json.RawMessage `json:"form,omitempty"`
	Plan    json.RawMessage `json:"plan,omitempty"`
	Outcome json.RawMessage `json:"outcome,omitempty"`
}

// UploadStage says how far an upload is.
type UploadStage string

// The stages of an upload.
const (
	UploadPlanning UploadStage = "planning"
	UploadPlanned  UploadStage = "planned"
	UploadRunning  UploadStage = "running"
	UploadDone     UploadStage = "done"
)

const (
	// MaxUploadBytes is the largest file that is kept.
	MaxUploadBytes = 16 << 20
	// MaxUploads is how many files of one sender are kept at once.
	MaxUploads = 4
	// UploadsFor is how long an upload is kept after its latest progress.
	UploadsFor = time.Hour

	uploadPrefix = "upl_"
	chunkBytes   = 256 << 10
)

// Reasons why a file cannot be kept.
var (
	ErrUploadSize = fmt.Errorf("the file is larger than %d MiB", MaxUploadBytes>>20)
	ErrUploads    = fmt.Errorf("%d uploads are in progress already, the maximum", MaxUploads)
)

// uploadsKey returns the key of the ids of a sender's uploads whose files are kept, by when they began, in ms.
func uploadsKey(by string) string      { return prefix + "uploads:" + by }
func uploadKey(id string) string       { return prefix + "upload:{" + id + "}" }
func uploadChunksKey(id string) string { return uploadKey(id) + ":file" }

// AddUpload keeps a file, sealed if the installation is encrypted, and returns the upload with its id. If it needs
// room, it drops the sender's oldest file on which no server works. It fails with ErrUploadSize or ErrUploads, and then keeps
// nothing.
func (tr *Trail) AddUpload(ctx context.Context, u Upload, file io.Reader) (Upload, error) {
	now, err := tr.Now(ctx)
	if err != nil {
		return u, fmt.Errorf("keep an upload: %w", err)
	}
	u.ID, u.Stage, u.Begun, u.At = uploadPrefix+uuid.Must(uuid.NewV7()).String(), UploadPlanning, now, now
	if err := tr.roomForUpload(ctx, u.By, now); err != nil {
		return u, err
	}
	if _, err := tr.rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.ZAdd(ctx, uploadsKey(u.By), redis.Z{Score: float64(now.UnixMilli()), Member: u.ID})
		p.Expire(ctx, uploadsKey(u.By), 24*time.Hour)
		return nil
	}); err != nil {
		return u, fmt.Errorf("keep an upload: %w", err)
	}
	if err := tr.keepFile(ctx, &u, file); err != nil {
		return u, errors.Join(err, tr.dropUpload(context.WithoutCancel(ctx), u.ID, u.By))
	}
	return u, nil
}

// keepFile writes the file and then the upload.
func (tr *Trail) keepFile(ctx context.Context, u *Upload, file io.Reader) error {
	key, chunk := uploadChunksKey(u.ID), make([]byte, chunkBytes)
	for n := 0; ; n++ {
		read, err := io.ReadFull(file, chunk)
		if read > 0 {
			if u.Size += read; u.Size > MaxUploadBytes {
				return ErrUploadSize
			}
			if _, err := tr.rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
				p.RPush(ctx, key, tr.crypt.seal(chunkPlace(u.ID, n), chunk[:read]))
				p.Expire(ctx, key, UploadsFor)
				return nil
			}); err != nil {
				return fmt.Errorf("keep an upload: %w", err)
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	data, err := json.Marshal(u)
	if err != nil {
		return err
	}
	if err := tr.rdb.Set(ctx, uploadKey(u.ID), tr.crypt.seal(u.ID, data), UploadsFor).Err(); err != nil {
		return fmt.Errorf("keep an upload: %w", err)
	}
	return nil
}

func chunkPlace(id string, n int) string { return id + "/" + strconv.Itoa(n) }

// roomForUpload drops files of a sender until there is room for one more. It fails with ErrUploads.
func (tr *Trail) roomForUpload(ctx context.Context, by string, now time.Time) error {
	key := uploadsKey(by)
	marks, err := tr.rdb.ZRangeWithScores(ctx, key, 0, -1).Result()
	if wrongType(err) {
		_ = tr.tolerate(ctx, key, err)
		err = tr.rdb.Del(ctx, key).Err() // the uploads expire
	}
	if err != nil {
		return fmt.Errorf("keep an upload: %w", err)
	}
	kept := len(marks)
	for _, m := range marks {
		id, _ := m.Member.(string)
		u, err := tr.Upload(ctx, id)
		if errors.Is(err, ErrNotFound) && now.Sub(moment(int64(m.Score))) < UploadsFor {
			continue // its file is still being sent: the upload is written after it
		}
		gone := errors.Is(err, ErrNotFound) || errors.Is(err, ErrUnreadable)
		if err != nil && !gone {
			return err
		}
		if !gone && (kept < MaxUploads || u.Working(now)) {
			continue
		}
		if err := tr.dropUpload(ctx, id, by); err != nil {
			return err
		}
		kept--
	}
	if kept >= MaxUploads {
		return ErrUploads
	}
	return nil
}

// uploadSilence is how long a stage may make no progress before it counts as abandoned.
const uploadSilence = 15 * time.Second

// Working reports whether a server is planning the upload or taking it in.
func (u Upload) Working(now time.Time) bool {
	return (u.Stage == UploadPlanning || u.Stage == UploadRunning) && say.Phrase(u.Error).Zero() && now.Sub(u.At) < uploadSilence
}

// Upload reads an upload. It fails with ErrNotFound, or with ErrUnreadable.
func (tr *Trail) Upload(ctx context.Context, id string) (Upload, error) {
	return tr.readUpload(ctx, tr.rdb.Get(ctx, uploadKey(id)), id)
}

func (tr *Trail) readUpload(ctx context.Context, read *redis.StringCmd, id string) (Upload, error) {
	var u Upload
	data, err := read.Bytes()
	switch {
	case errors.Is(err, redis.Nil):
		return u, fmt.Errorf("upload %s: %w", id, ErrNotFound)
	case err == nil:
		u, err = openUpload(ctx, tr.core, id, data)
		if errors.Is(err, ErrUnreadable) {
			err = tr.unreadable(ctx, KindUpload, id, err)
		}
		return u, err
	case wrongType(err):
		return u, tr.unreadable(ctx, KindUpload, id, err)
	}
	return Upload{}, fmt.Errorf("read upload %s: %w", id, err)
}

func openUpload(ctx context.Context, c *core, id string, data []byte) (u Upload, err error) {
	if data, err = c.crypt.unseal(ctx, id, data); err != nil {
		return u, err
	}
	if err := json.Unmarshal(data, &u); err != nil {
		return Upload{}, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return u, nil
}

// ChangeUpload changes an upload in one step and sets its At. At UploadDone it deletes the file. If change fails, it
// writes nothing and returns that error. It also fails as Upload does.
func (tr *Trail) ChangeUpload(ctx context.Context, id string, change func(*Upload) error) (Upload, error) {
	now, err := tr.Now(ctx)
	if err != nil {
		return Upload{}, fmt.Errorf("upload %s: %w", id, err)
	}
	var u Upload
	err = tr.transact(ctx, uploadKey(id), func(tx *redis.Tx) error {
		var err error
		if u, err = tr.readUpload(ctx, tx.Get(ctx, uploadKey(id)), id); err != nil {
			return err
		}
		if err := change(&u); err != nil {
			return err
		}
		u.At = now
		data, err := json.Marshal(u)
		if err != nil {
			return err
		}
		_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
			p.Set(ctx, uploadKey(id), tr.crypt.seal(id, data), UploadsFor)
			if u.Stage == UploadDone {
				p.Del(ctx, uploadChunksKey(id))
			} else {
				p.Expire(ctx, uploadChunksKey(id), UploadsFor)
			}
			return nil
		})
		return err
	})
	if err != nil {
		return u, fmt.Errorf("upload %s: %w", id, err)
	}
	if u.Stage != UploadDone {
		return u, nil
	}
	if err := tr.tolerate(ctx, uploadsKey(u.By), tr.rdb.ZRem(ctx, uploadsKey(u.By), id).Err()); err != nil {
		return u, fmt.Errorf("upload %s: %w", id, err)
	}
	return u, nil
}

// DropUpload deletes an upload and its file.
func (tr *Trail) DropUpload(ctx context.Context, id string) error {
	u, err := tr.Upload(ctx, id)
	if err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrUnreadable) {
		return err
	}
	return tr.dropUpload(ctx, id, u.By)
}

func (tr *Trail) dropUpload(ctx context.Context, id, by string) error {
	if err := tr.rdb.Del(ctx, uploadKey(id), uploadChunksKey(id)).Err(); err != nil {
		return fmt.Errorf("drop upload %s: %w", id, err)
	}
	if err := tr.tolerate(ctx, uploadsKey(by), tr.rdb.ZRem(ctx, uploadsKey(by), id).Err()); err != nil {
		return fmt.Errorf("drop upload %s: %w", id, err)
	}
	return nil
}

// OpenUpload returns a reader of an upload's file. It reads one chunk at a time, and fails with ErrNotFound if the file
// is gone.
func (tr *Trail) OpenUpload(ctx context.Context, u Upload) io.Reader {
	return &uploadReader{ctx: ctx, tr: tr, u: u}
}

type uploadReader struct {
	ctx   context.Context
	tr    *Trail
	u     Upload
	next  int // chunk
	read  int // bytes
	chunk []byte
}

func (r *uploadReader) Read(p []byte) (int, error) {
	if len(r.chunk) == 0 {
		if r.read >= r.u.Size {
			return 0, io.EOF
		}
		if err := r.load(); err != nil {
			return 0, fmt.Errorf("read the file of upload %s: %w", r.u.ID, err)
		}
	}
	n := copy(p, r.chunk)
	r.chunk, r.read = r.chunk[n:], r.read+n
	return n, nil
}

func (r *uploadReader) load() error {
	key := uploadChunksKey(r.u.ID)
	data, err := r.tr.rdb.LIndex(r.ctx, key, int64(r.next)).Bytes()
	if errors.Is(err, redis.Nil) {
		return ErrNotFound
	}
	if wrongType(err) {
		return r.tr.unreadable(r.ctx, KindList, familyOf(key).idOf(key, ""), err)
	}
	if err != nil {
		return err
	}
	if r.chunk, err = r.tr.crypt.unseal(r.ctx, chunkPlace(r.u.ID, r.next), data); err != nil {
		return err
	}
	r.next++
	if len(r.chunk) == 0 {
		return ErrNotFound
	}
	return nil
}
