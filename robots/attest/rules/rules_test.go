package rules

import (
	"testing"

	"byskriver/schedules"
)

func policy() Policy {
	return Policy{
		Types: []Type{
			{Code: "boerneattest", Name: "Børneattest", Kind: Children, Basis: "BEK 1860/2021 kap. 7", Days: 10},
			{Code: "boerneattest-paaroerende", Name: "Børneattest, pårørende", Kind: Relative, Basis: "BEK 1860/2021 kap. 7", Days: 10},
			{Code: "offentlig", Name: "Offentlig straffeattest", Kind: Public, Days: 5},
			{Code: "privat", Name: "Privat straffeattest", Kind: Private, Basis: "BEK 1860/2021 § 11", Days: 5},
		},
		Posts: []Post{
			{Code: "paedagog", Name: "Pædagog", Children: true},
			{Code: "sosu", Name: "SOSU", Always: []string{"offentlig"}, Basis: map[string]string{"offentlig": "BEK 1860/2021 § 23, stk. 1"}},
			{Code: "kontor", Name: "Kontor"},
			{Code: "chef", Name: "Chef", Always: []string{"privat"}},
		},
		Reuse: Reuse{Types: []string{"boerneattest"}, SamePost: true, Oldest: 700},
	}
}

func date(s string) schedules.Date {
	d, err := schedules.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func order(change func(*Order)) Order {
	yes := true
	o := Order{ID: "B-1", CPR: "8605010001", Name: "Åse Lund-Ørsted", Post: "paedagog", Unit: "Børnehuset", Leader: "mholm",
		Start: date("2026-03-16"), Children: Direct, Lasting: &yes, Consent: true, Ordered: date("2026-03-02")}
	if change != nil {
		change(&o)
	}
	return o
}

func no() *bool { b := false; return &b }

func TestNeedsOf(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  func(*Order)
		needs   string // codes, one blank between
		by      string // of the first
		refusal string
	}{
		{"with children", nil, "boerneattest", "2026-03-15", ""},
		{"regularly among children", func(o *Order) { o.Children = Regular }, "boerneattest", "2026-03-15", ""},
		{"a relative is a type of its own", func(o *Order) { o.Relative = true }, "boerneattest-paaroerende", "2026-03-15", ""},
		{"a relative in an office", func(o *Order) { o.Relative, o.Post = true, "kontor" }, "boerneattest-paaroerende", "2026-03-15", ""},
		{"an office with children in it", func(o *Order) { o.Post = "kontor" }, "boerneattest", "2026-03-15", ""},
		{"not lasting, three occasions", func(o *Order) { o.Lasting, o.Occasions = no(), 3 }, "boerneattest", "2026-04-06", ""},
		{"not lasting, two occasions", func(o *Order) { o.Lasting, o.Occasions = no(), 2 }, "", "", ""},
		{"not lasting, more than a week", func(o *Order) { o.Lasting, o.Days = no(), 8 }, "boerneattest", "2026-04-06", ""},
		{"not lasting, a week", func(o *Order) { o.Lasting, o.Days = no(), 7 }, "", "", ""},
		{"not lasting, no extent", func(o *Order) { o.Lasting = no() }, "", "", "ORDRE-OMFANG"},
		{"lasting or not is not said", func(o *Order) { o.Lasting = nil }, "", "", "ORDRE-VARIGHED"},
		{"no contact needs no word about lasting", func(o *Order) { o.Post, o.Children, o.Lasting = "kontor", None, nil }, "", "", ""},
		{"public, with basis", func(o *Order) { o.Post, o.Children = "sosu", None }, "offentlig", "2026-03-16", ""},
		{"public beside children", func(o *Order) { o.Post = "sosu" }, "boerneattest offentlig", "2026-03-15", ""},
		{"public asked for where it is the post's own", func(o *Order) { o.Post, o.Children, o.Wants = "sosu", None, []string{"offentlig"} }, "offentlig", "2026-03-16", ""},
		{"public without basis", func(o *Order) { o.Wants = []string{"offentlig"} }, "", "", "ORDRE-HJEMMEL"},
		{"private", func(o *Order) { o.Post, o.Children = "chef", None }, "privat", "2026-03-16", ""},
		{"private asked for", func(o *Order) { o.Post, o.Children, o.Wants = "kontor", None, []string{"privat"} }, "privat", "2026-03-16", ""},
		{"børneattest without children", func(o *Order) { o.Post, o.Children, o.Wants = "kontor", None, []string{"boerneattest"} }, "", "", "ORDRE-BØRN"},
		{"relatives' børneattest without ground", func(o *Order) { o.Post, o.Children, o.Wants = "kontor", None, []string{"boerneattest-paaroerende"} }, "", "", "ORDRE-BØRN"},
		{"relatives' børneattest for staff with children", func(o *Order) { o.Wants = []string{"boerneattest-paaroerende"} }, "", "", "ORDRE-BØRN"},
		{"børneattest asked for where it is a duty", func(o *Order) { o.Wants = []string{"boerneattest"} }, "boerneattest", "2026-03-15", ""},
		{"one asked for twice", func(o *Order) { o.Post, o.Children, o.Wants = "kontor", None, []string{"privat", "privat"} }, "privat", "2026-03-16", ""},
		{"unknown type", func(o *Order) { o.Wants = []string{"kørekort"} }, "", "", "ORDRE-TYPE"},
		{"unknown post", func(o *Order) { o.Post = "astronaut" }, "", "", "ORDRE-STILLING"},
		{"work with children and no contact", func(o *Order) { o.Children = None }, "", "", "ORDRE-MODSTRID"},
		{"contact is not said", func(o *Order) { o.Children = "" }, "", "", "ORDRE-KONTAKT"},
		{"no such person", func(o *Order) { o.CPR = "8613010001" }, "", "", "ORDRE-CPR"},
		{"a number with a hyphen is not the form agreed", func(o *Order) { o.CPR = "860501-0001" }, "", "", "ORDRE-CPR"},
		{"no name", func(o *Order) { o.Name = "" }, "", "", "ORDRE-NAVN"},
		{"a name of two lines", func(o *Order) { o.Name = "Åse\nLund" }, "", "", "ORDRE-NAVN"},
		{"a name with a tab", func(o *Order) { o.Name = "Åse\tLund" }, "", "", "ORDRE-NAVN"},
		{"a name that is a formula", func(o *Order) { o.Name = "=SUM(A1)" }, "", "", "ORDRE-NAVN"},
		{"no start", func(o *Order) { o.Start = schedules.Date{} }, "", "", "ORDRE-START"},
		{"no unit", func(o *Order) { o.Unit = "" }, "", "", "ORDRE-ENHED"},
		{"no leader", func(o *Order) { o.Leader = "" }, "", "", "ORDRE-ENHED"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := NeedsOf(OrderInput{order(c.change), policy()})
			got, by := "", ""
			for _, n := range v.Needs {
				got += " " + n.Type
				if n.Basis == "" {
					t.Errorf("%s has no legal basis", n.Type)
				}
			}
			if len(v.Needs) > 0 {
				got, by = got[1:], v.Needs[0].By.String()
			}
			refusal := ""
			if v.Refusal != nil {
				refusal = v.Refusal.Code
			}
			if got != c.needs || by != c.by || refusal != c.refusal {
				t.Errorf("needs %q by %q, refusal %q; want %q by %q, %q", got, by, refusal, c.needs, c.by, c.refusal)
			}
		})
	}
}

