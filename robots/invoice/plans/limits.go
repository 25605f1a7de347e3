package plans

// FileLimits bound what a plan file may cost to read. Beyond them it is refused.
type FileLimits struct {
	FileBytes     int64 `yaml:"file_bytes"`     // of the file itself
	UnzippedBytes int64 `yaml:"unzipped_bytes"` // of all that is packed in it
	Cells         int   `yaml:"cells"`          // of one sheet, empty ones to the left of the last in a row included
	Rows          int   `yaml:"rows"`           // of plans, and of checks, the header not counted
	Problems      int   `yaml:"problems"`       // that are listed
}

// DefaultFileLimits take a sheet six times as large as the largest known one
// (1,600 plans), and unpack no more than 64 MiB.
func DefaultFileLimits() FileLimits {
	return FileLimits{FileBytes: 16 << 20, UnzippedBytes: 64 << 20, Cells: 1_000_000, Rows: 10_000, Problems: 500}
}
