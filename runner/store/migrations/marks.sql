-- Which of two marks was left first: the items' own order does not say it, since
-- an item found later may be worked first. Marks from before have 0 and stand in
-- their items' order.
ALTER TABLE marks ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
CREATE INDEX marks_by_seq ON marks (seq);
