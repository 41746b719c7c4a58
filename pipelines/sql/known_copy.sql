-- known_copy.sql  what is about records, and not about what was known when
-- reads           whole (the store)
INSERT INTO store.meta FROM whole.meta;
INSERT INTO store.feed_offset FROM whole.feed_offset;
INSERT INTO store.quarantine FROM whole.quarantine;
INSERT INTO store.dropped_field FROM whole.dropped_field;
INSERT INTO store.batch FROM whole.batch;
