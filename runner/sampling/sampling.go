// Package sampling draws which of the items that a robot could do go to a person to be
// judged, in a way that nobody can foresee and everybody can check afterwards.
//
// Each robot and period (a day) has a secret key, drawn at random. Its SHA-256, the
// commitment, is in the run log before the key is used; the key itself is written there
// when the period has ended. An item is drawn by a keyed hash of its business key: see
// Draw. Audit recomputes every draw from the log.
package sampling

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"math/bits"
)

// KeySize is the length of a sampling key in bytes.
const KeySize = 32

// Share is how many of a million items are drawn.
type Share int

const million = 1_000_000

// Percent is a share in percent, 0 to 100, exact to a ten-thousandth of a percent.
func Percent(p float64) (Share, error) {
	if math.IsNaN(p) || p < 0 || p > 100 {
		return 0, fmt.Errorf("%v is not a share in percent, 0 to 100", p)
	}
	return Share(math.Round(p * million / 100)), nil
}

// NewKey draws a key from a source of randomness.
func NewKey(random io.Reader) ([]byte, error) {
	key := make([]byte, KeySize)
	if _, err := io.ReadFull(random, key); err != nil {
		return nil, fmt.Errorf("draw a sampling key: %w", err)
	}
	return key, nil
}

// Commitment is the SHA-256 of a key in small hexadecimal digits.
func Commitment(key []byte) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:])
}

// Draw tells whether an item is a sample. item is the keyed hash of its business key as
// the log has it. The first eight bytes of HMAC-SHA256(key, "byskriver sample 1\n" robot
// "\n" item) are a number n, big end first; the item is drawn where n * 1,000,000 / 2^64,
// rounded down, is below the share.
func Draw(key []byte, robot, item string, share Share) bool {
	h := hmac.New(sha256.New, key)
	fmt.Fprintf(h, "byskriver sample 1\n%s\n%s", robot, item)
	part, _ := bits.Mul64(binary.BigEndian.Uint64(h.Sum(nil)), million)
	return part < uint64(max(share, 0))
}
