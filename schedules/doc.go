// Package schedules says when robots run. It reads one YAML file a robot, with
// cron lines, Danish day rules, the target's opening hours and what to do after
// a stop, and answers two questions: when is the next run (Next), and what
// should run now, after whatever time has passed (Due).
//
// Everything is computed by local date and time of day in Europe/Copenhagen, not
// by counting hours, so that a slot happens once on each date that has it: also
// in the night when 02:30 does not exist, and in the one when it comes twice.
// robfig/cron reads the cron fields; its own reckoning of time is not used, as
// it loses and doubles such runs.
//
// The words: a slot is a time of day that the cron line names, such as 07:00. A
// named date is a date that the cron line or the rule names; the day rule may
// then move, keep or drop it. A run is one slot on the local date it ended up on.
package schedules