func TestNoTypeForRelatives(t *testing.T) {
	p := policy()
	p.Types = p.Types[:1]
	v := NeedsOf(OrderInput{order(func(o *Order) { o.Relative = true }), p})
	if v.Refusal == nil || v.Refusal.Code != "ORDRE-PÅRØRENDE" {
		t.Errorf("%+v", v)
	}
}

func TestReusable(t *testing.T) {
	for _, c := range []struct {
		name     string
		employed string
		note     Note
		rule     func(*Reuse)
		want     bool
	}{
		{"same type, unbroken, same post", "2024-01-01", Note{"boerneattest", "paedagog", date("2025-05-05")}, nil, true},
		{"the day of employment itself", "2025-05-05", Note{"boerneattest", "paedagog", date("2025-05-05")}, nil, true},
		{"from before the employment", "2025-05-06", Note{"boerneattest", "paedagog", date("2025-05-05")}, nil, false},
		{"new to the house", "", Note{"boerneattest", "paedagog", date("2025-05-05")}, nil, false},
		{"another type", "2024-01-01", Note{"offentlig", "paedagog", date("2025-05-05")}, nil, false},
		{"another subtype", "2024-01-01", Note{"boerneattest-paaroerende", "paedagog", date("2025-05-05")}, nil, false},
		{"another post", "2024-01-01", Note{"boerneattest", "sosu", date("2025-05-05")}, nil, false},
		{"another post where that does not matter", "2024-01-01", Note{"boerneattest", "sosu", date("2025-05-05")}, func(r *Reuse) { r.SamePost = false }, true},
		{"too old", "2020-01-01", Note{"boerneattest", "paedagog", date("2024-03-31")}, nil, false},
		{"just not too old", "2020-01-01", Note{"boerneattest", "paedagog", date("2024-04-01")}, nil, true},
		{"no limit of age", "2010-01-01", Note{"boerneattest", "paedagog", date("2012-04-01")}, func(r *Reuse) { r.Oldest = 0 }, true},
		{"from a day to come", "2024-01-01", Note{"boerneattest", "paedagog", date("2026-03-03")}, nil, false},
		{"without a day", "2024-01-01", Note{"boerneattest", "paedagog", schedules.Date{}}, nil, false},
		{"never by local rule", "2024-01-01", Note{"boerneattest", "paedagog", date("2025-05-05")}, func(r *Reuse) { r.Types = nil }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := ReuseInput{Need: Need{Type: "boerneattest"}, Post: "paedagog", Notes: []Note{c.note}, Rule: policy().Reuse, Today: date("2026-03-02")}
			if c.employed != "" {
				in.Employed = date(c.employed)
			}
			if c.rule != nil {
				c.rule(&in.Rule)
			}
			if got := Reusable(in).Note != nil; got != c.want {
				t.Errorf("reusable: %v, want %v", got, c.want)
			}
		})
	}
}

