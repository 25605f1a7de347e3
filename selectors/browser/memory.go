package browser

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// member is one process of a process group.
type member struct {
	pid   int
	state byte // as in /proc/PID/stat: R, S, D, Z ...
}

// group lists the processes of a process group, from /proc.
func group(pgid int) ([]member, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	var list []member
	for _, name := range stats {
		data, err := os.ReadFile(name)
		if err != nil {
			continue // it has just ended
		}
		// The second field is the command in brackets and may hold anything.
		close := bytes.LastIndexByte(data, ')')
		if close < 0 {
			continue
		}
		fields := bytes.Fields(data[close+1:])
		if len(fields) < 3 || string(fields[2]) != strconv.Itoa(pgid) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		if err != nil {
			continue
		}
		list = append(list, member{pid: pid, state: fields[0][0]})
	}
	return list, nil
}

func alive(list []member) int {
	n := 0
	for _, m := range list {
		if m.state != 'Z' && m.state != 'X' {
			n++
		}
	}
	return n
}

// memory is what the processes of a group hold that they share with nobody, in
// bytes: what would be given back if they ended.
func memory(pgid int) (int64, error) {
	list, err := group(pgid)
	if err != nil {
		return 0, err
	}
	var pages int64
	for _, m := range list {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", m.pid))
		if err != nil {
			continue // it has just ended
		}
		fields := bytes.Fields(data)
		if len(fields) < 3 {
			continue
		}
		resident, _ := strconv.ParseInt(string(fields[1]), 10, 64)
		shared, _ := strconv.ParseInt(string(fields[2]), 10, 64)
		pages += resident - shared
	}
	return pages * int64(os.Getpagesize()), nil
}
