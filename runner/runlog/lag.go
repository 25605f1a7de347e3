package runlog

import (
	"context"
	"path/filepath"
	"time"
)

// Lag is how far the log's proof is behind what was written.
type Lag struct {
	Entries    int64     // numbered
	Pending    int64     // written and not numbered yet
	Checkpoint time.Time // when the newest checkpoint was signed; zero if there is none
	Covered    int64     // entries that it covers
	Unsigned   time.Time // when the first numbered entry was written that it does not cover; zero if there is none
	Folders    []FolderLag
}

// FolderLag is how far a folder's checkpoint is behind.
type FolderLag struct {
	Folder string
	Since  time.Time // when the first entry was written that its checkpoint does not cover; zero if there is none
	Err    error     // its checkpoint cannot be read, or is none of this log's
}

// Lag looks how far the proof is behind. It proves nothing, and costs the same however long
// the log is.
func (l *Log) Lag(ctx context.Context, q Querier) (Lag, error) {
	var g Lag
	_, err := queryOne(ctx, q, `SELECT COUNT(*) FROM log_pending`, nil, &g.Pending)
	if err != nil {
		return g, err
	}
	h, found, err := l.readHead(ctx, q)
	if err != nil || !found {
		return g, err
	}
	g.Entries = h.size
	c, _, err := l.storedCheckpoint(ctx, q, h.checkpoints)
	if err != nil {
		return g, err
	}
	g.Checkpoint, g.Covered = c.At, c.Size
	if g.Unsigned, err = writtenAt(ctx, q, c.Size+1); err != nil {
		return g, err
	}
	for _, name := range l.checkpointFiles() {
		f, err := l.folderLag(ctx, q, name)
		if err != nil {
			return g, err
		}
		g.Folders = append(g.Folders, f)
	}
	return g, nil
}

func (l *Log) folderLag(ctx context.Context, q Querier, name string) (FolderLag, error) {
	f := FolderLag{Folder: filepath.Dir(name)}
	var size int64
	signed, err := readIfThere(name)
	if err == nil && signed != nil {
		var c Checkpoint
		if c, err = OpenCheckpoint(signed, l.origin, l.verifiers); err == nil {
			size = c.Size
		}
	}
	if f.Err = err; err != nil {
		return f, nil
	}
	f.Since, err = writtenAt(ctx, q, size+1)
	return f, err
}

// writtenAt is when a numbered entry was written; zero if it is not there.
func writtenAt(ctx context.Context, q Querier, seq int64) (time.Time, error) {
	var at int64
	found, err := queryOne(ctx, q, `SELECT at FROM log_entries WHERE seq = $1`, []any{seq}, &at)
	if err != nil || !found {
		return time.Time{}, err
	}
	return time.UnixMicro(at).UTC(), nil
}