func TestNewestNoteServes(t *testing.T) {
	notes := []Note{{"boerneattest", "paedagog", date("2025-05-05")}, {"boerneattest", "paedagog", date("2025-08-08")}, {"boerneattest", "paedagog", date("2025-06-06")}}
	v := Reusable(ReuseInput{Need: Need{Type: "boerneattest"}, Post: "paedagog", Employed: date("2025-01-01"), Notes: notes, Rule: policy().Reuse, Today: date("2026-03-02")})
	if v.Note == nil || v.Note.On != date("2025-08-08") {
		t.Errorf("%+v", v.Note)
	}
}

func TestDeadlinesOf(t *testing.T) {
	d := DeadlinesOf(date("2026-03-20"), 14, 10, 0, []int{7, 12})
	// Easter: 2, 3 and 6 April are no working days.
	want := Deadlines{Reminders: []schedules.Date{date("2026-03-27"), date("2026-04-01")}, Consent: date("2026-04-03"), Answer: date("2026-04-20")}
	if d.Consent != want.Consent || d.Answer != want.Answer || len(d.Reminders) != 2 || d.Reminders[0] != want.Reminders[0] || d.Reminders[1] != want.Reminders[1] {
		t.Errorf("%+v, want %+v", d, want)
	}
	if d := DeadlinesOf(date("2026-03-20"), 14, 10, 5, nil); d.Answer != date("2026-04-27") {
		t.Errorf("with five days more: %s", d.Answer)
	}
}
