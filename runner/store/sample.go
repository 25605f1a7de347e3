package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// Judgement is what a person made of a sampled item.
type Judgement string

// The judgements of a sample.
const (
	Unjudged Judgement = ""        // still on the list
	Agreed   Judgement = "agreed"  // the person chose what the robot proposed
	Other    Judgement = "other"   // the person chose something else
	Unknown  Judgement = "unknown" // settled by hand, so that nobody can tell
)

// Sample is what is known of an item that was asked about: once, and never drawn again.
type Sample struct {
	Period   string // of the key that it was drawn by
	Share    int    // how many of a million were drawn
	Drawn    bool
	Asked    time.Time
	Proposal []byte // sealed
	Judged   Judgement
}

// Sample reads what was drawn for an item, or returns ErrNotFound.
func (t *Tx) Sample(item int64) (Sample, error) {
	return scanSample(t.QueryRowContext(t.ctx, sampleQuery, item))
}

// Sample reads what was drawn for an item, or returns ErrNotFound.
func (s *Store) Sample(ctx context.Context, item int64) (Sample, error) {
	return scanSample(s.read.QueryRowContext(ctx, sampleQuery, item))
}

const sampleQuery = `SELECT period, share, drawn, asked_at, proposal_sealed, judged FROM samples WHERE item_id = $1`

func scanSample(row scanner) (Sample, error) {
	var p Sample
	var at int64
	err := row.Scan(&p.Period, &p.Share, &p.Drawn, &at, &p.Proposal, &p.Judged)
	if errors.Is(err, sql.ErrNoRows) {
		return p, ErrNotFound
	}
	p.Asked = fromMicros(at)
	return p, err
}

// PutSample notes what was drawn for an item.
func (t *Tx) PutSample(r Row, p Sample) error {
	err := t.exec(`INSERT INTO samples (item_id, robot, area, period, share, drawn, asked_at, proposal_sealed, judged, judged_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', 0)`,
		r.ID, r.Robot, r.Area, p.Period, p.Share, flag(p.Drawn), micros(p.Asked), p.Proposal)
	if err != nil {
		return fmt.Errorf("note what was drawn for %s: %w", r.Number, err)
	}
	return nil
}

// Propose puts another proposal in the place of a sample's, which nobody has judged then.
func (t *Tx) Propose(r Row, sealed []byte) error {
	return t.change(`UPDATE samples SET proposal_sealed = $1, judged = '', judged_at = 0 WHERE item_id = $2 AND drawn = 1`, sealed, r.ID)
}

// Judge notes what a person made of a sampled item.
func (t *Tx) Judge(r Row, j Judgement, at time.Time) error {
	return t.change(`UPDATE samples SET judged = $1, judged_at = $2 WHERE item_id = $3 AND drawn = 1`, j, micros(at), r.ID)
}

// SealProposal seals what a robot would have done, outside of any transaction.
func (k Keys) SealProposal(proposal string) []byte { return k.Content.Seal([]byte(proposal), "sample") }

// OpenProposal opens what SealProposal made.
func (k Keys) OpenProposal(sealed []byte) (string, error) {
	plain, err := k.Content.Open(sealed, "sample")
	if err != nil {
		return "", fmt.Errorf("open the proposal of a sample: %w", err)
	}
	return string(plain), nil
}

// ItemMAC stands for an item's business key where the key itself must not be seen.
func (r Row) ItemMAC() string { return hex.EncodeToString(r.keyMAC) }

// SamplingKey is a secret that samples are drawn by.
type SamplingKey struct {
	Robot, Period string
	Commitment    string
	Key           []byte
}

// SamplingKey reads the key that a robot draws by on a day: the one of the newest period
// whose name begins with the day, unless it is disclosed. used is how many periods the
// day has had.
func (s *Store) SamplingKey(t *Tx, robot, day string) (k SamplingKey, used int, err error) {
	if err := t.Alone("sampling/" + robot); err != nil {
		return k, 0, err
	}
	rows, err := t.QueryContext(t.ctx, `SELECT period, commitment, key_sealed, disclosed_at FROM sampling_keys WHERE robot = $1 AND period >= $2 AND period < $3 ORDER BY made_at, period`,
		robot, day, day+"~")
	if err != nil {
		return k, 0, fmt.Errorf("read the sampling key of %s: %w", robot, err)
	}
	defer rows.Close()
	for rows.Next() {
		var sealed []byte
		var disclosed int64
		found := SamplingKey{Robot: robot}
		if err := rows.Scan(&found.Period, &found.Commitment, &sealed, &disclosed); err != nil {
			return k, 0, err
		}
		used++
		k = SamplingKey{}
		if disclosed != 0 {
			continue
		}
		if found.Key, err = s.house.Open(sealed, samplingContext(found)); err != nil {
			return k, 0, fmt.Errorf("open the sampling key of %s: %w", robot, err)
		}
		k = found
	}
	return k, used, rows.Err()
}

