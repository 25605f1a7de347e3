package workbook

import (
	"os"
	"testing"
)

func TestLookXX(t *testing.T) {
	var rows []Row
	for i := range 40 {
		rows = append(rows, rowN(i))
	}
	rows[1].Proposal = ""
	rows[1].Amount = kroner("1234567.5")
	rows[2].Amount = kroner("-12.00")
	rows[3].Reason = "=1+1 " + rows[3].Reason
	rows[4].Draft = Draft{Choice: "Prøv igen"}
	rows[6].Draft = Draft{Choice: "Bogfør"}
	rows[5].Draft = Draft{Choice: "Afvis"}
	b := bookOf(t, rows...)
	b.Robots = append(b.Robots, Robot{Name: "fleksloen", Title: "Fleksløn", Stopped: "Siden for eIndkomst ser anderledes ud end ventet. Robotten er stoppet; giv besked til it.", Tally: Tally{Found: 10}})
	f, err := os.Create("/tmp/look.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(f, b); err != nil {
		t.Fatal(err)
	}
	f.Close()
}