func samplingContext(k SamplingKey) string { return "sampling/" + k.Robot + "/" + k.Period }

// PutSamplingKey keeps a new period's key, sealed.
func (s *Store) PutSamplingKey(t *Tx, k SamplingKey, now time.Time) error {
	return t.exec(`INSERT INTO sampling_keys (robot, period, key_sealed, commitment, made_at, disclosed_at) VALUES ($1, $2, $3, $4, $5, 0)`,
		k.Robot, k.Period, s.house.Seal(k.Key, samplingContext(k)), k.Commitment, micros(now))
}

// SamplingKeyOpen reports whether a period's key is still secret.
func (t *Tx) SamplingKeyOpen(robot, period string) (bool, error) {
	var disclosed int64
	err := t.QueryRowContext(t.ctx, `SELECT disclosed_at FROM sampling_keys WHERE robot = $1 AND period = $2`+t.lockRow(), robot, period).Scan(&disclosed)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return disclosed == 0, err
}

// Disclose marks the keys of all robots' periods before a day as disclosed, and returns them.
func (s *Store) Disclose(t *Tx, day string, now time.Time) ([]SamplingKey, error) {
	rows, err := t.QueryContext(t.ctx, `UPDATE sampling_keys SET disclosed_at = $1 WHERE disclosed_at = 0 AND period < $2 RETURNING robot, period, commitment, key_sealed`,
		micros(now), day)
	if err != nil {
		return nil, fmt.Errorf("disclose the sampling keys of periods that have ended: %w", err)
	}
	defer rows.Close()
	var all []SamplingKey
	for rows.Next() {
		var k SamplingKey
		var sealed []byte
		if err := rows.Scan(&k.Robot, &k.Period, &k.Commitment, &sealed); err != nil {
			return nil, err
		}
		if k.Key, err = s.house.Open(sealed, samplingContext(k)); err != nil {
			return nil, fmt.Errorf("open the sampling key of %s: %w", k.Robot, err)
		}
		all = append(all, k)
	}
	return all, rows.Err()
}

// SampleCount is how a robot's samples went.
type SampleCount struct{ Asked, Drawn, Agreed, Other, Unknown int }

// Add is the sum of two counts.
func (c SampleCount) Add(d SampleCount) SampleCount {
	return SampleCount{c.Asked + d.Asked, c.Drawn + d.Drawn, c.Agreed + d.Agreed, c.Other + d.Other, c.Unknown + d.Unknown}
}

// SampleCounts counts the items that were asked about in a period of time, by area.
func (s *Store) SampleCounts(ctx context.Context, robot string, from, to time.Time) (map[string]SampleCount, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT area, drawn, judged, COUNT(*) FROM samples WHERE robot = $1 AND asked_at >= $2 AND asked_at < $3 GROUP BY area, drawn, judged`,
		robot, micros(from), micros(to))
	if err != nil {
		return nil, fmt.Errorf("count the samples of %s: %w", robot, err)
	}
	defer rows.Close()
	all := map[string]SampleCount{}
	for rows.Next() {
		var area string
		var drawn bool
		var judged Judgement
		var n int
		if err := rows.Scan(&area, &drawn, &judged, &n); err != nil {
			return nil, err
		}
		c := all[area]
		c.add(drawn, judged, n)
		all[area] = c
	}
	return all, rows.Err()
}

func (c *SampleCount) add(drawn bool, judged Judgement, n int) {
	c.Asked += n
	if !drawn {
		return
	}
	c.Drawn += n
	switch judged {
	case Agreed:
		c.Agreed += n
	case Other:
		c.Other += n
	case Unknown:
		c.Unknown += n
	}
}
